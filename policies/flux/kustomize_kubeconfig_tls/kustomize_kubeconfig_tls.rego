# METADATA
# title: kustomize-controller does not allow insecure kubeconfig TLS
# description: |
#   No instance of kustomize-controller is started with `--insecure-kubeconfig-tls=true`. The flag is off by default.
#   It lets kubeconfigs use `insecure-skip-tls-verify`; it does not by itself change servers whose
#   certificates verify.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/best-practices/#kustomize-controller
#     description: Flux security best practices, Kustomize Controller / Start-up flags
# custom:
#   id: FX-KC-02
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
#   reads: []
#   origin: best-practices.md, Kustomize Controller / Start-up flags
#   rationale: |
#     With this flag the controller honours a kubeconfig that asks it not to verify the API server. Anyone on
#     the network path between the clusters can then pose as the remote API server, read the credentials and
#     manifests of each Kustomization that targets it, and answer as they like.
#   audit: |
#     Read the arguments of every instance, shards included. Select by component: the label `app` of a shard
#     carries a suffix, so a selector on it misses shards.
#
#     ```sh
#     kubectl get deploy,sts,ds -A -l app.kubernetes.io/component=kustomize-controller -o json | jq -r \
#       '.items[] | "\(.metadata.namespace)/\(.metadata.name): \(.spec.template.spec.containers[] | select(.name == "manager") | [.command, .args])"'
#     ```
#
#     Pass: the last `--insecure-kubeconfig-tls` in the list is `=false`, or there is none. `--flag` alone is true,
#     and so is `--flag` followed by an item `false`. An item that comes from a variable or a script has to be
#     resolved first.
#   remediation: |
#     Delete the argument where it is added. Where that is out of reach, append the opposite: the last value wins.
#
#     With `flux bootstrap`, patch the controller in `flux-system/kustomization.yaml`:
#
#     ```yaml
#     patches:
#       - target:
#           kind: Deployment
#           name: kustomize-controller
#         patch: |
#           - op: add
#             path: /spec/template/spec/containers/0/args/-
#             value: --insecure-kubeconfig-tls=false
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
#               name: kustomize-controller
#             patch: |
#               - op: add
#                 path: /spec/template/spec/containers/0/args/-
#                 value: --insecure-kubeconfig-tls=false
#     ```
#
#     With the flux2 chart:
#
#     ```yaml
#     kustomizeController:
#       container:
#         additionalArgs:
#           - --insecure-kubeconfig-tls=false
#     ```
#
#     Put the remote cluster's CA into the kubeconfig (`certificate-authority-data`) instead of
#     `insecure-skip-tls-verify`.
#   since: 0.1.0
#   params: {}
package flux.kustomize_kubeconfig_tls

import data.lib.flags
import data.lib.flux
import data.lib.result

subject if flux.component == "kustomize-controller"

flag := flags.get("insecure-kubeconfig-tls")

violation contains result.fixed(flag.path, "kubeconfigs may turn off the verification of the api server", fix) if {
	subject
	flag.state == "known"
	flag.value == true
	fix := flags.append("--insecure-kubeconfig-tls=false")
}

unknown contains finding if {
	subject
	some finding in flags.undecided("insecure-kubeconfig-tls")
}
