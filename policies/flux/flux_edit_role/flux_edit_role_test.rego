package flux.flux_edit_role_test

import data.flux.flux_edit_role as control
import data.lib.rbac_sample_test as sample
import data.lib.refs_sample_test as workloads

role(groups, verbs, names) := object.union(
	sample.role("flux-edit", [sample.rule(groups, ["*"], verbs)]),
	{"metadata": {"labels": {sprintf("rbac.authorization.k8s.io/aggregate-to-%v", [name]): "true" | some name in names}}},
)

usual := role(["helm.toolkit.fluxcd.io"], ["create", "get"], ["admin", "edit"])

judged(obj, profiles, args) := sample.counts({"violation": v, "warn": w, "unknown": u, "manual": m}) if {
	review := sample.review(obj, {"profiles": profiles})
	cluster := workloads.inventory([workloads.controller(name, {"args": list}) | some name, list in args])
	v := control.violation with input as review with data.inventory as cluster
	w := control.warn with input as review with data.inventory as cluster
	u := control.unknown with input as review with data.inventory as cluster
	m := control.manual with input as review with data.inventory as cluster
}

test_base if {
	control.subject with input as usual
	judged(usual, ["base"], {}) == [0, 0, 0, 0]
	judged(role(["helm.toolkit.fluxcd.io"], ["*"], ["view"]), ["base"], {}) == [2, 0, 0, 0]
	judged(role([""], ["create"], []), ["base"], {}) == [1, 0, 0, 0]
	judged(role(5, ["create"], []), ["base"], {}) == [0, 0, 1, 0]
}

closed := ["--no-cross-namespace-refs=true", "--default-service-account=default"]

test_shared if {
	judged(usual, ["shared"], {"kustomize-controller": closed, "source-controller": []}) == [0, 0, 0, 0]
	judged(usual, ["shared"], {"kustomize-controller": []}) == [0, 1, 0, 0]
	judged(usual, ["shared"], {"notification-controller": []}) == [0, 1, 0, 0]
	judged(usual, ["shared"], {"kustomize-controller": ["--no-cross-namespace-refs=true", "--default-service-account=$(X)"]}) == [0, 0, 1, 0]
	judged(usual, ["shared"], {}) == [0, 0, 0, 1]
	judged(role(["helm.toolkit.fluxcd.io"], ["create"], []), ["shared"], {}) == [0, 0, 0, 0]
}

test_every_verb_that_upstream_has if {
	verbs := ["get", "list", "watch", "create", "delete", "deletecollection", "patch", "update"]
	judged(role(["source.toolkit.fluxcd.io"], verbs, []), ["base"], {}) == [0, 0, 0, 0]
	every verb in ["impersonate", "bind", "escalate"] {
		judged(role(["source.toolkit.fluxcd.io"], [verb], []), ["base"], {}) == [1, 0, 0, 0]
	}
}

test_only_the_label_true_aggregates if {
	labels := {"metadata": {"labels": {sprintf("rbac.authorization.k8s.io/aggregate-to-%v", [name]): "false" |
		some name in ["admin", "edit", "view"]
	}}}
	off := object.union(role(["helm.toolkit.fluxcd.io"], ["create"], []), labels)
	judged(off, ["shared"], {"kustomize-controller": []}) == [0, 0, 0, 0]
}

test_every_flag_that_locks_down_counts if {
	open := ["--no-cross-namespace-refs=true"]
	judged(usual, ["shared"], {"kustomize-controller": open}) == [0, 1, 0, 0]
	judged(usual, ["shared"], {"helm-controller": open}) == [0, 1, 0, 0]
	judged(usual, ["shared"], {"helm-controller": closed}) == [0, 0, 0, 0]
	judged(usual, ["shared"], {"notification-controller": open}) == [0, 0, 0, 0]
}

test_a_gap_counts_more_than_a_doubt if {
	vague := ["--no-cross-namespace-refs=true", "--default-service-account=$(X)"]
	judged(usual, ["shared"], {"kustomize-controller": [], "helm-controller": vague}) == [0, 1, 0, 0]
}

test_other_roles_are_not_meant if {
	every obj in [role([""], ["*"], ["view", "edit"]), role(5, ["create"], ["admin"])] {
		other := json.patch(obj, [{"op": "replace", "path": "/metadata/name", "value": "web"}])
		not control.subject with input as other
		judged(other, ["shared"], {"kustomize-controller": []}) == [0, 0, 0, 0]
		judged(other, ["shared"], {}) == [0, 0, 0, 0]
	}
}
