# METADATA
# title: Flux containers use the runtime default seccomp profile
# description: |
#   The seccomp profile in effect for every container of a Flux controller's pod is RuntimeDefault.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/#pod-security-standard
#     description: Flux security documentation, Pod security standard
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
#     description: Kubernetes pod security standards, restricted
# custom:
#   id: FX-PSS-03
#   severity: medium
#   profiles: [base]
#   assessment: automated
#   modes: [git, render, dump, admission]
#   kinds: [apps/Deployment, apps/StatefulSet, apps/DaemonSet, apps/ReplicaSet, batch/Job, batch/CronJob,
#     PodTemplate, Pod]
#   reads: []
#   origin: security.md, Pod security standard
#   rationale: |
#     The runtime's default profile refuses system calls that a controller never makes and that kernel exploits
#     often begin with. Without a profile the container runs unconfined, unless the kubelet happens to be
#     configured with a default of its own, which no manifest shows. A privileged container runs unconfined
#     whatever its profile says.
#   audit: |
#     ```sh
#     kubectl get pods -A -l app.kubernetes.io/part-of=flux -o json \
#       | jq -r '.items[] | .metadata.name as $pod | .spec
#           | (.initContainers // []) + .containers + (.ephemeralContainers // []) | .[]
#           | [$pod, .name, (.securityContext.seccompProfile.type | tostring)] | @tsv'
#     ```
#
#     Pods of Flux 2.6 and older carry only the label `app`; leave the selector out for those and look at the
#     namespace of Flux. Do not select by `app=<controller>`: shards have other values there.
#
#     A container without a profile has that of its pod (`.spec.securityContext.seccompProfile`). Pass: the one
#     in effect is `RuntimeDefault`. The old annotations `seccomp.security.alpha.kubernetes.io/…` do nothing
#     since Kubernetes 1.27 and do not count.
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
#                       seccompProfile:
#                         type: RuntimeDefault
#     ```
#
#     A FluxInstance takes the same patch under `spec.kustomize.patches`. In the community chart
#     `<controller>.securityContext` replaces the whole default block: repeat every field of it.
#
#     On OpenShift the profile may come from the security context constraint: set the parameter
#     `platform: openshift`, and check a dump with Pods, which show the result.
#   since: 0.1.0
#   params:
#     platform:
#       type: string
#       enum: [kubernetes, openshift]
#       default: kubernetes
#       description: The kind of cluster; on openshift, security context constraints may fill in what a manifest leaves out
package flux.seccomp_runtime_default

import data.lib.flux
import data.lib.node
import data.lib.pods
import data.lib.result

subject if flux.controller

violation contains result.fixed(c.type.path, msg, mended(c)) if {
	some c in containers
	c.type.state == "absent"
	not pods.constrained
	msg := sprintf("%v has no seccomp profile", [c.label])
}

violation contains result.fixed(c.type.path, msg, mended(c)) if {
	some c in containers
	c.type.state == "set"
	not c.type.value in {"Localhost", "RuntimeDefault"}
	msg := sprintf("%v uses the seccomp profile %v", [c.label, c.type.value])
}

violation contains result.fixed(c.type.path, msg, mended(c)) if {
	some c in containers
	c.type.value == "Localhost"
	node.decided(c.file)
	not named(c)
	msg := sprintf("%v uses a local seccomp profile and names none", [c.label])
}

violation contains result.fixed(c.privileged.path, msg, node.fix(c.privileged, false)) if {
	some c in containers
	c.privileged.value == true
	msg := sprintf("%v is privileged and so runs without seccomp", [c.label])
}

warn contains result.fixed(c.type.path, msg, mended(c)) if {
	some c in containers
	c.type.value == "Localhost"
	named(c)
	msg := sprintf("%v uses a local seccomp profile in place of the runtime's default", [c.label])
}

warn contains result.at(c.type.path, msg) if {
	some c in containers
	c.type.state == "absent"
	pods.constrained
	msg := sprintf("%v has no seccomp profile, which is left to the security context constraint", [c.label])
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
	some field in [c.type, c.file, c.privileged]
	finding := node.doubt(field)
}

containers contains record if {
	subject
	not pods.windows
	some c in pods.completed
	profile := pods.effective(c, "seccompProfile", "object")
	record := {
		"label": c.label,
		"profile": profile,
		"type": node.child(profile, "type", "string"),
		"file": node.child(profile, "localhostProfile", "string"),
		"privileged": pods.privileged(c),
	}
}

named(c) if {
	c.file.state == "set"
	c.file.value != ""
}

mended(c) := node.fix(c.profile, {"type": "RuntimeDefault"})
