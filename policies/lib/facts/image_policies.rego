package lib.facts

import data.lib.admission
import data.lib.verification

# Rules of admission policies that verify the signatures of images: rules of lib.admission with the patterns of the
# images that they speak of and leave out, and how these are read. `vague` where an expression chooses the images.
image_policies := fact if {
	fact := data.inventory.facts.image_policies
} else := sort(array.concat(
	array.concat(_verifying_rules, _verifying_expressions),
	array.concat(_verifying_controller, _verifying_constraints),
))

_verifying_rules := [rule |
	some obj in array.concat(clustered("kyverno.io", "ClusterPolicy"), namespaced("kyverno.io", "Policy"))
	some i, raw in admission.list(admission.field(admission.field(obj, "spec"), "rules"))
	some j, item in admission.list(admission.field(raw, "verifyImages"))
	base := admission.kyverno(obj, ["spec", "rules", i, "verifyImages", j], raw, item, admission.pods)
	rule := object.union(base, _speaking_of(
		admission.list(admission.field(item, "imageReferences")),
		admission.list(admission.field(item, "skipImageReferences")),
		"kyverno",
	))
]

_verifying_expressions := [rule |
	some kind, found in {
		"ImageValidatingPolicy": clustered("policies.kyverno.io", "ImageValidatingPolicy"),
		"NamespacedImageValidatingPolicy": namespaced("policies.kyverno.io", "NamespacedImageValidatingPolicy"),
	}
	some obj in found
	spec := admission.field(obj, "spec")
	_verifies(spec)
	narrow := admission.filled(admission.field(spec, "matchConditions"))
	matched := admission.ruled(admission.field(spec, "matchConstraints"), admission.pods, narrow)
	base := admission.cel(obj, kind, matched, _cel_actions(spec))
	references := admission.list(admission.field(spec, "matchImageReferences"))
	globs := [admission.field(reference, "glob") | some reference in references]
	rule := object.union(base, _speaking_of(array.concat(globs, ["*" | count(references) == 0]), [], "cel"))
]

_verifies(spec) if {
	some validation in admission.list(admission.field(spec, "validations"))
	expression := admission.field(validation, "expression")
	is_string(expression)
	contains(expression, "verifyImageSignatures")
}

# Kyverno's CEL policies deny unless they say otherwise.
_cel_actions(spec) := [] if {
	admission.field(admission.field(admission.field(spec, "evaluation"), "admission"), "enabled") == false
} else := ["Deny"] if {
	admission.empty(admission.field(spec, "validationActions"))
} else := admission.field(spec, "validationActions")

_verifying_controller := [rule |
	some obj in clustered("policy.sigstore.dev", "ClusterImagePolicy")
	globs := [admission.field(image, "glob") | some image in admission.list(admission.field(admission.field(obj, "spec"), "images"))]
	rule := object.union(admission.sigstore(obj), _speaking_of(globs, [], "sigstore"))
]

# Constraints whose template asks Ratify.
_verifying_constraints := [rule |
	some template in clustered("templates.gatekeeper.sh", "ConstraintTemplate")
	contains(sprintf("%v", [admission.field(admission.field(template, "spec"), "targets")]), "ratify")
	kind := _constrained_kind(template)
	some obj in clustered("constraints.gatekeeper.sh", kind)
	rule := object.union(admission.gatekeeper(obj, admission.pods), _speaking_of(["*"], [], "ratify"))
]

# The templates made from these very rules speak of everything and enforce none of it.
_constrained_kind(template) := kind if {
	kind := template.spec.crd.spec.names.kind
	is_string(kind)
	not startswith(kind, "FluxAudit")
}

_speaking_of(globs, skips, engine) := {
	"patterns": [glob | some glob in globs; is_string(glob)],
	"skips": [skip | some skip in skips; is_string(skip)],
	"sort": verification.sorts[engine],
	"vague": count([1 | some glob in array.concat(globs, skips); not is_string(glob)]) > 0,
}
