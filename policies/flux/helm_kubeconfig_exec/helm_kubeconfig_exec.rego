# METADATA
# title: helm-controller does not allow kubeconfig exec
# description: |
#   No instance of helm-controller is started with `--insecure-kubeconfig-exec=true`. The flag is off by default, so
#   its absence is fine; the value that counts is the one the controller would parse, not the text.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/best-practices/#helm-controller
#     description: Flux security best practices, Helm Controller / Start-up flags
# custom:
#   id: FX-HC-01
#   severity: critical
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
#   origin: best-practices.md, Helm Controller / Start-up flags
#   rationale: |
#     A kubeconfig can name a program that is run to obtain credentials. With this flag the controller runs it
#     inside its own container. Whoever can write the Secret that a HelmRelease names in `spec.kubeConfig` then
#     runs commands with the controller's service account, which is cluster-admin in a default installation.
#   audit: |
#     Read the arguments of every instance, shards included. Select by component: the label `app` of a shard
#     carries a suffix, so a selector on it misses shards.
#
#     ```sh
#     kubectl get deploy,sts,ds -A -l app.kubernetes.io/component=helm-controller -o json | jq -r \
#       '.items[] | "\(.metadata.namespace)/\(.metadata.name): \(.spec.template.spec.containers[] | select(.name == "manager") | [.command, .args])"'
#     ```
#
#     Pass: the last `--insecure-kubeconfig-exec` in the list is `=false`, or there is none. `--flag` alone is true,
#     and so is `--flag` followed by an item `false`: that item is a positional argument. An item that comes from a
#     variable or a script has to be resolved first.
#   remediation: |
#     Find what adds the argument (a patch, `spec.kustomize.patches` of the FluxInstance, chart values) and delete it.
#     Where that is out of reach, append the opposite: the last value wins. Removing an argument by its index
#     is fragile, because indexes differ between controllers and releases.
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
#             value: --insecure-kubeconfig-exec=false
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
#                 value: --insecure-kubeconfig-exec=false
#     ```
#
#     With the flux2 chart:
#
#     ```yaml
#     helmController:
#       container:
#         additionalArgs:
#           - --insecure-kubeconfig-exec=false
#     ```
#
#     Kubeconfigs that relied on it need another credential: a token, a client certificate, or
#     `spec.kubeConfig.configMapRef` with workload identity.
#   since: 0.1.0
#   params: {}
package flux.helm_kubeconfig_exec

import data.lib.flags
import data.lib.flux
import data.lib.result

subject if flux.component == "helm-controller"

flag := flags.get("insecure-kubeconfig-exec")

violation contains result.fixed(flag.path, "kubeconfigs may run commands in the controller", fix) if {
	subject
	flag.state == "known"
	flag.value == true
	fix := flags.append("--insecure-kubeconfig-exec=false")
}

unknown contains finding if {
	subject
	some finding in flags.undecided("insecure-kubeconfig-exec")
}
