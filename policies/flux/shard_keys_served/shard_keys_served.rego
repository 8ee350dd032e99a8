# METADATA
# title: Every shard key in use is served
# description: |
#   Each Flux object with a label that decides about its shard is selected by an instance of its controller.
#   Such labels are `sharding.fluxcd.io/key` and the ones that the instances' `--watch-label-selector` ask for. The
#   labels that a HelmRelease gives its chart (`spec.chart.metadata.labels`) and a Kustomization gives all it applies
#   (`spec.commonMetadata.labels`) count too. Alerts, Providers and Receivers are never sharded.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/installation/configuration/sharding/
#     description: Flux sharding
#   - ref: https://fluxcd.io/flux/security/best-practices/#resource-isolation
#     description: Flux security best practices, Resource Isolation
# custom:
#   id: FX-RES-05
#   severity: high
#   profiles: [shared]
#   assessment: automated
#   modes: [git, render, dump]
#   kinds:
#     - source.toolkit.fluxcd.io/GitRepository
#     - source.toolkit.fluxcd.io/OCIRepository
#     - source.toolkit.fluxcd.io/HelmRepository
#     - source.toolkit.fluxcd.io/HelmChart
#     - source.toolkit.fluxcd.io/Bucket
#     - kustomize.toolkit.fluxcd.io/Kustomization
#     - helm.toolkit.fluxcd.io/HelmRelease
#     - image.toolkit.fluxcd.io/ImageRepository
#     - image.toolkit.fluxcd.io/ImagePolicy
#     - image.toolkit.fluxcd.io/ImageUpdateAutomation
#     - source.extensions.fluxcd.io/ArtifactGenerator
#   reads:
#     - apps/Deployment
#     - apps/StatefulSet
#     - apps/DaemonSet
#     - apps/ReplicaSet
#     - batch/Job
#     - batch/CronJob
#     - PodTemplate
#     - Pod
#   origin: best-practices.md, Shared Cluster Multi-tenancy / Resource Isolation
#   rationale: |
#     An object whose label no instance selects is never reconciled. There is no error and no event, its status stays
#     as it was: a security update that was merged does not arrive, and drift is not undone. Anyone who may set the
#     label can switch an object off that way.
#   audit: |
#     ```sh
#     kubectl get deploy,sts,ds -A -l app.kubernetes.io/part-of=flux -o json | jq -r \
#       '.items[] | "\(.metadata.labels["app.kubernetes.io/component"]) \(.metadata.name): \([.spec.template.spec.containers[] | .args[]? | select(startswith("--watch-"))])"'
#     kubectl get kustomizations.kustomize.toolkit.fluxcd.io,helmreleases,gitrepositories,ocirepositories,helmrepositories,helmcharts,buckets -A -L sharding.fluxcd.io/key
#     ```
#
#     Pass: for each key in the second list an instance of that kind's controller selects it.
#   remediation: |
#     Correct the label, or add the shard. With the Flux Operator:
#
#     ```yaml
#     spec:
#       sharding:
#         key: sharding.fluxcd.io/key
#         shards: [shard1, shard2]
#     ```
#
#     Without it, `shard2/kustomization.yaml` renders one more instance, with
#
#     ```yaml
#     nameSuffix: -shard2
#     patches:
#       - target:
#           kind: Deployment
#         patch: |
#           - op: add
#             path: /spec/template/spec/containers/0/args/-
#             value: --watch-label-selector=sharding.fluxcd.io/key=shard2
#     ```
#
#     and a storage address of its own for source-controller.
#   since: 0.1.0
#   params: {}
package flux.shard_keys_served

import data.lib.facts
import data.lib.flux
import data.lib.node
import data.lib.result
import data.lib.shape
import data.lib.sharding

subject if sharding.component

# No label of its own or of what it makes decides about shards.
plain if {
	sharding.unlabelled
	flux.object.kind == "Kustomization"
	is_object(flux.object.spec)
	object.get(flux.object.spec, "commonMetadata", null) == null
}

plain if {
	sharding.unlabelled
	flux.object.kind == "HelmRelease"
	chart := flux.object.spec.chart
	is_object(chart.spec.sourceRef)
	is_string(object.get(chart.spec.sourceRef, "namespace", ""))
	object.get(chart, "metadata", null) == null
}

other if {
	subject
	not plain
}

# Labels that an instance must select: {"path", "labels", "namespace", "lanes": those of the controller, "who"}.
places contains {
	"path": ["metadata", "labels"],
	"labels": labels,
	"namespace": flux.namespace,
	"lanes": sharding.lanes_of(sharding.component),
	"who": sharding.component,
} if {
	labels := flux.object.metadata.labels
	is_object(labels)
}

places contains {
	"path": ["spec", "chart", "metadata", "labels"],
	"labels": labels,
	"namespace": chart_namespace,
	"lanes": sharding.lanes_of("source-controller"),
	"who": "source-controller",
} if {
	sharding.component == "helm-controller"
	labels := flux.object.spec.chart.metadata.labels
	is_object(labels)
}

places contains {
	"path": ["spec", "commonMetadata", "labels"],
	"labels": labels,
	"namespace": "",
	"lanes": facts.lanes,
	"who": "any controller",
} if {
	sharding.component == "kustomize-controller"
	labels := flux.object.spec.commonMetadata.labels
	is_object(labels)
}

# A chart is made beside its source.
chart_namespace := ns if {
	ns := flux.object.spec.chart.spec.sourceRef.namespace
	is_string(ns)
	ns != ""
} else := flux.namespace

# [place, label] where no instance at hand is known to select the labels.
unserved contains [place, key] if {
	count(malformed) == 0
	some place in places
	flux.known(place.path)
	some key in sharding.keys
	text := place.labels[key]
	not node.contains_variable(text)
	not served(place)
}

served(place) if {
	some lane in place.lanes
	sharding.takes(lane, namespace(place, lane), place.labels)
}

# Where the namespace is not known, the instance's own will do.
namespace(place, lane) := lane.object.namespace if {
	place.namespace == ""
} else := place.namespace

violation contains result.related(path, msg, nodes) if {
	other
	some [place, key] in unserved
	proved(place)
	path := array.concat(place.path, [key])
	msg := sprintf("no instance of %v selects %v", [place.who, place.labels[key]])
	nodes := sharding.nodes(place.lanes)
}

# All instances are at hand, and can be told.
proved(place) if {
	count(place.lanes) > 0
	count(vague(place)) == 0
}

proved(place) if {
	count(place.lanes) == 0
	flux.mode == "dump"
	count(facts.controllers) > 0
}

vague(place) := [lane | some lane in place.lanes; lane.state == "unknown"]

unknown contains result.related(path, msg, nodes) if {
	other
	some [place, key] in unserved
	nodes := sharding.nodes(vague(place))
	count(nodes) > 0
	path := array.concat(place.path, [key])
	msg := sprintf("what an instance of %v selects cannot be told", [place.who])
}

unknown contains result.at(array.concat(place.path, [key]), "the label holds a variable") if {
	other
	some place in places
	some key in sharding.keys
	node.contains_variable(place.labels[key])
}

unknown contains result.at(pieces[0], "the labels could not be worked out") if {
	other
	some [pieces, "strings"] in rows
	not flux.known(pieces[0])
}

unknown contains finding if {
	other
	some finding in malformed
}

malformed := shape.check(rows)

# The types of the fields that are read; the labels are the maps of texts.
rows := array.concat(
	[
		[[["metadata"]], "object"],
		[[["metadata", "namespace"]], "string"],
		[[["metadata", "labels"]], "strings"],
	],
	[row |
		some row in {
			"helm-controller": [
				[[["spec"]], "object"],
				[[["spec", "chart"]], "object"],
				[[["spec", "chart", "metadata"]], "object"],
				[[["spec", "chart", "metadata", "labels"]], "strings"],
				[[["spec", "chart", "spec"]], "object"],
				[[["spec", "chart", "spec", "sourceRef"]], "object"],
				[[["spec", "chart", "spec", "sourceRef", "namespace"]], "string"],
			],
			"kustomize-controller": [
				[[["spec"]], "object"],
				[[["spec", "commonMetadata"]], "object"],
				[[["spec", "commonMetadata", "labels"]], "strings"],
			],
		}[sharding.component]
	],
)

manual contains result.at(array.concat(place.path, [key]), msg) if {
	other
	some [place, key] in unserved
	count(place.lanes) == 0
	not proved(place)
	msg := sprintf("no instance of %v is among the objects given: look whether one selects the label", [place.who])
}
