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

admin := sample.role("cluster-admin", [sample.everything])

test_the_platform_itself if {
	control.subject with input as admin
	not control.subject with input as sample.role("x", [])
	judged(admin, {}) == [0, 0, 0, 0]
	judged(admin, {"profiles": ["dedicated"]}) == [0, 0, 0, 1]
	judged(admin, {"profiles": ["dedicated"], "platformSubjects": ["x"], "mode": "dump"}) == [1, 0, 0, 0]
	bound := sample.inventory([admin, sample.binding("p", "cluster-admin", [sample.user("x")])])
	review := sample.review(admin, {"platformSubjects": ["x"], "mode": "dump"})
	count(control.violation) == 0 with input as review with data.inventory as bound
}
