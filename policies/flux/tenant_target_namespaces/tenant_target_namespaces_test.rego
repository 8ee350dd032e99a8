package flux.tenant_target_namespaces_test

import data.flux.tenant_target_namespaces as control
import data.lib.refs_sample_test as sample

hr(spec) := {
	"apiVersion": "helm.toolkit.fluxcd.io/v2",
	"kind": "HelmRelease",
	"metadata": {"name": "web", "namespace": "team-a"},
	"spec": spec,
}

inventory := {"cluster": {"v1": {"Namespace": {name: {
	"apiVersion": "v1",
	"kind": "Namespace",
	"metadata": {"name": name, "labels": labels},
} |
	some name, labels in {
		"team-a": {"toolkit.fluxcd.io/tenant": "a"},
		"team-a-web": {"toolkit.fluxcd.io/tenant": "a"},
		"team-b": {"toolkit.fluxcd.io/tenant": "b"},
		"monitoring": {},
	}
}}}}

# Counts of violation-free results: [warn, unknown, manual].
judged(obj, params) := [count(w), count(u), count(m)] if {
	request := sample.review(obj, object.union({"profiles": ["shared"], "mode": "render"}, params))
	w := control.warn with input as request with data.inventory as inventory
	u := control.unknown with input as request with data.inventory as inventory
	m := control.manual with input as request with data.inventory as inventory
}

target(ns) := hr({"targetNamespace": ns})

test_inside if {
	every ns in ["team-a", "team-a-web", "", null] {
		judged(target(ns), {}) == [0, 0, 0]
		judged(hr({"storageNamespace": ns}), {}) == [0, 0, 0]
	}
	control.subject with input as sample.review(target("team-a"), {"profiles": ["shared"]})
}

test_outside if {
	every ns in ["team-b", "flux-system", "kube-system", "monitoring"] {
		judged(target(ns), {}) == [1, 0, 0]
		judged(hr({"storageNamespace": ns}), {}) == [1, 0, 0]
	}
	judged(hr({"install": {"createNamespace": true}}), {}) == [1, 0, 0]
	judged(hr({"install": {"createNamespace": false}}), {}) == [0, 0, 0]
}

test_out_of_sight if {
	judged(target("new"), {}) == [0, 0, 1]
	judged(target("new"), {"mode": "dump"}) == [1, 0, 0]
	judged(hr({"targetNamespace": "team-b", "kubeConfig": {"secretRef": {"name": "x"}}}), {}) == [0, 0, 1]
	nowhere := object.union(target("b"), {"metadata": {"namespace": "new"}})
	judged(nowhere, {"inferTenants": false}) == [0, 0, 1]
}

test_undecided if {
	every obj in [
		target(5), target("${X}"), hr(5), hr({"kubeConfig": 5}), hr({"install": {"createNamespace": "true"}}),
		object.union(target("b"), {"metadata": {"namespace": ""}}),
		object.union(hr({"install": {"createNamespace": true}}), {"metadata": {"namespace": ""}}),
		object.union(hr({}), {"metadata": {"annotations": {"flux-audit.internal/unknown-paths": "/spec/install"}}}),
	] {
		judged(obj, {}) == [0, 1, 0]
	}
}

test_platform if {
	platform := object.union(target("b"), {"metadata": {"namespace": "flux-system"}})
	not control.subject with input as sample.review(platform, {"profiles": ["shared"]})
	judged(platform, {}) == [0, 0, 0]
}

# Where something is in doubt about this object.
doubts(obj) := sample.paths(found) if {
	request := sample.review(obj, {"profiles": ["shared"], "mode": "render"})
	found := control.unknown with input as request with data.inventory as inventory
}

stands(obj, ns) := object.union(obj, {"metadata": {"namespace": ns}})

veiled(obj, path) := object.union(obj, {"metadata": {"annotations": {"flux-audit.internal/unknown-paths": path}}})

test_where_the_doubt_is if {
	every field in ["storageNamespace", "targetNamespace", "install"] {
		place := {sprintf("spec/%v", [field])}
		doubts(hr({field: 5})) == place
		doubts(veiled(hr({}), sprintf("/spec/%v", [field]))) == place
	}
	doubts(hr({"kubeConfig": 5, "install": {}})) == {"spec/kubeConfig"}
	doubts(hr({"install": {"createNamespace": "true"}})) == {"spec/install/createNamespace"}
	doubts(hr({"storageNamespace": "${X}"})) == {"spec/storageNamespace"}
}

test_a_value_that_may_be_patched_is_not_judged if {
	judged(veiled(target("team-b"), "/spec/targetNamespace"), {}) == [0, 1, 0]
}

test_nothing_about_the_platform_is_in_doubt if {
	every obj in [
		target("${X}"), target(5), hr(5), veiled(hr({}), "/spec/install"), hr({"install": {"createNamespace": true}}),
	] {
		judged(stands(obj, "flux-system"), {}) == [0, 0, 0]
	}
}

test_whose_the_namespace_is_matters_where_another_is_named_only if {
	spec := {"install": {"createNamespace": false}}
	known_elsewhere := {"inferTenants": false}
	judged(stands(hr(spec), "new"), known_elsewhere) == [0, 0, 0]
	judged(stands(hr(spec), ""), {}) == [0, 0, 0]
	judged(stands(hr({"install": {"createNamespace": true}}), "new"), known_elsewhere) == [0, 0, 1]
	judged(stands(hr({"targetNamespace": "team-b", "kubeConfig": {}}), "new"), known_elsewhere) == [0, 0, 1]
}

test_without_an_inventory_the_other_namespace_is_looked_up if {
	request := sample.review(target("new"), {"profiles": ["shared"], "mode": "dump"})
	count(control.warn) == 0 with input as request
	count(control.manual) == 1 with input as request
}

test_other_kinds if {
	request := sample.review(object.union(target("team-b"), {"kind": "HelmChart"}), {"profiles": ["shared"]})
	not control.subject with input as request with data.inventory as inventory
	judged(request.review.object, {}) == [0, 0, 0]
}

test_a_namespace_that_may_be_patched_is_in_doubt if {
	every ns in ["team-a", "team-b"] {
		doubts(veiled(target(ns), "/metadata/namespace")) == {"metadata/namespace"}
	}
	judged(veiled(target("team-a"), "/metadata/namespace"), {}) == [0, 1, 0]
	judged(hr({"targetNamespace": "team-a", "kubeConfig": {}}), {}) == [0, 0, 0]
	doubts(veiled(hr({"install": {"createNamespace": true}}), "/metadata/namespace")) == {"metadata/namespace"}
	doubts(veiled(target(""), "/metadata/namespace")) == set()
}
