package lib.facts

import data.lib.admission
import data.lib.flux

# Rules of the known admission policies that refuse sources outside an allow-list, found by their names: rules of
# lib.admission, for each kind of source.
source_policies := fact if {
	fact := data.inventory.facts.source_policies
} else := sort(array.concat(
	[{"kind": target.kind, "rule": rule} |
		some obj in clustered("kyverno.io", "ClusterPolicy")
		flux.name_of(obj) == "verify-flux-sources"
		some i, raw in admission.list(admission.field(admission.field(obj, "spec"), "rules"))
		own := admission.field(raw, "validate")
		admission.filled(own)
		some target in _sources
		rule := admission.kyverno(obj, ["spec", "rules", i], raw, own, target)
	],
	[{"kind": target.kind, "rule": rule} |
		some obj in clustered("admissionregistration.k8s.io", "ValidatingAdmissionPolicy")
		flux.name_of(obj) == "source.policy.fluxcd.controlplane.io"
		spec := admission.field(obj, "spec")
		some binding in clustered("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding")
		bound := admission.field(binding, "spec")
		admission.field(bound, "policyName") == flux.name_of(obj)
		some target in _sources
		matched := _matched_twice(
			admission.matched(admission.field(spec, "matchConstraints"), target, admission.filled(admission.field(spec, "matchConditions"))),
			admission.matched(admission.field(bound, "matchResources"), target, false),
		)
		rule := admission.cel(obj, "admission", matched, admission.field(bound, "validationActions"))
	],
))

# What both the policy and its binding match.
_matched_twice(policy, binding) := {
	"include": [array.concat(a, b) | some a in policy.include; some b in binding.include],
	"exclude": array.concat(policy.exclude, binding.exclude),
}

_sources := [{
	"group": group,
	"kind": kind,
	"resource": resource,
	"kinds": {kind, sprintf("*/%v", [kind]), sprintf("v1/%v", [kind]), sprintf("%v/v1/%v", [group, kind]), sprintf("%v/*/%v", [group, kind])},
	"operations": {"CREATE", "UPDATE"},
} |
	some kind, place in {
		"Bucket": ["source", "buckets"],
		"GitRepository": ["source", "gitrepositories"],
		"HelmRepository": ["source", "helmrepositories"],
		"ImageRepository": ["image", "imagerepositories"],
		"OCIRepository": ["source", "ocirepositories"],
	}
	group := sprintf("%v.toolkit.fluxcd.io", [place[0]])
	resource := place[1]
]
