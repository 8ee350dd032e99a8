# METADATA
# title: kustomize-controller forbids remote bases
# description: |
#   Every instance of kustomize-controller is started with `--no-remote-bases=true`. The flag is off by default,
#   also in the flux2 chart with `multitenancy.enabled`. It stops bases that are cloned from Git; files that a
#   kustomization lists by HTTP URL are fetched all the same, so the sources themselves need a check too.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/best-practices/#kustomize-controller
#     description: Flux security best practices, Kustomize Controller / Start-up flags
# custom:
#   id: FX-KC-03
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
#     An overlay that pulls a base from another repository gives up what a source is for: the revision that Flux
#     verified and reports no longer tells what is applied. Whoever controls the other repository, its host or the
#     network in between changes the cluster without a commit. Each reconciliation also downloads the base again.
#   audit: |
#     Read the arguments of every instance, shards included. Select by component: the label `app` of a shard
#     carries a suffix, so a selector on it misses shards.
#
#     ```sh
#     kubectl get deploy,sts,ds -A -l app.kubernetes.io/component=kustomize-controller -o json | jq -r \
#       '.items[] | "\(.metadata.namespace)/\(.metadata.name): \(.spec.template.spec.containers[] | select(.name == "manager") | [.command, .args])"'
#     ```
#
#     Pass: the last `--no-remote-bases` in each instance's list is true (`--no-remote-bases` alone, or `=true`).
#     An instance without it fails: the default is false. A strategic merge patch that sets `args` replaces the whole
#     list, so look at the result of the build and not at the patch.
#   remediation: |
#     First vendor what overlays pull from elsewhere, or turn it into a source of its own: a GitRepository with
#     `spec.include`, a second Kustomization, or an ArtifactGenerator. Then set the flag.
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
#             value: --no-remote-bases=true
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
#                 value: --no-remote-bases=true
#     ```
#
#     With the flux2 chart:
#
#     ```yaml
#     kustomizeController:
#       container:
#         additionalArgs:
#           - --no-remote-bases=true
#     ```
#
#     Look at the result afterwards: a patch whose target matches nothing changes nothing and reports nothing. A
#     shard that is made with `nameSuffix` still matches by its original name. A FluxInstance with `spec.cluster.multitenant: true` sets the flag by itself; the chart's
#     `multitenancy.enabled` does not.
#   since: 0.1.0
#   params: {}
package flux.no_remote_bases

import data.lib.flags
import data.lib.flux
import data.lib.result

subject if flux.component == "kustomize-controller"

flag := flags.get("no-remote-bases")

violation contains result.fixed(flag.path, "remote bases are allowed", fix) if {
	subject
	flag.state == "known"
	flag.value != true
	fix := flags.append("--no-remote-bases=true")
}

unknown contains finding if {
	subject
	some finding in flags.undecided("no-remote-bases")
}
