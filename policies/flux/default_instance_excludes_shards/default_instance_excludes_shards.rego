# METADATA
# title: The default instance excludes sharded objects
# description: |
#   Where an instance of a controller takes only objects that carry a label key, another instance of that controller
#   takes the objects without the key and none of the shard's. What counts is which objects a selector takes, not how
#   it is written: `!key`, `key notin (shard1)` are both fine beside one shard. An instance without a selector beside
#   shards fails, and so do shards without a default instance.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/installation/configuration/sharding/
#     description: Flux sharding
#   - ref: https://fluxcd.io/flux/security/best-practices/#resource-isolation
#     description: Flux security best practices, Resource Isolation
# custom:
#   id: FX-RES-03
#   severity: high
#   profiles: [shared]
#   assessment: automated
#   modes: [git, render, dump, admission]
#   kinds:
#     - apps/Deployment
#     - apps/StatefulSet
#     - apps/DaemonSet
#     - apps/ReplicaSet
#     - batch/Job
#     - batch/CronJob
#     - PodTemplate
#     - Pod
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
#     A default instance without the exclusion reconciles each shard's objects a second time, against the shard. With
#     no default instance, objects without the label are never reconciled, and nothing reports it: their status just
#     stays as it was.
#   audit: |
#     List the selectors per component:
#
#     ```sh
#     kubectl get deploy,sts,ds -A -l app.kubernetes.io/part-of=flux -o json | jq -r \
#       '.items[] | "\(.metadata.labels["app.kubernetes.io/component"]) \(.metadata.namespace)/\(.metadata.name): \([.spec.template.spec.containers[] | .args[]? | select(startswith("--watch-"))])"' | sort
#     ```
#
#     For each component that has a shard: exactly one kind of line takes an object without labels, it takes no
#     object labelled for a shard, and no line is without a selector. The patch that should add the exclusion often
#     misses its target: a target that matches nothing is no error.
#   remediation: |
#     ```yaml
#     patches:
#       - target:
#           kind: Deployment
#           name: "(source-controller|kustomize-controller|helm-controller)"
#           annotationSelector: "!sharding.fluxcd.io/role"
#         patch: |
#           - op: add
#             path: /spec/template/spec/containers/0/args/-
#             value: --watch-label-selector=!sharding.fluxcd.io/key
#     ```
#
#     Keep a default instance for every component that is sharded. The Flux Operator's `spec.sharding` sets both
#     sides.
#   since: 0.1.0
#   params: {}
package flux.default_instance_excludes_shards

import data.lib.facts
import data.lib.flags
import data.lib.flux
import data.lib.lanes
import data.lib.result
import data.lib.selector

subject if flux.component in lanes.components

# Nothing is excluded at all.
violation contains result.full(lanes.own.path, msg, nodes, flags.append(argument)) if {
	subject
	lanes.own.state == "known"
	selector.everything(lanes.own.selector)
	count(shards) > 0
	msg := "without a selector the instance also takes the objects of the shards"
	nodes := [found | some lane in shards; some found in array.concat(lanes.nodes(lane), lanes.namespace_nodes(lane))]
	argument := sprintf("--watch-label-selector=%v", [concat(",", [sprintf("!%v", [key]) | some key in sort(keys)])])
}

# The exclusion leaves objects of a shard, and no other instance does better.
violation contains result.related(lanes.own.path, msg, nodes) if {
	decided
	not selector.everything(lanes.own.selector)
	lanes.takes_unlabelled(lanes.own)
	open := [lane |
		some lane in shards
		selector.overlap(lanes.own.selector, lane.selector)
		not has_default(lane)
	]
	count(open) > 0
	msg := "the selector of the default instance also takes objects of a shard"
	nodes := [found | some lane in open; some found in array.concat(lanes.nodes(lane), lanes.namespace_nodes(lane))]
}

violation contains result.related(lanes.own.path, msg, nodes) if {
	decided
	lanes.sharded(lanes.own)
	count([1 | some lane in lanes.others; lanes.takes_unlabelled(lane); lanes.covers(lane, lanes.own)]) == 0
	msg := "no instance takes the objects that carry no label of a shard"
	nodes := [found | some lane in lanes.others; some found in lanes.nodes(lane)]
}

unknown contains finding if {
	subject
	some finding in lanes.undecided
}

manual contains result.at(lanes.own.path, "other instances are known only from the inventory of the cluster") if {
	subject
	not facts.available
}

# All instances of the component are known.
decided if {
	subject
	facts.available
	count([1 | some lane in array.concat([lanes.own], lanes.others); lane.state == "unknown"]) == 0
}

# Other instances that take labelled objects only, where this one watches.
shards := [lane |
	some lane in lanes.others
	lanes.sharded(lane)
	lanes.meet(lanes.own, lane)
]

keys := {key |
	some lane in shards
	some key in selector.demanded(lane.selector)
}

# Some instance takes what carries no label, wherever the shard watches, and nothing of the shard's.
has_default(shard) if {
	some lane in array.concat([lanes.own], lanes.others)
	lanes.takes_unlabelled(lane)
	lanes.covers(lane, shard)
	not selector.overlap(lane.selector, shard.selector)
}
