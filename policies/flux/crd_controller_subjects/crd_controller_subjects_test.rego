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
