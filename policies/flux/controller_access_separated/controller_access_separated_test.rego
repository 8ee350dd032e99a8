package flux.controller_access_separated_test

import data.flux.controller_access_separated as control
import data.lib.rbac_sample_test as sample

own := sample.account("flux-system", "source-controller")

cluster := sample.inventory([
	sample.role("reader", [sample.rule([""], ["secrets"], ["get"])]),
	sample.role("one", [object.union(sample.rule([""], ["secrets"], ["get"]), {"resourceNames": ["a"]})]),
	sample.role("odd", [5]),
])

judged(obj, inventory) := sample.counts({"violation": v, "warn": w, "unknown": u, "manual": m}) if {
	v := control.violation with input as obj with data.inventory as inventory
	w := control.warn with input as obj with data.inventory as inventory
	u := control.unknown with input as obj with data.inventory as inventory
	m := control.manual with input as obj with data.inventory as inventory
}

test_lifted if {
	judged(sample.binding("x", "reader", [own]), cluster) == [1, 0, 0, 0]
	judged(sample.local_binding("a", "x", "admin", [own]), cluster) == [1, 0, 0, 0]
	every name in ["system:serviceaccounts", "system:authenticated", "system:serviceaccounts:flux-system"] {
		judged(sample.binding("x", "edit", [sample.group(name)]), cluster) == [1, 0, 0, 0]
	}
	judged(sample.binding("x", "one", [own]), cluster) == [0, 1, 0, 0]
}

test_not_lifted if {
	every obj in [
		sample.binding("x", "view", [own]), sample.binding("x", "crd-controller", [own]),
		sample.binding("cluster-reconciler", "cluster-admin", [own]),
		sample.binding("x", "edit", [sample.group("x"), sample.account("flux-system", "flux-operator")]),
		sample.binding("x", "edit", [sample.account("flux-system", "helm-controller"), sample.group("system:serviceaccounts:a")]),
	] {
		control.subject with input as obj
		judged(obj, cluster) == [0, 0, 0, 0]
	}
}

test_undecided if {
	judged(sample.binding("x", "odd", [own]), cluster) == [0, 0, 1, 0]
	judged(sample.binding("x", "lost", [own]), cluster) == [0, 0, 1, 0]
	judged(sample.binding("x", "lost", [own]), {}) == [0, 0, 0, 1]
	judged(sample.binding("x", "reader", [sample.account("", "x")]), cluster) == [0, 0, 1, 0]
	judged(sample.binding("x", "lost", [sample.account("", "x")]), cluster) == [0, 0, 1, 0]
	judged(sample.binding("x", "view", [sample.account("", "x")]), cluster) == [0, 0, 0, 0]
}

test_what_is_not_bound_to_these_accounts_does_not_matter if {
	judged(sample.binding("x", "lost", [sample.account("a", "app")]), cluster) == [0, 0, 0, 0]
	judged(sample.binding("x", "lost", [sample.account("a", "app")]), {}) == [0, 0, 0, 0]
}

test_a_broken_rule_beside_a_dangerous_one_adds_nothing if {
	mixed := sample.inventory([sample.role("mixed", [sample.rule([""], ["secrets"], ["get"]), 5])])
	judged(sample.binding("x", "mixed", [own]), mixed) == [1, 0, 0, 0]
}

test_the_bindings_of_other_controls_are_not_judged_again if {
	nameless := sample.account("", "x")
	judged(sample.binding("cluster-reconciler", "cluster-admin", [nameless]), cluster) == [0, 0, 0, 0]
	judged(sample.binding("x", "crd-controller", [nameless]), cluster) == [0, 0, 0, 0]
}

test_a_subject_with_a_variable_is_unknown if {
	controller := {
		"apiVersion": "apps/v1",
		"kind": "Deployment",
		"metadata": {"name": "source-controller", "namespace": "${NAMESPACE}"},
		"spec": {"template": {"spec": {"containers": [{"image": "ghcr.io/fluxcd/source-controller:v1.9.4"}]}}},
	}
	objects := [controller, sample.role("reader", [sample.rule([""], ["secrets"], ["get"])])]
	subjects := [sample.account("${NAMESPACE}", "source-controller")]
	judged(sample.binding("x", "reader", subjects), sample.inventory(objects)) == [0, 0, 1, 0]
}

test_other_objects if not control.subject with input as sample.role("reader", [])
