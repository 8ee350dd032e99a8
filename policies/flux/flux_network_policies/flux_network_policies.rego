# METADATA
# title: Network policies protect the Flux controllers
# description: |
#   Every pod of a Flux controller is selected by at least one NetworkPolicy of its namespace that restricts incoming
#   connections. What a policy says counts, not its name: an empty `podSelector` selects all pods, shards included, and
#   without `policyTypes` a policy restricts incoming connections. Settings that leave the policies out fail too:
#   `networkPolicy: false` in a FluxInstance, `policies.create: false` in the values of the flux2 chart, and patches
#   that delete them.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/flux-e2e/#fluxs-default-configuration-for-networkpolicy
#     description: Flux's default configuration for NetworkPolicy
#   - ref: https://fluxcd.io/flux/security/best-practices/#network-isolation
#     description: Flux security best practices, Network Isolation
# custom:
#   id: FX-NET-02
#   severity: high
#   profiles: [base]
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
#     - fluxcd.controlplane.io/FluxInstance
#     - helm.toolkit.fluxcd.io/HelmRelease
#     - kustomize.toolkit.fluxcd.io/Kustomization
#   reads:
#     - apps/Deployment
#     - apps/StatefulSet
#     - apps/DaemonSet
#     - apps/ReplicaSet
#     - batch/Job
#     - batch/CronJob
#     - PodTemplate
#     - Pod
#     - Service
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
#     A pod that no policy selects accepts connections from every pod of the cluster. source-controller hands out
#     artifacts (manifests, charts, values) to whoever asks, and notification-controller takes events without a
#     password: both rely on policies to keep strangers away.
#   audit: |
#     ```sh
#     kubectl get networkpolicies -n flux-system -o json | jq -r \
#       '.items[] | "\(.metadata.name): \(.spec.podSelector) \(.spec.policyTypes // ["Ingress"])"'
#     kubectl get pods -n flux-system --show-labels
#     ```
#
#     Pass: each controller's pod carries the labels of some policy's selector (`{}` fits all), and that policy has
#     the type `Ingress`. Repeat it for every namespace with controllers. A cluster that uses policies of Cilium or
#     Calico instead has to be judged by those.
#   remediation: |
#     `flux bootstrap` and `flux install` bring three policies unless `--network-policy=false` is given: run them again
#     without it. With the Flux Operator drop the setting or write
#
#     ```yaml
#     spec:
#       cluster:
#         networkPolicy: true
#     ```
#
#     and with the community chart `policies.create: true`. By hand, the policy that does most of it:
#
#     ```yaml
#     apiVersion: networking.k8s.io/v1
#     kind: NetworkPolicy
#     metadata:
#       name: allow-egress
#       namespace: flux-system
#     spec:
#       podSelector: {}
#       policyTypes: [Ingress, Egress]
#       egress:
#         - {}
#       ingress:
#         - from:
#             - podSelector: {}
#     ```
#   since: 0.1.0
#   params:
#     fluxNamespaces:
#       type: array
#       items: {type: string}
#       default: ["flux-system"]
#       description: Namespaces of Flux controllers, besides those where some are found
package flux.flux_network_policies

import data.lib.facts
import data.lib.flux
import data.lib.netpol
import data.lib.node
import data.lib.result

subject if flux.component

subject if flux.kind_is("fluxcd.controlplane.io", "FluxInstance")

subject if {
	flux.object.spec.chart.spec.chart == "flux2"
	flux.kind_is("helm.toolkit.fluxcd.io", "HelmRelease")
}

# What bootstrap makes to apply Flux itself.
subject if {
	flux.object.kind == "Kustomization"
	flux.name_of(flux.object) == flux.namespace
	flux.kind_is("kustomize.toolkit.fluxcd.io", "Kustomization")
	flux.namespace in flux.namespaces
}

violation contains finding if {
	subject
	some ["violation", finding] in reports
}

unknown contains finding if {
	subject
	some ["unknown", finding] in reports
}

manual contains finding if {
	subject
	some ["manual", finding] in reports
}

reports contains ["violation", result.related(netpol.pods_path, "no network policy restricts who may connect to these pods", netpol.guard_nodes)] if {
	netpol.guard == "no"
}

reports contains ["violation", result.full(setting.path, "the network policies of flux are switched off", about, node.fix(setting, true))] if {
	setting.state == "set"
	setting.value == false
	about := [{"path": ["spec", "chart", "spec", "chart"]} | setting.path[1] == "values"]
}

reports contains ["violation", result.at(entry.path, "the patch deletes network policies of flux")] if {
	some entry in node.items(patches, "object")
	deletes(object.get(entry.value, "patch", null))
	concerns(entry.value)
	not spared(entry.value)
}

reports contains ["unknown", finding] if some finding in netpol.guard_doubts

reports contains ["unknown", finding] if {
	some place in places
	finding := node.doubt(place)
}

reports contains ["unknown", result.at(array.concat(entry.path, ["patch"]), "the field is not text, so its meaning cannot be told")] if {
	some entry in node.items(patches, "object")
	text := object.get(entry.value, "patch", null)
	text != null
	not is_string(text)
}

reports contains ["manual", result.at(["spec", "valuesFrom"], "look into the values from other objects for policies.create")] if {
	count(values.value) > 0
}

reports contains ["manual", finding] if some finding in netpol.guard_open

# What is applied from there holds the controllers and their policies.
reports contains ["manual", result.at(["spec", "path"], "look for the network policies of flux: its controllers are not among the objects given")] if {
	subject
	flux.kind_is("kustomize.toolkit.fluxcd.io", "Kustomization")
	flux.mode != "dump"
	count([1 | some record in facts.controllers; record.namespace == flux.namespace]) == 0
}

root := node.at(flux.object, [], "object", 0)

setting := node.get(root, ["spec", "cluster", "networkPolicy"], "boolean") if {
	flux.kind_is("fluxcd.controlplane.io", "FluxInstance")
}

setting := node.get(root, ["spec", "values", "policies", "create"], "boolean") if {
	subject
	flux.kind_is("helm.toolkit.fluxcd.io", "HelmRelease")
}

# What other objects may set.
values := node.get(root, ["spec", "valuesFrom"], "array") if {
	setting.path[1] == "values"
	setting.state == "absent"
}

patches := node.get(root, ["spec", "kustomize", "patches"], "array") if {
	flux.kind_is("fluxcd.controlplane.io", "FluxInstance")
}

patches := node.get(root, ["spec", "patches"], "array") if {
	subject
	flux.kind_is("kustomize.toolkit.fluxcd.io", "Kustomization")
}

places contains setting

places contains values

places contains patches

places contains entry if some entry in node.items(patches, "object")

deletes(text) if {
	is_string(text)
	regex.match(`\$patch["']?\s*:\s*["']?delete`, text)
}

concerns(entry) if {
	is_string(entry.target.kind)
	contains(entry.target.kind, "NetworkPolicy")
}

concerns(entry) if regex.match(`kind["']?\s*:\s*["']?NetworkPolicy`, entry.patch)

# Without these two the pods are still protected.
spared(entry) if entry.target.name in {"allow-scraping", "allow-webhooks"}

spared(entry) if {
	not entry.target
	regex.match(`name["']?\s*:\s*["']?allow-(scraping|webhooks)["']?\s*(\n|$|[,}])`, entry.patch)
}
