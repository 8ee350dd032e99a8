# Which Flux release a controller's image tag belongs to. The parameter fluxReleases adds releases newer
# than this catalogue: {asOf: date, releases: [{version, date, controllers: {component: version}}]}.
package lib.releases

import data.lib.flux
import data.lib.tables.releases

# The Flux minor m (of 2.m) whose release has this controller minor; undefined where no release has.
minor(component, tag) := m if {
	is_string(component)
	some wanted in _two(tag)
	some m, listed in split(releases.minors[component], " ")
	listed == wanted
} else := m if {
	some wanted in _two(tag)
	some row in _added
	some shipped in _two(row.controllers[component])
	shipped == wanted
	m := to_number(_parts(row.version)[2])
}

minor_or_null(component, tag) := m if {
	m := minor(component, tag)
} else := null

# Every Flux version that ships exactly this version of the controller.
versions(component, tag) := {cells[0] |
	some wanted in _three(tag)
	some i, name in releases.components
	name == component
	some text in releases.rows
	contains(text, wanted)
	cells := split(text, " ")
	cells[i + 2] == wanted
} | {row.version |
	some wanted in _three(tag)
	some row in _added
	some shipped in _three(row.controllers[component])
	shipped == wanted
}

# The day a Flux version was released; undefined where unknown.
released(version) := date if {
	some row in _rows
	row.version == version
	date := row.date
}

# The newest Flux version known, and its minor.
latest := sprintf("%v.%v.%v", _newest)

latest_minor := _newest[1]

# The day on which the newest version known was the newest.
as_of := date if {
	date := flux.param("fluxReleases", {}).asOf
	is_string(date)
} else := releases.as_of

# Every version of Flux known, as [major, minor, patch], oldest first.
all := sort(array.concat(
	[[to_number(p[0]), to_number(p[1]), to_number(p[2])] |
		some text in releases.rows
		p := split(split(text, " ")[0], ".")
	],
	[[to_number(p[1]), to_number(p[2]), to_number(p[3])] |
		some row in _added
		p := _parts(row.version)
		p[3] != ""
	],
))

_newest := all[count(all) - 1]

_rows := array.concat([_row(text) | some text in releases.rows], _added)

# The releases of a minor of Flux.
_rows_of(m) := array.concat(
	[_row(text) |
		some text in releases.rows
		startswith(text, sprintf("2.%v.", [m]))
	],
	[row |
		some row in _added
		_version(row.version) == [2, m]
	],
)

_row(text) := {"version": cells[0], "date": cells[1], "controllers": controllers} if {
	cells := split(text, " ")
	controllers := {c: cells[i + 2] | some i, c in releases.components}
}

_added := [{"version": trim_prefix(row.version, "v"), "date": row.date, "controllers": row.controllers} |
	list := flux.param("fluxReleases", {}).releases
	is_array(list)
	some row in list
	regex.match(`^v?2\.[0-9]{1,6}\.[0-9]{1,6}$`, _text(row.version))
	is_string(row.date)
	is_object(row.controllers)
]

_text(value) := value if {
	is_string(value)
} else := ""

# [all, major, minor, patch or ""]; undefined for what is no version.
_parts(tag) := found[0] if {
	form := `^v?([0-9]{1,6})\.([0-9]{1,6})(?:\.([0-9]{1,6}))?(?:[-+_].*)?$`
	found := regex.find_all_string_submatch_n(form, _text(tag), 1)
	count(found) == 1
}

_two(tag) := {sprintf("%v.%v", [p[1], p[2]]) | p := _parts(tag)}

_three(tag) := {sprintf("%v.%v.%v", [p[1], p[2], p[3]]) |
	p := _parts(tag)
	p[3] != ""
}
