# Typed reading of an object. A node says what stands at a path of the object under review:
# "set", "absent" (missing or null), "ill" (of the wrong type) or "hidden" (this input does not tell).
# Nothing here is ever undefined, so that a wrong type cannot look like a missing field.
package lib.node

import data.lib.flux
import data.lib.result

typed(value, type) if _sorts[type_name(value)][type]

typed(value, "integer") if {
	is_number(value)
	floor(value) == value
}

typed(value, "strings") if {
	is_array(value)
	count([item | some item in value; not is_string(item)]) == 0
}

# What each sort of value may stand for.
_sorts := {
	"array": {"any", "array"},
	"boolean": {"any", "boolean"},
	"number": {"any"},
	"object": {"any", "object"},
	"string": {"any", "reference", "string"},
}

# veiled: a text with a variable that nothing has resolved. References to images are judged as they are.
veiled(value, "string") if contains_variable(value)

veiled(value, "strings") if {
	is_array(value)
	some item in value
	contains_variable(item)
}

contains_variable(value) if {
	is_string(value)
	contains(value, "${")
}

# Whether anything of the object under review is hidden at all.
veils if flux.object.metadata.annotations["flux-audit.internal/unknown-paths"]

# at: the node of a value at a path; above counts the absent nodes right above it.
# The value of every node that is not set is the empty object.
at(value, path, type, above) := {"state": "hidden", "path": path, "value": {}, "above": above} if {
	veils
	not flux.known(path)
} else := {"state": "absent", "path": path, "value": {}, "above": above} if {
	value == null
} else := {"state": "hidden", "path": path, "value": {}, "above": above} if {
	veiled(value, type)
} else := {"state": "set", "path": path, "value": floor(value), "above": above} if {
	# Some hosts hand over large whole numbers as floats, which print like 1e+09.
	type == "integer"
	typed(value, type)
} else := {"state": "set", "path": path, "value": value, "above": above} if {
	typed(value, type)
} else := {"state": "ill", "path": path, "value": {}, "above": above, "type": type}

# child: one step down; an ill-typed or hidden parent stands for all its children.
child(parent, key, type) := parent if {
	parent.state in {"ill", "hidden"}
} else := node if {
	parent.state == "set"
	node := at(object.get(parent.value, key, null), array.concat(parent.path, [key]), type, 0)
} else := at(null, array.concat(parent.path, [key]), type, parent.above + 1)

# get: up to four steps down, every parent being an object.
get(parent, keys, type) := child(parent, keys[0], type) if {
	count(keys) == 1
} else := child(child(parent, keys[0], "object"), keys[1], type) if {
	count(keys) == 2
} else := child(child(child(parent, keys[0], "object"), keys[1], "object"), keys[2], type) if {
	count(keys) == 3
} else := child(child(child(child(parent, keys[0], "object"), keys[1], "object"), keys[2], "object"), keys[3], type)

# items: the nodes of an array's items.
items(list, type) := [node |
	list.state == "set"
	some i, value in list.value
	node := at(value, array.concat(list.path, [i]), type, 0)
]

# decided: the node's value, or its absence, can be judged.
decided(node) if node.state in {"absent", "set"}

# doubt: the unknown-finding of a node that cannot be judged.
doubt(node) := result.at(node.path, msg) if {
	node.state == "ill"
	msg := sprintf("the field is not %v, so its meaning cannot be told", [names[node.type]])
}

doubt(node) := result.at(node.path, msg) if {
	node.state == "hidden"
	msg := "the effective value cannot be worked out"
}

names := {
	"array": "a list",
	"boolean": "true or false",
	"integer": "a whole number",
	"object": "a map",
	"reference": "text",
	"string": "text",
	"strings": "a list of texts",
}

# fix: the JSON patch that gives the node a value and creates the objects missing above it.
fix(node, value) := [{"op": "add", "path": result.pointer(array.slice(node.path, 0, size)), "value": nested(keys, value)}] if {
	size := count(node.path) - node.above
	keys := array.slice(node.path, size, count(node.path))
}

nested(keys, value) := value if {
	count(keys) == 0
} else := {keys[0]: value} if {
	count(keys) == 1
} else := {keys[0]: {keys[1]: value}} if {
	count(keys) == 2
} else := {keys[0]: {keys[1]: {keys[2]: value}}}
