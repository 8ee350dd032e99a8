# METADATA
# title: Signature policy pins identity and issuer
# description: |
#   A policy that verifies the signatures of Flux images accepts the Flux organisation's release workflows alone: the
#   issuer is GitHub's, and the subject lies in `https://github.com/fluxcd/` (for the enterprise images, in
#   `https://github.com/controlplaneio-fluxcd/`). Kyverno's `verifyImages` and ImageValidatingPolicy, the
#   ClusterImagePolicy of the Sigstore policy-controller and the trust policies of Ratify are judged. Regular
#   expressions are tried on identities that must and that must not pass.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/#signed-container-images
#     description: Flux security documentation, Signed container images
#   - ref: https://kyverno.io/docs/policy-types/cluster-policy/verify-images/overview/
#     description: Kyverno, verify images rules
#   - ref: https://docs.sigstore.dev/policy-controller/overview/
#     description: Sigstore policy-controller
# custom:
#   id: FX-SC-03
#   severity: high
#   profiles: [hard]
#   assessment: automated
#   modes: [git, render, dump, admission]
#   kinds:
#     - kyverno.io/ClusterPolicy
#     - kyverno.io/Policy
#     - policies.kyverno.io/ImageValidatingPolicy
#     - policies.kyverno.io/NamespacedImageValidatingPolicy
#     - policy.sigstore.dev/ClusterImagePolicy
#     - config.ratify.deislabs.io/Verifier
#     - config.ratify.deislabs.io/NamespacedVerifier
#   reads: []
#   origin: security.md, Signed container images
#   rationale: |
#     A keyless signature says who signed, and nothing about whether that somebody is to be trusted: everybody with
#     a GitHub account can sign any image they can push. A policy without a subject, with `*`, or with a pattern
#     that `https://github.com/fluxcd-evil/…` fits as well, is satisfied by an attacker's signature, and looks
#     like protection.
#   audit: |
#     ```sh
#     kubectl get clusterpolicies.kyverno.io,imagevalidatingpolicies.policies.kyverno.io,clusterimagepolicies.policy.sigstore.dev -o yaml \
#       | grep -nE 'imageReferences|glob:|issuer|subject|identit|ignoreTlog|insecureIgnoreTlog'
#     ```
#
#     For each entry whose images include Flux': the issuer is `https://token.actions.githubusercontent.com`, or an
#     anchored expression of exactly that. Try the subject on `https://github.com/fluxcd-evil/x`, on
#     `https://evil/?https://github.com/fluxcd/`, and on a workflow of any other organisation. Pass: none of them is
#     accepted, and the transparency log is not ignored. Where images are signed again for a mirror, the key or
#     identity is that of whoever runs the mirror.
#   remediation: |
#     Kyverno reads `subject` as a wildcard pattern:
#
#     ```yaml
#     attestors:
#       - entries:
#           - keyless:
#               issuer: https://token.actions.githubusercontent.com
#               subject: https://github.com/fluxcd/*
#     ```
#
#     Everywhere else use an anchored expression:
#
#     ```yaml
#     identities:
#       - issuer: https://token.actions.githubusercontent.com
#         subjectRegExp: ^https://github\.com/fluxcd/.*$
#     ```
#   since: 0.1.0
#   params:
#     trustedRegistries:
#       type: array
#       items: {type: string}
#       default:
#         - ghcr.io/fluxcd
#         - docker.io/fluxcd
#         - ghcr.io/controlplaneio-fluxcd
#         - ghcr.io/controlplaneio-fluxcd/alpine
#         - ghcr.io/controlplaneio-fluxcd/distroless
#         - ghcr.io/controlplaneio-fluxcd/distroless-fips
#       description: Registry prefixes whose Flux images are trusted
#     mirrors:
#       type: array
#       items: {type: string}
#       default: []
#       description: Registry prefixes of one's own mirrors of the trusted images
package flux.image_identity_pinned

import data.lib.node
import data.lib.result
import data.lib.signers
import data.lib.verification

subject if count(speaking) > 0

subject if count(doubts) > 0

# [unit, organisations] of the units that speak of Flux images.
speaking := [[unit, orgs] |
	some unit in verification.units
	orgs := verification.orgs_of(unit)
	count(orgs) > 0
]

doubts := array.concat(verification.skeleton, [one | some unit in verification.units; some one in verification.murky(unit)])

violation contains result.related(unit.signers.path, "the policy asks for no signer", images(unit)) if {
	some [unit, _] in speaking
	count(unit.sets) == 0
	not unit.attests
	unit.signers.state != "ill"
	unit.signers.state != "hidden"
}

violation contains result.related(set.path, "no signer is named here", nodes) if {
	some [unit, orgs] in speaking
	verification.weak(unit, orgs)
	some set in unit.sets
	count(set.entries) == 0
	nodes := others(unit, set)
}

violation contains result.related(entry.path, msg, nodes) if {
	some [unit, orgs] in speaking
	verification.weak(unit, orgs)
	some set in unit.sets
	some entry in set.entries
	msg := unsigned[entry.how]
	nodes := others(unit, set)
}

violation contains finding if {
	some [unit, orgs] in speaking
	verification.weak(unit, orgs)
	some set in unit.sets
	some entry in set.entries
	some place in judged(entry, orgs)
	msg := too_wide[place[1]][place[2]]
	finding := mended(place, msg, others(unit, set), entry, orgs)
}

violation contains result.related(place[0], msg, images(unit)) if {
	some [place, unit] in foreign
	verification.specific(unit)
	msg := sprintf("the %v is not that of the organisation that signs these images", [place[1]])
}

warn contains result.at(place[0], msg) if {
	some [unit, orgs] in speaking
	some set in unit.sets
	some entry in set.entries
	some place in judged(entry, orgs)
	place[2] == "loose"
	msg := sprintf("the expression for the %v is not anchored, so it also fits what merely contains the name", [place[1]])
}

warn contains result.at(entry.log.path, "the transparency log is ignored, so nobody would notice a misused identity") if {
	some [unit, _] in speaking
	some set in unit.sets
	some entry in set.entries
	entry.log.value == true
}

unknown contains finding if {
	some one in doubts
	finding := unclear(one)
}

unknown contains finding if {
	some [unit, orgs] in speaking
	some set in unit.sets
	some finding in (told(set.count) | {found | some entry in set.entries; some found in entry_doubts(entry, orgs)})
}

manual contains result.at(entry.path, "a key or certificate signs: look whose it is") if {
	some [unit, _] in speaking
	some set in unit.sets
	some entry in set.entries
	entry.how == "key"
}

manual contains result.at(unit.base.path, "attestations are verified instead of signatures: look who makes them") if {
	some [unit, _] in speaking
	attesting(unit)
}

manual contains result.at(place[0], msg) if {
	some [place, unit] in foreign
	not verification.specific(unit)
	msg := sprintf("the %v is somebody else's: look whether they sign a mirror of the images", [place[1]])
}

attesting(unit) if {
	unit.attests
	count(unit.sets) == 0
}

attesting(unit) if {
	some set in unit.sets
	some entry in set.entries
	entry.how == "attestation"
}

foreign := [[place, unit] |
	some [unit, orgs] in speaking
	some set in unit.sets
	some entry in set.entries
	some place in judged(entry, orgs)
	place[2] == "foreign"
]

# [path, field, verdict] for issuer and subject of a keyless entry.
judged(entry, orgs) := [
	[verification.issuer_path(entry), "issuer", verification.issuer_of(entry)],
	[verification.subject_path(entry), "subject", verification.subject_of(entry, orgs)],
] if {
	entry.how == "keyless"
} else := []

too_wide := {
	"issuer": {
		"missing": "any issuer is accepted",
		"open": "the expression for the issuer also fits other issuers",
	},
	"subject": {
		"missing": "the identity of the signer is not restricted",
		"open": "the pattern for the subject also fits identities outside of the organisation that signs these images",
	},
}

unsigned := {
	"none": "the entry names no signer",
	"static": "the images are let pass without a signature",
}

images(unit) := [{"path": image.path} | some image in unit.images]

others(unit, set) := array.concat(images(unit), array.concat(
	[{"path": set.count.path} | set.count.state == "set"],
	[{"path": other.path} | some other in unit.sets; other.path != set.path],
))

# A missing field can be added where the entry's fields have these names.
mended(place, msg, nodes, entry, orgs) := result.full(place[0], msg, nodes, fix) if {
	place[2] == "missing"
	entry.names[0] == "issuer"
	entry.path[count(entry.path) - 1] != "identities"
	org := min(orgs)
	[name, value] := {
		"issuer": ["issuer", signers.github],
		"subject": ["subjectRegExp", sprintf(`^https://github\.com/%v/.*$`, [org])],
	}[place[1]]
	fix := [{"op": "add", "path": result.pointer(array.concat(entry.path, [name])), "value": value}]
} else := result.related(place[0], msg, nodes)

entry_doubts(entry, orgs) := ({finding |
	some one in entry.nodes
	some finding in told(one)
} | {result.at(place[0], "the expression is too involved to be judged") |
	some place in judged(entry, orgs)
	place[2] == "unknown"
}) | {result.at(entry.path, "a nested attestor is not judged") | entry.how == "nested"}

told(one) := {finding | finding := node.doubt(one)}

unclear(one) := node.doubt(one) if {
	not node.decided(one)
} else := result.at(one.path, "it cannot be told which images are meant")
