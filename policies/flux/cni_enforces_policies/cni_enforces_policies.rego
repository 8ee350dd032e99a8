# METADATA
# title: The cluster enforces NetworkPolicies
# description: |
#   Something in the cluster enforces NetworkPolicies: a network plugin that is known to, or an agent beside it. A
#   cluster that shows only plugins which leave policies alone (flannel, the plugin of AWS without its agent), or one
#   where they are switched off (Cilium's `enable-policy: never`, kube-router's firewall, k3s's
#   `--disable-network-policy`), fails. Where the plugin is hidden or unknown a person has to look. Namespaces of
#   tenants prove nothing.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/best-practices/#network-isolation
#     description: Flux security best practices, Network Isolation
#   - ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/#prerequisites
#     description: Kubernetes, network policies, Prerequisites
# custom:
#   id: FX-NET-01
#   severity: critical
#   profiles: [base]
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
#     - ConfigMap
#     - Namespace
#     - Node
#     - kustomize.toolkit.fluxcd.io/Kustomization
#     - helm.toolkit.fluxcd.io/HelmRelease
#   origin: best-practices.md, Shared Cluster Multi-tenancy / Network Isolation
#   rationale: |
#     The API server stores every NetworkPolicy and enforces none. In a cluster whose network plugin does not know them
#     Flux's three policies look right and stop nobody: each pod can fetch all artifacts. Nothing warns of that.
#   audit: |
#     ```sh
#     kubectl get daemonsets -A
#     kubectl get configmap -A --field-selector metadata.name=cilium-config -o yaml | grep -E 'enable-(policy|k8s-networkpolicy)'
#     kubectl get daemonset aws-node -n kube-system -o yaml | grep enable-network-policy
#     kubectl get nodes -o yaml | grep disable-network-policy
#     ```
#
#     Pass: there is an agent of Calico, Cilium, Antrea, kube-router, Kube-OVN, OVN-Kubernetes, Azure NPM or GKE's Dataplane
#     V2, or the network policy agent of AWS with `--enable-network-policy=true`, and no setting turns it off. k3s and
#     newer versions of kindnet have an enforcer inside. In doubt try it: from a tenant's pod
#     `curl -m 5 http://source-controller.flux-system/` has to time out.
#   remediation: |
#     Install a plugin that enforces policies, or an enforcer beside the plugin that is there. On EKS it is a setting of
#     the add-on:
#
#     ```sh
#     aws eks update-addon --cluster-name CLUSTER --addon-name vpc-cni \
#       --configuration-values '{"enableNetworkPolicy": "true"}'
#     ```
#
#     On AKS and GKE choose it when the cluster is made (`--network-policy`, `--enable-dataplane-v2`). Flannel needs a
#     companion such as Calico (then called Canal) or kube-network-policies. For Cilium set in its values:
#
#     ```yaml
#     policyEnforcementMode: default
#     ```
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
package flux.cni_enforces_policies

import data.lib.facts
import data.lib.flux
import data.lib.netpol
import data.lib.result

# The controllers whose artifacts nothing but policies guards.
subject if netpol.serving[flux.component].artifacts

violation contains result.related(netpol.pods_path, msg, nodes(found)) if {
	live
	found := signs("never")
	count(found) > 0
	msg := sprintf("network policies are switched off in the cluster: see the settings of %v", [found[0].what])
}

violation contains result.related(netpol.pods_path, msg, nodes(found)) if {
	subject
	flux.mode == "dump"
	count(signs("on")) + count(signs("maybe")) == 0
	found := signs("off")
	count(found) > 0
	msg := sprintf("nothing in the cluster enforces network policies: the plugin %v does not", [found[0].what])
}

unknown contains result.related(netpol.pods_path, "whether policies are switched off cannot be told: a setting is not text", nodes(found)) if {
	live
	found := signs("odd")
	count(found) > 0
}

manual contains result.at(netpol.pods_path, msg) if {
	live
	open
	count(signs("maybe")) > 0
	msg := sprintf("the version or a flag of %v decides whether network policies are enforced: try it", [signs("maybe")[0].what])
}

manual contains result.at(netpol.pods_path, "look which network plugin the cluster has, and whether it enforces network policies") if {
	live
	open
	count(signs("maybe")) == 0
	not judged
}

manual contains result.at(netpol.pods_path, "which network plugin the cluster has shows in the cluster only") if {
	subject
	not live
}

# The inventory is that of a cluster.
live if {
	subject
	flux.mode in {"admission", "dump"}
	facts.available
}

open if count(signs("on")) + count(signs("never")) == 0

# In a dump, plugins that do not enforce are an answer.
judged if {
	flux.mode == "dump"
	count(signs("off")) > 0
}

signs(stance) := [sign | some sign in facts.network_plugins; sign.stance == stance]

nodes(found) := [{"object": sign.object, "path": sign.path} | some sign in found]
