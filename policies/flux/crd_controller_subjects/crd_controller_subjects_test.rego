package flux.crd_controller_subjects_test

import data.flux.crd_controller_subjects as control
import data.lib.rbac_sample_test as sample
import data.lib.refs_sample_test as workloads

own := sample.account("flux-system", "source-controller")

failing(obj) := sample.paths(found) if {
	found := control.violation with input as obj
}

test_subjects if {
	every obj in [
		sample.binding("crd-controller", "x", [own]), sample.binding("x", "crd-controller-a", [own]),
		sample.local_binding("flux-system", "x", "crd-controller", [own]),
	] {
		control.subject with input as obj
		failing(obj) == set()
	}
	every obj in [sample.binding("x", "view", [own]), sample.local_binding("a", "crd-controller", "view", [own])] {
		not control.subject with input as obj
	}
}

test_others if {
	failing(sample.binding("crd-controller", "crd-controller", [own, sample.group("x"), sample.account("a", "b")])) == {"subjects/1", "subjects/2"}
	some finding in control.violation with input as sample.local_binding("a", "x", "crd-controller", [sample.account("a", "b")])
	finding.details.related == [{"path": ["roleRef"]}]
	unknown := control.unknown with input as sample.binding("crd-controller", "crd-controller", [sample.account("", "b")])
	sample.paths(unknown) == {"subjects/0"}
}

cluster := workloads.inventory([
	workloads.controller("source-controller", {"pod": {"serviceAccountName": "source-controller"}}),
	workloads.controller("notification-controller", {"pod": {"serviceAccountName": "notification-controller"}}),
])

test_unbound_controllers if {
	found := control.warn with input as sample.binding("crd-controller", "crd-controller", [own]) with data.inventory as cluster
	{finding.msg | some finding in found} == {"Deployment flux-system/notification-controller runs as notification-controller, which is bound to nothing"}
	bound := object.union(cluster, sample.inventory([sample.binding("other", "view", [sample.account("flux-system", "notification-controller")])]))
	count(control.warn) == 0 with input as sample.binding("crd-controller", "crd-controller", [own]) with data.inventory as bound
}

binding := sample.binding("crd-controller", "crd-controller", [own])

# What the controllers of the cluster are warned about by the binding.
warnings(obj) := found if {
	found := control.warn with input as obj with data.inventory as cluster
}

test_an_unbound_controller_is_related if {
	some finding in warnings(binding)
	finding.details == {"path": ["subjects"], "related": [{
		"object": {
			"apiVersion": "apps/v1",
			"kind": "Deployment",
			"namespace": "flux-system",
			"name": "notification-controller",
		},
		"path": ["spec", "template", "spec"],
	}]}
}

test_an_account_of_another_namespace_is_not_that_of_the_controller if {
	elsewhere := sample.account("flux-b", "notification-controller")
	count(warnings(sample.binding("crd-controller", "crd-controller", [own, elsewhere]))) == 1
	here := sample.account("flux-system", "notification-controller")
	count(warnings(sample.binding("crd-controller", "crd-controller", [own, here]))) == 0
}

test_only_the_cluster_wide_binding_has_to_list_all_controllers if {
	count(warnings(sample.local_binding("flux-system", "crd-controller", "crd-controller", [own]))) == 0
	count(warnings(sample.binding("other", "view", [own]))) == 0
}

test_doubts_about_other_bindings_do_not_matter if {
	every role, doubts in {"crd-controller": 1, "view": 0} {
		count(control.unknown) == doubts with input as sample.binding("x", role, [sample.account("", "b")])
	}
}
