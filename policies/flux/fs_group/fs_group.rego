# METADATA
# title: Flux pods set the filesystem group 1337
# description: |
#   The pods of the Flux controllers have the filesystem group 1337, as upstream ships them.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/#pod-security-standard
#     description: Flux security documentation, Pod security standard
#   - ref: https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
#     description: Kubernetes, configuring a security context
# custom:
#   id: FX-PSS-05
#   severity: low
#   profiles: [base]
#   assessment: automated
#   modes: [git, render, dump, admission]
#   kinds: [apps/Deployment, apps/StatefulSet, apps/DaemonSet, apps/ReplicaSet, batch/Job, batch/CronJob,
#     PodTemplate, Pod]
#   reads: []
#   origin: security.md, Pod security standard
#   rationale: |
#     The group owns the mounted volumes. 1337 is what upstream ships and tests: with it the non-root user can
#     read projected tokens for cloud identities and write to its volumes. Without it, sources and keys that rely
#     on workload identity fail, which tempts people into secrets or into running as root. The group 0 makes
#     the volumes belong to root's group.
#   audit: |
#     ```sh
#     kubectl get pods -A -l app.kubernetes.io/part-of=flux \
#       -o custom-columns=POD:.metadata.name,FSGROUP:.spec.securityContext.fsGroup
#     ```
#
#     Pass: 1337 on every line. Another group than 0 works where the volumes allow it, and is advice only.
#   remediation: |
#     ```yaml
#     patches:
#       - target:
#           kind: Deployment
#           labelSelector: app.kubernetes.io/part-of=flux
#         patch: |
#           - op: add
#             path: /spec/template/spec/securityContext
#             value:
#               fsGroup: 1337
#     ```
#
#     in `flux-system/kustomization.yaml`, or under `spec.kustomize.patches` of a FluxInstance; in the community
#     chart `<controller>.podSecurityContext`. Mind that the patch replaces the pod's whole security context. On
#     OpenShift the group comes from the security context constraint: leave it out and set the parameter
#     `platform: openshift`.
#   since: 0.1.0
#   params:
#     platform:
#       type: string
#       enum: [kubernetes, openshift]
#       default: kubernetes
#       description: The kind of cluster; on openshift, security context constraints may fill in what a manifest leaves out
package flux.fs_group

import data.lib.flux
import data.lib.node
import data.lib.pods
import data.lib.result

subject if flux.controller

violation contains result.fixed(group.path, "the pod's volumes belong to root's group", node.fix(group, 1337)) if {
	judged
	group.value == 0
}

warn contains result.fixed(group.path, msg, node.fix(group, 1337)) if {
	judged
	group.state == "set"
	not group.value in {0, 1337}
	msg := sprintf("the pod's filesystem group is %v, upstream has 1337", [group.value])
}

warn contains result.fixed(group.path, msg, node.fix(group, 1337)) if {
	judged
	group.state == "absent"
	not pods.constrained
	msg := "the pod has no filesystem group, so token files of cloud identities may be unreadable"
}

warn contains result.at(group.path, msg) if {
	judged
	group.state == "absent"
	pods.constrained
	msg := "the pod has no filesystem group, which is left to the security context constraint"
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
	judged
	finding := node.doubt(group)
}

judged if {
	subject
	pods.completed_whole
	not pods.windows
}

group := node.child(pods.security, "fsGroup", "integer")
