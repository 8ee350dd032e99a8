package lib.flags

import data.lib.flux
import data.lib.workload

# The arguments as the controller's process gets them: an array of items {"path", "text"} or, where a
# variable cannot be resolved, {"path", "unknown": why, "prefix": the text before it}.
_items(obj, record, container) := array.concat(
	_expanded(context, "command", object.get(container, "command", null)),
	_expanded(context, "args", object.get(container, "args", null)),
) if {
	context := {
		"object": obj,
		"path": _container_path(record),
		"entries": _entries(obj, record, container),
		"other": _other_variables(container),
	}
}

_container_path(record) := array.concat(record.pod, ["containers", record.container])

# Variables may come from elsewhere.
_other_variables(container) if {
	is_array(container.envFrom)
	count(container.envFrom) > 0
} else := false

_expanded(context, field, list) := [item |
	is_array(list)
	some i, raw in list
	path := array.concat(context.path, [field, i])
	item := _item(context, path, raw)
]

_item(context, path, raw) := {"path": path, "unknown": "the argument is not known", "prefix": ""} if {
	not flux.known_in(context.object, path)
} else := {"path": path, "text": raw} if {
	not contains(raw, "$")
} else := object.union({"path": path}, _finished(_expand(raw, context.entries, count(context.entries), context.other)))

_finished(expansion) := {"unknown": "variables refer to each other too deeply", "prefix": ""} if {
	expansion.raw
} else := expansion

# Environment entries in order, each {"name", "text"} or {"name", "unknown"}: three passes settle variables
# that are made of variables before them.
_entries(obj, record, container) := third if {
	is_array(container.env)
	path := array.concat(_container_path(record), ["env"])
	first := [_entry(obj, array.concat(path, [i]), entry) | some i, entry in container.env]
	second := _pass(first, _other_variables(container))
	third := _pass(second, _other_variables(container))
} else := []

_entry(obj, path, entry) := {"name": name, "unknown": sprintf("the variable %v is not known", [name])} if {
	name := _name(entry)
	not flux.known_in(obj, path)
} else := {"name": name, "text": entry.value} if {
	name := _name(entry)
	is_string(entry.value)
	not contains(entry.value, "$")
} else := {"name": name, "raw": entry.value} if {
	name := _name(entry)
	is_string(entry.value)
} else := {"name": name, "text": ""} if {
	name := _name(entry)
	_missing(entry, "value")
	_missing(entry, "valueFrom")
} else := {"name": name, "text": namespace} if {
	name := _name(entry)
	entry.valueFrom.fieldRef.fieldPath == "metadata.namespace"
	namespace := workload.namespace_of(obj)
	namespace != ""
} else := {"name": name, "unknown": sprintf("the variable %v has its value from elsewhere", [name])} if {
	name := _name(entry)
}

_name(entry) := entry.name if {
	is_string(entry.name)
} else := ""

_missing(entry, key) if {
	is_object(entry)
	object.get(entry, key, null) == null
}

_pass(entries, other) := [_passed(entries, i, entry, other) | some i, entry in entries]

_passed(entries, i, entry, other) := object.union({"name": entry.name}, _expand(entry.raw, entries, i, other)) if {
	entry.raw
} else := entry

# $(NAME) from the entries before `upto`, the last one first; $$ is a dollar sign. The kubelet leaves a name that
# nothing defines as it is; here it is unknown, since what defines it may be missing from the input.
# Yields {"text"}, {"unknown", "prefix"} or, where an entry is not settled yet, {"raw"}.
_expand(text, entries, upto, other) := {"text": concat("", _woven(pieces, values, count(pieces)))} if {
	pieces := regex.split(_reference, text)
	values := [_variable(ref, entries, upto, other) | some ref in regex.find_n(_reference, text, -1)]
	count([1 | some v in values; is_string(v.text)]) == count(values)
} else := {"raw": text} if {
	some ref in regex.find_n(_reference, text, -1)
	_variable(ref, entries, upto, other).raw
} else := {"unknown": values[first].unknown, "prefix": concat("", _woven(array.slice(pieces, 0, first + 1), values, first))} if {
	pieces := regex.split(_reference, text)
	values := [_variable(ref, entries, upto, other) | some ref in regex.find_n(_reference, text, -1)]
	first := min([i | some i, v in values; v.unknown])
}

_reference := `\$\$|\$\([^)]*\)`

_woven(pieces, values, upto) := [part |
	some i, piece in pieces
	some part in array.concat([piece], [v.text | v := values[i]; i < upto])
]

_variable(ref, entries, upto, other) := {"text": "$"} if {
	ref == "$$"
} else := entries[last] if {
	name := substring(ref, 2, count(ref) - 3)
	last := max([i | some i, entry in entries; i < upto; entry.name == name])
} else := {"unknown": sprintf("the variable %v may come from elsewhere", [name])} if {
	name := substring(ref, 2, count(ref) - 3)
	_elsewhere(name, other)
} else := {"unknown": sprintf("nothing here defines the variable %v", [substring(ref, 2, count(ref) - 3)])}

_elsewhere(_, other) if other

# Kubernetes itself sets these for the Services of the namespace.
_elsewhere(name, _) if regex.match(`^[A-Z0-9_]+_(SERVICE_HOST|SERVICE_PORT(_.*)?|PORT(_.*)?)$`, name)

# Index of the first item that the controller's own flag parser sees; a text says why it cannot be told.
_start(container, _, _) := 0 if not _has_command(container)

_start(container, items, component) := _started(items, component) if _has_command(container)

_has_command(container) if {
	is_array(container.command)
	count(container.command) > 0
}

_started(items, component) := "the command is neither a controller nor a known launcher of one" if {
	count(_binaries(items)) == 0
} else := "a shell builds the arguments" if {
	some item in array.slice(items, 0, min(_binaries(items)))
	_basename(item) in {"sh", "bash", "ash", "dash", "ksh", "zsh", "busybox"}
} else := "the command starts another program than the image and the labels say" if {
	_basename(items[min(_binaries(items))]) != component
} else := min(_binaries(items)) + 1

_binaries(items) := [i |
	some i, item in items
	_basename(item) in (workload.components | {"flux-operator"})
]

_basename(item) := parts[count(parts) - 1] if {
	is_string(item.text)
	not regex.match(`\s`, item.text)
	parts := split(item.text, "/")
}
