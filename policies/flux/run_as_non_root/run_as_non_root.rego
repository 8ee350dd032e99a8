# METADATA
# title: Flux containers run as non-root
# description: |
#   Every container of a Flux controller's pod must run as non-root, and none sets the user ID 0.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/#pod-security-standard
#     description: Flux security documentation, Pod security standard
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
#     description: Kubernetes pod security standards, restricted
# custom:
#   id: FX-PSS-04
#   severity: high
#   profiles: [base]
#   assessment: automated
#   modes: [git, render, dump, admission]
#   kinds: [apps/Deployment, apps/StatefulSet, apps/DaemonSet, apps/ReplicaSet, batch/Job, batch/CronJob,
#     PodTemplate, Pod]
#   reads: []
#   origin: security.md, Pod security standard
#   rationale: |
#     With `runAsNonRoot` the kubelet refuses to start an image whose user is root, so that a replaced image or a
#     changed user in it cannot bring root back unnoticed. Root in a container is one kernel or mount mistake away
#     from root on the node, and a node with a controller on it holds the token of an account that may be
#     cluster-admin.
#
#     A container's own value overrides the pod's: `true` on the pod does not help a container that says `false`.
#   audit: |
#     ```sh
#     kubectl get pods -A -l app.kubernetes.io/part-of=flux -o json \
#       | jq -r '.items[] | .metadata.name as $pod | .spec
#           | (.initContainers // []) + .containers + (.ephemeralContainers // []) | .[]
#           | [$pod, .name, ([.securityContext.runAsNonRoot, .securityContext.runAsUser] | tostring)] | @tsv'
#     ```
#
#     Pods of Flux 2.6 and older carry only the label `app`; leave the selector out for those and look at the
#     namespace of Flux. Do not select by `app=<controller>`: shards have other values there.
#
#     A container without a value has that of its pod (`.spec.securityContext`). Pass: the first value in effect
#     is `true`, the second is not 0.
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
#                       runAsNonRoot: true
#     ```
#
#     A FluxInstance takes the same patch under `spec.kustomize.patches`. In the community chart
#     `<controller>.securityContext` replaces the whole default block: repeat every field of it.
#
#     Remove a `runAsUser: 0`; the images of Flux run as 65534 on their own. On OpenShift the value may come from
#     the security context constraint: set the parameter `platform: openshift`, and check a dump with Pods.
#   since: 0.1.0
#   params:
#     platform:
#       type: string
#       enum: [kubernetes, openshift]
#       default: kubernetes
#       description: The kind of cluster; on openshift, security context constraints may fill in what a manifest leaves out
package flux.run_as_non_root

import data.lib.flux
import data.lib.node
import data.lib.pods
import data.lib.result

subject if flux.controller

violation contains result.fixed(c.setting.path, msg, node.fix(c.setting, true)) if {
	some c in containers
	c.setting.value == false
	msg := sprintf("%v may run as root", [c.label])
}

violation contains result.fixed(c.setting.path, msg, node.fix(c.setting, true)) if {
	some c in containers
	c.setting.state == "absent"
	not pods.constrained
	msg := sprintf("%v is not required to run as non-root", [c.label])
}

violation contains result.at(c.user.path, msg) if {
	some c in containers
	c.user.value == 0
	msg := sprintf("%v runs as root", [c.label])
}

warn contains result.at(c.setting.path, msg) if {
	some c in containers
	c.setting.state == "absent"
	pods.constrained
	msg := sprintf("%v is not required to run as non-root, which is left to the security context constraint", [c.label])
}

unknown contains finding if {
	subject
	some finding in pods.undecided
}

unknown contains finding if {
	some c in containers
	some field in [c.setting, c.user]
	finding := node.doubt(field)
}

containers contains {"label": c.label, "setting": setting, "user": user} if {
	subject
	some c in pods.completed
	setting := pods.effective(c, "runAsNonRoot", "boolean")
	user := pods.effective(c, "runAsUser", "integer")
}
