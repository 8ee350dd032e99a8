package lib.node_test

import data.lib.node

object := {
	"metadata": {"annotations": {"flux-audit.internal/unknown-paths": "/spec/hidden"}},
	"spec": {
		"flag": true,
		"hidden": {"flag": true},
		"list": [{"a": 1}, "x", null],
		"map": {"a": {"b": {"c": "text"}}},
		"nothing": null,
		"number": 5,
		"large": 1.00068e+09,
		"fraction": 1.5,
		"texts": ["a"],
		"mixed": ["a", 5],
		"variable": "${NAME}",
		"variables": ["${NAME}"],
	},
}

spec := found if found := node.at(object.spec, ["spec"], "object", 0) with input as object

field(key, type) := found if found := node.child(spec, key, type) with input as object

test_set if {
	field("flag", "boolean") == {"state": "set", "path": ["spec", "flag"], "value": true, "above": 0}
	field("flag", "any").state == "set"
	field("number", "integer").value == 5
	field("list", "array").state == "set"
	field("map", "object").state == "set"
	field("texts", "strings").value == ["a"]
	field("variable", "reference").state == "set"
}

test_whole_numbers_print_as_such if {
	sprintf("%v", [field("large", "integer").value]) == "1000680000"
}

test_absent if {
	field("missing", "boolean") == {"state": "absent", "path": ["spec", "missing"], "value": {}, "above": 0}
	field("nothing", "any").state == "absent"
}

test_ill if {
	field("flag", "string") == {"state": "ill", "path": ["spec", "flag"], "value": {}, "above": 0, "type": "string"}
	field("fraction", "integer").state == "ill"
	field("mixed", "strings").state == "ill"
	field("flag", "strings").state == "ill"
}

test_hidden if {
	field("hidden", "object") == {"state": "hidden", "path": ["spec", "hidden"], "value": {}, "above": 0}
	field("variable", "string").state == "hidden"
	field("variables", "strings").state == "hidden"
}

test_parents_stand_for_children if {
	found := node.get(spec, ["hidden", "flag"], "boolean") with input as object
	found.path == ["spec", "hidden"]
	wrong := node.get(spec, ["flag", "a", "b"], "boolean") with input as object
	wrong == {"state": "ill", "path": ["spec", "flag"], "value": {}, "above": 0, "type": "object"}
}

test_get if {
	first := node.get(spec, ["flag"], "boolean") with input as object
	first.value == true
	fourth := node.get(spec, ["map", "a", "b", "c"], "string") with input as object
	fourth.value == "text"
	third := node.get(spec, ["map", "x", "y"], "string") with input as object
	third == {"state": "absent", "path": ["spec", "map", "x", "y"], "value": {}, "above": 1}
}

test_items if {
	items := node.items(field("list", "array"), "object") with input as object
	[item.state | some item in items] == ["set", "ill", "absent"]
	node.items(field("missing", "array"), "object") == []
}

test_decided if {
	node.decided({"state": "set"})
	node.decided({"state": "absent"})
	not node.decided({"state": "ill"})
}

test_doubt if {
	node.doubt(field("flag", "string")).msg == "the field is not text, so its meaning cannot be told"
	node.doubt(field("hidden", "object")).msg == "the effective value cannot be worked out"
	not node.doubt(field("flag", "boolean"))
}

test_fix if {
	present := node.fix(field("flag", "boolean"), false)
	present == [{"op": "add", "path": "/spec/flag", "value": false}]
	one := node.get(spec, ["x", "y"], "string") with input as object
	node.fix(one, 1) == [{"op": "add", "path": "/spec/x", "value": {"y": 1}}]
	two := node.get(spec, ["x", "y", "z"], "string") with input as object
	node.fix(two, 1) == [{"op": "add", "path": "/spec/x", "value": {"y": {"z": 1}}}]
	three := node.get(spec, ["w", "x", "y", "z"], "string") with input as object
	node.fix(three, 1) == [{"op": "add", "path": "/spec/w", "value": {"x": {"y": {"z": 1}}}}]
}
