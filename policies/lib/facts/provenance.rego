package lib.facts

import data.lib.admission
import data.lib.patterns

# Rules of Kyverno that verify the SLSA provenance of images: as in image_policies, of those alone whose attestations are by
# the trusted generator.
provenance_policies := fact if {
	fact := data.inventory.facts.provenance_policies
} else := sort([rule |
	some obj in array.concat(clustered("kyverno.io", "ClusterPolicy"), namespaced("kyverno.io", "Policy"))
	some i, raw in admission.list(admission.field(admission.field(obj, "spec"), "rules"))
	some j, item in admission.list(admission.field(raw, "verifyImages"))
	_attests(item)
	base := admission.kyverno(obj, ["spec", "rules", i, "verifyImages", j], raw, item, admission.pods)
	rule := object.union(base, _speaking_of(
		admission.list(admission.field(item, "imageReferences")),
		admission.list(admission.field(item, "skipImageReferences")),
		"kyverno",
	))
])

_attests(item) if {
	some attestation in admission.list(admission.field(item, "attestations"))
	some field in ["type", "predicateType"]
	type := admission.field(attestation, field)
	is_string(type)
	regex.match(`(?i)slsa.*provenance|^https://slsa\.dev/provenance/`, type)
	attestors := admission.list(admission.field(attestation, "attestors"))
	count(attestors) > 0
	count([1 | some set in attestors; not _generated(set)]) == 0
}

# Every entry of a set is the generator's workflow, by GitHub's word.
_generated(set) if {
	entries := admission.list(admission.field(set, "entries"))
	count(entries) > 0
	count([1 | some entry in entries; not _generator(admission.field(entry, "keyless"))]) == 0
}

_generator(keyless) if {
	admission.field(keyless, "issuer") == "https://token.actions.githubusercontent.com"
	some [sort_of, field] in [["wildcard", "subject"], ["regexp", "subjectRegExp"]]
	pattern := admission.field(keyless, field)
	is_string(pattern)
	patterns.matches(sort_of, pattern, sprintf("%v/.github/workflows/generator_container_slsa3.yml@refs/tags/v2.1.0", [_generator_home]))
	count([1 | some impostor in _impostors; patterns.matches(sort_of, pattern, impostor)]) == 0
}

_generator_home := "https://github.com/slsa-framework/slsa-github-generator"

# Who must not pass for it.
_impostors := [sprintf(`%v%v`, [place, "/.github/workflows/generator_container_slsa3.yml@refs/tags/v2.1.0"]) |
	some place in [sprintf("%v-evil", [_generator_home]), sprintf("https://evil.example/?%v", [_generator_home]), "https://github.com/acme/app"]
]
