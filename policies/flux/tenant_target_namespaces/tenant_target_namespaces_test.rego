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
