# METADATA
# title: Helm DNS lookups are disabled
# description: |
#   No instance of helm-controller has the feature gate `AllowDNSLookups` on. It is off by default.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/installation/configuration/helm-dns-lookup/
#     description: Flux, Enable Helm DNS lookups
#   - ref: https://fluxcd.io/flux/components/helm/options/
#     description: helm-controller options
# custom:
#   id: FX-EXT-06
#   severity: medium
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
#   reads: []
#   origin: extension (the page on Helm DNS lookups warns of it; the security pages do not list it)
#   rationale: |
#     With the gate, the template function `getHostByName` resolves names while a chart is rendered. A chart can then
#     carry values to whoever answers for its domain, in names it looks up, and learn what the cluster's resolver
#     knows. Charts come from third parties and see the values of the release, secrets included.
#   audit: |
#     Read the arguments of every instance, shards included. Select by component: the label `app` of a shard
#     carries a suffix, so a selector on it misses shards.
#
#     ```sh
#     kubectl get deploy,sts,ds -A -l app.kubernetes.io/component=helm-controller -o json | jq -r \
#       '.items[] | "\(.metadata.namespace)/\(.metadata.name): \(.spec.template.spec.containers[] | select(.name == "manager") | [.command, .args])"'
#     ```
#
#     Pass: no `--feature-gates` sets `AllowDNSLookups=true`, or a later one sets it to false. Repeated
#     `--feature-gates` are merged, and the last setting of a gate wins.
#   remediation: |
#     Delete the gate where it is set, or append the opposite:
#
#     With `flux bootstrap`, patch the controller in `flux-system/kustomization.yaml`:
#
#     ```yaml
#     patches:
#       - target:
#           kind: Deployment
#           name: helm-controller
#         patch: |
#           - op: add
#             path: /spec/template/spec/containers/0/args/-
#             value: --feature-gates=AllowDNSLookups=false
#     ```
#
#     With the Flux Operator, put the same patch into the FluxInstance:
#
#     ```yaml
#     spec:
#       kustomize:
#         patches:
#           - target:
#               kind: Deployment
#               name: helm-controller
#             patch: |
#               - op: add
#                 path: /spec/template/spec/containers/0/args/-
#                 value: --feature-gates=AllowDNSLookups=false
#     ```
#
#     With the flux2 chart:
#
#     ```yaml
#     helmController:
#       container:
#         additionalArgs:
#           - --feature-gates=AllowDNSLookups=false
#     ```
#
#     Charts that call `getHostByName` render an empty string afterwards: give them the address as a value.
#   since: 0.1.0
#   params: {}
package flux.no_helm_dns_lookups

import data.lib.argument
import data.lib.flags
import data.lib.flux
import data.lib.result

subject if flux.component == "helm-controller"

gate := flags.gate("AllowDNSLookups")

violation contains result.full(gate.path, "charts may look up names while they are rendered", nodes, fix) if {
	subject
	gate.state == "known"
	gate.value == true
	nodes := argument.needs(gate.path)
	fix := flags.append("--feature-gates=AllowDNSLookups=false")
}

unknown contains finding if {
	subject
	some finding in flags.undecided_gate("AllowDNSLookups")
}
