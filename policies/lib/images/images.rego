# Container image references.
package lib.images

# The parts of a reference: registry (docker.io where none is named), path without the registry,
# basename (the path's last segment), tag and digest ("" where absent).
parse(ref) := {
	"registry": registry,
	"path": path,
	"basename": base,
	"tag": _tag(last),
	"digest": concat("@", array.slice(halves, 1, count(halves))),
} if {
	is_string(ref)
	halves := split(ref, "@")
	segments := split(halves[0], "/")
	last := segments[count(segments) - 1]
	base := _base(last)
	registry := _registry(segments)
	path := _path(segments, base, registry)
}

# The reference with the registry and, for Docker Hub, the namespace spelled out.
normalise(ref) := sprintf("%v/%v%v%v", [parts.registry, parts.path, tag, digest]) if {
	parts := parse(ref)
	tag := concat("", [sprintf(":%v", [t]) | some t in [parts.tag]; t != ""])
	digest := concat("", [sprintf("@%v", [d]) | some d in [parts.digest]; d != ""])
}

_hub := {"docker.io", "index.docker.io", "registry-1.docker.io"}

_names_registry(segments) if {
	count(segments) > 1
	regex.match(`[.:]|^localhost$`, segments[0])
}

_registry(segments) := "docker.io" if not _names_registry(segments)

_registry(segments) := "docker.io" if {
	_names_registry(segments)
	lower(segments[0]) in _hub
}

_registry(segments) := host if {
	_names_registry(segments)
	host := lower(segments[0])
	not host in _hub
}

_path(segments, base, registry) := concat("/", array.concat(folders, [base])) if {
	skipped := count([1 | _names_registry(segments)])
	named := array.slice(segments, skipped, count(segments) - 1)
	folders := array.concat(_library(named, base, registry), named)
}

_library(named, base, registry) := ["library"] if {
	count(named) == 0
	base != ""
	registry == "docker.io"
} else := []

_base(last) := split(last, ":")[0]

_tag(last) := concat(":", array.slice(parts, 1, count(parts))) if parts := split(last, ":")
