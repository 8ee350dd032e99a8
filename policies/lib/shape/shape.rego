# Wrong types are not absences: every field that the helpers read has its type here, and what is of
# another type becomes an `unknown` finding. An explicit null is an absence.
package lib.shape

import data.lib.flux
import data.lib.result
import data.lib.workload

# Findings for the object under review: everything that helpers read of a workload.
findings := recognition | pod_fields

# Findings for the fields that tell a controller and its flags.
recognition := set() if {
	_ordinary
} else := check(_metadata) | _template(_recognition)

# What most workloads are: all that the rows of recognition name is there, or absent, and of its type.
_ordinary if {
	pod := workload.template(flux.object)
	is_object(pod)
	is_object(flux.object.spec)
	_labelled(flux.object.metadata)
	object.get(flux.object.metadata, "ownerReferences", null) == null
	_labelled(object.get(pod, "metadata", {}))
	_run(pod.spec)
}

_labelled(metadata) if {
	is_object(metadata)
	is_string(object.get(metadata, "name", ""))
	is_string(object.get(metadata, "namespace", ""))
	_texts(object.get(metadata, "labels", {}))
	_texts(object.get(metadata, "annotations", {}))
}

_texts(map) if {
	is_object(map)
	count([1 | some text in map; not is_string(text)]) == 0
}

_run(spec) if {
	is_object(spec)
	is_string(object.get(spec, "serviceAccountName", ""))
	is_array(spec.containers)
	count([1 | some declared in spec.containers; not _bare(declared)]) == 0
}

# A container without the fields that recognition would have to look far into.
_bare(declared) if {
	is_string(declared.name)
	is_string(declared.image)
	object.get(declared, "env", null) == null
	object.get(declared, "envFrom", null) == null
	_words(object.get(declared, "args", []))
	_words(object.get(declared, "command", []))
}

_words(list) if {
	is_array(list)
	count([1 | some word in list; not is_string(word)]) == 0
}

# Findings for the fields of the pod that the security helpers read.
pod_fields := set() if {
	_ordinary
} else := _template(_pod)

# Findings for rows about the object under review. A row is [pieces, type]: the path's pieces are joined
# by "every item of the list here" (at most two joints).
check(rows) := {result.at(place[0], msg) |
	some row in rows
	some place in _places(flux.object, row[0])
	_wrong(place, row[1])
	msg := sprintf("the field is not %v, so its meaning cannot be told", [_names[row[1]]])
}

_names := {
	"object": "a map",
	"array": "a list",
	"string": "text",
	"number": "a number",
	"boolean": "true or false",
	"strings": "a map of texts",
	"scalar": "text or a number",
}

_metadata := [
	[[["metadata"]], "object"],
	[[["metadata", "name"]], "string"],
	[[["metadata", "namespace"]], "string"],
	[[["metadata", "labels"]], "strings"],
	[[["metadata", "annotations"]], "strings"],
	[[["metadata", "ownerReferences"]], "array"],
	[[["metadata", "ownerReferences"], []], "object"],
	[[["spec"]], "object"],
]

# Paths below the pod template.
_recognition := [
	[[[]], "object"],
	[[["metadata"]], "object"],
	[[["metadata", "labels"]], "strings"],
	[[["spec"]], "object"],
	[[["spec", "serviceAccountName"]], "string"],
	[[["spec", "containers"]], "array"],
	[[["spec", "containers"], []], "object"],
	[[["spec", "containers"], ["name"]], "string"],
	[[["spec", "containers"], ["image"]], "string"],
	[[["spec", "containers"], ["command"]], "array"],
	[[["spec", "containers"], ["command"], []], "string"],
	[[["spec", "containers"], ["args"]], "array"],
	[[["spec", "containers"], ["args"], []], "string"],
	[[["spec", "containers"], ["env"]], "array"],
	[[["spec", "containers"], ["env"], []], "object"],
	[[["spec", "containers"], ["env"], ["name"]], "string"],
	[[["spec", "containers"], ["env"], ["value"]], "string"],
	[[["spec", "containers"], ["env"], ["valueFrom"]], "object"],
	[[["spec", "containers"], ["env"], ["valueFrom", "fieldRef"]], "object"],
	[[["spec", "containers"], ["env"], ["valueFrom", "fieldRef", "fieldPath"]], "string"],
	[[["spec", "containers"], ["envFrom"]], "array"],
]

# Paths below the pod template, for the helpers about pod security.
_pod := []

_template(rows) := check([[below, row[1]] |
	template := workload.template_path[workload.group_kind(flux.object)]
	some row in rows
	below := array.concat([array.concat(template, row[0][0])], array.slice(row[0], 1, count(row[0])))
]) | check([[[array.slice(template, 0, n)], "object"] |
	template := workload.template_path[workload.group_kind(flux.object)]
	some n in numbers.range(1, count(template))
	n <= count(template)
])

# [path, value, whether it is an item of a list] of every place that the pieces name.
_places(obj, pieces) := [[pieces[0], _get(obj, pieces[0]), false]] if count(pieces) == 1

_places(obj, pieces) := [[path, _get(item, pieces[1]), pieces[1] == []] |
	list := _get(obj, pieces[0])
	is_array(list)
	some i, item in list
	path := array.concat(array.concat(pieces[0], [i]), pieces[1])
] if {
	count(pieces) == 2
}

_places(obj, pieces) := [[path, _get(item, pieces[2]), pieces[2] == []] |
	outer := _get(obj, pieces[0])
	is_array(outer)
	some i, node in outer
	inner := _get(node, pieces[1])
	is_array(inner)
	some j, item in inner
	head := array.concat(array.concat(pieces[0], [i]), array.concat(pieces[1], [j]))
	path := array.concat(head, pieces[2])
] if {
	count(pieces) == 3
}

_get(node, path) := node if {
	path == []
} else := object.get(node, path, null) if {
	is_object(node)
} else := null

# Absence is right, but an item of a list is there.
_wrong(place, type) if {
	not _right(place[1], type)
	_present(place)
}

_present(place) if place[1] != null

_present(place) if place[2]

_right(value, "object") if is_object(value)

_right(value, "array") if is_array(value)

_right(value, "string") if is_string(value)

_right(value, "number") if is_number(value)

_right(value, "boolean") if is_boolean(value)

_right(value, "scalar") if is_string(value)

_right(value, "scalar") if is_number(value)

_right(value, "strings") if {
	is_object(value)
	count([1 | some item in value; not is_string(item); item != null]) == 0
}
