# METADATA
# title: The network of tenants is isolated
# description: |
#   Each tenant's namespace has a NetworkPolicy that selects all its pods and lets no stranger in, and no policy for all
#   pods lets everyone in: what is needed is then admitted by further policies. In the profile `hard` outgoing
#   connections need the same.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/best-practices/#network-isolation
#     description: Flux security best practices, Network Isolation
#   - ref: https://kubernetes.io/docs/concepts/security/multi-tenancy/#network-isolation
#     description: Kubernetes, multi-tenancy, network isolation
# custom:
#   id: FX-NET-05
#   severity: medium
#   profiles: [shared]
#   assessment: partial
#   modes: [git, render, dump, admission]
#   kinds: [Namespace]
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
#     - networking.k8s.io/NetworkPolicy
#     - cilium.io/CiliumNetworkPolicy
#     - cilium.io/CiliumClusterwideNetworkPolicy
#     - crd.projectcalico.org/NetworkPolicy
#     - crd.projectcalico.org/GlobalNetworkPolicy
#     - projectcalico.org/NetworkPolicy
#     - projectcalico.org/GlobalNetworkPolicy
#     - policy.networking.k8s.io/AdminNetworkPolicy
#     - policy.networking.k8s.io/BaselineAdminNetworkPolicy
#   origin: best-practices.md, Shared Cluster Multi-tenancy / Network Isolation
#   rationale: |
#     Without a policy every pod of one tenant can connect to every pod of another. A default deny turns that around:
#     new pods are closed until somebody opens them, whoever wrote their manifests. Limits on outgoing connections keep
#     a compromised pod from scanning the cluster, from the metadata service of the cloud, and from taking data out.
#   audit: |
#     ```sh
#     kubectl get networkpolicies -A -o json | jq -r '.items[] |
#       "\(.metadata.namespace)/\(.metadata.name): \(.spec.podSelector) \(.spec.policyTypes) in \(.spec.ingress) out \(.spec.egress)"'
#     ```
#
#     Pass, for each tenant's namespace: there is a policy with the selector `{}` and the type `Ingress` whose rules name
#     their sources, and none with the selector `{}` and a rule without `from`. In a hardened cluster the same holds for
#     `Egress` and `to`; a rule for port 53 may do without.
#   remediation: |
#     Put a default deny beside each tenant's Namespace, in the repository of the platform team, so that the tenant does
#     not apply it:
#
#     ```yaml
#     apiVersion: networking.k8s.io/v1
#     kind: NetworkPolicy
#     metadata:
#       name: default-deny
#       namespace: TENANT
#     spec:
#       podSelector: {}
#       policyTypes: [Ingress, Egress]
#       ingress:
#         - from:
#             - podSelector: {}
#       egress:
#         - to:
#             - podSelector: {}
#         - to:
#             - namespaceSelector:
#                 matchLabels:
#                   kubernetes.io/metadata.name: kube-system
#           ports:
#             - port: 53
#               protocol: UDP
#             - port: 53
#               protocol: TCP
#     ```
#
#     Then add one policy for each connection that the workloads need.
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
package flux.tenant_network_isolated

import data.lib.facts
import data.lib.flux
import data.lib.netpol
import data.lib.result
import data.lib.tenants

subject if {
	flux.kind_is("", "Namespace")
	relevant
}

warn contains result.related(place, msg, array.concat(of_tenant, nodes(broad))) if {
	some [direction, words] in directions
	broad := [found | some found in for_all; found[direction] == "open"]
	count(broad) > 0
	msg := sprintf("a network policy for all pods allows %v", [words])
}

warn contains result.related(place, msg, array.concat(of_tenant, nodes(local))) if {
	some [direction, words] in directions
	missing(direction)
	flux.mode == "dump"
	count(doubts) == 0
	msg := sprintf("no network policy for all pods forbids %v by default", [words])
}

unknown contains result.at(["metadata", "labels"], "the labels cannot be read, so it cannot be told whether the namespace is a tenant's") if {
	subject
	not tenants.readable(flux.object)
}

unknown contains result.related(place, msg, unclear) if {
	some [direction, words] in directions
	missing(direction)
	unclear := [{"object": found, "path": ["spec"]} | some found in doubts]
	count(unclear) > 0
	msg := sprintf("whether %v are forbidden by default cannot be told: policies are malformed or of a kind that is not evaluated", [words])
}

manual contains result.at(place, msg) if {
	some [direction, words] in directions
	missing(direction)
	flux.mode != "dump"
	count(doubts) == 0
	msg := sprintf("look for a network policy that forbids %v by default: none is among the objects given", [words])
}

place := ["metadata", "name"]

name := flux.name_of(flux.object)

relevant if tenants.has(name)

relevant if tenants.mark(flux.object)

relevant if {
	not tenants.readable(flux.object)
	not name in tenants.exempt
}

# A direction, and its connections in words.
directions contains ["ingress", "connections from everyone"] if {
	subject
	tenants.readable(flux.object)
}

directions contains ["egress", "connections to everyone"] if {
	subject
	tenants.readable(flux.object)
	flux.profile("hard")
}

local := [found | some found in facts.network_policies; found.object.namespace == name]

for_all := [found |
	some found in local
	found.selector.error == ""
	found.selector.requirements == []
]

missing(direction) if {
	count([1 | some found in for_all; found[direction] in {"open", "closed"}]) == 0
}

# Policies whose meaning cannot be told, or is not worked out.
doubts := array.concat(
	[found.object | some found in local; netpol.doubtful(found, name)],
	[found | some found in facts.foreign_policies; found.namespace in {"", name}],
)

of_tenant := array.concat(tenants.why(name), [{"path": ["metadata", "labels"]}])

nodes(policies) := [{"object": found.object, "path": ["spec"]} | some found in policies]
