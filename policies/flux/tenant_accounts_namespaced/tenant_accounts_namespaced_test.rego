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
