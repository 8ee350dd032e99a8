package lib.releases

import data.lib.flux
import data.lib.tables.releases

# The day from which this knowledge is too old to say that a version is current: 120 days after as_of.
# Undefined where a parameter supplies the releases without that day.
stale_after := day if {
	day := flux.param("fluxReleases", {}).staleAfter
	is_string(day)
} else := releases.stale_after if {
	as_of == releases.as_of
}

# Flux minors get fixes for as long as at most two newer ones exist.
supported_from := latest_minor - 2

# How a tag of a component stands: {"standing", "minor"} with standing
#   "current"      the newest patch of its minor
#   "behind"       an older patch, or one that no release ships, or a tag without a patch
#   "ahead"        newer than every release known
#   "ancient"      older than Flux 2.0
# Undefined for a tag that tells no release.
standing(component, tag) := {"standing": "ancient", "minor": -1} if {
	_version(tag) < min(_shipped_by(component))
} else := {"standing": "ahead", "minor": latest_minor + 1} if {
	_version(tag) > max(_shipped_by(component))
} else := {"standing": _patch(m, component, tag), "minor": m} if {
	m := minor(component, tag)
}

# The same for a version of Flux itself, as a label or the operator tells it.
flux_standing(version) := {"standing": "ancient", "minor": -1} if {
	_triple(version)[0] < 2
} else := {"standing": "ahead", "minor": latest_minor + 1} if {
	_triple(version)[0] > 2
} else := {"standing": "ahead", "minor": _triple(version)[1]} if {
	_triple(version)[1] > latest_minor
} else := {"standing": _against(_triple(version)[2], _newest_patch(_triple(version)[1])), "minor": _triple(version)[1]} if {
	_triple(version)
}

_patch(m, component, tag) := compared if {
	given := _triple(tag)[2]
	newest := max([_triple(row.controllers[component])[2] | some row in _rows_of(m)])
	compared := _against(given, newest)
} else := "behind"

_against(given, newest) := "current" if {
	given == newest
} else := "ahead" if {
	given > newest
} else := "behind"

_newest_patch(m) := max([v[2] | some v in all; v[1] == m])

# Each [major, minor] of the component that is part of a release.
_shipped_by(component) := array.concat(
	[[to_number(numbers[0]), to_number(numbers[1])] |
		some text in split(releases.minors[component], " ")
		text != "-"
		numbers := split(text, ".")
	],
	[v |
		some row in _added
		v := _version(row.controllers[component])
	],
)

_version(tag) := [to_number(p[1]), to_number(p[2])] if p := _parts(tag)

_triple(tag) := [to_number(p[1]), to_number(p[2]), to_number(p[3])] if {
	p := _parts(tag)
	p[3] != ""
}
