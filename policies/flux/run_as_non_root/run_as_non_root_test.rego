package flux.run_as_non_root_test

import data.flux.run_as_non_root as control
import data.lib.pods_sample_test as sample

path := sample.context_path(["runAsNonRoot"])

both(container, pod) := sample.deployment({"containers": [sample.manager(container)], "securityContext": pod})

openshift(obj) := {"review": {"object": obj}, "parameters": {"platform": "openshift"}}

test_pass if {
	control.subject with input as sample.with_context(sample.confined)
	count(((control.violation | control.warn) | control.unknown)) == 0 with input as sample.with_context(sample.confined)
	count(control.violation) == 0 with input as both({}, {"runAsNonRoot": true, "runAsUser": 65534})
	count(control.violation) == 0 with input as both({"runAsUser": 1}, {"runAsNonRoot": true, "runAsUser": 0})
}

test_other_objects if not control.subject with input as {"apiVersion": "v1", "kind": "Pod", "spec": {}}

test_fail if {
	sample.paths(control.violation) == {path} with input as sample.with_context({})
	sample.paths(control.violation) == {path} with input as both({"runAsNonRoot": false}, {"runAsNonRoot": true})
	obj := sample.with_change({"runAsUser": 0})
	sample.paths(control.violation) == {sample.context_path(["runAsUser"])} with input as obj
}

test_openshift if {
	count(control.violation) == 0 with input as openshift(sample.with_context({}))
	sample.paths(control.warn) == {path} with input as openshift(sample.with_context({}))
	count(control.violation) == 1 with input as openshift(sample.with_context({"runAsNonRoot": false}))
}

test_unknown if {
	count(control.violation) == 0 with input as sample.with_change({"runAsNonRoot": "true"})
	sample.paths(control.unknown) == {path} with input as sample.with_change({"runAsNonRoot": "true"})
	count(control.unknown) == 1 with input as sample.with_change({"runAsUser": "0"})
	count(control.unknown) == 1 with input as sample.deployment({})
}
