package flux.impersonated_account_bound_test

import data.flux.impersonated_account_bound as control
import data.lib.rbac_sample_test as sample
import data.lib.refs_sample_test as workloads

ks(spec) := sample.applier("Kustomization", "a", "x", spec)

named := ks({"serviceAccountName": "dev"})

judged(obj, mode, inventory) := sample.counts({"violation": v, "warn": w, "unknown": u, "manual": m}) if {
	review := sample.review(obj, {"mode": mode})
	v := control.violation with input as review with data.inventory as inventory
	w := control.warn with input as review with data.inventory as inventory
	u := control.unknown with input as review with data.inventory as inventory
	m := control.manual with input as review with data.inventory as inventory
}

account := sample.service_account("a", "dev", {})

bound := sample.local_binding("a", "dev", "edit", [sample.account("a", "dev")])

stray := sample.local_binding("a", "dev", "edit", [sample.account("b", "dev")])

test_named if {
	control.subject with input as named
	control.subject with input as sample.applier("HelmRelease", "a", "x", {})
	not control.subject with input as account
	judged(named, "dump", sample.inventory([account, bound])) == [0, 0, 0, 0]
	judged(named, "dump", sample.inventory([bound])) == [1, 0, 0, 0]
	judged(named, "render", sample.inventory([bound])) == [0, 0, 0, 1]
	judged(named, "render", sample.inventory([account, stray])) == [1, 0, 0, 0]
	judged(named, "dump", sample.inventory([stray])) == [1, 0, 0, 0]
	judged(named, "render", sample.inventory([account])) == [0, 1, 0, 0]
	judged(named, "dump", sample.inventory([account])) == [0, 1, 0, 0]
	judged(ks({"serviceAccountName": "dev", "kubeConfig": {}}), "dump", {}) == [0, 0, 0, 0]
}

fleet(values) := workloads.inventory([workloads.controller("kustomize-controller", {
	"name": sprintf("kustomize-controller-%v", [i]),
	"args": [sprintf("--default-service-account=%v", [value])],
}) |
	some i, value in values
])

test_fallback if {
	judged(ks({}), "dump", fleet([""])) == [0, 0, 0, 0]
	judged(ks({}), "dump", fleet(["dev"])) == [1, 0, 0, 0]
	judged(ks({}), "dump", fleet(["default"])) == [0, 1, 0, 0]
	judged(ks({}), "render", fleet(["default"])) == [0, 0, 0, 1]
	judged(ks({}), "dump", fleet(["$(X)"])) == [0, 0, 1, 0]
	judged(ks({}), "dump", fleet(["a", "b"])) == [0, 0, 1, 0]
	judged(ks({}), "dump", {}) == [0, 0, 0, 1]
}

test_undecided if {
	judged(ks({"serviceAccountName": 5}), "dump", {}) == [0, 0, 1, 0]
	judged(ks({"serviceAccountName": "${X}"}), "dump", {}) == [0, 0, 1, 0]
	judged(sample.veiled(named, "/spec"), "dump", {}) == [0, 0, 1, 0]
	judged(sample.applier("Kustomization", "", "x", {"serviceAccountName": "dev"}), "dump", {}) == [0, 0, 1, 0]
}
