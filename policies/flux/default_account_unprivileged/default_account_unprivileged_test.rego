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
