package flux.default_account_unprivileged_test

import data.flux.default_account_unprivileged as control
import data.lib.rbac_sample_test as sample
import data.lib.refs_sample_test as workloads

cluster(args) := object.union(workloads.inventory([workloads.controller("kustomize-controller", {"args": args})]), sample.inventory([sample.tenant("a")]))

flag(value) := cluster([sprintf("--default-service-account=%v", [value])])

judged(obj, inventory) := sample.counts({"violation": v, "warn": w, "unknown": u, "manual": m}) if {
	v := control.violation with input as obj with data.inventory as inventory
	w := control.warn with input as obj with data.inventory as inventory
	u := control.unknown with input as obj with data.inventory as inventory
	m := control.manual with input as obj with data.inventory as inventory
}

x := sample.account("a", "default")

test_everywhere if {
	control.subject with input as sample.binding("x", "view", [x])
	judged(sample.binding("x", "view", [x]), flag("default")) == [1, 0, 0, 0]
	judged(sample.binding("x", "view", [x]), flag("flux")) == [0, 0, 0, 0]
	judged(sample.binding("x", "view", [sample.account("b", "default")]), flag("default")) == [0, 0, 0, 0]
	judged(sample.binding("x", "edit", [sample.group("system:serviceaccounts")]), flag("flux")) == [1, 0, 0, 0]
	judged(sample.binding("x", "system:discovery", [sample.group("system:authenticated")]), flag("flux")) == [0, 0, 0, 0]
	judged(sample.binding("x", "view", [x]), cluster([])) == [0, 0, 0, 0]
	judged(sample.binding("x", "view", [sample.account("", "x")]), flag("default")) == [0, 0, 1, 0]
}

test_in_one_namespace if {
	judged(sample.local_binding("a", "x", "view", [x]), flag("default")) == [0, 1, 0, 0]
	judged(sample.local_binding("a", "x", "view", [sample.account("a", "flux")]), flag("flux")) == [0, 0, 0, 0]
}

test_undecided if {
	judged(sample.binding("x", "view", [sample.account("a", "b")]), flag("$(X)")) == [0, 0, 1, 0]
	judged(sample.local_binding("a", "x", "view", [x]), flag("$(X)")) == [0, 0, 1, 0]
	judged(sample.local_binding("a", "x", "view", [sample.account("a", "b")]), flag("$(X)")) == [0, 0, 0, 0]
	judged(sample.local_binding("a", "x", "view", [sample.group("system:serviceaccounts:a")]), sample.inventory([sample.tenant("a")])) == [0, 0, 0, 1]
}

openshift := {"cluster": {"security.openshift.io/v1": {"SecurityContextConstraints": {"x": {
	"apiVersion": "security.openshift.io/v1",
	"kind": "SecurityContextConstraints",
	"metadata": {"name": "x"},
}}}}}

test_openshift if {
	roles := sample.inventory([sample.role("none", [])])
	everybody := [sample.group("system:authenticated")]
	inventory := object.union(object.union(flag("default"), openshift), roles)
	judged(sample.binding("x", "none", everybody), inventory) == [0, 0, 0, 0]
	judged(sample.binding("x", "edit", everybody), inventory) == [1, 0, 0, 0]
	judged(sample.binding("x", "lost", everybody), inventory) == [1, 0, 0, 0]
}

instance(component, account) := workloads.controller(component, {"args": [sprintf("--default-service-account=%v", [account])]})

# The cluster with these controllers, where a and b are namespaces of tenants.
fleet(controllers) := object.union(
	workloads.inventory(controllers),
	sample.inventory([sample.tenant("a"), sample.tenant("b")]),
)

everybody := [sample.group("system:serviceaccounts")]

test_other_objects_are_not_meant if {
	not control.subject with input as sample.role("x", [sample.everything])
}

test_each_of_the_two_controllers_tells_the_account if {
	every component in ["helm-controller", "kustomize-controller"] {
		judged(sample.binding("x", "view", [x]), fleet([instance(component, "default")])) == [1, 0, 0, 0]
	}
}

test_what_one_controller_tells_needs_no_other if {
	cluster := fleet([instance("helm-controller", "default"), instance("kustomize-controller", "$(X)")])
	judged(sample.binding("x", "view", [x]), cluster) == [1, 0, 0, 0]
}

test_a_group_is_bound_once_for_all_tenants if {
	judged(sample.binding("x", "edit", everybody), fleet([instance("helm-controller", "flux")])) == [1, 0, 0, 0]
}

test_a_group_is_no_fallback_where_controllers_have_none if {
	judged(sample.binding("x", "edit", everybody), fleet([instance("helm-controller", "")])) == [0, 0, 0, 0]
	judged(sample.binding("x", "edit", everybody), fleet([instance("helm-controller", "$(X)")])) == [0, 0, 1, 0]
}

test_unreadable_subjects_matter_where_an_account_of_a_tenant_may_gain_something if {
	unreadable := [sample.account("", "x")]
	judged(sample.binding("x", "view", unreadable), flag("default")) == [0, 0, 1, 0]
	judged(sample.binding("x", "view", unreadable), flag("$(X)")) == [0, 0, 1, 0]
	judged(sample.binding("x", "view", unreadable), flag("")) == [0, 0, 0, 0]
	judged(sample.binding("x", "system:discovery", unreadable), flag("default")) == [0, 0, 0, 0]
	untenanted := workloads.inventory([instance("kustomize-controller", "default")])
	judged(sample.binding("x", "view", unreadable), untenanted) == [0, 0, 0, 0]
}

test_roles_that_kubernetes_gives_to_everybody_are_harmless if {
	every name in [
		"system:basic-user",
		"system:discovery",
		"system:public-info-viewer",
		"system:service-account-issuer-discovery",
	] {
		judged(sample.binding("x", name, everybody), flag("default")) == [0, 0, 0, 0]
		judged(sample.binding("x", name, everybody), fleet([])) == [0, 0, 0, 0]
	}
}

test_a_role_of_the_namespace_is_not_the_one_of_kubernetes_with_its_name if {
	bound := [sample.group("system:serviceaccounts:a")]
	own := object.union(sample.local_binding("a", "x", "system:discovery", bound), {"roleRef": {"kind": "Role"}})
	judged(own, fleet([])) == [0, 0, 0, 1]
	judged(sample.local_binding("a", "x", "system:discovery", bound), fleet([])) == [0, 0, 0, 0]
}

test_on_openshift_one_permission_is_enough if {
	roles := sample.inventory([sample.role("reader", [sample.rule([""], ["secrets"], ["get"])])])
	inventory := object.union(object.union(flag("default"), openshift), roles)
	judged(sample.binding("x", "reader", everybody), inventory) == [1, 0, 0, 0]
}

test_users_and_groups_called_like_a_namespace_are_not_meant if {
	every subject in [sample.user("a"), sample.group("a")] {
		judged(sample.binding("x", "edit", [subject]), flag("default")) == [0, 0, 0, 0]
	}
}
