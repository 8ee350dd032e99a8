package flux.bounded_resources_test

import data.flux.bounded_resources as control
import data.lib.pods_sample_test as sample

# The review of a controller with these arguments.
review(component, args) := {"review": {"object": {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {"name": component, "namespace": "flux-system"},
	"spec": {"template": {"spec": {"containers": [{
		"name": "manager",
		"image": sprintf("ghcr.io/fluxcd/%v:v1.9.4", [component]),
		"args": args,
	}]}}},
}}}

paths(findings) := {finding.details.path | some finding in findings}

args := ["spec", "template", "spec", "containers", 0, "args"]

limited(resources, list) := json.patch(review("kustomize-controller", list), [{
	"op": "add",
	"path": "/review/object/spec/template/spec/containers/0/resources",
	"value": resources,
}])

memory := ["spec", "template", "spec", "containers", 0, "resources", "limits", "memory"]

test_a_limit_passes if {
	every value in ["1Gi", "512M", "1e9", "1.5Gi", ".5Gi", 1073741824] {
		request := limited({"limits": {"memory": value}}, ["--concurrent=50"])
		control.subject with input as request
		count(control.warn) == 0 with input as request
		count(control.unknown) == 0 with input as request
	}
}

test_no_limit_is_warned_about if {
	every resources in [{}, {"limits": {}}, {"limits": {"memory": null}}, {"limits": {"memory": "0Mi"}}, {"limits": {"memory": 0}}] {
		paths(control.warn) == {memory} with input as limited(resources, [])
	}
	paths(control.warn) == {memory} with input as review("kustomize-controller", [])
}

test_a_limit_of_the_pod_passes if {
	request := json.patch(review("kustomize-controller", []), [{
		"op": "add",
		"path": "/review/object/spec/template/spec/resources",
		"value": {"limits": {"memory": "1Gi"}},
	}])
	count(control.warn) == 0 with input as request
}

test_wrong_types_are_unknown if {
	every value in [true, [], "plenty", "1 Gi", ""] {
		paths(control.unknown) == {memory} with input as limited({"limits": {"memory": value}}, [])
		count(control.warn) == 0 with input as limited({"limits": {"memory": value}}, [])
	}
	paths(control.unknown) == {array.slice(memory, 0, 7)} with input as limited({"limits": "1Gi"}, [])
}

test_workers if {
	resources := {"limits": {"memory": "1Gi"}}
	some finding in control.warn with input as limited(resources, ["--concurrent=51"])
	finding.details.path == array.concat(args, [0])
	finding.details.fix[0].value == "--concurrent=50"
	paths(control.unknown) == {array.concat(args, [0])} with input as limited(resources, ["--concurrent=$(N)"])
	more := object.union(limited(resources, ["--concurrent=51"]), {"parameters": {"maxConcurrent": 60}})
	count(control.warn) == 0 with input as more
}

test_other_workloads_are_not_meant if {
	not control.subject with input as {"review": {"object": {"apiVersion": "v1", "kind": "Pod"}}}
	count(control.warn) == 0 with input as {"review": {"object": {"apiVersion": "v1", "kind": "Pod"}}}
}

# The operator has a flag of the same name.
test_the_operator_is_not_meant if {
	every arg in ["--concurrent=51", "--concurrent=$(N)"] {
		request := limited({}, [arg])
		operator := json.patch(request, [
			{"op": "replace", "path": "/review/object/metadata/name", "value": "flux-operator"},
			{
				"op": "replace",
				"path": "/review/object/spec/template/spec/containers/0/image",
				"value": "ghcr.io/controlplaneio-fluxcd/flux-operator:v0.58.1",
			},
		])
		not control.subject with input as operator
		count(control.warn | control.unknown) == 0 with input as operator
	}
}

# A pod is judged where its owner is.
test_a_pod_of_an_owner_at_hand_is_not_meant if {
	every memory_limit in [null, [], "plenty"] {
		pod := sample.pod({
			"containers": [sample.manager({})],
			"resources": {"limits": {"memory": memory_limit}},
		})
		not control.subject with input as pod with data.inventory as sample.inventory
		found := control.warn | control.unknown with input as pod with data.inventory as sample.inventory
		found == set()
	}
}

test_limits_are_not_judged_where_the_container_cannot_be_told if {
	obj := sample.deployment({"containers": [{"name": "a", "image": "a"}, {"name": "b", "image": "b"}]})
	control.subject with input as obj
	count(control.warn) == 0 with input as obj
	paths(control.unknown) == {["spec", "template", "spec", "containers"]} with input as obj
}
