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

test_the_kind_and_its_group_are_both_needed if {
	every given in [
		["kustomize.toolkit.fluxcd.io/v1", "Other"], ["kustomize.config.k8s.io/v1beta1", "Kustomization"],
		["helm.toolkit.fluxcd.io/v2", "Other"], ["helm.cattle.io/v1", "HelmRelease"],
	] {
		every spec in [{"serviceAccountName": "dev"}, 5] {
			obj := object.union(ks(spec), {"apiVersion": given[0], "kind": given[1], "spec": spec})
			not control.subject with input as obj
			judged(obj, "dump", {}) == [0, 0, 0, 0]
		}
	}
	other := object.union(ks({"serviceAccountName": "${X}"}), {"kind": "Other"})
	judged(other, "dump", {}) == [0, 0, 0, 0]
}

abroad := {"kubeConfig": {"secretRef": {"name": "b"}}}

test_the_account_of_another_cluster_is_no_matter_here if {
	every own in [{}, {"serviceAccountName": "dev"}, {"serviceAccountName": "${X}"}] {
		every ns in ["a", ""] {
			remote := sample.applier("Kustomization", ns, "x", object.union(own, abroad))
			judged(remote, "dump", sample.inventory([account, stray])) == [0, 0, 0, 0]
		}
	}
	judged(object.union(named, {"spec": abroad}), "dump", sample.inventory([account])) == [0, 0, 0, 0]
	judged(ks(abroad), "dump", fleet(["$(X)"])) == [0, 0, 0, 0]
	judged(ks(abroad), "dump", fleet(["a", "b"])) == [0, 0, 0, 0]
}

test_what_one_controller_does_not_tell_leaves_the_fallback_open if {
	judged(ks({}), "dump", fleet(["dev", "$(X)"])) == [0, 0, 1, 0]
	judged(ks({}), "dump", fleet(["a", "b", "$(X)"])) == [0, 0, 1, 0]
}

test_no_name_means_the_fallback if {
	every spec in [{}, {"serviceAccountName": null}, {"serviceAccountName": ""}] {
		judged(ks(spec), "dump", fleet([""])) == [0, 0, 0, 0]
		judged(ks(spec), "dump", fleet(["dev"])) == [1, 0, 0, 0]
		judged(sample.applier("Kustomization", "", "x", spec), "dump", fleet([""])) == [0, 0, 0, 0]
		judged(sample.applier("Kustomization", "", "x", spec), "dump", fleet(["dev"])) == [0, 0, 1, 0]
	}
}

test_wrong_types_are_unknown if {
	every change in [
		["/metadata", 5, "metadata"], ["/metadata/namespace", 5, "metadata/namespace"], ["/spec", 5, "spec"],
		["/spec/kubeConfig", 5, "spec/kubeConfig"], ["/spec/serviceAccountName", 5, "spec/serviceAccountName"],
	] {
		every obj in [ks({}), named] {
			ill := json.patch(obj, [{"op": "add", "path": change[0], "value": change[1]}])
			judged(ill, "dump", fleet([""])) == [0, 0, 1, 0]
			sample.paths(control.unknown) == {change[2]} with input as ill
		}
	}
}

test_what_is_not_worked_out_matters_where_it_is_the_account if {
	judged(sample.veiled(ks({}), "/spec"), "dump", {}) == [0, 0, 1, 0]
	judged(sample.veiled(named, "/spec/interval"), "dump", sample.inventory([])) == [1, 0, 0, 0]
	judged(sample.veiled(named, "/spec/interval"), "dump", sample.inventory([account, bound])) == [0, 0, 0, 0]
}

test_a_binding_for_an_account_elsewhere_matters_by_its_name if {
	other := sample.local_binding("a", "other", "edit", [sample.account("b", "other")])
	judged(named, "dump", sample.inventory([account, other])) == [0, 1, 0, 0]
	misspelt := object.union(stray, {"metadata": {"name": "misspelt"}})
	judged(named, "dump", sample.inventory([account, bound, misspelt])) == [0, 0, 0, 0]
}
