package lib.flags

import data.lib.tables.flags as tables

# One pass: what each item is, which of them count, and what they say.
_parsed(obj, base, container, argv) := _judged(base, minor, scan, _presets(obj, base, container)) if {
	minor := minor_of(obj, base)
	classes := [_class(base.component, minor, item) | some item in argv]
	scan := _scan(base, argv, classes, _consumed(classes))
}

# pflag takes the items one after another; without recursion: an item is the value of the one before it if and
# only if the unbroken run of value-taking items just before it has an odd length.
_consumed(classes) := {i |
	some before, class in classes
	class.kind == "taker"
	i := before + 1
	(before - _before_run(classes, before)) % 2 == 1
}

_before_run(classes, before) := max(array.concat([-1], [i |
	some i, class in classes
	i < before
	class.kind != "taker"
]))

_scan(base, argv, classes, consumed) := {
	"path": array.concat(_container_path(base), ["args"]),
	"end": _end(argv, last),
	"assigned": assigned,
	"wrong": _wrong(argv, classes, active, assigned),
	"vague": [{"index": i, "path": argv[i].path, "msg": msg} | some i in active; msg := _vague(argv, classes, i)],
	"warnings": _warned(argv, classes, active),
} if {
	last := _last(classes, consumed)
	active := _active(classes, consumed, last)
	assigned := [_assignment(argv, classes, i) | some i in active; classes[i].kind in {"flag", "taker"}]
}

# Index of the `--` that ends the flags, or the number of items.
_last(classes, consumed) := min(array.concat([count(classes)], [i |
	some i, class in classes
	class.kind == "end"
	not i in consumed
]))

_active(classes, consumed, last) := [i |
	some i, _ in classes
	i < last
	not i in consumed
]

_wrong(argv, classes, active, assigned) := array.concat(
	[{"index": i, "path": argv[i].path, "msg": classes[i].msg} | some i in active; classes[i].kind == "bad"],
	[a | some a in assigned; a.msg],
)

_warned(argv, classes, active) := [{"path": argv[i].path, "msg": classes[i].warning} |
	some i in active
	classes[i].warning
]

_end(argv, last) := argv[last].path if {
	last < count(argv)
} else := null

# What an item is where it stands as an item of its own.
_class(component, minor, item) := _flag(component, minor, item, _head(item)) if {
	regex.match(`^--[^=-][^=]*(=|$)`, _head(item))
	not _open(item)
} else := {"kind": "vague", "msg": item.unknown} if {
	item.unknown
	regex.match(`^(-|$)`, item.prefix)
} else := {"kind": "end"} if {
	item.text == "--"
} else := {"kind": "bad", "msg": "the flag has no name, so the controller would not start"} if {
	startswith(_head(item), "--")
} else := {"kind": "bad", "msg": "there are no flags with a single hyphen, so the controller would not start"} if {
	regex.match(`^-.`, _head(item))
} else := {"kind": "text"}

_head(item) := item.prefix if {
	item.unknown
} else := item.text

# A variable that cannot be resolved may still change the name of the flag.
_open(item) if {
	item.unknown
	not contains(item.prefix, "=")
}

_flag(component, minor, item, head) := class if {
	name := _name_in(head)
	row := _typed(component, minor, name)
	class := object.union({"name": name, "type": row[0]}, object.union(_given(row[0], item, head), _aged(row, minor)))
} else := {"kind": "bad", "msg": msg} if {
	is_number(minor)
	msg := sprintf("this version of the controller has no flag --%v, so it would not start", [_name_in(head)])
} else := {"kind": "odd", "warning": msg} if {
	msg := sprintf("no version known to this catalogue has a flag --%v", [_name_in(head)])
}

_name_in(head) := split(substring(head, 2, -1), "=")[0]

_given(type, item, head) := {"kind": "flag", "unknown": item.unknown} if {
	item.unknown
} else := {"kind": "flag", "text": substring(head, indexof(head, "=") + 1, -1)} if {
	contains(head, "=")
} else := {"kind": "flag", "text": "true"} if {
	type == "bool"
} else := {"kind": "taker"}

# A flag that later versions dropped, in a controller of unknown version.
_aged(row, minor) := {"warning": "the newest known version of the controller has no such flag"} if {
	minor == null
	is_number(row[3])
} else := {}

# What makes the rest of the arguments untellable.
_vague(argv, classes, i) := classes[i].msg if {
	classes[i].kind == "vague"
} else := "it cannot be told whether the unknown flag takes the next argument" if {
	classes[i].kind == "odd"
	not contains(_head(argv[i]), "=")
	startswith(_head(argv[i + 1]), "-")
}

# {"index", "path", "name", "type"} and "value", "unknown" (why) or "msg" (the controller refuses it).
_assignment(argv, classes, i) := object.union(_settled(class.type, _source(argv, class, i)), {
	"index": i,
	"path": argv[i].path,
	"name": class.name,
	"type": class.type,
}) if {
	class := classes[i]
}

# The item that holds the value; undefined for a last argument without one.
_source(_, class, _) := class if class.kind == "flag"

_source(argv, class, i) := argv[i + 1] if {
	class.kind == "taker"
	i + 1 < count(argv)
}

_source(argv, class, i) := {} if {
	class.kind == "taker"
	i + 1 >= count(argv)
}

_settled(type, source) := {"unknown": source.unknown} if {
	source.unknown
} else := {"unknown": "the list is quoted"} if {
	type == "stringSlice"
	regex.match(`["\n]`, source.text)
} else := {"value": read} if {
	is_string(source.text)
	read := value(type, source.text)
} else := {"msg": msg} if {
	is_string(source.text)
	msg := sprintf("the controller refuses this value of a flag of type %v, so it would not start", [type])
} else := {"msg": "the flag needs a value, so the controller would not start"}

_judged(base, minor, scan, presets) := _stopped(scan, reason, path, errors) if {
	[reason, path, errors] := _obstacle(base, minor, scan)
} else := {
	"state": "known",
	"path": scan.path,
	"flags": object.union(object.union(presets["default"], explicit), presets.override),
	"errors": [],
	"warnings": array.concat(scan.warnings, _strange_gates(base, minor, scan)),
	"end": scan.end,
} if {
	explicit := {name: _merged(given) |
		some name in {a.name | some a in scan.assigned}
		given := [a | some a in scan.assigned; a.name == name]
	}
}

_stopped(scan, reason, path, errors) := {
	"state": "unknown",
	"reason": reason,
	"path": path,
	"flags": {},
	"errors": errors,
	"warnings": scan.warnings,
	"end": scan.end,
}

# [reason, path, errors] of the first thing that leaves every flag untold.
_obstacle(base, minor, scan) := [wrong.msg, wrong.path, [{"path": wrong.path, "msg": wrong.msg}]] if {
	first := min([w.index | some w in scan.wrong])
	count([1 | some v in scan.vague; v.index < first]) == 0
	some wrong in scan.wrong
	wrong.index == first
} else := [vague.msg, vague.path, []] if {
	first := min([v.index | some v in scan.vague])
	some vague in scan.vague
	vague.index == first
} else := [strange[0].msg, strange[0].path, strange] if {
	is_number(minor)
	strange := _strange_gates(base, minor, scan)
	count(strange) > 0
}

# Feature gates that the controller does not know stop it.
_strange_gates(base, minor, scan) := [{"path": a.path, "msg": msg} |
	count(tables.gates(base.component)) > 0
	some a in scan.assigned
	a.type == "gates"
	some name in {pair[0] | some pair in a.value}
	not _has_gate(base.component, minor, name)
	msg := sprintf("the controller has no feature gate %v, so it would not start", [name])
]

_has_gate(component, minor, name) if is_boolean(_gate(component, minor, name))

# One flag from all its assignments: the last wins, lists grow, feature gates merge.
_merged(given) := {"state": "unknown", "reason": unsure[0].unknown, "path": unsure[0].path} if {
	given[0].type in {"stringArray", "stringSlice", "gates"}
	unsure := [a | some a in given; a.unknown]
	count(unsure) > 0
} else := {"state": "unknown", "reason": last.unknown, "path": last.path} if {
	last := given[count(given) - 1]
	last.unknown
} else := object.union(_places(given), {
	"state": "known",
	"set": true,
	"value": _joined(given),
	"path": given[count(given) - 1].path,
})

# Where each element of a list is given, and where each feature gate got its setting.
_places(given) := {"places": [a.path | some a in given; some _, _ in a.value]} if {
	given[0].type in {"stringArray", "stringSlice"}
} else := {"places": {name: last |
	some name in {pair[0] | some a in given; some pair in a.value}
	paths := [a.path | some a in given; some pair in a.value; pair[0] == name]
	last := paths[count(paths) - 1]
}} if {
	given[0].type == "gates"
} else := {}

_joined(given) := [text | some a in given; some text in a.value] if {
	given[0].type in {"stringArray", "stringSlice"}
} else := {name: last |
	some name in {pair[0] | some a in given; some pair in a.value}
	settings := [pair[1] | some a in given; some pair in a.value; pair[0] == name]
	last := settings[count(settings) - 1]
} if {
	given[0].type == "gates"
} else := given[count(given) - 1].value

# Flags whose value an environment variable supplies, as a default or over the argument.
_presets(obj, base, container) := {
	"default": {name: flag |
		some name, row in tables.flags(base.component)
		is_string(row[4])
		not startswith(row[4], "!")
		flag := _preset(obj, base, container, row)
	},
	"override": {name: flag |
		some name, row in tables.flags(base.component)
		startswith(row[4], "!")
		flag := _preset(obj, base, container, row)
	},
}

_preset(obj, base, container, row) := flag if {
	variable := trim_left(row[4], "!")
	entries := _entries(obj, base, container)
	last := max([i | some i, entry in entries; entry.name == variable])
	flag := _from_variable(row[0], entries[last], array.concat(_container_path(base), ["env", last]))
} else := {"state": "unknown", "reason": reason, "path": array.concat(_container_path(base), ["envFrom"])} if {
	_other_variables(container)
	reason := sprintf("the variable %v may come from elsewhere", [trim_left(row[4], "!")])
}

_from_variable(type, entry, path) := {"state": "unknown", "reason": entry.unknown, "path": path} if {
	entry.unknown
} else := {"state": "unknown", "reason": "variables refer to each other too deeply", "path": path} if {
	entry.raw
} else := {"state": "known", "set": true, "value": read, "path": path} if {
	entry.text != ""
	read := value(type, entry.text)
}
