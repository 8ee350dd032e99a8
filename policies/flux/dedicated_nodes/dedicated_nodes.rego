# METADATA
# title: Flux controllers are placed on dedicated nodes
# description: |
#   Each controller demands, by `nodeSelector` or required node affinity, a label that sets nodes apart, and all nodes
#   with it carry a taint that keeps other pods away: of effect NoSchedule or NoExecute, tolerated by the controller and
#   by no workload of a tenant. Labels that every cluster has (operating system, architecture, instance type, zone) and
#   preferences set nothing apart.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/best-practices/#node-isolation
#     description: Flux security best practices, Node Isolation
#   - ref: https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/
#     description: Kubernetes, taints and tolerations
# custom:
#   id: FX-NODE-01
#   severity: medium
#   profiles: [shared]
#   assessment: partial
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
#     - Namespace
#     - Node
#     - kustomize.toolkit.fluxcd.io/Kustomization
#     - helm.toolkit.fluxcd.io/HelmRelease
#   origin: best-practices.md, Shared Cluster Multi-tenancy / Node Isolation
#   rationale: |
#     kustomize-controller and helm-controller usually act as cluster-admin. Whoever breaks out of a container on their
#     node gets their tokens, and with them the cluster. A label alone draws Flux to certain nodes; only a taint keeps
#     others off them.
#   audit: |
#     ```sh
#     kubectl get deployments -n flux-system -o json | jq -r '.items[] |
#       "\(.metadata.name): \(.spec.template.spec.nodeSelector) \(.spec.template.spec.affinity.nodeAffinity) \(.spec.template.spec.tolerations)"'
#     kubectl get nodes -o json | jq -r '.items[] | "\(.metadata.name): \(.metadata.labels) \(.spec.taints)"'
#     ```
#
#     Pass: each controller demands a label other than those of the platform, every node with that label has a taint
#     NoSchedule or NoExecute which the controller tolerates by key, and no tenant's workload tolerates it.
#   remediation: |
#     Make a pool for Flux, with a label and a taint:
#
#     ```sh
#     kubectl label node NODE dedicated=flux
#     kubectl taint node NODE dedicated=flux:NoSchedule
#     ```
#
#     Then in `flux-system/kustomization.yaml`, or under `spec.kustomize.patches` of a FluxInstance (the list of
#     tolerations is replaced as a whole; `flux bootstrap --toleration-keys=dedicated` sets tolerations only):
#
#     ```yaml
#     patches:
#       - target:
#           kind: Deployment
#           labelSelector: app.kubernetes.io/part-of=flux
#         patch: |
#           apiVersion: apps/v1
#           kind: Deployment
#           metadata:
#             name: all
#           spec:
#             template:
#               spec:
#                 nodeSelector:
#                   dedicated: flux
#                 tolerations:
#                   - key: dedicated
#                     operator: Equal
#                     value: flux
#                     effect: NoSchedule
#     ```
#
#     In the community chart these are `nodeSelector` and `tolerations` of each controller.
#   since: 0.1.0
#   params:
#     tenantNamespaces:
#       type: array
#       items: {type: string}
#       default: []
#       description: Namespaces that belong to tenants besides those that labels mark.
#     inferTenants:
#       type: boolean
#       default: true
#       description: Whether in the profile `shared` a namespace with a Kustomization or HelmRelease counts as a tenant's.
#     platformNamespaces:
#       type: array
#       items: {type: string}
#       default: []
#       description: Namespaces of the platform team, which are never inferred to be a tenant's.
#     fluxNamespaces:
#       type: array
#       items: {type: string}
#       default: ["flux-system"]
#       description: Namespaces of Flux controllers, besides those where some are found
package flux.dedicated_nodes

import data.lib.facts
import data.lib.flux
import data.lib.placement
import data.lib.result
import data.lib.shape

subject if flux.component

violation contains result.at(place, unbound) if {
	decided
	not placement.bound(flux.object)
	flux.profile("hard")
}

violation contains result.related(place, msg, nodes) if {
	flux.profile("hard")
	count(unguarded) > 0
	msg := untainted
	nodes := nodes_of(unguarded)
}

warn contains result.related(place, msg, nodes) if {
	not flux.profile("hard")
	count(unguarded) > 0
	msg := untainted
	nodes := nodes_of(unguarded)
}

warn contains result.at(place, "a tenant's workloads tolerate the taints of the nodes that the pods demand") if {
	some found in candidates
	guards := guarding(found)
	count(guards) > 0
	count([1 | some taint in guards; not invaded(taint)]) == 0
}

warn contains result.at(array.concat(pod, ["tolerations", i]), "the toleration has no key: the pods tolerate every taint, so none is meant for them") if {
	decided
	some i, toleration in placement.tolerations(flux.object)
	placement.boundless(toleration)
}

warn contains result.at(path, "a preference is no isolation: the scheduler may pass it over") if {
	decided
	not placement.bound(flux.object)
	i := placement.preferred(flux.object)
	path := array.concat(pod, ["affinity", "nodeAffinity", "preferredDuringSchedulingIgnoredDuringExecution", i])
}

warn contains result.at(place, "no node that admits the pods carries the labels that they demand") if {
	demanding
	flux.mode == "dump"
	count(candidates) == 0
}

unknown contains finding if {
	subject
	some finding in (shape.recognition | placement.doubts)
}

unknown contains result.at(pod, "the effective placement cannot be worked out") if {
	subject
	not known
}

unknown contains result.related(place, "the labels or taints of a node cannot be read", nodes) if {
	demanding
	nodes := nodes_of([found | some found in facts.nodes; found.labels == null])
	count(nodes) > 0
}

manual contains result.at(place, unbound) if {
	decided
	not placement.bound(flux.object)
	not flux.profile("hard")
}

manual contains result.at(place, "look whether all nodes that the pods demand have a taint: no node with these labels is among the objects given") if {
	decided
	placement.bound(flux.object)
	unseen
}

unbound := "the pods demand no label that sets nodes apart, so they share nodes with others"

untainted := "a node that the pods may run on has no taint that keeps others away"

pod := flux.controller.pod

place := array.concat(pod, ["nodeSelector"])

known if {
	count([1 |
		some key in ["nodeSelector", "affinity", "tolerations"]
		not flux.known(array.concat(pod, [key]))
	]) == 0
}

decided if {
	subject
	known
	count(placement.doubts) == 0
}

# The pods demand labels, and nodes are at hand.
demanding if {
	decided
	placement.bound(flux.object)
	count(facts.nodes) > 0
}

unseen if count(facts.nodes) == 0

unseen if {
	flux.mode != "dump"
	count(candidates) == 0
}

# Nodes that the pods may run on.
candidates := [found |
	demanding
	some found in facts.nodes
	found.labels != null
	placement.fits(flux.object, found)
	count([1 | some taint in found.taints; not tolerated(taint)]) == 0
]

unguarded := [found |
	some found in candidates
	count(guarding(found)) == 0
]

# Taints that keep others away for good.
guarding(found) := [taint | some taint in found.taints; not placement.common(taint.key)]

tolerated(taint) if {
	some toleration in placement.tolerations(flux.object)
	placement.tolerates(toleration, taint)
}

invaded(taint) if {
	some toleration in facts.tenant_tolerations
	placement.tolerates(toleration, taint)
}

nodes_of(list) := [{"object": {"apiVersion": "v1", "kind": "Node", "namespace": "", "name": found.name}, "path": path} |
	some found in list
	some path in [["spec"], ["metadata", "labels"]]
]
