package flux.tenant_permissions_bounded_test

import data.flux.tenant_permissions_bounded as control
import data.lib.rbac_sample_test as sample

cluster := sample.inventory([
	sample.role("apps", [sample.rule(["apps"], ["*"], ["get"])]),
	sample.role("one", [object.union(sample.rule([""], ["namespaces"], ["patch"]), {"resourceNames": ["a"]})]),
])

devs := [sample.group("devs")]

judged(obj, params) := sample.counts({"violation": v, "warn": w, "unknown": u, "manual": m}) if {
	review := sample.review(obj, params)
	v := control.violation with input as review with data.inventory as cluster
	w := control.warn with input as review with data.inventory as cluster
	u := control.unknown with input as review with data.inventory as cluster
	m := control.manual with input as review with data.inventory as cluster
}

test_everywhere if {
	control.subject with input as sample.binding("x", "admin", devs)
	judged(sample.binding("x", "admin", devs), {}) == [1, 0, 0, 0]
	judged(sample.binding("x", "admin", devs), {"platformSubjects": ["devs"]}) == [0, 0, 0, 0]
	judged(sample.binding("x", "view", devs), {}) == [0, 0, 0, 0]
	judged(sample.binding("x", "apps", devs), {}) == [0, 1, 0, 0]
	judged(sample.binding("x", "one", devs), {}) == [0, 1, 0, 0]
	judged(sample.binding("x", "lost", devs), {}) == [0, 0, 1, 0]
	judged(sample.binding("x", "admin", [sample.account("", "x")]), {}) == [0, 0, 1, 0]
	judged(sample.binding("x", "lost", [sample.account("", "x")]), {}) == [0, 0, 1, 0]
}

test_in_one_namespace if {
	judged(sample.local_binding("a", "x", "cluster-admin", devs), {}) == [0, 0, 0, 0]
	judged(sample.local_binding("flux-system", "x", "edit", devs), {}) == [1, 0, 0, 0]
	judged(sample.local_binding("p", "x", "edit", devs), {"platformNamespaces": ["p"]}) == [1, 0, 0, 0]
	judged(sample.local_binding("", "x", "edit", devs), {}) == [0, 0, 1, 0]
	judged(sample.veiled(sample.local_binding("a", "x", "edit", devs), "/metadata/namespace"), {}) == [0, 0, 1, 0]
}

# What devs get by the one rule of a role that is bound in the whole cluster.
allowed(rule) := [count(v), count(w)] if {
	obj := sample.binding("x", "custom", devs)
	roles := sample.inventory([sample.role("custom", [rule])])
	v := control.violation with input as obj with data.inventory as roles
	w := control.warn with input as obj with data.inventory as roles
}

test_whatever_leads_to_power_over_the_cluster_fails if {
	access := "rbac.authorization.k8s.io"
	every rule in [
		sample.rule([access], ["clusterroles"], ["escalate"]),
		sample.rule([access], ["clusterroles"], ["bind"]),
		sample.rule([""], ["users"], ["impersonate"]),
		sample.rule([access], ["clusterrolebindings"], ["patch"]),
		sample.rule([access], ["rolebindings"], ["create"]),
		sample.rule([""], ["namespaces"], ["delete"]),
		sample.rule([""], ["namespaces"], ["patch"]),
		sample.rule(["apiextensions.k8s.io"], ["customresourcedefinitions"], ["delete"]),
		sample.rule(["admissionregistration.k8s.io"], ["validatingwebhookconfigurations"], ["update"]),
		sample.rule([""], ["nodes"], ["patch"]),
		sample.rule([""], ["secrets"], ["get"]),
		sample.rule(["kustomize.toolkit.fluxcd.io"], ["kustomizations"], ["update"]),
	] {
		allowed(rule) == [1, 0]
	}
	allowed(sample.rule([""], ["configmaps"], ["*"])) == [0, 0]
}

nobody := [{"kind": "Robot", "name": "x"}]

mixed := sample.role("mixed", [sample.rule([""], ["nodes"], ["patch"]), 5])

test_what_cannot_be_told_matters_only_where_it_could_change_something if {
	every want, objects in {
		[0, 0, 0, 0]: [
			sample.binding("x", "view", nobody),
			sample.local_binding("a", "x", "cluster-admin", nobody),
			sample.local_binding("a", "x", "lost", devs),
		],
		[0, 0, 1, 0]: [
			sample.binding("x", "edit", nobody),
			sample.local_binding("flux-system", "x", "edit", nobody),
			sample.local_binding("flux-system", "x", "lost", devs),
		],
	} {
		every obj in objects {
			judged(obj, {}) == want
		}
	}
	obj := sample.binding("x", "mixed", devs)
	count(control.violation) == 1 with input as obj with data.inventory as sample.inventory([mixed])
	count(control.unknown) == 0 with input as obj with data.inventory as sample.inventory([mixed])
}

admin := sample.role("cluster-admin", [sample.everything])

test_the_platform_itself if {
	control.subject with input as admin
	not control.subject with input as sample.role("x", [])
	judged(admin, {}) == [0, 0, 0, 0]
	judged(admin, {"profiles": ["dedicated"]}) == [0, 0, 0, 1]
	judged(admin, {"mode": "dump"}) == [0, 0, 0, 0]
	judged(admin, {"platformSubjects": ["x"], "mode": "git"}) == [0, 0, 0, 0]
	judged(admin, {"profiles": ["dedicated"], "platformSubjects": ["x"], "mode": "dump"}) == [1, 0, 0, 0]
	review := sample.review(admin, {"platformSubjects": ["x"], "mode": "dump"})
	every case in [["cluster-admin", "x", 0], ["edit", "x", 1], ["cluster-admin", "y", 1]] {
		bound := sample.inventory([admin, sample.binding("p", case[0], [sample.user(case[1])])])
		count(control.violation) == case[2] with input as review with data.inventory as bound
	}
}
