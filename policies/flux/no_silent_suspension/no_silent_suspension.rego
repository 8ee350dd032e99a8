# METADATA
# title: Nothing is silently suspended or ignored
# description: |
#   No object of Flux has `spec.suspend: true` or an annotation that stops its reconciliation, and no object of Flux, of
#   RBAC or of admission and network policy carries `kustomize.toolkit.fluxcd.io/reconcile: disabled` or
#   `kustomize.toolkit.fluxcd.io/ssa: Ignore`, as annotation or label, by which kustomize-controller passes it over. What
#   the Flux Operator installs has such an annotation on purpose, since the operator itself reconciles it, and passes.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/components/kustomize/kustomizations/#controlling-the-apply-behavior-of-resources
#     description: Kustomization, controlling the apply behavior of resources
#   - ref: https://fluxcd.io/flux/components/kustomize/kustomizations/#suspend
#     description: Kustomization, suspend
# custom:
#   id: FX-EXT-18
#   severity: low
#   profiles: [hard]
#   assessment: automated
#   modes: [git, render, dump, admission]
#   kinds:
#     - source.toolkit.fluxcd.io/Bucket
#     - source.toolkit.fluxcd.io/GitRepository
#     - source.toolkit.fluxcd.io/HelmChart
#     - source.toolkit.fluxcd.io/HelmRepository
#     - source.toolkit.fluxcd.io/OCIRepository
#     - source.extensions.fluxcd.io/ArtifactGenerator
#     - kustomize.toolkit.fluxcd.io/Kustomization
#     - helm.toolkit.fluxcd.io/HelmRelease
#     - notification.toolkit.fluxcd.io/Alert
#     - notification.toolkit.fluxcd.io/Provider
#     - notification.toolkit.fluxcd.io/Receiver
#     - image.toolkit.fluxcd.io/ImagePolicy
#     - image.toolkit.fluxcd.io/ImageRepository
#     - image.toolkit.fluxcd.io/ImageUpdateAutomation
#     - fluxcd.controlplane.io/FluxInstance
#     - fluxcd.controlplane.io/ResourceSet
#     - fluxcd.controlplane.io/ResourceSetInputProvider
#     - rbac.authorization.k8s.io/ClusterRole
#     - rbac.authorization.k8s.io/ClusterRoleBinding
#     - rbac.authorization.k8s.io/Role
#     - rbac.authorization.k8s.io/RoleBinding
#     - networking.k8s.io/NetworkPolicy
#     - cilium.io/CiliumNetworkPolicy
#     - cilium.io/CiliumClusterwideNetworkPolicy
#     - admissionregistration.k8s.io/ValidatingAdmissionPolicy
#     - admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding
#     - admissionregistration.k8s.io/ValidatingWebhookConfiguration
#     - admissionregistration.k8s.io/MutatingWebhookConfiguration
#     - kyverno.io/ClusterPolicy
#     - kyverno.io/Policy
#     - policies.kyverno.io/ImageValidatingPolicy
#     - policies.kyverno.io/ValidatingPolicy
#     - policy.sigstore.dev/ClusterImagePolicy
#     - templates.gatekeeper.sh/ConstraintTemplate
#   reads: []
#   origin: extension (what is not reconciled drifts, and its Kustomization reports success all the same)
#   rationale: |
#     A suspended object keeps its last state and stays green. Fixes in Git do not arrive, and neither does the undoing
#     of what somebody changed in the cluster. The annotations do the same to a single object without a trace in the
#     Kustomization's status: a ClusterRole or policy that carries one can be widened by hand for good. Both are
#     meant for an incident and stay behind after it.
#   audit: |
#     ```sh
#     flux get all -A | grep -i true
#     kubectl get kustomizations.kustomize.toolkit.fluxcd.io,helmreleases,clusterroles,clusterrolebindings,networkpolicies -A -o json | jq -r '.items[]
#       | select(.spec.suspend == true or ([(.metadata.annotations, .metadata.labels) // {} | to_entries[]
#         | select(.key | test("^kustomize.toolkit.fluxcd.io/(reconcile|ssa)$")) | .value | ascii_downcase | . == "disabled" or . == "ignore"] | any))
#       | "\(.kind) \(.metadata.namespace // "")/\(.metadata.name)"'
#     ```
#
#     Look at the column SUSPENDED of the first command. Pass: nothing is printed but what the label
#     `app.kubernetes.io/managed-by=flux-operator` marks, or what a named person has suspended for a known time.
#   remediation: |
#     ```sh
#     flux resume kustomization apps -n apps
#     kubectl annotate clusterrole apps kustomize.toolkit.fluxcd.io/reconcile- kustomize.toolkit.fluxcd.io/ssa-
#     ```
#
#     Remove the field or annotation in Git too. An object that a controller of its own changes needs no `ssa: Ignore`:
#     `kustomize.toolkit.fluxcd.io/ssa: Merge` keeps foreign fields, and `spec.ignore` of the Kustomization single ones:
#
#     ```yaml
#     metadata:
#       annotations:
#         kustomize.toolkit.fluxcd.io/ssa: Merge
#     ```
#   since: 0.1.0
#   params: {}
package flux.no_silent_suspension

import data.lib.flux
import data.lib.node
import data.lib.result

subject if stoppers

group := flux.own_group if is_string(flux.object.kind)

# The annotations that stop an object's own controller; the kinds that have none have spec.suspend.
stoppers := [] if {
	suspendable
} else := [["annotations", "fluxcd.controlplane.io/reconcile", "disabled"]] if {
	group == "fluxcd.controlplane.io"
	flux.object.kind in {"FluxInstance", "ResourceSet", "ResourceSetInputProvider"}
} else := [["annotations", "source.extensions.fluxcd.io/reconcile", "disabled"]] if {
	group == "source.extensions.fluxcd.io"
	flux.object.kind == "ArtifactGenerator"
} else := [] if {
	some kind in split(object.get(guards, group, ""), " ")
	kind == flux.object.kind
}

suspendable if {
	endswith(group, ".toolkit.fluxcd.io")
	flux.object.kind in {
		"Alert", "Bucket", "GitRepository", "HelmChart", "HelmRelease", "HelmRepository", "ImagePolicy", "ImageRepository",
		"ImageUpdateAutomation", "Kustomization", "OCIRepository", "Provider", "Receiver",
	}
}

guards := {
	"rbac.authorization.k8s.io": "ClusterRole ClusterRoleBinding Role RoleBinding",
	"networking.k8s.io": "NetworkPolicy",
	"cilium.io": "CiliumNetworkPolicy CiliumClusterwideNetworkPolicy",
	"admissionregistration.k8s.io": "ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding ValidatingWebhookConfiguration MutatingWebhookConfiguration",
	"kyverno.io": "ClusterPolicy Policy",
	"policies.kyverno.io": "ImageValidatingPolicy ValidatingPolicy",
	"policy.sigstore.dev": "ClusterImagePolicy",
	"templates.gatekeeper.sh": "ConstraintTemplate",
}

# It is reconciled as usual, and nothing hides the contrary.
plain if {
	suspendable
	not node.veils
	obj := flux.object
	is_object(obj.spec)
	is_object(obj.metadata)
	object.get(obj.spec, "suspend", null) in {null, false}
	unmarked(object.get(obj.metadata, "annotations", {}))
	unmarked(object.get(obj.metadata, "labels", {}))
}

unmarked(map) if {
	is_object(map)
	object.get(map, "kustomize.toolkit.fluxcd.io/reconcile", null) == null
	object.get(map, "kustomize.toolkit.fluxcd.io/ssa", null) == null
}

other if {
	subject
	not plain
}

suspended := node.get(spec, ["suspend"], "boolean") if suspendable

spec := node.at(object.get(flux.object, "spec", null), ["spec"], "object", 0) if suspendable

metadata := node.at(object.get(flux.object, "metadata", null), ["metadata"], "object", 0) if subject

# kustomize-controller reads these from annotations and labels alike, whatever the case of the value.
marks := [{"node": node.get(metadata, [field, key], "string"), "key": key, "stops": value} |
	some [field, key, value] in array.concat(stoppers, [
		["annotations", "kustomize.toolkit.fluxcd.io/reconcile", "disabled"],
		["labels", "kustomize.toolkit.fluxcd.io/reconcile", "disabled"],
		["annotations", "kustomize.toolkit.fluxcd.io/ssa", "ignore"],
		["labels", "kustomize.toolkit.fluxcd.io/ssa", "ignore"],
	])
]

# The Flux Operator reconciles these itself.
managed if flux.object.metadata.labels["app.kubernetes.io/managed-by"] == "flux-operator"

violation contains result.fixed(suspended.path, "reconciliation is suspended", node.fix(suspended, false)) if {
	other
	suspended.value == true
}

violation contains result.fixed(mark.node.path, msg, [{"op": "remove", "path": result.pointer(mark.node.path)}]) if {
	other
	some mark in marks
	mark.node.state == "set"
	lower(mark.node.value) == mark.stops
	not excused(mark)
	msg := sprintf("%v keeps the object from being reconciled", [mark.key])
}

excused(mark) if {
	managed
	startswith(mark.key, "kustomize.")
}

unknown contains finding if {
	other
	finding := node.doubt(suspended)
}

unknown contains finding if {
	other
	some mark in marks
	finding := node.doubt(mark.node)
}
