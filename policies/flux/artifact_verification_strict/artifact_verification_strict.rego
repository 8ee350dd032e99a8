# METADATA
# title: Verification accepts named signers only
# description: |
#   Where an artifact or a chart is verified with cosign, a public key or an identity is named: without both, anybody's
#   signature will do. The regular expressions for issuer and subject are anchored at both ends, spell out the host
#   and, in the URL of a forge, the owner, and do not match a stranger. Verification with notation, and that of a
#   GitRepository, names a Secret. A GitRepository that follows tags and verifies only commits gives a warning. What
#   is not verified at all is another control's question.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/components/source/ocirepositories/#verification
#     description: OCIRepository, Verification
#   - ref: https://fluxcd.io/flux/components/source/gitrepositories/#verification
#     description: GitRepository, Verification
#   - ref: https://docs.sigstore.dev/cosign/verifying/verify/
#     description: Sigstore, Verifying Signatures
# custom:
#   id: FX-EXT-03
#   severity: high
#   profiles: [hard]
#   assessment: automated
#   modes: [git, render, dump, admission]
#   kinds:
#     - source.toolkit.fluxcd.io/GitRepository
#     - source.toolkit.fluxcd.io/OCIRepository
#     - source.toolkit.fluxcd.io/HelmChart
#     - helm.toolkit.fluxcd.io/HelmRelease
#   reads: []
#   origin: extension (a verification that accepts every signer verifies nothing)
#   rationale: |
#     Keyless signing gives everybody a certificate who can log in to one of the identity providers that Sigstore
#     trusts, and every workflow on GitHub can. So the signature says nothing until it is compared with an identity.
#     The comparison is a search by regular expression: `github.com/acme` is also found in
#     `https://github.com/attacker/github.com/acme/…`, and `^https://github\.com/acme.*$` matches the organisation
#     `acme-attacker`, too. The condition `SourceVerified` is true all the same.
#   audit: |
#     ```sh
#     kubectl get ocirepositories,helmcharts,gitrepositories -A -o json | jq -r \
#       '.items[] | select(.spec.verify) | "\(.kind) \(.metadata.namespace)/\(.metadata.name): \(.spec.verify)"'
#     kubectl get helmreleases -A -o json | jq -r \
#       '.items[] | select(.spec.chart.spec.verify) | "\(.metadata.namespace)/\(.metadata.name): \(.spec.chart.spec.verify)"'
#     ```
#
#     Pass: each cosign entry has a `secretRef` or at least one `matchOIDCIdentity`, and every issuer and subject
#     begins with `^`, ends with `$`, escapes its dots and leaves neither host nor owner open. Read them one by one:
#     who could get a certificate that matches?
#   remediation: |
#     Name the workflow that signs, and the tags it runs for:
#
#     ```yaml
#     spec:
#       verify:
#         provider: cosign
#         matchOIDCIdentity:
#           - issuer: ^https://token\.actions\.githubusercontent\.com$
#             subject: ^https://github\.com/acme/app/\.github/workflows/release\.yaml@refs/tags/v.*$
#     ```
#
#     or a key, or for notation a trust policy with its certificates:
#
#     ```yaml
#     spec:
#       verify:
#         provider: cosign
#         secretRef:
#           name: cosign-public-keys
#     ```
#
#     A GitRepository with `ref.tag` or `ref.semver` verifies the tag as well as the commit:
#
#     ```yaml
#     spec:
#       ref:
#         semver: 1.x
#       verify:
#         mode: TagAndHEAD
#         secretRef:
#           name: trusted-signers
#     ```
#   since: 0.1.0
#   params: {}
package flux.artifact_verification_strict

import data.lib.flux
import data.lib.node
import data.lib.patterns
import data.lib.result
import data.lib.toolkit

subject if toolkit.kind in {"GitRepository", "HelmChart", "HelmRelease", "OCIRepository"}

# Nothing is verified, and nothing hides that.
unverified if object.get(toolkit.chart, "verify", null) == null

unverified if {
	toolkit.kind != "HelmRelease"
	not node.veils
	is_object(flux.object.spec)
	object.get(flux.object.spec, "verify", null) == null
}

other if {
	subject
	not unverified
}

violation contains finding if {
	other
	some finding in faults
}

warn contains finding if {
	other
	some finding in hints
}

unknown contains finding if {
	other
	some finding in doubts
}

verify := toolkit.field(["verify"], "object") if toolkit.kind in {"GitRepository", "HelmChart", "OCIRepository"}

verify := toolkit.field(["chart", "spec", "verify"], "object") if toolkit.kind == "HelmRelease"

secret := node.get(verify, ["secretRef", "name"], "string")

# Who signs with cosign or notation.
provider := node.child(verify, "provider", "string") if toolkit.kind != "GitRepository"

identities := node.child(verify, "matchOIDCIdentity", "array") if keyless

items := [item | some item in node.items(identities, "object")]

keyless if {
	verify.state == "set"
	toolkit.text(provider) in {"", "cosign"}
	toolkit.text(secret) == ""
}

faults contains result.at(verify.path, "neither a key nor an identity is named, so everybody's signature is accepted") if {
	node.decided(identities)
	count(identities.value) == 0
}

faults contains result.at(secret.path, "no Secret names whose signatures are accepted") if {
	verify.state == "set"
	keyed
	toolkit.text(secret) == ""
}

keyed if toolkit.kind == "GitRepository"

keyed if provider.value == "notation"

faults contains result.at(claim.node.path, sprintf("any %v is accepted", [claim.name])) if {
	some claim in claims
	toolkit.text(claim.node) == ""
}

faults contains result.at(claim.node.path, sprintf("the regular expression for the %v %v", [claim.name, fault])) if {
	some claim in claims
	claim.node.value != ""
	clear(claim.node.value)
	fault := weakness(claim.node.value)
}

claims := [{"name": name, "node": node.child(item, name, "string")} |
	some item in items
	item.state == "set"
	some name in ["issuer", "subject"]
]

# What is wrong with a regular expression; undefined where nothing is.
weakness(text) := "is not anchored at both ends" if {
	not anchored(text)
} else := "leaves the host open" if {
	part_matches(text, `^\^(https?:/?/?)?[^/@]*\*([^@]*$|.*/)`)
} else := "leaves the owner open" if {
	part_matches(text, `^\^https?://[^/]+/[^/]*\*`)
} else := "matches strangers" if {
	takes_strangers(text)
}

anchored(text) if count([1 |
	some part in alternatives(text)
	not regex.match(`^\^.*(\$|\*)$`, part)
]) == 0

part_matches(text, pattern) if {
	some part in alternatives(text)
	regex.match(pattern, part)
}

takes_strangers(text) if {
	some stranger in strangers
	patterns.matches("regexp", text, stranger)
}

strangers := [
	"https://attacker.example",
	"https://github.com/attacker/app/.github/workflows/release.yaml@refs/tags/v1.0.0",
	"https://gitlab.com/attacker/app//.gitlab-ci.yml@refs/heads/main",
	"attacker@attacker.example",
]

# What can be judged: of the common subset of regular expressions, without anchors in groups.
clear(text) if {
	patterns.regexp(text)
	not regex.match(`\([^)]*[\^$]`, flat(text))
}

# The expression with * for what matches anything and x for what is escaped, in a class or in a group.
alternatives(text) := split(ungrouped(ungrouped(flat(text))), "|")

flat(text) := replace(classless, "?", "") if {
	classless := regex.replace(regex.replace(plain(text), `(\.|\[[^\]]*\])[*+{]`, "*"), `\[[^\]]*\]`, "x")
}

# The expression without escapes.
plain(text) := regex.replace(regex.replace(replace(trim_prefix(text, "(?i)"), `\/`, "/"), `\\[wWSD]`, "."), `\\.`, "x")

ungrouped(text) := regex.replace(regex.replace(text, `\([^()]*\*[^()]*\)`, "*"), `\([^()]*\)`, "x")

hints contains result.full(mode.path, "the tag that is followed is not verified, only the commit", nodes, node.fix(mode, "TagAndHEAD")) if {
	verify.state == "set"
	toolkit.text(mode) in {"", "HEAD", "head"}
	count(nodes) > 0
	followed("commit") == ""
	followed("name") == ""
}

mode := node.child(verify, "mode", "string") if toolkit.kind == "GitRepository"

nodes := [{"path": ["spec", "ref", key]} |
	some key in ["semver", "tag"]
	followed(key) != ""
]

# A part of the reference, as it is: only whether it is there counts.
followed(key) := toolkit.text(toolkit.field(["ref", key], "reference"))

doubts contains finding if {
	some finding in toolkit.doubts(read)
}

read := array.concat(
	array.concat([verify], [secret | verify.state == "set"]),
	array.concat(
		array.concat([provider | provider.path], [identities | identities.path]),
		array.concat(array.concat(items, [claim.node | some claim in claims]), git),
	),
)

git := [one |
	verify.state == "set"
	toolkit.kind == "GitRepository"
	some one in array.concat([mode], [toolkit.field(["ref", key], "reference") | some key in ["commit", "name", "semver", "tag"]])
]

doubts contains result.at(claim.node.path, "the regular expression is not one that can be judged") if {
	some claim in claims
	claim.node.state == "set"
	not clear(claim.node.value)
}

doubts contains result.at(provider.path, "flux verifies with no such provider") if {
	provider.state == "set"
	not provider.value in {"", "cosign", "notation"}
}

doubts contains result.at(mode.path, "flux verifies in no such mode") if {
	mode.state == "set"
	not mode.value in {"", "HEAD", "Tag", "TagAndHEAD", "head"}
}
