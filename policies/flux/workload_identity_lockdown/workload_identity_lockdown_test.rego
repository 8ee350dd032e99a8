package flux.workload_identity_lockdown_test

import data.flux.workload_identity_lockdown as control
import data.lib.refs_sample_test as sample

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

gate := "--feature-gates=ObjectLevelWorkloadIdentity=true"

test_everything_set_passes if {
	request := review("kustomize-controller", [
		gate, "--default-decryption-service-account=default",
		"--default-kubeconfig-service-account=default",
	])
	control.subject with input as request
	count(control.violation) == 0 with input as request
	count(control.warn) == 0 with input as request
	count(control.unknown) == 0 with input as request
}

test_each_missing_account_fails if {
	request := review("kustomize-controller", [gate])
	values := {finding.details.fix[0].value | some finding in control.violation with input as request}
	values == {"--default-decryption-service-account=default", "--default-kubeconfig-service-account=default"}
	some finding in control.violation with input as request
	finding.details.related == [{"path": array.concat(args, [0])}]
}

test_an_empty_account_fails if {
	request := review("source-controller", ["--default-service-account=", gate])
	paths(control.violation) == {array.concat(args, [0])} with input as request
}

test_an_account_without_the_gate_fails if {
	request := review("source-controller", ["--default-service-account=a"])
	some finding in control.violation with input as request
	finding.details.path == array.concat(args, [0])
	finding.details.related == []
	finding.details.fix[0].value == gate
}

test_a_gate_set_to_false_is_related if {
	off := "--feature-gates=ObjectLevelWorkloadIdentity=false"
	request := review("source-controller", [off, "--default-service-account=a"])
	some finding in control.violation with input as request
	finding.details.related == [{"path": array.concat(args, [0])}]
}

test_gate_off_and_nothing_set_passes if {
	request := review("source-controller", ["--default-service-account="])
	control.subject with input as request
	count(control.violation) == 0 with input as request
	count(control.warn) == 0 with input as request
}

test_releases_before_the_flags_are_not_meant if {
	old := json.patch(review("source-controller", [gate]), [{
		"op": "replace",
		"path": "/review/object/spec/template/spec/containers/0/image",
		"value": "ghcr.io/fluxcd/source-controller:v1.6.0",
	}])
	not control.subject with input as old
	count(control.violation) == 0 with input as old
	not control.subject with input as review("source-watcher", [gate])
}

test_undetermined if {
	gates := review("source-controller", ["--feature-gates=$(GATES)", "--default-service-account=default"])
	paths(control.unknown) == {array.concat(args, [0])} with input as gates
	account := review("source-controller", [gate, "--default-service-account=$(ACCOUNT)"])
	paths(control.unknown) == {array.concat(args, [1])} with input as account
}

test_pod_identity_is_warned_about if {
	request := json.patch(review("source-controller", []), [{
		"op": "add",
		"path": "/review/object/spec/template/metadata",
		"value": {"labels": {"azure.workload.identity/use": "true"}},
	}])
	expected := ["spec", "template", "metadata", "labels", "azure.workload.identity/use"]
	paths(control.warn) == {expected} with input as request
}

inventory(name, obj) := {"namespace": {"flux-system": {
	"apps/v1": {"Deployment": {"x": obj}},
	"v1": {"ServiceAccount": {name: {
		"apiVersion": "v1",
		"kind": "ServiceAccount",
		"metadata": {
			"name": name,
			"namespace": "flux-system",
			"annotations": {"eks.amazonaws.com/role-arn": "arn:aws:iam::111122223333:role/flux"},
		},
	}}},
}}}

named(field, name) := json.patch(review("source-controller", []), [{
	"op": "add",
	"path": sprintf("/review/object/spec/template/spec/%v", [field]),
	"value": name,
}])

test_account_identity_is_warned_about if {
	every request in [named("serviceAccountName", "flux"), named("serviceAccount", "flux")] {
		store := inventory("flux", request.review.object)
		expected := ["spec", "template", "spec", "serviceAccountName"]
		paths(control.warn) == {expected} with input as request with data.inventory as store
		count(control.warn) == 0 with input as request with data.inventory as inventory("other", request.review.object)
	}
}

test_the_default_account_counts if {
	request := review("source-controller", [])
	count(control.warn) == 1 with input as request with data.inventory as inventory("default", request.review.object)
}

release(component, tag, args) := sample.controller(component, {"tag": tag, "args": args})

test_the_flags_came_with_flux_2_7 if {
	every component, tags in {
		"source-controller": ["v1.6.2", "v1.7.0"],
		"helm-controller": ["v1.3.0", "v1.4.0"],
		"image-reflector-controller": ["v0.35.2", "v1.0.1"],
	} {
		not control.subject with input as release(component, tags[0], [gate])
		control.subject with input as release(component, tags[1], [gate])
		count(control.violation) == 1 with input as release(component, tags[1], [gate])
	}
}

test_doubts_about_others_do_not_matter if {
	every list in [[5], ["--feature-gates=$(GATES)"], ["--default-service-account"]] {
		count(control.unknown) > 0 with input as release("source-controller", "v1.7.0", list)
		count(control.unknown) == 0 with input as release("source-controller", "v1.6.2", list)
		count(control.unknown) == 0 with input as release("source-watcher", "v2.2.3", list)
	}
}

# A controller whose pod has this label.
labelled(component, tag, args, label) := sample.controller(component, {
	"tag": tag,
	"args": args,
	"pod_labels": {
		"app.kubernetes.io/component": component,
		"app.kubernetes.io/part-of": "flux",
		label: "true",
	},
})

test_which_pods_lend_their_identity if {
	use := "azure.workload.identity/use"
	count(control.warn) == 1 with input as labelled("source-controller", "v1.7.0", [], use)
	every obj in [
		labelled("source-controller", "v1.7.0", [], "example.com/use"),
		labelled("source-controller", "v1.7.0", [gate, "--default-service-account=default"], use),
		labelled("source-controller", "v1.7.0", ["--feature-gates=$(GATES)"], use),
		labelled("source-controller", "v1.6.2", [], use),
		labelled("source-watcher", "v2.2.3", [], use),
	] {
		count(control.warn) == 0 with input as obj
	}
}

account(ns, name, annotations) := {
	"apiVersion": "v1",
	"kind": "ServiceAccount",
	"metadata": {"name": name, "namespace": ns, "annotations": annotations},
}

# What source-controller is warned about, which runs as `flux`; another controller runs as each of the accounts.
warnings(accounts) := found if {
	own := sample.controller("source-controller", {"pod": {"serviceAccountName": "flux"}})
	others := [other |
		some i, given in accounts
		other := sample.controller("kustomize-controller", {
			"name": sprintf("kustomize-controller-%v", [i]),
			"namespace": given.metadata.namespace,
			"pod": {"serviceAccountName": given.metadata.name},
		})
	]
	cluster := sample.inventory(array.concat(array.concat([own], others), accounts))
	found := control.warn with input as own with data.inventory as cluster
}

arn := {"eks.amazonaws.com/role-arn": "arn:aws:iam::111122223333:role/flux"}

test_only_the_account_of_the_pod_counts if {
	count(warnings([account("flux-system", "flux", arn)])) == 1
	count(warnings([account("flux-system", "flux", {}), account("flux-system", "other", arn)])) == 0
	count(warnings([account("flux-system", "flux", {}), account("flux-b", "flux", arn)])) == 0
}

test_which_annotations_give_an_account_an_identity if {
	every key in ["azure.workload.identity/client-id", "eks.amazonaws.com/role-arn", "iam.gke.io/gcp-service-account"] {
		{finding.details.related | some finding in warnings([account("flux-system", "flux", {key: "x"})])} == {[{
			"object": {"apiVersion": "v1", "kind": "ServiceAccount", "namespace": "flux-system", "name": "flux"},
			"path": ["metadata", "annotations", key],
		}]}
		count(warnings([account("flux-system", "flux", {key: ""})])) == 0
	}
	count(warnings([account("flux-system", "flux", {"example.com/role": "x"})])) == 0
}
