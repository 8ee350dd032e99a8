package flux.dependents_share_shard_test

import data.flux.dependents_share_shard as control
import data.lib.facts
import data.lib.refs_sample_test as sample

key := "sharding.fluxcd.io/key"

in_shard(value) := {key: text | some text in [value]; text != ""}

obj(group, kind, value, spec) := {
	"apiVersion": sprintf("%v.toolkit.fluxcd.io/v1", [group]),
	"kind": kind,
	"metadata": {"name": "apps", "namespace": "team-a", "labels": in_shard(value)},
	"spec": spec,
}

source(kind, value) := obj("source", kind, value, {})

ks(value) := obj("kustomize", "Kustomization", value, {"sourceRef": {"kind": "GitRepository", "name": "apps"}})

hr(value, chart) := obj("helm", "HelmRelease", value, {"chart": {
	"metadata": {"labels": in_shard(chart)},
	"spec": {"sourceRef": {"kind": "HelmRepository", "name": "apps", "namespace": "team-a"}},
}})

by_ref(value) := obj("helm", "HelmRelease", value, {"chartRef": {"kind": "OCIRepository", "name": "apps"}})

chart(value, kind) := obj("source", "HelmChart", value, {"chart": "web", "sourceRef": {"kind": kind, "name": "apps"}})

controller(name, args) := sample.controller("source-controller", {"name": name, "args": args})

sharded := [controller("main", ["--watch-label-selector=!sharding.fluxcd.io/key"]), controller("s1", ["--watch-label-selector=sharding.fluxcd.io/key in (a, b)"])]

# Counts of violation, warn, unknown, manual.
judged(of, others) := [count(v), count(w), count(u), count(m)] if {
	cluster := sample.inventory(array.concat([of], others))
	request := sample.review(of, {"profiles": ["shared"], "mode": "render"})
	v := control.violation with input as request with data.inventory as cluster
	w := control.warn with input as request with data.inventory as cluster
	u := control.unknown with input as request with data.inventory as cluster
	m := control.manual with input as request with data.inventory as cluster
}

test_appliers if {
	judged(ks("a"), [source("GitRepository", "a")]) == [0, 0, 0, 0]
	judged(ks("a"), [source("GitRepository", "b")]) == [0, 1, 0, 0]
	judged(ks("a"), [source("GitRepository", "")]) == [0, 1, 0, 0]
	judged(ks(""), [source("GitRepository", "")]) == [0, 0, 0, 0]
	judged(by_ref("a"), [source("OCIRepository", "")]) == [0, 1, 0, 0]
	judged(by_ref("a"), [source("OCIRepository", "a")]) == [0, 0, 0, 0]
}

test_charts if {
	judged(hr("a", "a"), [source("HelmRepository", "a")]) == [0, 0, 0, 0]
	judged(hr("a", ""), [source("HelmRepository", "")]) == [0, 1, 0, 0]
	judged(hr("a", "a"), [source("HelmRepository", "")]) == [1, 0, 0, 0]
	judged(hr("", ""), [source("HelmRepository", "a")]) == [1, 0, 0, 0]
	judged(hr("a", ""), [source("HelmRepository", "a")]) == [1, 1, 0, 0]
	judged(chart("a", "Bucket"), [source("Bucket", "b")]) == [1, 0, 0, 0]
	judged(chart("a", "GitRepository"), [source("GitRepository", "a")]) == [0, 0, 0, 0]
}

# A source in a namespace.
source_in(ns, kind, value) := object.union(source(kind, value), {"metadata": {"namespace": ns}})

fetching(fields) := object.union({"kind": "GitRepository", "name": "apps"}, fields)

test_every_kind_of_source_counts if {
	every kind in ["Bucket", "GitRepository", "HelmRepository", "OCIRepository", "HelmChart"] {
		of := obj("kustomize", "Kustomization", "", {"sourceRef": {"kind": kind, "name": "apps"}})
		judged(of, [source(kind, "a")]) == [0, 1, 0, 0]
	}
}

test_the_namespace_of_the_source if {
	nowhere := [source("GitRepository", "a"), source_in("team-b", "GitRepository", "")]
	every ns, want in {"team-a": [0, 1, 0, 0], "team-b": [0, 0, 0, 0], "": [0, 1, 0, 0], null: [0, 1, 0, 0]} {
		of := obj("kustomize", "Kustomization", "", {"sourceRef": fetching({"namespace": ns})})
		judged(of, nowhere) == want
	}
	away := [source("GitRepository", ""), source_in("team-b", "GitRepository", "a")]
	judged(obj("kustomize", "Kustomization", "", {"sourceRef": fetching({"namespace": "team-b"})}), away) == [0, 1, 0, 0]
}

test_unlabelled_objects_are_judged_by_what_they_fetch if {
	judged(ks(""), [source("GitRepository", "a")]) == [0, 1, 0, 0]
	judged(hr("", "a"), [source("HelmRepository", "")]) == [1, 1, 0, 0]
	chart_of := {"spec": {"sourceRef": {"kind": "HelmRepository", "name": "apps"}}}
	both := {"chart": chart_of, "chartRef": {"kind": "OCIRepository", "name": "apps"}}
	sources := [source("HelmRepository", ""), source("OCIRepository", "a")]
	judged(obj("helm", "HelmRelease", "", both), sources) == [0, 1, 0, 0]
	judged(hr("", ""), [controller("main", [])]) == [0, 0, 0, 0]
}

test_fields_of_one_kind_mean_nothing_in_another if {
	chart_of := {"spec": {"sourceRef": {"kind": "HelmRepository", "name": "apps"}}}
	sources := [source("GitRepository", "a"), source("HelmRepository", ""), source("OCIRepository", "a")]
	of := obj("kustomize", "Kustomization", "", {"sourceRef": fetching({}), "chart": chart_of})
	judged(of, sources) == [0, 1, 0, 0]
	labelled := obj("kustomize", "Kustomization", "a", {"sourceRef": fetching({}), "chart": chart_of})
	judged(labelled, sources) == [0, 0, 0, 0]
	every stray in [5, {"metadata": 5}, {"metadata": {"labels": 5}}, {"spec": 5}] {
		odd := obj("kustomize", "Kustomization", "a", {"sourceRef": fetching({}), "chart": stray})
		judged(odd, sources) == [0, 0, 0, 0]
	}
	release := obj("helm", "HelmRelease", "", {
		"chartRef": {"kind": "OCIRepository", "name": "apps"},
		"sourceRef": {"kind": "HelmRepository", "name": "apps"},
	})
	judged(release, sources) == [0, 1, 0, 0]
}

# Finding's path → the other nodes that it rests on.
nodes_of(found) := {concat("/", finding.details.path): object.get(finding.details, "related", []) |
	some finding in found
}

# The labels of a source as a node.
labels_of(kind) := {
	"object": {
		"apiVersion": "source.toolkit.fluxcd.io/v1",
		"kind": kind,
		"namespace": "team-a",
		"name": "apps",
	},
	"path": ["metadata", "labels"],
}

test_what_the_findings_rest_on if {
	cluster := sample.inventory([source("GitRepository", "b"), source("HelmRepository", "b")])
	nodes_of(control.warn) == {"metadata/labels": [labels_of("GitRepository")]} with input as ks("a")
		with data.inventory as cluster
	nodes_of(control.violation) == {"spec/chart/metadata/labels": [
		labels_of("HelmRepository"),
		{"path": ["spec", "chart", "spec", "sourceRef"]},
	]} with input as hr("a", "a") with data.inventory as cluster
	nodes_of(control.warn) == {"spec/chart/metadata/labels": []} with input as hr("a", "b")
		with data.inventory as cluster
	broken := object.union(source("GitRepository", ""), {"metadata": {"labels": 5}})
	nodes_of(control.unknown) == {"spec/sourceRef": [labels_of("GitRepository")]} with input as ks("a")
		with data.inventory as sample.inventory([broken])
	nodes_of(control.manual) == {"spec/sourceRef": []} with input as ks("a") with data.inventory as {}
	vague := sample.inventory(array.concat(unclear, [source("HelmRepository", "b")]))
	found := nodes_of(control.unknown) with input as hr("a", "a") with data.inventory as vague
	found["spec/chart/metadata/labels"][0] == labels_of("HelmRepository")
}

# An instance whose selector cannot be told.
unclear := [sample.controller("source-controller", {
	"args": ["--watch-label-selector=$(X)"],
	"env": [{"name": "X", "valueFrom": {}}],
})]

test_an_applier_may_share_the_instance_and_gets_advice_all_the_same if {
	judged(ks("a"), array.concat(sharded, [source("GitRepository", "b")])) == [0, 1, 0, 0]
	judged(ks("a"), array.concat(unclear, [source("GitRepository", "b")])) == [0, 1, 0, 0]
}

test_one_instance_for_two_values if {
	judged(hr("a", "a"), array.concat(sharded, [source("HelmRepository", "b")])) == [0, 0, 0, 0]
	judged(hr("a", "a"), array.concat(sharded, [source("HelmRepository", "")])) == [1, 0, 0, 0]
	vague := [sample.controller("source-controller", {"args": ["--watch-label-selector=$(X)"], "env": [{"name": "X", "valueFrom": {}}]})]
	judged(hr("a", "a"), array.concat(vague, [source("HelmRepository", "")])) == [0, 0, 1, 0]
}

test_absent_sources if {
	judged(ks("a"), []) == [0, 0, 0, 1]
	judged(ks(""), []) == [0, 0, 0, 0]
	judged(ks(""), sharded) == [0, 0, 0, 1]
	judged(obj("kustomize", "Kustomization", "a", {}), []) == [0, 0, 0, 0]
	judged(obj("kustomize", "Kustomization", "a", {"sourceRef": {"kind": "ExternalArtifact", "name": "apps"}}), []) == [0, 0, 0, 0]
}

# The paths of what is unknown, where sources are in another shard; nothing else is said.
doubted(of) := {concat("/", finding.details.path) | some finding in found} if {
	others := [source(kind, "b") | some kind in ["GitRepository", "HelmRepository", "OCIRepository"]]
	cluster := sample.inventory(others)
	found := control.unknown with input as of with data.inventory as cluster
	count(((control.violation | control.warn) | control.manual)) == 0 with input as of with data.inventory as cluster
}

test_wrong_types_are_unknown if {
	ref := {"kind": "HelmRepository", "name": "apps"}
	every path, of in {
		"metadata": object.union(ks(""), {"metadata": 5}),
		"metadata/namespace": object.union(ks("a"), {"metadata": {"namespace": 5}}),
		"metadata/labels": object.union(ks("a"), {"metadata": {"labels": {"app": 5}}}),
		"spec": obj("kustomize", "Kustomization", "a", 5),
		"spec/sourceRef": obj("kustomize", "Kustomization", "a", {"sourceRef": 5}),
		"spec/sourceRef/kind": obj("kustomize", "Kustomization", "", {"sourceRef": fetching({"kind": 5})}),
		"spec/sourceRef/name": obj("kustomize", "Kustomization", "", {"sourceRef": fetching({"name": 5})}),
		"spec/sourceRef/namespace": obj("kustomize", "Kustomization", "", {"sourceRef": fetching({"namespace": 5})}),
		"spec/chart": obj("helm", "HelmRelease", "", {"chart": 5}),
		"spec/chart/metadata": obj("helm", "HelmRelease", "a", {"chart": {"metadata": 5, "spec": {"sourceRef": ref}}}),
		"spec/chart/metadata/labels": object.union(hr("a", "a"), {"spec": {"chart": {"metadata": {"labels": {"app": 5}}}}}),
		"spec/chart/spec": obj("helm", "HelmRelease", "a", {"chart": {"spec": 5}}),
		"spec/chart/spec/sourceRef": obj("helm", "HelmRelease", "a", {"chart": {"spec": {"sourceRef": 5}}}),
		"spec/chartRef": obj("helm", "HelmRelease", "a", {"chartRef": 5}),
	} {
		doubted(of) == {path}
	}
	doubted(object.union(chart("a", "GitRepository"), {"spec": {"sourceRef": 5}})) == {"spec/sourceRef"}
	judged(object.union(ks("a"), {"metadata": {"namespace": 5}}), []) == [0, 0, 1, 0]
	judged(object.union(ks(""), {"metadata": {"namespace": 5}}), []) == [0, 0, 1, 0]
}

# The object with nothing known at and below a path.
hiding(of, path) := object.union(of, {"metadata": {"annotations": {"flux-audit.internal/unknown-paths": path}}})

test_what_is_hidden_is_unknown if {
	doubted(hiding(ks("a"), "/spec")) == {"spec/sourceRef"}
	doubted(hiding(ks("a"), "/metadata/labels")) == {"metadata/labels"}
	doubted(hiding(ks("a"), "")) == {"metadata/labels", "spec/sourceRef"}
	doubted(hiding(hr("a", "a"), "/spec/chart/metadata")) == {"spec/chart/metadata/labels"}
	doubted(hiding(hr("a", "a"), "/metadata/labels")) == {"metadata/labels"}
	doubted(hiding(by_ref("a"), "/spec/chartRef")) == {"spec/chartRef"}
}

test_a_missing_namespace_matters_for_a_source_and_a_shard if {
	homeless := {"metadata": {"namespace": ""}}
	doubted(object.union(ks("a"), homeless)) == {"metadata/namespace"}
	judged(object.union(ks(""), homeless), []) == [0, 0, 0, 0]
	judged(object.union(obj("kustomize", "Kustomization", "a", {}), homeless), []) == [0, 0, 0, 0]
	doubted(object.union(hr("", "a"), homeless)) == {"metadata/namespace"}
	doubted(object.union(hr("a", ""), homeless)) == {"metadata/namespace"}
	judged(object.union(hr("", ""), homeless), []) == [0, 0, 0, 0]
	unfetched := obj("helm", "HelmRelease", "", {"chart": {"metadata": {"labels": in_shard("a")}}})
	judged(object.union(unfetched, homeless), []) == [0, 0, 0, 0]
}

test_a_reference_without_a_name_refers_to_nothing if {
	every name in [{}, {"name": null}] {
		of := obj("kustomize", "Kustomization", "a", {"sourceRef": object.union({"kind": "GitRepository"}, name)})
		judged(of, [source("GitRepository", "b")]) == [0, 0, 0, 0]
	}
}

test_undecided if {
	broken := object.union(source("GitRepository", ""), {"metadata": {"labels": 5}})
	judged(ks("a"), [broken]) == [0, 0, 1, 0]
	judged(obj("kustomize", "Kustomization", "", {"sourceRef": 5}), []) == [0, 0, 1, 0]
	judged(object.union(ks(""), {"metadata": {"labels": 5}}), []) == [0, 0, 1, 0]
	judged(object.union(ks("a"), {"metadata": {"namespace": ""}}), []) == [0, 0, 1, 0]
	judged(object.union(ks("a"), {"metadata": {"annotations": {"flux-audit.internal/unknown-paths": "/spec"}}}), []) == [0, 0, 1, 0]
}

test_other_kinds if {
	not control.subject with input as source("GitRepository", "a")
	control.subject with input as ks("a")
	judged(source("GitRepository", "a"), []) == [0, 0, 0, 0]
	judged(object.union(source("GitRepository", ""), {"metadata": {"labels": 5}}), []) == [0, 0, 0, 0]
}

test_facts if {
	found := facts.source_shards with data.inventory as sample.inventory([source("GitRepository", "a"), source("Bucket", "")])
	found == {"team-a": {"source.toolkit.fluxcd.io/v1": {"GitRepository": {"apps": {key: "a"}}, "Bucket": {"apps": {}}}}}
	facts.source_shards == {"x": 1} with data.inventory as {"facts": {"source_shards": {"x": 1}}}
	odd := {"namespace": {"a": 5, "b": {"source.toolkit.fluxcd.io/v1": {"Bucket": {"c": 5}, "GitRepository": 5}}}}
	facts.source_shards == {"b": {"source.toolkit.fluxcd.io/v1": {"Bucket": {"c": null}}}} with data.inventory as odd
	facts.source_shards == {}
}

test_one_readable_source if {
	meta := {"name": "a", "namespace": "b", "labels": {"app": "x"}}
	ref := {"kind": "HelmRepository", "name": "s"}
	source := {"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "HelmRepository", "metadata": {"name": "s", "namespace": "b"}}
	some store in [{}, {"namespace": {"b": {"source.toolkit.fluxcd.io/v1": {"HelmRepository": {"s": source}}}}}]
	every obj in [
		{"apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease", "metadata": meta, "spec": {"chart": {"spec": {"sourceRef": ref}}}},
		{"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization", "metadata": meta, "spec": {"sourceRef": ref}},
	] {
		control.subject with input as obj with data.inventory as store
		count(control.violation) == 0 with input as obj with data.inventory as store
		count(control.unknown) == 0 with input as obj with data.inventory as store
		count(control.manual) == 0 with input as obj with data.inventory as store
	}
}
