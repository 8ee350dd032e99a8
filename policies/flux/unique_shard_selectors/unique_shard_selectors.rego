# METADATA
# title: Additional instances have unique label selectors
# description: |
#   No object is selected by two instances of one controller: for each pair the selectors in
#   `--watch-label-selector` exclude each other, or the instances watch different namespaces only
#   (`--watch-all-namespaces=false`). Two instances with the same selector text in one namespace and with leader
#   election share a lease, so only one of them works: that gives advice. A selector that the controller refuses
#   at start fails; besides syntax errors that is each selector with `!=` (write `notin`). notification-controller
#   has no selector and cannot be sharded.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/best-practices/#resource-isolation
#     description: Flux security best practices, Resource Isolation
#   - ref: https://fluxcd.io/flux/installation/configuration/sharding/
#     description: Flux sharding
# custom:
#   id: FX-RES-02
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
#     Two instances that reconcile the same object undo each other's work: Helm upgrades collide, status flips
#     between revisions, inventories and garbage collection race. Instances are added to give critical tenants a
#     lane of their own; an overlap puts every tenant back into it.
#   audit: |
#     ```sh
#     kubectl get deploy,sts,ds -A -l app.kubernetes.io/part-of=flux -o json | jq -r \
#       '.items[] | "\(.metadata.labels["app.kubernetes.io/component"]) \(.metadata.namespace)/\(.metadata.name): \([.spec.template.spec.containers[] | .args[]? | select(test("^--(watch-|enable-leader)"))])"' | sort
#     ```
#
#     Do not select by `app`: a shard's `app` label carries a suffix. For each two lines of one component look for labels
#     that satisfy both selectors. `!key` and `key notin (…)` are satisfied by objects without the key; an instance
#     without a selector takes every object. Pass: there are no such labels.
#   remediation: |
#     Give the default instance the negation of the shard key, and each shard one value. The annotation keeps the
#     patch off the shards:
#
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
#     In `shard1/kustomization.yaml` the same patch without the annotation selector appends
#     `--watch-label-selector=sharding.fluxcd.io/key=shard1`. With the Flux Operator both follow from:
#
#     ```yaml
#     spec:
#       sharding:
#         key: sharding.fluxcd.io/key
#         shards: [shard1, shard2]
#     ```
#   since: 0.1.0
#   params: {}
package flux.unique_shard_selectors

import data.lib.facts
import data.lib.flags
import data.lib.flux
import data.lib.lanes
import data.lib.result
import data.lib.selector

subject if flux.component in lanes.components

violation contains result.at(lanes.own.path, msg) if {
	subject
	lanes.own.state == "known"
	selector.refused(lanes.own.selector)
	msg := sprintf("the controller exits at start because of its selector: %v", [lanes.own.selector.error])
}

violation contains result.related(lanes.own.path, msg, nodes) if {
	rivals := [lane | some lane in overlapping; not lanes.standby(lanes.own, lane)]
	count(rivals) > 0
	msg := sprintf("the selector overlaps with %v", [those(rivals)])
	nodes := [found | some lane in rivals; some found in array.concat(lanes.nodes(lane), lanes.namespace_nodes(lane))]
}

warn contains result.related(lanes.own.path, msg, nodes) if {
	spares := [lane | some lane in overlapping; lanes.standby(lanes.own, lane)]
	count(spares) > 0
	msg := sprintf("the selector and the lease are the same as %v: a hot standby, no lane of its own", [those(spares)])
	nodes := [found | some lane in spares; some found in lanes.nodes(lane)]
}

warn contains result.related(lanes.own.path, "before Flux 2.9 this controller is not made for several instances", nodes) if {
	subject
	flux.component == "source-watcher"
	is_number(flags.record.minor)
	flags.record.minor < 9
	nodes := [found | some lane in lanes.others; some found in lanes.nodes(lane)]
	count(nodes) > 0
}

unknown contains finding if {
	subject
	some finding in lanes.undecided
}

manual contains result.at(lanes.own.path, "other instances are known only from the inventory of the cluster") if {
	subject
	not facts.available
}

overlapping contains lane if {
	subject
	lanes.own.state == "known"
	some lane in lanes.others
	lane.state == "known"
	lanes.meet(lanes.own, lane)
	selector.overlap(lanes.own.selector, lane.selector)
}

those(list) := "that of another instance" if {
	count(list) == 1
} else := sprintf("those of %v other instances", [count(list)])
