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
	release := object.union(hr({"chart": {"spec": {"sourceRef": {}}}}), {"metadata": {"labels": {key: "s9"}}})
	judged(release, sharded("helm-controller"), "render") == [1, 0, 0]
}

test_labels_that_decide_nothing_are_not_judged if {
	judged(ks({key: "s9", "app": "x"}), sharded("kustomize-controller"), "render") == [1, 0, 0]
	judged(ks({key: "s1", "app": "${X}"}), sharded("kustomize-controller"), "render") == [0, 0, 0]
	unlabelled := obj("kustomize", "Kustomization", {"app": "x"}, {"commonMetadata": {"labels": {"app": "x"}}})
	judged(unlabelled, [], "git") == [0, 0, 0]
	judged(unlabelled, vague("kustomize-controller"), "render") == [0, 0, 0]
}

test_the_namespace_counts if {
	judged(ks({key: "s1"}), [narrow("kustomize-controller")], "render") == [1, 0, 0]
	every ns in ["flux-system", ""] {
		of := object.union(ks({key: "s1"}), {"metadata": {"namespace": ns}})
		judged(of, [narrow("kustomize-controller")], "render") == [0, 0, 0]
	}
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

# An instance that takes one shard in the namespace of Flux alone.
narrow(component) := sample.controller(component, {"args": [
	"--watch-all-namespaces=false",
	sprintf("--watch-label-selector=%v=s1", [key]),
]})

test_a_chart_lies_beside_its_source if {
	every ns, want in {"flux-system": [0, 0, 0], "team-b": [1, 0, 0], "": [1, 0, 0], null: [1, 0, 0]} {
		judged(hr(chart({key: "s1"}, ns)), [narrow("source-controller")], "render") == want
	}
	every ns in ["flux-system", "", null] {
		release := object.union(hr(chart({key: "s1"}, ns)), {"metadata": {"namespace": "flux-system"}})
		judged(release, [narrow("source-controller")], "render") == [0, 0, 0]
	}
}

test_fields_of_one_kind_mean_nothing_in_another if {
	common_labels := {"commonMetadata": {"labels": {key: "s9"}}}
	chart_labels := chart({key: "s9"}, "b")
	repository := obj("source", "GitRepository", {}, object.union(common_labels, chart_labels))
	judged(repository, sharded("source-controller"), "render") == [0, 0, 0]
	both := obj("kustomize", "Kustomization", {}, object.union(common_labels, {"chart": {"spec": {"sourceRef": {}}}}))
	judged(both, sharded("source-controller"), "render") == [1, 0, 0]
}

chart(labels, ns) := {"chart": {"metadata": {"labels": labels}, "spec": {"sourceRef": {"namespace": ns}}}}

common(value) := obj("kustomize", "Kustomization", {}, {"commonMetadata": {"labels": {key: value}}})

test_common_labels if {
	judged(common("s1"), sharded("helm-controller"), "render") == [0, 0, 0]
	judged(common("s9"), sharded("helm-controller"), "render") == [1, 0, 0]
	judged(common("s1"), [narrow("helm-controller")], "render") == [0, 0, 0]
}

test_an_empty_label_is_one if {
	every value in [null, ""] {
		judged(ks({key: value}), sharded("kustomize-controller"), "render") == [1, 0, 0]
		judged(ks({key: value}), [instance("kustomize-controller", "main", key)], "render") == [0, 0, 0]
	}
	judged(hr(chart({key: null}, "b")), sharded("source-controller"), "render") == [1, 0, 0]
}

# An instance whose selector cannot be told.
vague(component) := [sample.controller(component, {
	"name": "a",
	"args": ["--watch-label-selector=$(X)"],
	"env": [{"name": "X", "valueFrom": {}}],
})]

test_wrong_types_are_unknown if {
	every path, of in {
		"metadata": object.union(ks({}), {"metadata": 5}),
		"metadata/namespace": object.union(ks({key: "s1"}), {"metadata": {"namespace": 5}}),
		"metadata/labels": ks({key: "s9", "app": 5}),
		"spec": obj("kustomize", "Kustomization", {}, 5),
		"spec/commonMetadata": obj("kustomize", "Kustomization", {}, {"commonMetadata": 5}),
		"spec/commonMetadata/labels": common(5),
		"spec/chart": hr({"chart": 5}),
		"spec/chart/metadata": hr({"chart": {"metadata": 5}}),
		"spec/chart/metadata/labels": hr(chart({"app": 5}, "")),
		"spec/chart/spec": hr({"chart": {"spec": 5}}),
		"spec/chart/spec/sourceRef": hr({"chart": {"spec": {"sourceRef": 5}}}),
		"spec/chart/spec/sourceRef/namespace": hr({"chart": {"spec": {"sourceRef": {"namespace": 5}}}}),
	} {
		request := sample.review(of, {"mode": "render"})
		cluster := sample.inventory(sharded("kustomize-controller"))
		found := control.unknown with input as request with data.inventory as cluster
		sample.paths(found) == {path}
		count(control.violation) == 0 with input as request with data.inventory as cluster
	}
	release := obj("helm", "HelmRelease", {}, 5)
	judged(release, sharded("helm-controller"), "render") == [0, 1, 0]
}

test_undecided if {
	some_instance := vague("kustomize-controller")
	judged(ks({key: "s1"}), some_instance, "render") == [0, 1, 0]
	judged(ks({key: "s1"}), some_instance, "dump") == [0, 1, 0]
	judged(ks({key: "s1"}), array.concat(some_instance, sharded("kustomize-controller")), "render") == [0, 0, 0]
	every of in [ks(5), ks({key: 5}), ks({key: "${X}"}), hr({"chart": 5})] {
		judged(of, sharded("kustomize-controller"), "render") == [0, 1, 0]
	}
	veiled := object.union(ks({key: "s9"}), {"metadata": {"annotations": {"flux-audit.internal/unknown-paths": "/metadata/labels"}}})
	judged(veiled, sharded("kustomize-controller"), "render") == [0, 1, 0]
}

# The paths of what is unknown, where an annotation hides a path and no label is visible; nothing else is said.
doubted(of, path) := {concat("/", finding.details.path) | some finding in found} if {
	hiding := {"metadata": {"annotations": {"flux-audit.internal/unknown-paths": path}}}
	request := sample.review(object.union(of, hiding), {"mode": "dump"})
	cluster := sample.inventory(sharded("kustomize-controller"))
	found := control.unknown with input as request with data.inventory as cluster
	count((control.violation | control.manual)) == 0 with input as request with data.inventory as cluster
}

test_what_is_hidden_is_unknown if {
	doubted(ks(null), "/metadata/labels") == {"metadata/labels"}
	doubted(ks(null), "/spec") == {"spec/commonMetadata/labels"}
	doubted(hr({}), "/spec/chart") == {"spec/chart/metadata/labels"}
	doubted(hr({}), "") == {"metadata/labels", "spec/chart/metadata/labels"}
	doubted(common("s9"), "/spec/commonMetadata") == {"spec/commonMetadata/labels"}
	doubted(obj("source", "Bucket", null, {}), "/metadata") == {"metadata/labels"}
	every of in [ks({}), hr({}), obj("source", "Bucket", {}, {})] {
		doubted(of, "/spec/interval") == set()
	}
	doubted(obj("source", "Bucket", {}, {}), "/spec") == set()
	doubted(obj("notification", "Alert", {}, {}), "/metadata/labels") == set()
}

test_other_kinds if {
	alert := obj("notification", "Alert", {key: "s9"}, {})
	not control.subject with input as alert
	control.subject with input as ks({})
	judged(alert, sharded("kustomize-controller"), "render") == [0, 0, 0]
	judged(obj("notification", "Alert", 5, {}), sharded("kustomize-controller"), "render") == [0, 0, 0]
}

test_a_release_without_labels_is_plain if {
	release := object.union(hr({"chart": {"spec": {"chart": "app", "sourceRef": {"kind": "HelmRepository", "name": "charts"}}}}), {"metadata": {"labels": {}}})
	judged(release, sharded("helm-controller"), "dump") == [0, 0, 0]
}
