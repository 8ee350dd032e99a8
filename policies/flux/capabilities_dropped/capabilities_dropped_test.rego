package flux.capabilities_dropped_test

import data.flux.capabilities_dropped as control
import data.lib.pods_sample_test as sample

change(capabilities) := sample.with_context({"capabilities": capabilities})

test_pass if {
	control.subject with input as sample.with_context(sample.confined)
	count(((control.violation | control.warn) | control.unknown)) == 0 with input as sample.with_context(sample.confined)
}

test_other_objects if not control.subject with input as {"apiVersion": "v1", "kind": "Pod", "spec": {}}

test_drop if {
	path := sample.context_path(["capabilities", "drop"])
	sample.paths(control.violation) == {path} with input as change({"drop": ["NET_RAW"]})
	sample.paths(control.violation) == {path} with input as change({"drop": ["all"]})
	sample.paths(control.violation) == {path} with input as change(null)
}

test_drop_fix if {
	some finding in control.violation with input as sample.with_context({})
	finding.details.fix == [{
		"op": "add",
		"path": "/spec/template/spec/containers/0/securityContext/capabilities",
		"value": {"drop": ["ALL"]},
	}]
}

test_add if {
	obj := change({"drop": ["ALL"], "add": ["SYS_ADMIN", "NET_BIND_SERVICE"]})
	sample.paths(control.violation) == {sample.context_path(["capabilities", "add", 0])} with input as obj
	sample.paths(control.warn) == {sample.context_path(["capabilities", "add", 1])} with input as obj
}

test_privileged if {
	obj := sample.with_change({"privileged": true})
	sample.paths(control.violation) == {sample.context_path(["privileged"])} with input as obj
}

test_wrong_type if {
	obj := change({"drop": "ALL"})
	count(control.violation) == 0 with input as obj
	sample.paths(control.unknown) == {sample.context_path(["capabilities", "drop"])} with input as obj
}

test_no_containers if {
	sample.paths(control.unknown) == {["spec", "template", "spec", "containers"]} with input as sample.deployment({})
}

test_windows if {
	windows := sample.deployment({"os": {"name": "windows"}, "containers": [sample.manager({})]})
	count(control.violation) == 0 with input as windows
	count(control.warn) == 1 with input as windows
}
