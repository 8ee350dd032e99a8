package lib.leaves_test

import data.lib.leaves

test_texts if {
	found := leaves.of({"a": "x", "b": {"c": ["y", 5, {"d": "z"}]}, "n": null}, ["spec"])
	{text | some text in found.texts} == {[["spec", "a"], "x"], [["spec", "b", "c", 0], "y"], [["spec", "b", "c", 2, "d"], "z"]}
	found.deeper == []
	leaves.of("x", ["spec"]).texts == [[["spec"], "x"]]
	leaves.of(5, ["spec"]).texts == []
}

eight(inner) := {"1": {"2": {"3": {"4": {"5": {"6": {"7": {"8": inner}}}}}}}}

test_depth if {
	fits := leaves.of({"a": eight(eight({"1": {"2": {"3": {"4": {"5": {"6": "x"}}}}}}))}, [])
	[count(path) | some [path, "x"] in fits.texts] == [23]
	fits.deeper == []
	beyond := leaves.of(eight(eight({"1": {"2": {"3": {"4": {"5": {"6": {"7": "x"}}}}}}})), [])
	count(beyond.texts) == 1
	deep := leaves.of(eight(eight(eight("x"))), [])
	deep.texts == []
	[count(path) | some path in deep.deeper] == [23]
}
