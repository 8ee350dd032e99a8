package flux.tenant_accounts_namespaced_test

import data.flux.tenant_accounts_namespaced as control
import data.lib.rbac_sample_test as sample

cluster := sample.inventory([
	sample.tenant("a"), sample.tenant("b"),
	sample.service_account("a", "x", {"toolkit.fluxcd.io/tenant": "a"}),
	sample.service_account("c", "y", {"toolkit.fluxcd.io/tenant": "a"}),
	sample.service_account("flux-system", "source-controller", {"toolkit.fluxcd.io/tenant": "a"}),
	sample.role("one", [object.union(sample.rule([""], ["secrets"], ["get"]), {"resourceNames": ["a"]})]),
])

x := sample.account("a", "x")

judged(obj, profiles) := [count(v), count(w), count(u)] if {
	review := sample.review(obj, {"profiles": profiles})
	v := control.violation with input as review with data.inventory as cluster
	w := control.warn with input as review with data.inventory as cluster
	u := control.unknown with input as review with data.inventory as cluster
}

shared(obj) := judged(obj, ["shared"])

test_everywhere if {
	control.subject with input as sample.binding("x", "cluster-admin", [x])
	shared(sample.binding("x", "cluster-admin", [x])) == [1, 0, 0]
	shared(sample.binding("x", "edit", [sample.group("system:serviceaccounts"), sample.group("system:serviceaccounts:c")])) == [2, 0, 0]
	shared(sample.binding("x", "view", [x])) == [0, 0, 0]
	shared(sample.binding("x", "one", [x])) == [0, 1, 0]
	shared(sample.binding("x", "lost", [x])) == [0, 0, 1]
	shared(sample.binding("x", "edit", [sample.account("flux-system", "source-controller"), sample.user("jane")])) == [0, 0, 0]
	shared(sample.binding("x", "edit", [sample.account("", "x")])) == [0, 0, 1]
	shared(sample.binding("x", "lost", [sample.account("", "x")])) == [0, 0, 1]
}

test_in_one_namespace if {
	shared(sample.local_binding("a", "x", "cluster-admin", [x])) == [0, 0, 0]
	judged(sample.local_binding("a", "x", "cluster-admin", [x]), ["shared", "hard"]) == [0, 1, 0]
	shared(sample.local_binding("b", "x", "view", [x])) == [1, 0, 0]
	shared(sample.local_binding("flux-system", "x", "view", [x])) == [1, 0, 0]
	shared(sample.local_binding("a", "x", "view", [sample.account("c", "y")])) == [0, 0, 0]
	shared(sample.local_binding("b", "x", "view", [sample.group("system:authenticated")])) == [1, 0, 0]
	shared(sample.local_binding("elsewhere", "x", "view", [x])) == [0, 0, 0]
	shared(sample.local_binding("a", "x", "view", [sample.account("", "x")])) == [0, 0, 1]
	shared(sample.local_binding("", "x", "view", [x])) == [0, 0, 1]
	shared(sample.veiled(sample.local_binding("z", "x", "view", [x]), "/metadata/namespace")) == [0, 0, 1]
}

hard(obj) := judged(obj, ["shared", "hard"])

# The verdict with more in the inventory.
beside(more, obj) := found if {
	review := sample.review(obj, {"profiles": ["shared", "hard"]})
	found := [count(control.violation), count(control.warn), count(control.unknown)] with input as review
		with data.inventory as object.union(cluster, more)
}

nameless := sample.account("", "x")

test_roles_are_not_meant if {
	not control.subject with input as sample.role("x", [])
}

test_accounts_of_nobody_are_not_meant if {
	shared(sample.binding("x", "edit", [sample.account("a", "z"), sample.account("z", "x")])) == [0, 0, 0]
	shared(sample.local_binding("b", "x", "edit", [sample.account("a", "z")])) == [0, 0, 0]
}

test_admin_of_its_own_namespace_is_advice_in_hard if {
	hard(sample.local_binding("a", "x", "view", [x])) == [0, 0, 0]
	hard(sample.local_binding("b", "x", "cluster-admin", [x])) == [1, 0, 0]
	hard(sample.local_binding("c", "x", "cluster-admin", [sample.account("c", "y")])) == [0, 1, 0]
	hard(sample.binding("x", "cluster-admin", [x])) == [1, 0, 0]
}

# An account whose namespace is not known is not in the "namespace" of a cluster-wide binding.
test_cluster_wide_bindings_are_in_no_namespace if {
	unplaced := {"namespace": {"": {"v1": {"ServiceAccount": {"z": sample.service_account("", "z", {"toolkit.fluxcd.io/tenant": "a"})}}}}}
	beside(unplaced, sample.binding("x", "cluster-admin", [sample.group("system:authenticated")])) == [1, 0, 0]
	unplaced_flux := {"facts": {"flux_namespaces": [""]}}
	beside(unplaced_flux, sample.binding("x", "view", [x])) == [0, 0, 0]
	beside(unplaced_flux, sample.binding("x", "view", [nameless])) == [0, 0, 0]
}

test_what_is_proved_is_not_in_doubt if {
	half := sample.role("half", [sample.rule([""], ["secrets"], ["get"]), 5])
	beside(sample.inventory([half]), sample.binding("x", "half", [x])) == [1, 0, 0]
}

test_doubts_that_do_not_matter_are_not_told if {
	every obj in [
		sample.binding("x", "view", [nameless]), sample.local_binding("elsewhere", "x", "edit", [nameless]),
		sample.local_binding("elsewhere", "x", "view", [nameless]), sample.veiled(sample.binding("x", "view", [x]), "/metadata/namespace"),
	] {
		shared(obj) == [0, 0, 0]
	}
}

test_a_variable_names_nobody if {
	named := sample.inventory([sample.service_account("a", "${NAME}", {"toolkit.fluxcd.io/tenant": "a"})])
	beside(named, sample.local_binding("b", "x", "view", [sample.account("a", "${NAME}")])) == [0, 0, 1]
}

# Even where its label says that it is the tenant's own.
test_the_namespace_of_flux_is_no_tenants if {
	labelled := object.union(sample.tenant("flux-system"), {"metadata": {"labels": {"toolkit.fluxcd.io/tenant": "a"}}})
	beside(sample.inventory([labelled]), sample.local_binding("flux-system", "x", "view", [x])) == [1, 0, 0]
}
