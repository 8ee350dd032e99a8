package flux.user_and_group_test

import data.flux.user_and_group as control
import data.lib.pods_sample_test as sample

user := sample.context_path(["runAsUser"])

group := sample.context_path(["runAsGroup"])

image(ref, context) := sample.deployment({"containers": [{
	"name": "manager",
	"image": ref,
	"securityContext": context,
}]})

foreign := "registry.example/flux/helm-controller:v1.6.3"

openshift(obj) := {"review": {"object": obj}, "parameters": {"platform": "openshift"}}

test_pass if {
	control.subject with input as sample.with_context(sample.confined)
	count(((control.violation | control.warn) | control.unknown)) == 0 with input as sample.with_context(sample.confined)
	explicit := {"runAsUser": 65534, "runAsGroup": 65534}
	count(((control.violation | control.warn) | control.unknown)) == 0 with input as image(foreign, explicit)
}

test_other_objects if not control.subject with input as {"apiVersion": "v1", "kind": "Pod", "spec": {}}

test_fail if {
	sample.paths(control.violation) == {user} with input as sample.with_change({"runAsUser": 0})
	sample.paths(control.violation) == {group} with input as sample.with_change({"runAsGroup": 0})
	sample.paths(control.violation) == {user} with input as openshift(sample.with_change({"runAsUser": 0}))
}

test_warn if sample.paths(control.warn) == {user} with input as sample.with_change({"runAsUser": 1000})

test_unknown_image if {
	sample.paths(control.unknown) == {user, group} with input as image(foreign, {})
	some finding in control.unknown with input as image(foreign, {})
	finding.details.related == [{"path": array.concat(sample.containers, ["image"])}]
	count(control.unknown) == 0 with input as openshift(image(foreign, {}))
	sample.paths(control.warn) == {user, group} with input as openshift(image(foreign, {}))
}

test_wrong_types if {
	sample.paths(control.unknown) == {user} with input as sample.with_change({"runAsUser": "0"})
	sample.paths(control.unknown) == {array.concat(sample.containers, ["image"])} with input as image(5, {})
	count(control.unknown) == 1 with input as sample.deployment({})
}

test_windows if {
	windows := sample.deployment({"os": {"name": "windows"}, "containers": [sample.manager({"runAsUser": 0})]})
	count(control.violation) == 0 with input as windows
	count(control.warn) == 1 with input as windows
}

# The ids are given, so that nothing depends on the image.
test_the_image_of_explicit_ids_does_not_matter if {
	every id, expected in {"65534": [set(), set()], "1000": [{user, group}, set()]} {
		obj := image(5, {field: to_number(id) | some field in ["runAsUser", "runAsGroup"]})
		[sample.paths(control.warn), sample.paths(control.unknown)] == expected with input as obj
	}
}
