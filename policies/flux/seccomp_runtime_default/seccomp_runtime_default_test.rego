package flux.seccomp_runtime_default_test

import data.flux.seccomp_runtime_default as control
import data.lib.pods_sample_test as sample

path := sample.context_path(["seccompProfile", "type"])

profile(p) := sample.with_context({"seccompProfile": p})

on_the_pod(p) := sample.deployment({"containers": [sample.manager({})], "securityContext": {"seccompProfile": p}})

openshift(obj) := {"review": {"object": obj}, "parameters": {"platform": "openshift"}}

test_pass if {
	control.subject with input as sample.with_context(sample.confined)
	count(((control.violation | control.warn) | control.unknown)) == 0 with input as sample.with_context(sample.confined)
	count(((control.violation | control.warn) | control.unknown)) == 0 with input as on_the_pod({"type": "RuntimeDefault"})
}

test_other_objects if not control.subject with input as {"apiVersion": "v1", "kind": "Pod", "spec": {}}

test_fail if {
	sample.paths(control.violation) == {path} with input as profile(null)
	sample.paths(control.violation) == {path} with input as profile({})
	sample.paths(control.violation) == {path} with input as profile({"type": "Unconfined"})
	pod := ["spec", "template", "spec", "securityContext", "seccompProfile", "type"]
	sample.paths(control.violation) == {pod} with input as on_the_pod({"type": "Unconfined"})
}

test_fix_replaces_the_profile if {
	some finding in control.violation with input as profile({"type": "Localhost"})
	finding.details.fix == [{
		"op": "add",
		"path": "/spec/template/spec/containers/0/securityContext/seccompProfile",
		"value": {"type": "RuntimeDefault"},
	}]
}

test_local if {
	sample.paths(control.violation) == {path} with input as profile({"type": "Localhost", "localhostProfile": ""})
	local := profile({"type": "Localhost", "localhostProfile": "flux.json"})
	count(control.violation) == 0 with input as local
	sample.paths(control.warn) == {path} with input as local
}

test_privileged if {
	obj := sample.with_change({"privileged": true})
	sample.paths(control.violation) == {sample.context_path(["privileged"])} with input as obj
}

test_openshift if {
	count(control.violation) == 0 with input as openshift(profile(null))
	sample.paths(control.warn) == {path} with input as openshift(profile(null))
	sample.paths(control.violation) == {path} with input as openshift(profile({"type": "Unconfined"}))
}

test_unknown if {
	obj := profile({"type": 5})
	count(control.violation) == 0 with input as obj
	sample.paths(control.unknown) == {path} with input as obj
	local := profile({"type": "Localhost", "localhostProfile": 5})
	count(control.violation | control.warn) == 0 with input as local
	count(control.unknown) == 1 with input as local
	count(control.unknown) == 1 with input as sample.deployment({})
}

test_windows if {
	windows := sample.deployment({"os": {"name": "windows"}, "containers": [sample.manager({})]})
	count(control.violation) == 0 with input as windows
	count(control.warn) == 1 with input as windows
}

test_a_local_profile_that_is_not_used_is_none if {
	unused := profile({"type": "RuntimeDefault", "localhostProfile": "flux.json"})
	count(((control.violation | control.warn) | control.unknown)) == 0 with input as unused
}
