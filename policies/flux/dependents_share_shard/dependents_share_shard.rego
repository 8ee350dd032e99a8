# METADATA
# title: Dependent objects share the shard key
# description: |
#   A chart and its repository are reconciled by one instance of source-controller, because that reads
#   the source from its own storage: it fails where the labels put them into different shards. A Kustomization,
#   HelmRelease or chart that is in another shard than what it depends on works, but is advice.
#   Charts of HelmReleases get their labels from `spec.chart.metadata.labels`, not from the release.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/installation/configuration/sharding/
#     description: Flux sharding
#   - ref: https://fluxcd.io/flux/components/helm/helmreleases/#chart-template
#     description: HelmRelease, chart template
# custom:
#   id: FX-RES-06
#   severity: medium
#   profiles: [shared]
#   assessment: automated
#   modes: [git, render, dump]
#   kinds:
#     - kustomize.toolkit.fluxcd.io/Kustomization
#     - helm.toolkit.fluxcd.io/HelmRelease
#     - source.toolkit.fluxcd.io/HelmChart
#   reads:
#     - source.toolkit.fluxcd.io/GitRepository
#     - source.toolkit.fluxcd.io/OCIRepository
#     - source.toolkit.fluxcd.io/HelmRepository
#     - source.toolkit.fluxcd.io/HelmChart
#     - source.toolkit.fluxcd.io/Bucket
#     - apps/Deployment
#     - apps/StatefulSet
#     - apps/DaemonSet
#     - apps/ReplicaSet
#     - batch/Job
#     - batch/CronJob
#     - PodTemplate
#     - Pod
#   origin: best-practices.md, Shared Cluster Multi-tenancy / Resource Isolation; the sharding page shows the labels
#   rationale: |
#     An instance of source-controller keeps indexes and archives in its own pod. A chart whose repository is another
#     instance's never becomes ready. Where the dependent object is merely in another shard, the lane that was
#     built for a tenant ends half way: a flood in the default instance stops that tenant's updates all the same.
#   audit: |
#     ```sh
#     kubectl get helmreleases -A -o json | jq -r \
#       '.items[] | select(.spec.chart) | "\(.metadata.namespace)/\(.metadata.name): release \(.metadata.labels["sharding.fluxcd.io/key"]) chart \(.spec.chart.metadata.labels["sharding.fluxcd.io/key"]) source \(.spec.chart.spec.sourceRef.kind)/\(.spec.chart.spec.sourceRef.name)"'
#     kubectl get helmrepositories,gitrepositories,buckets,ocirepositories -A -L sharding.fluxcd.io/key
#     ```
#
#     Pass: chart and source have the same key, and so has the release or the Kustomization.
#   remediation: |
#     ```yaml
#     apiVersion: helm.toolkit.fluxcd.io/v2
#     kind: HelmRelease
#     metadata:
#       name: web
#       namespace: team-a
#       labels:
#         sharding.fluxcd.io/key: shard1
#     spec:
#       interval: 10m
#       chart:
#         metadata:
#           labels:
#             sharding.fluxcd.io/key: shard1
#         spec:
#           chart: web
#           sourceRef:
#             kind: HelmRepository
#             name: charts
#     ---
#     apiVersion: source.toolkit.fluxcd.io/v1
#     kind: HelmRepository
#     metadata:
#       name: charts
#       namespace: team-a
#       labels:
#         sharding.fluxcd.io/key: shard1
#     spec:
#       interval: 1h
#       url: https://charts.acme.example
#     ```
#   since: 0.1.0
#   params: {}
package flux.dependents_share_shard

import data.lib.facts
import data.lib.flux
import data.lib.lanes
import data.lib.result
import data.lib.shape
import data.lib.sharding

subject if kind

kind := flux.object.kind if {
	sharding.component in {"helm-controller", "kustomize-controller"}
} else := "HelmChart" if {
	flux.kind_is("source.toolkit.fluxcd.io", "HelmChart")
}

# Without a label that decides about shards, from one source in the same shard, and nothing else to be told.
plain if {
	sharding.unlabelled
	own != ""
	ref := lone
	is_string(ref.kind)
	is_string(ref.name)
	ns := object.get(ref, "namespace", own)
	is_string(ns)
	ns != ""
	settled(shards_of(ns, ref))
}

shards_of(ns, ref) := [labels |
	some kinds in facts.source_shards[ns]
	labels := kinds[ref.kind][ref.name]
]

# The only reference to a source.
lone := ref if {
	kind != "HelmRelease"
	ref := flux.object.spec.sourceRef
} else := ref if {
	chart := flux.object.spec.chart
	ref := chart.spec.sourceRef
	object.get(chart, "metadata", null) == null
	object.get(flux.object.spec, "chartRef", null) == null
}

settled(list) if {
	count(list) == 0
	not facts.shards.used
}

settled(list) if list == [{}]

other if {
	subject
	not plain
}

own := flux.namespace

violation contains finding if {
	other
	some finding in faults
}

warn contains finding if {
	other
	some finding in hints
}

unknown contains finding if {
	other
	some finding in doubts
}

manual contains finding if {
	other
	some finding in reviews
}

sound if {
	subject
	count(malformed) == 0
	count(veiled) == 0
	own != ""
}

malformed := shape.check(array.concat(
	[
		[[["metadata"]], "object"],
		[[["metadata", "namespace"]], "string"],
		[[["metadata", "labels"]], "strings"],
		[[["spec"]], "object"],
	],
	array.concat(
		[row |
			kind == "HelmRelease"
			some row in [
				[[["spec", "chart"]], "object"],
				[[["spec", "chart", "metadata"]], "object"],
				[[["spec", "chart", "metadata", "labels"]], "strings"],
				[[["spec", "chart", "spec"]], "object"],
			]
		],
		[row |
			some path in reference_paths
			some row in array.concat(
				[[[path], "object"]],
				[[[array.concat(path, [field])], "string"] | some field in ["kind", "name", "namespace"]],
			)
		],
	),
))

reference_paths := {
	"Kustomization": [["spec", "sourceRef"]],
	"HelmRelease": [["spec", "chart", "spec", "sourceRef"], ["spec", "chartRef"]],
	"HelmChart": [["spec", "sourceRef"]],
}[kind]

veiled := {path |
	some reference in reference_paths
	some path in [reference, place(reference), ["metadata", "labels"]]
	not flux.known(path)
}

# What the object fetches from: {"path", "kind", "namespace", "name", "labels" of the one that fetches, their
# "place", and whether one instance "must" have both}.
fetches contains {
	"path": path,
	"kind": ref.kind,
	"namespace": namespace(ref),
	"name": ref.name,
	"place": place(path),
	"labels": labels_at(place(path)),
	"must": must(path),
} if {
	sound
	some path in reference_paths
	ref := object.get(flux.object, path, null)
	ref.kind in {"Bucket", "GitRepository", "HelmChart", "HelmRepository", "OCIRepository"}
	is_string(ref.name)
}

namespace(ref) := ref.namespace if {
	is_string(ref.namespace)
	ref.namespace != ""
} else := own

# The labels of the one that fetches: those of the chart template, or the object's own.
place(path) := ["spec", "chart", "metadata", "labels"] if {
	path[1] == "chart"
} else := ["metadata", "labels"]

must(path) if {
	path[1] == "chart"
} else if {
	kind == "HelmChart"
} else := false

labels_at(path) := sharding.shard(object.get(flux.object, path, null))

# The labels of the source: [labels, apiVersion]; empty where it is not at hand.
source(fetch) := [[labels, version] |
	some version, kinds in facts.source_shards[fetch.namespace]
	labels := kinds[fetch.kind][fetch.name]
]

# [fetch, labels of the source, its node]
apart contains [fetch, labels, node] if {
	some fetch in fetches
	[labels, version] := source(fetch)[0]
	is_object(labels)
	labels != fetch.labels
	not together(fetch, labels)
	node := {
		"object": {"apiVersion": version, "kind": fetch.kind, "namespace": fetch.namespace, "name": fetch.name},
		"path": ["metadata", "labels"],
	}
}

# One instance of source-controller takes both.
together(fetch, labels) if {
	fetch.must
	some lane in sharding.lanes_of("source-controller")
	sharding.takes(lane, fetch.namespace, labels)
	sharding.takes(lane, fetch.namespace, fetch.labels)
}

source_lanes := sharding.lanes_of("source-controller")

doubtful := [lane | some lane in source_lanes; lane.state == "unknown"]

faults contains result.related(fetch.place, msg, nodes) if {
	some [fetch, labels, node] in apart
	fetch.must
	count(doubtful) == 0
	msg := sprintf("the chart and its %v are in different shards: %v and %v", [fetch.kind, said(fetch.labels), said(labels)])
	nodes := array.concat([node, {"path": fetch.path}], sharding.nodes(source_lanes))
}

doubts contains result.related(fetch.place, msg, nodes) if {
	some [fetch, _, node] in apart
	fetch.must
	count(doubtful) > 0
	msg := "whether one instance takes the chart and its source cannot be told"
	nodes := array.concat([node], sharding.nodes(doubtful))
}

hints contains result.related(fetch.place, msg, [node]) if {
	some [fetch, labels, node] in apart
	not fetch.must
	msg := sprintf("the object and its %v are in different shards: %v and %v", [fetch.kind, said(fetch.labels), said(labels)])
}

hints contains result.at(["spec", "chart", "metadata", "labels"], msg) if {
	sound
	kind == "HelmRelease"
	is_object(flux.object.spec.chart)
	release := labels_at(["metadata", "labels"])
	chart := labels_at(["spec", "chart", "metadata", "labels"])
	release != chart
	msg := sprintf("the chart is in another shard than the release: %v and %v", [said(chart), said(release)])
}

said(labels) := "the default" if {
	count(labels) == 0
} else := concat(",", sort([sprintf("%v=%v", [key, text]) | some key, text in labels]))

doubts contains result.related(fetch.path, "the labels of the source cannot be read", [node]) if {
	some fetch in fetches
	[labels, version] := source(fetch)[0]
	labels == null
	node := {
		"object": {"apiVersion": version, "kind": fetch.kind, "namespace": fetch.namespace, "name": fetch.name},
		"path": ["metadata", "labels"],
	}
}

# Elsewhere the source may be labelled; that matters where shards are in use.
reviews contains result.at(fetch.path, "the source is not among the objects given: look whether its labels put it into the same shard") if {
	some fetch in fetches
	count(source(fetch)) == 0
	shards_in_use(fetch)
}

shards_in_use(fetch) if count(fetch.labels) > 0

shards_in_use(_) if {
	some lane in facts.lanes
	lanes.sharded(lane)
}

doubts contains finding if {
	some finding in malformed
}

doubts contains result.at(path, "the field could not be worked out") if {
	some path in veiled
}

doubts contains result.at(["metadata", "namespace"], "no namespace is given, so the source cannot be found") if {
	own == ""
	count(malformed) == 0
	some reference in reference_paths
	is_object(object.get(flux.object, reference, null))
	some path in [["metadata", "labels"], place(reference)]
	count(labels_at(path)) > 0
}
