package flux.valid_arguments_test

import data.flux.valid_arguments as control

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

usual := ["--watch-all-namespaces", "--enable-leader-election"]

request(list) := review("kustomize-controller", array.concat(usual, list))

test_valid_arguments_pass if {
	control.subject with input as request(["--concurrent=0x10"])
	count(control.violation) == 0 with input as request(["--concurrent=0x10"])
	count(control.warn) == 0 with input as request(["--concurrent=0x10"])
	count(control.unknown) == 0 with input as request(["--concurrent=0x10"])
}

test_what_stops_the_controller_fails if {
	every arg in [
		"--no-such-flag", "-v", "---v", "--no-remote-bases=yes", "--concurrent=x", "--default-service-account",
		"--feature-gates=NoSuchGate=true", "--insecure-allow-http", "--storage-path=/data",
	] {
		paths(control.violation) == {array.concat(args, [2])} with input as request([arg])
	}
}

test_unknown_releases_are_judged_by_the_newest if {
	other := json.patch(request(["--no-such-flag=1"]), [{
		"op": "replace",
		"path": "/review/object/spec/template/spec/containers/0/image",
		"value": "ghcr.io/fluxcd/kustomize-controller:dev",
	}])
	count(control.violation) == 0 with input as other
	paths(control.warn) == {array.concat(args, [2])} with input as other
}

test_lost_defaults_are_warned_about if {
	fixes := {finding.details.fix[0].value |
		some finding in control.warn with input as review("kustomize-controller", ["--log-level=info"])
	}
	fixes == {"--enable-leader-election", "--watch-all-namespaces=true"}
}

from_elsewhere(arg) := json.patch(request([arg]), [{
	"op": "add",
	"path": "/review/object/spec/template/spec/containers/0/env",
	"value": [{"name": "N", "valueFrom": {"configMapKeyRef": {"name": "flags", "key": "n"}}}],
}])

test_undetermined if {
	paths(control.unknown) == {array.concat(args, [2])} with input as from_elsewhere("--concurrent=$(N)")
	count(control.violation) == 0 with input as from_elsewhere("--concurrent=$(N)")
	count(control.unknown) == 0 with input as from_elsewhere("--default-service-account=$(N)")
}

test_a_wrapper_is_unknown if {
	wrapped := json.patch(request([]), [{
		"op": "add",
		"path": "/review/object/spec/template/spec/containers/0/command",
		"value": ["/start.sh"],
	}])
	count(control.unknown) == 1 with input as wrapped
	count(control.violation) == 0 with input as wrapped
}

test_wrong_types_are_unknown if {
	paths(control.unknown) == {array.concat(args, [2])} with input as request([5])
}

test_other_workloads_are_not_meant if {
	not control.subject with input as {"review": {"object": {"apiVersion": "v1", "kind": "Pod"}}}
	count(control.violation) == 0 with input as {"review": {"object": {"apiVersion": "v1", "kind": "Pod"}}}
	count(control.unknown) == 0 with input as {"review": {"object": {"apiVersion": "v1", "kind": "Pod"}}}
}

# The paths of all findings, by their sort.
judged(obj) := {sort: paths(found) |
	some sort, found in {"fail": failures, "warn": warnings, "unknown": doubts}
	count(found) > 0
} if {
	failures := control.violation with input as obj
	warnings := control.warn with input as obj
	doubts := control.unknown with input as obj
}

test_the_image_decides_which_flags_there_are if {
	some finding in control.violation with input as request(["--no-such-flag"])
	finding.details.related == [{"path": ["spec", "template", "spec", "containers", 0, "image"]}]
}

test_lists_of_texts_from_elsewhere_are_accepted if {
	judged(from_elsewhere("--override-manager=$(N)")) == {}
	judged(from_elsewhere("--feature-gates=$(N)")) == {"unknown": {array.concat(args, [2])}}
}

test_what_no_argument_depends_on_may_be_unreadable_too if {
	labels := {"metadata": {"labels": {"app.kubernetes.io/part-of": 5}}}
	judged({"review": {"object": object.union(request([]).review.object, labels)}}) == {"unknown": {["metadata", "labels"]}}
}

# The operator has flags as well, but is no controller.
operator(container) := {"review": {"object": {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {"name": "flux-operator", "namespace": "flux-system"},
	"spec": {"template": {"spec": {"containers": [object.union(
		{"name": "manager", "image": "ghcr.io/controlplaneio-fluxcd/flux-operator:dev"},
		container,
	)]}}},
}}}

test_the_operator_is_not_meant if {
	every container in [
		{}, {"args": ["--no-such-flag"]}, {"args": [5]}, {"command": ["/start.sh"]},
		{"args": ["--concurrent=$(N)"], "env": [{"name": "N", "valueFrom": {}}]},
	] {
		not control.subject with input as operator(container)
		judged(operator(container)) == {}
	}
}

# The pod's owner is judged in its place; that the operator runs beside the controller changes nothing.
test_a_pod_is_judged_by_its_owner if {
	deployment := request([]).review.object
	manager := deployment.spec.template.spec.containers[0]
	pod := {
		"apiVersion": "v1",
		"kind": "Pod",
		"metadata": {
			"name": "kustomize-controller-1",
			"namespace": "flux-system",
			"ownerReferences": [{"controller": true, "kind": "Deployment", "name": "kustomize-controller"}],
		},
		"spec": {"containers": [
			{"name": "operator", "image": "ghcr.io/controlplaneio-fluxcd/flux-operator:v0.30.0", "args": ["-v"]},
			object.union(manager, {"args": ["-v"]}),
		]},
	}
	cluster := {"namespace": {"flux-system": {"apps/v1": {"Deployment": {"kustomize-controller": deployment}}}}}
	judged(pod) == {} with data.inventory as cluster
	judged(pod) == {"fail": {["spec", "containers", 1, "args", 0]}}
}
