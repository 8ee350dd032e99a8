package flux.read_only_root_test

import data.flux.read_only_root as control
import data.lib.pods_sample_test as sample

path := sample.context_path(["readOnlyRootFilesystem"])

test_pass if {
	control.subject with input as sample.with_context(sample.confined)
	count(((control.violation | control.warn) | control.unknown)) == 0 with input as sample.with_context(sample.confined)
}

test_other_objects if not control.subject with input as {"apiVersion": "v1", "kind": "Pod", "spec": {}}

test_fail if {
	sample.paths(control.violation) == {path} with input as sample.with_context({})
	sample.paths(control.violation) == {path} with input as sample.with_change({"readOnlyRootFilesystem": false})
	sample.paths(control.violation) == {path} with input as sample.with_change({"readOnlyRootFilesystem": null})
}

test_unknown if {
	obj := sample.with_change({"readOnlyRootFilesystem": "true"})
	count(control.violation) == 0 with input as obj
	sample.paths(control.unknown) == {path} with input as obj
	count(control.unknown) == 1 with input as sample.deployment({})
}

test_windows if {
	windows := sample.deployment({"os": {"name": "windows"}, "containers": [sample.manager({})]})
	count(control.violation) == 0 with input as windows
	count(control.warn) == 1 with input as windows
}
