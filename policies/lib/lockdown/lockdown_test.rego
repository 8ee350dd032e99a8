package lib.lockdown_test

import data.lib.lockdown
import data.lib.refs_sample_test as sample

flag := "default-service-account"

helm(name, args) := sample.controller("helm-controller", {"name": name, "args": args})

settings(objects) := found if {
	found := lockdown.settings("helm-controller", flag) with data.inventory as sample.inventory(objects)
}

test_nobody if {
	settings([]) == []
	settings([sample.controller("kustomize-controller", {})]) == []
}

test_each_instance_counts if {
	list := settings([helm("a", ["--default-service-account=x"]), helm("b", []), helm("c", ["--default-service-account=$(Y)"]), helm("d", ["-x"])])
	{[each.node.object.name, each.state, each.value] | some each in list} == {
		["a", "known", "x"], ["b", "known", ""], ["c", "unknown", null], ["d", "unknown", null],
	}
	lockdown.nodes(list, "known", "") == [{
		"object": {"apiVersion": "apps/v1", "kind": "Deployment", "namespace": "flux-system", "name": "b"},
		"path": ["spec", "template", "spec", "containers", 0, "args"],
	}]
	count(lockdown.nodes(list, "unknown", null)) == 2
}

account(annotations) := {
	"apiVersion": "v1",
	"kind": "ServiceAccount",
	"metadata": {"name": "default", "namespace": "flux-system", "annotations": annotations},
}

identities(objects) := found if {
	found := lockdown.identities("helm-controller") with data.inventory as sample.inventory(objects)
}

test_identities if {
	identities([helm("a", []), account({"x": "y"})]) == []
	identities([account({"eks.amazonaws.com/role-arn": "x"})]) == []
	identities([helm("a", []), account({"eks.amazonaws.com/role-arn": "x"})]) == [{
		"object": {"apiVersion": "v1", "kind": "ServiceAccount", "namespace": "flux-system", "name": "default"},
		"path": ["metadata", "annotations", "eks.amazonaws.com/role-arn"],
	}]
	by_label := identities([sample.controller("helm-controller", {"pod_labels": {"azure.workload.identity/use": "true"}})])
	by_label[0].path == ["spec", "template", "metadata", "labels", "azure.workload.identity/use"]
}
