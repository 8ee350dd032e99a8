package lib.leaves_test

import data.lib.leaves

test_texts if {
	found := leaves.of({"a": "x", "b": {"c": ["y", 5, {"d": "z"}]}, "n": null}, ["spec"])
	{text | some text in found.texts} == {[["spec", "a"], "x"], [["spec", "b", "c", 0], "y"], [["spec", "b", "c", 2, "d"], "z"]}
	found.deeper == []
	leaves.of("x", ["spec"]).texts == [[["spec"], "x"]]
	leaves.of(5, ["spec"]).texts == []
}

nested(inner) := {"1": {"2": {"3": {"4": {"5": {"6": {"7": {"8": inner}}}}}}}}

test_depth if {
	nine := leaves.of(nested({"9": "x"}), [])
	nine == {"texts": [[["1", "2", "3", "4", "5", "6", "7", "8", "9"], "x"]], "deeper": []}
	leaves.of(nested({"9": {"10": "x"}}), []).deeper == [["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"]]
}
