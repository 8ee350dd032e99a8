package flux.cluster_reconciler_subjects_test

import data.flux.cluster_reconciler_subjects as control
import data.lib.rbac_sample_test as sample

appliers := [sample.account("flux-system", name) | some name in ["kustomize-controller", "helm-controller"]]

judged(name, subjects) := [sample.paths(v), sample.paths(u)] if {
	obj := sample.binding(name, "cluster-admin", subjects)
	v := control.violation with input as obj
	u := control.unknown with input as obj
}

test_appliers if {
	every name in ["cluster-reconciler", "cluster-reconciler-flux-system", "admins"] {
		control.subject with input as sample.binding(name, "cluster-admin", appliers)
		judged(name, appliers) == [set(), set()]
	}
	not control.subject with input as sample.binding("admins", "cluster-admin", [])
}

test_others if {
	judged("cluster-reconciler", array.concat(appliers, [sample.user("x"), sample.account("apps", "helm-controller")])) == [{"subjects/2", "subjects/3"}, set()]
	judged("cluster-reconciler", [sample.account("", "x")]) == [set(), {"subjects/0"}]
}

test_what_makes_it_the_binding if {
	some finding in control.violation with input as sample.binding("admins", "cluster-admin", array.concat(appliers, [sample.group("x")]))
	finding.details.related == [{"path": ["roleRef"]}, {"path": ["subjects", 0]}, {"path": ["subjects", 1]}]
	finding.msg == "besides the accounts of kustomize- and helm-controller it binds group x"
}

test_other_bindings_are_not_meant if {
	every subject in [sample.account("", "x"), sample.user("x"), 5] {
		found := [control.violation, control.unknown] with input as sample.binding("readers", "view", [subject])
		found == [set(), set()]
	}
}
