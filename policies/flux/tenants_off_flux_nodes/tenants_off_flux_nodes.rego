# METADATA
# title: Tenant pods do not share nodes with Flux
# description: |
#   No node runs a pod of a Flux controller and a pod of a tenant, those of DaemonSets apart; under the parameter
#   `crossTenantIsolation` no node runs pods of two tenants either. And no tenant's workload aims at the nodes of Flux: it
#   tolerates none of the taints that the controllers tolerate, demands none of the labels that they demand, and does
#   not bypass the scheduler with `nodeName`.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/best-practices/#node-isolation
#     description: Flux security best practices, Node Isolation
#   - ref: https://kubernetes.io/docs/concepts/security/multi-tenancy/#node-isolation
#     description: Kubernetes, multi-tenancy, node isolation
# custom:
#   id: FX-NODE-02
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
#     - Namespace
#     - kustomize.toolkit.fluxcd.io/Kustomization
#     - helm.toolkit.fluxcd.io/HelmRelease
#   origin: best-practices.md, Shared Cluster Multi-tenancy / Node Isolation
#   rationale: |
#     Pods on one node share its kernel and its kubelet's credentials. A tenant who gets out of a container there reads
#     the tokens of the Flux controllers, which usually are cluster-admin. A taint keeps tenants away only as long as
#     they do not tolerate it, and whoever writes a pod's manifest writes its tolerations.
#   audit: |
#     ```sh
#     kubectl get pods -n flux-system -o wide
#     kubectl get pods -A --field-selector spec.nodeName=NODE
#     kubectl get deployments,statefulsets,jobs,cronjobs -n TENANT -o yaml | grep -nE -A5 'tolerations|nodeSelector|nodeName'
#     ```
#
#     Pass: on the nodes of the first list the second shows no pods of tenants but those of DaemonSets, and no tenant's
#     workload tolerates the taint of these nodes, tolerates everything (`operator: Exists` without a key), selects
#     their label, or has a `nodeName`.
#   remediation: |
#     Give Flux nodes of its own (FX-NODE-01), remove the toleration, selector or `nodeName` from the tenant's workload, and
#     forbid them at admission, for example by the annotation `scheduler.alpha.kubernetes.io/tolerationsWhitelist` of
#     the admission plugin PodTolerationRestriction, or by a policy:
#
#     ```yaml
#     apiVersion: admissionregistration.k8s.io/v1
#     kind: ValidatingAdmissionPolicy
#     metadata:
#       name: tenants-off-flux-nodes
#     spec:
#       matchConstraints:
#         resourceRules:
#           - apiGroups: [""]
#             apiVersions: [v1]
#             operations: [CREATE]
#             resources: [pods]
#       validations:
#         - expression: >-
#             !has(object.spec.tolerations) || object.spec.tolerations.all(t, has(t.key) && t.key != 'dedicated')
#     ```
#
#     with a binding whose `namespaceSelector` demands the label `toolkit.fluxcd.io/tenant`.
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
#     crossTenantIsolation:
#       type: boolean
#       default: false
#       description: Whether tenants may not share nodes with each other either.
package flux.tenants_off_flux_nodes

import data.lib.facts
import data.lib.flux
import data.lib.placement
import data.lib.result
import data.lib.shape
import data.lib.tenants

subject if {
	live
	concerned
}

concerned if flux.controller

concerned if placement.tenant_workload

# A tenant's Pod counts by itself where it may not meet those of other tenants.
concerned if {
	flux.kind_is("", "Pod")
	flux.param("crossTenantIsolation", false)
	tenants.own
}

# Only what makes pods has a place for them.
live if placement.pod_path

violation contains finding if {
	live
	some ["violation", finding] in reports
}

warn contains finding if {
	live
	some ["warn", finding] in reports
}

unknown contains finding if {
	live
	some ["unknown", finding] in reports
}

manual contains finding if {
	live
	some ["manual", finding] in reports
}

# A Pod of Flux among those of tenants.
reports contains ["violation", result.related(host_path, msg, nodes)] if {
	flux.object.kind == "Pod"
	flux.profile("hard")
	count(guests) > 0
	msg := sharing
	nodes := guest_nodes
}

reports contains ["warn", result.related(host_path, msg, nodes)] if {
	flux.object.kind == "Pod"
	not flux.profile("hard")
	count(guests) > 0
	msg := sharing
	nodes := guest_nodes
}

reports contains ["violation", result.related(host_path, "a pod of another tenant runs on the same node", nodes)] if {
	flux.object.kind == "Pod"
	flux.profile("hard")
	nodes := rival_nodes
	count(nodes) > 0
}

reports contains ["warn", result.related(host_path, "a pod of another tenant runs on the same node", nodes)] if {
	flux.object.kind == "Pod"
	not flux.profile("hard")
	nodes := rival_nodes
	count(nodes) > 0
}

reports contains ["violation", result.related(array.concat(pod, ["tolerations", i]), "the pods tolerate a taint that keeps others off the nodes of flux", nodes)] if {
	some i, toleration in tolerations
	taints := [taint | some taint in facts.flux_placement.taints; placement.trespasses(toleration, taint)]
	count(taints) > 0
	nodes := array.concat(why, [{"object": taint.object, "path": taint.path} | some taint in taints])
}

reports contains ["violation", result.related(array.concat(pod, ["tolerations", i]), boundless, why)] if {
	not flux.kind_is("apps", "DaemonSet")
	some i, toleration in tolerations
	placement.boundless(toleration)
}

# Agents of the platform tolerate everything in order to run everywhere.
reports contains ["warn", result.related(array.concat(pod, ["tolerations", i]), boundless, why)] if {
	flux.kind_is("apps", "DaemonSet")
	some i, toleration in tolerations
	placement.boundless(toleration)
}

reports contains ["violation", result.related(place, "the pods demand a label of the nodes of flux", nodes)] if {
	aimed
	some requirements in placement.alternatives(flux.object)
	some requirement in requirements
	requirement.operator == "in"
	labels := [label |
		some label in facts.flux_placement.labels
		label.key == requirement.key
		count([1 | some value in requirement.values; value in label.values]) > 0
	]
	count(labels) > 0
	place := placement.selected_at(flux.object, requirement.key)
	nodes := array.concat(why, [{"object": label.object, "path": label.path} | some label in labels])
}

reports contains ["violation", result.related(host_path, "the pods name their node, so no taint keeps them off it", why)] if {
	aimed
	unscheduled
	name := placement.spec(flux.object).nodeName
	is_string(name)
	name != ""
}

reports contains ["unknown", finding] if {
	subject
	some finding in (shape.recognition | placement.doubts)
}

reports contains ["unknown", finding] if {
	placement.tenant_workload
	some finding in tenants.undecided
}

reports contains ["unknown", result.at(array.concat(pod, [key]), "the effective placement cannot be worked out")] if {
	flux.object.metadata.annotations["flux-audit.internal/unknown-paths"]
	subject
	some key in ["nodeSelector", "affinity", "nodeName", "tolerations"]
	not flux.known(array.concat(pod, [key]))
}

reports contains ["unknown", result.at(host_path, "the nodes of the pods cannot be told: no pod of this controller is among the objects given")] if {
	flux.component
	flux.mode == "dump"
	not placed
}

reports contains ["manual", result.at(host_path, "which nodes the pods share shows in the cluster only")] if {
	flux.component
	flux.mode != "dump"
	not placed
}

reports contains ["manual", finding] if {
	placement.tenant_workload
	some finding in tenants.open
}

sharing := sprintf("pods of tenants run on the same node, such as one of the namespace %v", [guests[0][0]])

boundless := "the toleration has no key, so no taint keeps the pods off the nodes of flux"

pod := placement.pod_path

host_path := array.concat(pod, ["nodeName"])

node_name := placement.spec(flux.object).nodeName

# [namespace, pod] of tenants on the node of the Pod of Flux under review.
guests := [[ns, name] |
	flux.controller
	flux.kind_is("", "Pod")
	host := facts.flux_hosts[node_name]
	some pod_ref in host.flux
	pod_ref.name == flux.name_of(flux.object)
	pod_ref.namespace == flux.namespace
	some ns, name in host.tenants
]

guest_nodes := [node | some [ns, name] in guests; some node in pod_nodes(ns, name)]

# The nodes of the other tenant's pod.
rival_nodes := array.concat(why, pod_nodes(rival[2], rival[3])) if {
	flux.kind_is("", "Pod")
	rival := facts.shared_hosts[sprintf("%v/%v", [flux.namespace, flux.name_of(flux.object)])]
}

pod_nodes(ns, name) := array.concat(tenants.why(ns), [{"object": ref, "path": path} |
	ref := {"apiVersion": "v1", "kind": "Pod", "namespace": ns, "name": name}
	some path in [["spec", "nodeName"], ["metadata", "namespace"], ["metadata", "ownerReferences"], ["status"]]
])

# The object under review is a tenant's template, of which pods are made.
aimed if {
	not placement.unplaced
	placement.tenant_workload
	tenants.own
}

# Those of its tolerations that can be read.
tolerations := {i: toleration |
	aimed
	some i, toleration in placement.tolerations(flux.object)
	place := array.concat(pod, ["tolerations", i])
	not place in doubtful
}

doubtful := {array.slice(finding.details.path, 0, count(pod) + 2) | some finding in placement.doubts}

# Not a Pod that the scheduler has placed.
unscheduled if not flux.kind_is("", "Pod")

unscheduled if {
	flux.kind_is("", "Pod")
	flux.mode != "dump"
}

why := array.concat(tenants.why(flux.namespace), [{"path": ["metadata", "namespace"]}])

placed if {
	some host in facts.flux_hosts
	some pod_ref in host.flux
	pod_ref.component == flux.component
	pod_ref.namespace == flux.namespace
}
