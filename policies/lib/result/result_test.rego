package lib.result_test

import data.lib.result

test_at if result.at(["spec"], "m") == {"msg": "m", "details": {"path": ["spec"]}}

test_related if result.related(["a"], "m", [1]) == {"msg": "m", "details": {"path": ["a"], "related": [1]}}

test_fixed if result.fixed(["a"], "m", [2]) == {"msg": "m", "details": {"path": ["a"], "fix": [2]}}

test_full if result.full(["a"], "m", [1], [2]) == {"msg": "m", "details": {"path": ["a"], "related": [1], "fix": [2]}}

test_pointer if {
	result.pointer(["metadata", "labels", "a/b~c", 0]) == "/metadata/labels/a~1b~0c/0"
	result.pointer([]) == ""
	result.pointer([true]) == ""
}
