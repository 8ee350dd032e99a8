package flux.fs_group_test

import data.flux.fs_group as control
import data.lib.pods_sample_test as sample

path := ["spec", "template", "spec", "securityContext", "fsGroup"]

group(value) := sample.deployment({
	"containers": [sample.manager(sample.confined)],
	"securityContext": {"fsGroup": value},
})

openshift(obj) := {"review": {"object": obj}, "parameters": {"platform": "openshift"}}

test_pass if {
	control.subject with input as group(1337)
	count(((control.violation | control.warn) | control.unknown)) == 0 with input as group(1337)
}

test_other_objects if not control.subject with input as {"apiVersion": "v1", "kind": "Pod", "spec": {}}

test_fail if {
	sample.paths(control.violation) == {path} with input as group(0)
	sample.paths(control.violation) == {path} with input as openshift(group(0))
}

test_warn if {
	sample.paths(control.warn) == {path} with input as group(2000)
	sample.paths(control.warn) == {path} with input as group(null)
	some finding in control.warn with input as sample.deployment({"containers": []})
	finding.details.fix == [{
		"op": "add",
		"path": "/spec/template/spec/securityContext",
		"value": {"fsGroup": 1337},
	}]
}

test_advice_is_given_once if {
	sample.paths(control.warn) == {path} with input as group(1)
	count(control.warn) == 0 with input as group(0)
	count(control.warn) == 1 with input as group(null)
}

test_fix if {
	fix := [{"op": "add", "path": "/spec/template/spec/securityContext/fsGroup", "value": 1337}]
	some failure in control.violation with input as group(0)
	failure.details.fix == fix
	some advice in control.warn with input as group(2000)
	advice.details.fix == fix
}

test_openshift if {
	count(control.warn) == 1 with input as openshift(group(null))
	some finding in control.warn with input as openshift(group(null))
	not finding.details.fix
	count(control.warn) == 0 with input as openshift(group(1337))
}

test_unknown if {
	count(control.violation | control.warn) == 0 with input as group("0")
	sample.paths(control.unknown) == {path} with input as group("0")
	count(control.unknown) == 1 with input as sample.deployment({})
}

test_owned_pod if {
	owned := sample.pod({"containers": [sample.manager({})], "securityContext": {"fsGroup": 0}})
	control.subject with input as owned with data.inventory as sample.inventory
	count(control.violation) == 0 with input as owned with data.inventory as sample.inventory
	count(control.violation) == 1 with input as owned
}

test_windows if {
	windows := sample.deployment({"os": {"name": "windows"}, "containers": [sample.manager({})]})
	count(control.violation) == 0 with input as windows
	every review in [{"review": {"object": windows}}, openshift(windows)] {
		sample.paths(control.warn) == {["spec", "template", "spec", "os", "name"]} with input as review
	}
}

test_windows_with_a_group if {
	every value in [2000, "0"] {
		windows := sample.deployment({
			"os": {"name": "windows"},
			"containers": [sample.manager({})],
			"securityContext": {"fsGroup": value},
		})
		sample.paths(control.warn) == {["spec", "template", "spec", "os", "name"]} with input as windows
		count(control.unknown) == 0 with input as windows
	}
}
