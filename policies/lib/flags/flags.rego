# The flags of a Flux controller as its process would read them: environment expanded, launchers dropped,
# parsed as pflag does, typed by the controller's version.
package lib.flags

import data.lib.flux
import data.lib.images
import data.lib.releases
import data.lib.result
import data.lib.shape
import data.lib.tables.flags as tables
import data.lib.workload

# The controller, or the flux-operator, under review, with its parsed flags.
record := found if {
	base := flux.controller
	not base.owned
	found := _with_flags(base)
} else := found if {
	base := flux.operator
	not base.owned
	found := _with_flags(base)
}

_with_flags(base) := object.union(base, {
	"minor": minor_of(flux.object, base),
	"flags": of(flux.object, base),
})

current := record.flags

# The Flux minor by the tag of the controller's image; null where the tag tells none.
minor_of(obj, base) := releases.minor_or_null(base.component, images.parse(ref).tag) if {
	ref := workload.containers(obj)[base.container].image
	is_string(ref)
} else := null

# One flag of the object under review: {"state": "known", "set", "value", "path"}, the value being the
# default where it is not set, and null where this controller has no such flag; or {"state": "unknown",
# "reason", "path"}. Of several assignments the path is that of the last; lists and feature gates that are set
# have "places" as well: the path of each element, and by name that of each gate.
get(name) := get_of(record, name)

# The same for a record of data.lib.facts.controllers or .operators.
get_of(rec, name) := {"state": "unknown", "reason": rec.flags.reason, "path": rec.flags.path} if {
	rec.flags.state == "unknown"
} else := rec.flags.flags[name] if {
	rec.flags.flags[name]
} else := {"state": "known", "set": false, "value": _default(rec, name), "path": rec.flags.path}

supported(name) := supported_by(record, name)

supported_by(rec, name) if {
	_typed(rec.component, rec.minor, name)
} else := false

_default(rec, name) := tables.flags(rec.component)[name][1] if {
	_typed(rec.component, rec.minor, name)
} else := null

# A feature gate, in the same form as a flag; its path is that of the argument that settles it.
gate(name) := gate_of(record, name)

gate_of(rec, name) := flag if {
	flag := get_of(rec, "feature-gates")
	flag.state == "unknown"
} else := {"state": "known", "set": true, "value": flag.value[name], "path": flag.places[name]} if {
	flag := get_of(rec, "feature-gates")
	is_boolean(flag.value[name])
} else := {"state": "known", "set": false, "value": _gate_default(rec, name), "path": rec.flags.path}

_gate_default(rec, name) := preset if {
	preset := _gate(rec.component, rec.minor, name)
} else := null

# Findings where a flag cannot be told, the wrong types that the parser would have to read included.
undecided(name) := _undecided(get(name)) | shape.recognition

undecided_gate(name) := _undecided(gate(name)) | shape.recognition

_undecided(flag) := {result.at(flag.path, flag.reason) |
	flag.state == "unknown"
	not _ill_typed(flag.path)
}

_ill_typed(path) if {
	some finding in shape.recognition
	finding.details.path == path
}

# What stops the controller at its start, and what may (its version being unknown): [{"path", "msg"}].
errors := current.errors

warnings := current.warnings

# JSON patch that adds an argument, before a `--` if there is one.
append(arg) := _append(record, arg)

_append(rec, arg) := [{"op": "add", "path": sprintf("%v/%v", [result.pointer(args), place]), "value": arg}] if {
	args := array.concat(_container_path(rec), ["args"])
	is_array(_container(flux.object, rec).args)
	place := _place(rec, args)
} else := [{"op": "add", "path": result.pointer(array.concat(_container_path(rec), ["args"])), "value": [arg]}] if {
	rec.flags.end == null
	container := _container(flux.object, rec)
	is_object(container)
	object.get(container, "args", null) == null
} else := []

_place(rec, _) := "-" if rec.flags.end == null

_place(rec, args) := rec.flags.end[count(args)] if {
	is_array(rec.flags.end)
	array.slice(rec.flags.end, 0, count(args)) == args
}

_container(obj, rec) := workload.containers(obj)[rec.container]

# Parses the flags of one workload: {"state": "known", "path", "flags": {name: flag}, "errors", "warnings",
# "end": path of an effective `--` or null}, or the same with "state": "unknown" and "reason".
of(obj, base) := _unknown(array.concat(base.pod, ["containers"]), "which container is the controller cannot be told") if {
	container := object.get(base, "container", null)
	not is_number(container)
} else := _unknown(container_path, "the container is not a map") if {
	container_path := _container_path(base)
	not is_object(_container(obj, base))
} else := _unknown(container_path, "the arguments are not known") if {
	container_path := _container_path(base)
	_veiled(obj, container_path)
} else := _unknown(array.concat(_container_path(base), broken[0]), "the arguments are not a list of texts") if {
	broken := _broken(_container(obj, base))
	count(broken) > 0
} else := _unknown(array.concat(_container_path(base), ["command"]), start) if {
	container := _container(obj, base)
	start := _start(container, _items(obj, base, container), base.component)
	is_string(start)
} else := _parsed(obj, base, container, array.slice(items, start, count(items))) if {
	container := _container(obj, base)
	items := _items(obj, base, container)
	start := _start(container, items, base.component)
}

_unknown(path, reason) := {
	"state": "unknown",
	"reason": reason,
	"path": path,
	"flags": {},
	"errors": [],
	"warnings": [],
	"end": null,
}

_veiled(obj, path) if {
	some field in ["command", "args"]
	not flux.known_in(obj, array.concat(path, [field]))
}

# Where the arguments have another type than a list of texts.
_broken(container) := array.concat(
	[[field] |
		some field in ["command", "args"]
		list := object.get(container, field, null)
		list != null
		not is_array(list)
	],
	[[field, i] |
		some field in ["command", "args"]
		is_array(container[field])
		some i, item in container[field]
		not is_string(item)
	],
)

# [type, default, since, gone, env] of a flag that the controller has at this minor; the newest table
# where the minor is null.
_typed(component, minor, name) := row if {
	row := tables.flags(component)[name]
	_in_time(row, minor)
}

_in_time(_, minor) if minor == null

_in_time(row, minor) if {
	is_number(minor)
	_since(row) <= minor
	not _gone(row, minor)
}

_since(row) := row[2] if {
	count(row) > 2
} else := 0

_gone(row, minor) if {
	is_number(row[3])
	minor >= row[3]
}

# The default of a feature gate that the controller has at this minor.
_gate(component, minor, name) := row[count(row) - 1] if {
	minor == null
	row := tables.gates(component)[name]
} else := row[(2 * count(steps)) - 1] if {
	row := tables.gates(component)[name]
	steps := [i | some i, since in row; i % 2 == 0; since <= minor]
	count(steps) > 0
}
