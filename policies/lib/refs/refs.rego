# The images that the controllers in the object under review run from.
package lib.refs

import data.lib.flux
import data.lib.images
import data.lib.result
import data.lib.workload

# A record for each such image: its path, the reference and its parts, the component, and whether it is
# the container that the controller's flags are read from.
all contains {"path": path, "ref": ref, "image": images.parse(ref), "component": place[1], "main": place[2]} if {
	some place in _places
	path := _path(place[0])
	flux.known(path)
	ref := workload.containers(flux.object)[place[0]].image
	_readable(ref)
}

# Whether the tag is that of the effective image: what is implied may be known but for its version.
tagged(used) if flux.known(array.concat(used.path, ["tag"]))

# Findings for images that cannot be judged.
undecided contains result.at(array.concat(flux.controller.pod, ["containers"]), "it cannot be told which container is the controller") if {
	flux.component
	count(_places) == 0
}

undecided contains result.at(path, "the effective image cannot be worked out") if {
	some place in _places
	path := _path(place[0])
	not flux.known(path)
}

undecided contains result.at(path, "the container names no image") if {
	some place in _places
	path := _path(place[0])
	flux.known(path)
	_lacking(workload.containers(flux.object)[place[0]])
}

undecided contains result.at(path, "the image is no resolved reference") if {
	some place in _places
	path := _path(place[0])
	flux.known(path)
	ref := workload.containers(flux.object)[place[0]].image
	is_string(ref)
	ref != ""
	not _readable(ref)
}

# [index of the container, component, main]
_places contains [flux.controller.container, flux.component, true] if is_number(flux.controller.container)

_places contains [pair[0], pair[1], false] if {
	flux.component
	some pair in workload.signs(flux.object).image
	pair[0] != flux.controller.container
}

_path(index) := array.concat(flux.controller.pod, ["containers", index, "image"])

_readable(ref) if {
	is_string(ref)
	regex.match(`^[0-9A-Za-z._:/@+\[\]-]+$`, ref)
}

_lacking(container) if {
	is_object(container)
	object.get(container, "image", null) in {null, ""}
}
