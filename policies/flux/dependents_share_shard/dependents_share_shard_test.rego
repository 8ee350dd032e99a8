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
