# METADATA
# title: The namespace of Flux enforces the restricted standard
# description: |
#   The namespace that the Flux controllers run in enforces the restricted pod security standard by its label.
# scope: package
# related_resources:
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-admission/
#     description: Kubernetes, pod security admission
#   - ref: https://fluxcd.io/flux/security/#pod-security-standard
#     description: Flux security documentation, Pod security standard
# custom:
#   id: FX-PSS-08
#   severity: medium
#   profiles: [hard]
#   assessment: automated
#   modes: [git, render, dump, admission]
#   kinds: [Namespace]
#   reads: []
#   origin: "extension: security.md, Pod security standard, says what the controllers conform to; the label enforces it"
#   rationale: |
#     The controllers conform to the restricted standard, so that enforcing it costs nothing, and it keeps other
#     pods out of the namespace that hold more: whoever may create a pod there can use the controllers' accounts,
#     one of which is usually cluster-admin. Upstream sets only `warn`, which tells the person who applies
#     something and stops nothing. Baseline is enforced by some, and still allows root.
#   audit: |
#     ```sh
#     kubectl get namespaces -L pod-security.kubernetes.io/enforce,pod-security.kubernetes.io/warn
#     ```
#
#     Pass: `restricted` in the first column for each namespace with Flux controllers. A default in the API
#     server's admission configuration may enforce the same without a label; it is in the control plane's
#     configuration, not in the cluster, and changes without a trace there.
#   remediation: |
#     ```yaml
#     patches:
#       - target:
#           kind: Namespace
#           name: flux-system
#         patch: |
#           apiVersion: v1
#           kind: Namespace
#           metadata:
#             name: flux-system
#             labels:
#               pod-security.kubernetes.io/enforce: restricted
#               pod-security.kubernetes.io/enforce-version: latest
#     ```
#
#     in `flux-system/kustomization.yaml`, or under `spec.kustomize.patches` of a FluxInstance. Check first that
#     nothing else in the namespace breaks:
#
#     ```sh
#     kubectl label --dry-run=server --overwrite namespace flux-system pod-security.kubernetes.io/enforce=restricted
#     ```
#
#     OpenShift sets the labels itself from the security context constraints in use.
#   since: 0.1.0
#   params:
#     platform:
#       type: string
#       enum: [kubernetes, openshift]
#       default: kubernetes
#       description: The kind of cluster; on openshift, security context constraints may fill in what a manifest leaves out
#     fluxNamespaces:
#       type: array
#       items: {type: string}
#       default: ["flux-system"]
#       description: Namespaces of Flux controllers, besides those where some are found
package flux.namespace_enforces_restricted

import data.lib.flux
import data.lib.node
import data.lib.pods
import data.lib.result
import data.lib.workload

subject if {
	workload.group_kind(flux.object) == "Namespace"
	flux.name_of(flux.object) in flux.namespaces
}

violation contains result.fixed(enforce.path, msg, node.fix(enforce, "restricted")) if {
	subject
	enforce.state == "set"
	not enforce.value in {"baseline", "restricted"}
	msg := sprintf("the namespace of flux enforces the pod security level %v", [enforce.value])
}

violation contains result.fixed(enforce.path, msg, node.fix(enforce, "restricted")) if {
	subject
	enforce.state == "absent"
	level("warn").state == "absent"
	not pods.openshift
	msg := "the namespace of flux has no pod security level"
}

warn contains result.fixed(enforce.path, msg, node.fix(enforce, "restricted")) if {
	subject
	enforce.value == "baseline"
	msg := "the namespace of flux enforces the pod security level baseline only"
}

warn contains result.fixed(enforce.path, msg, node.fix(enforce, "restricted")) if {
	subject
	enforce.state == "absent"
	level("warn").state == "set"
	msg := "the namespace of flux warns of pods that break the pod security level, and enforces none"
}

warn contains result.at(enforce.path, msg) if {
	subject
	enforce.state == "absent"
	level("warn").state == "absent"
	pods.openshift
	msg := "the namespace of flux has no pod security level, which is left to openshift"
}

unknown contains finding if {
	subject
	finding := node.doubt(enforce)
}

unknown contains finding if {
	subject
	enforce.state == "absent"
	finding := node.doubt(level("warn"))
}

enforce := level("enforce")

level(mode) := node.get(metadata, ["labels", sprintf("pod-security.kubernetes.io/%v", [mode])], "string")

metadata := node.at(raw_metadata, ["metadata"], "object", 0)

raw_metadata := object.get(flux.object, "metadata", null) if {
	is_object(flux.object)
} else := null
