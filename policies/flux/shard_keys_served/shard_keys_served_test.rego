package flux.shard_keys_served_test

import data.flux.shard_keys_served as control
import data.lib.refs_sample_test as sample

key := "sharding.fluxcd.io/key"

obj(group, kind, labels, spec) := {
	"apiVersion": sprintf("%v.toolkit.fluxcd.io/v1", [group]),
	"kind": kind,
	"metadata": {"name": "apps", "namespace": "team-a", "labels": labels},
	"spec": spec,
}

ks(labels) := obj("kustomize", "Kustomization", labels, {})

hr(spec) := obj("helm", "HelmRelease", {}, spec)

instance(component, name, selector) := sample.controller(component, {"name": name, "args": [sprintf("--watch-label-selector=%v", [selector])]})

sharded(component) := [instance(component, "main", sprintf("!%v", [key])), instance(component, "s1", sprintf("%v=s1", [key]))]

# Counts of violation, unknown, manual.
judged(of, others, mode) := [count(v), count(u), count(m)] if {
	cluster := sample.inventory(array.concat([of], others))
	request := sample.review(of, {"profiles": ["shared"], "mode": mode})
	v := control.violation with input as request with data.inventory as cluster
	u := control.unknown with input as request with data.inventory as cluster
	m := control.manual with input as request with data.inventory as cluster
}

test_own_labels if {
	judged(ks({key: "s1"}), sharded("kustomize-controller"), "render") == [0, 0, 0]
	judged(ks({key: "s9"}), sharded("kustomize-controller"), "render") == [1, 0, 0]
	judged(ks({}), sharded("kustomize-controller"), "render") == [0, 0, 0]
	judged(ks(null), sharded("kustomize-controller"), "render") == [0, 0, 0]
	judged(ks({key: "s9", "app": "x"}), [sample.controller("kustomize-controller", {})], "render") == [0, 0, 0]
	judged(ks({"team": "b"}), [instance("kustomize-controller", "main", "team=a")], "render") == [1, 0, 0]
}

test_the_namespace_counts if {
	narrow := sample.controller("kustomize-controller", {"args": ["--watch-all-namespaces=false", sprintf("--watch-label-selector=%v=s1", [key])]})
	judged(ks({key: "s1"}), [narrow], "render") == [1, 0, 0]
	judged(object.union(ks({key: "s1"}), {"metadata": {"namespace": "flux-system"}}), [narrow], "render") == [0, 0, 0]
	judged(object.union(ks({key: "s1"}), {"metadata": {"namespace": ""}}), [narrow], "render") == [0, 0, 0]
}

test_no_instance_at_hand if {
	judged(ks({key: "s1"}), [], "git") == [0, 0, 1]
	judged(ks({key: "s1"}), [], "dump") == [0, 0, 1]
	judged(ks({key: "s1"}), sharded("helm-controller"), "render") == [0, 0, 1]
	judged(ks({key: "s1"}), sharded("helm-controller"), "dump") == [1, 0, 0]
}

test_charts if {
	judged(hr(chart({key: "s1"}, "")), sharded("source-controller"), "render") == [0, 0, 0]
	judged(hr(chart({key: "s9"}, "b")), sharded("source-controller"), "render") == [1, 0, 0]
	judged(obj("kustomize", "Kustomization", {}, chart({key: "s9"}, "b")), sharded("source-controller"), "render") == [0, 0, 0]
}

chart(labels, ns) := {"chart": {"metadata": {"labels": labels}, "spec": {"sourceRef": {"namespace": ns}}}}

common(value) := obj("kustomize", "Kustomization", {}, {"commonMetadata": {"labels": {key: value}}})

test_common_labels if {
	judged(common("s1"), sharded("helm-controller"), "render") == [0, 0, 0]
	judged(common("s9"), sharded("helm-controller"), "render") == [1, 0, 0]
}

test_undecided if {
	vague := [sample.controller("kustomize-controller", {"name": "a", "args": ["--watch-label-selector=$(X)"], "env": [{"name": "X", "valueFrom": {}}]})]
	judged(ks({key: "s1"}), vague, "render") == [0, 1, 0]
	judged(ks({key: "s1"}), array.concat(vague, sharded("kustomize-controller")), "render") == [0, 0, 0]
	every of in [ks(5), ks({key: 5}), ks({key: "${X}"}), hr({"chart": 5})] {
		judged(of, sharded("kustomize-controller"), "render") == [0, 1, 0]
	}
	veiled := object.union(ks({key: "s9"}), {"metadata": {"annotations": {"flux-audit.internal/unknown-paths": "/metadata/labels"}}})
	judged(veiled, sharded("kustomize-controller"), "render") == [0, 1, 0]
}

test_other_kinds if {
	alert := obj("notification", "Alert", {key: "s9"}, {})
	not control.subject with input as alert
	control.subject with input as ks({})
	judged(alert, sharded("kustomize-controller"), "render") == [0, 0, 0]
}

test_a_release_without_labels_is_plain if {
	release := object.union(hr({"chart": {"spec": {"chart": "app", "sourceRef": {"kind": "HelmRepository", "name": "charts"}}}}), {"metadata": {"labels": {}}})
	judged(release, sharded("helm-controller"), "dump") == [0, 0, 0]
}
