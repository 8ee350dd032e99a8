package lib.shape_test

import data.lib.shape

_pod(spec) := {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": spec}

_paths(found) := {finding.details.path | some finding in found}

test_all_well if {
	obj := _pod({"containers": [{"name": "a", "image": "b", "args": ["c"], "env": [{"name": "d", "value": null}], "command": null}]})
	shape.findings == set() with input as obj
}

test_wrong_types if {
	obj := _pod({"containers": [{"name": 5, "args": ["c", 5, null], "command": "x", "env": [{"name": [], "valueFrom": 5}, 5]}, null]})
	found := _paths(shape.findings) with input as obj
	found == {
		["spec", "containers", 0, "name"],
		["spec", "containers", 0, "args", 1],
		["spec", "containers", 0, "args", 2],
		["spec", "containers", 0, "command"],
		["spec", "containers", 0, "env", 0, "name"],
		["spec", "containers", 0, "env", 0, "valueFrom"],
		["spec", "containers", 0, "env", 1],
		["spec", "containers", 1],
	}
}

test_metadata if {
	obj := {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"labels": {"a": 5}, "annotations": [], "name": {}}, "spec": {"template": 5}}
	found := _paths(shape.findings) with input as obj
	found == {["metadata", "labels"], ["metadata", "annotations"], ["metadata", "name"], ["spec", "template"]}
}

test_the_way_to_the_template if {
	every body, want in {{"jobTemplate": 5}: ["spec", "jobTemplate"], {"jobTemplate": {"spec": []}}: ["spec", "jobTemplate", "spec"]} {
		found := _paths(shape.recognition) with input as {"apiVersion": "batch/v1", "kind": "CronJob", "spec": body}
		found == {want}
	}
}

test_no_workload if {
	shape.findings == set() with input as {"apiVersion": "v1", "kind": "Service", "spec": {"containers": 5}}
	_paths(shape.findings) == {["spec"]} with input as {"apiVersion": "v1", "kind": "Service", "spec": 5}
}

test_every_type if {
	rows := [
		[[["o"]], "object"], [[["a"]], "array"], [[["s"]], "string"], [[["n"]], "number"],
		[[["b"]], "boolean"], [[["m"]], "strings"], [[["t"]], "scalar"], [[["u"]], "scalar"],
	]
	good := {"kind": "X", "o": {}, "a": [], "s": "", "n": 1, "b": false, "m": {"a": "", "b": null}, "t": "", "u": 1}
	shape.check(rows) == set() with input as good
	bad := {"kind": "X", "o": 1, "a": 1, "s": 1, "n": "", "b": 1, "m": {"a": 1}, "t": {}, "u": []}
	count(shape.check(rows)) == 8 with input as bad
	shape.check(rows) == set() with input as {"kind": "X"}
}

test_joints if {
	rows := [[[["a"], ["b"]], "string"], [[["a"], ["c"], []], "string"], [[["a"], ["c"], ["d"]], "string"]]
	obj := {"kind": "X", "a": [{"b": 5}, {"c": [5, {"d": 5}]}, 5, {"c": 5}]}
	found := _paths(shape.check(rows)) with input as obj
	found == {["a", 0, "b"], ["a", 1, "c", 0], ["a", 1, "c", 1], ["a", 1, "c", 1, "d"]}
	shape.check(rows) == set() with input as {"kind": "X", "a": 5}
}

_deployment(template) := {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a"}, "spec": {"template": template}}

_running(container) := _deployment({"spec": {"containers": [container]}})

test_ordinary_workloads if {
	plain := {"name": "a", "image": "b"}
	every more in [{}, {"args": ["c"]}, {"command": ["c"], "args": []}, {"env": null, "args": null}, {"env": []}] {
		found := shape.findings with input as _running(object.union(plain, more))
		found == set()
	}
	every key in ["args", "command"] {
		found := _paths(shape.recognition) with input as _running(object.union(plain, {key: ["c", 5]}))
		found == {["spec", "template", "spec", "containers", 0, key, 1]}
	}
	_paths(shape.findings) == {["spec", "template"]} with input as _deployment([])
}
