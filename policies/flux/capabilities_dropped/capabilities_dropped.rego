# METADATA
# title: Flux containers drop all capabilities
# description: |
#   Every container of a Flux controller's pod drops all Linux capabilities and adds none.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/#pod-security-standard
#     description: Flux security documentation, Pod security standard
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
#     description: Kubernetes pod security standards, restricted
# custom:
#   id: FX-PSS-01
#   severity: high
#   profiles: [base]
#   assessment: automated
#   modes: [git, render, dump, admission]
#   kinds: [apps/Deployment, apps/StatefulSet, apps/DaemonSet, apps/ReplicaSet, batch/Job, batch/CronJob,
#     PodTemplate, Pod]
#   reads: []
#   origin: security.md, Pod security standard
#   rationale: |
#     The controllers need no capability: they talk to the API server and to remote sources and write to their
#     own volumes. A capability left in place is what turns a bug in a parser of untrusted sources (Git, Helm
#     charts, OCI layers) into more than a crash. The default set that runtimes grant still holds, for example,
#     NET_RAW, with which a container can spoof traffic of its neighbours.
#
#     Sidecars count: they share the network, and often the volumes, of a pod whose account may be cluster-admin.
#     A privileged container has every capability, whatever its list says.
#   audit: |
#     ```sh
#     kubectl get pods -A -l app.kubernetes.io/part-of=flux -o json \
#       | jq -r '.items[] | .metadata.name as $pod | .spec
#           | (.initContainers // []) + .containers + (.ephemeralContainers // []) | .[]
#           | [$pod, .name, (.securityContext.capabilities | tostring)] | @tsv'
#     ```
#
#     Pods of Flux 2.6 and older carry only the label `app`; leave the selector out for those and look at the
#     namespace of Flux. Do not select by `app=<controller>`: shards have other values there.
#
#     Pass: every line shows `"drop":["ALL"]` in upper case, and no `add`.
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
#                       capabilities:
#                         drop: ["ALL"]
#     ```
#
#     A FluxInstance takes the same patch under `spec.kustomize.patches`. In the community chart
#     `<controller>.securityContext` replaces the whole default block: repeat every field of it.
#
#     A mesh's init container that adds NET_ADMIN is a real finding: use the mesh's CNI plugin, or leave Flux out
#     of the mesh.
#   since: 0.1.0
#   params: {}
package flux.capabilities_dropped

import data.lib.flux
import data.lib.node
import data.lib.pods
import data.lib.result

subject if flux.controller

violation contains result.fixed(c.drop.path, msg, node.fix(c.drop, ["ALL"])) if {
	some c in containers
	node.decided(c.drop)
	not "ALL" in c.drop.value
	msg := sprintf("%v does not drop all capabilities", [c.label])
}

violation contains result.fixed(array.concat(c.add.path, [i]), msg, node.fix(c.add, allowed)) if {
	some c in containers
	some i, capability in c.add.value
	capability != "NET_BIND_SERVICE"
	allowed := [a | some a in c.add.value; a == "NET_BIND_SERVICE"]
	msg := sprintf("%v adds the capability %v", [c.label, capability])
}

violation contains result.fixed(c.privileged.path, msg, node.fix(c.privileged, false)) if {
	some c in containers
	c.privileged.value == true
	msg := sprintf("%v is privileged and so has all capabilities", [c.label])
}

warn contains result.fixed(array.concat(c.add.path, [i]), msg, node.fix(c.add, others)) if {
	some c in containers
	some i, capability in c.add.value
	capability == "NET_BIND_SERVICE"
	others := [a | some a in c.add.value; a != "NET_BIND_SERVICE"]
	msg := sprintf("%v adds the capability %v, which flux does not need", [c.label, capability])
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
	some field in [c.drop, c.add, c.privileged]
	finding := node.doubt(field)
}

containers contains {"label": c.label, "drop": drop, "add": add, "privileged": pods.privileged(c)} if {
	subject
	not pods.windows
	some c in pods.containers
	drop := node.get(pods.context(c), ["capabilities", "drop"], "strings")
	add := node.get(pods.context(c), ["capabilities", "add"], "strings")
}
