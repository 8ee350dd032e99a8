# METADATA
# title: Flux containers have a read-only root filesystem
# description: |
#   Every container of a Flux controller's pod mounts its root filesystem read-only.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/#pod-security-standard
#     description: Flux security documentation, Pod security standard
#   - ref: https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
#     description: Kubernetes, configuring a security context
# custom:
#   id: FX-PSS-02
#   severity: medium
#   profiles: [base]
#   assessment: automated
#   modes: [git, render, dump, admission]
#   kinds: [apps/Deployment, apps/StatefulSet, apps/DaemonSet, apps/ReplicaSet, batch/Job, batch/CronJob,
#     PodTemplate, Pod]
#   reads: []
#   origin: security.md, Pod security standard
#   rationale: |
#     An attacker who can run code in a controller wants to drop tools or change what runs next. With a
#     read-only root only the declared volumes take writes, and those hold artifacts and temporary files that
#     nothing executes. The restricted standard does not ask for this; it is a property of its own that Flux
#     ships by default.
#   audit: |
#     ```sh
#     kubectl get pods -A -l app.kubernetes.io/part-of=flux -o json \
#       | jq -r '.items[] | .metadata.name as $pod | .spec
#           | (.initContainers // []) + .containers + (.ephemeralContainers // []) | .[]
#           | [$pod, .name, (.securityContext.readOnlyRootFilesystem | tostring)] | @tsv'
#     ```
#
#     Pods of Flux 2.6 and older carry only the label `app`; leave the selector out for those and look at the
#     namespace of Flux. Do not select by `app=<controller>`: shards have other values there.
#
#     Pass: every line ends with `true`.
#   remediation: |
#     Remove the patch or chart value that changed the block. What upstream ships is right; to restore it in a
#     bootstrap repository, patch the controllers in `flux-system/kustomization.yaml`:
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
#                 containers:
#                   - name: manager
#                     securityContext:
#                       readOnlyRootFilesystem: true
#     ```
#
#     A FluxInstance takes the same patch under `spec.kustomize.patches`. In the community chart
#     `<controller>.securityContext` replaces the whole default block: repeat every field of it.
#
#     The controllers write temporary files: each needs its `emptyDir` at `/tmp` (source-controller,
#     source-watcher and image-reflector-controller also theirs at `/data`), else the pod breaks. Give a sidecar
#     that has to write a volume for it.
#   since: 0.1.0
#   params: {}
package flux.read_only_root

import data.lib.flux
import data.lib.node
import data.lib.pods
import data.lib.result

subject if flux.controller

violation contains result.fixed(c.setting.path, msg, node.fix(c.setting, true)) if {
	some c in containers
	node.decided(c.setting)
	c.setting.value != true
	msg := sprintf("%v can write to its root filesystem", [c.label])
}

warn contains finding if {
	subject
	some finding in pods.foreign
}

unknown contains finding if {
	subject
	some finding in pods.undecided
}

unknown contains finding if {
	some c in containers
	finding := node.doubt(c.setting)
}

containers contains {"label": c.label, "setting": pods.own(c, "readOnlyRootFilesystem", "boolean")} if {
	subject
	not pods.windows
	some c in pods.containers
}
