package flux.artifact_verification_strict_test

import data.flux.artifact_verification_strict as control

review(kind, spec) := {"review": {"object": {
	"apiVersion": version(kind),
	"kind": kind,
	"metadata": {"name": "app", "namespace": "apps"},
	"spec": spec,
}}}

version("HelmRelease") := "helm.toolkit.fluxcd.io/v2"

version(kind) := "source.toolkit.fluxcd.io/v1" if kind != "HelmRelease"

paths(findings) := {finding.details.path | some finding in findings}

# [fail, warn, unknown]
found(kind, spec) := [fails, warns, unknowns] if {
	control.subject with input as review(kind, spec)
	fails := paths(control.violation) with input as review(kind, spec)
	warns := paths(control.warn) with input as review(kind, spec)
	unknowns := paths(control.unknown) with input as review(kind, spec)
}

clean := [set(), set(), set()]

verify := ["spec", "verify"]

artifact(verification) := found("OCIRepository", {"url": "oci://example.com/a", "verify": verification})

github := `^https://token\.actions\.githubusercontent\.com$`

workflow := `^https://github\.com/acme/app/\.github/workflows/release\.yaml@refs/tags/v.*$`

identity(issuer, subject) := {"provider": "cosign", "matchOIDCIdentity": [{"issuer": issuer, "subject": subject}]}

test_named_signers_pass if {
	artifact({"provider": "cosign", "secretRef": {"name": "keys"}}) == clean
	artifact({"provider": "notation", "secretRef": {"name": "policy"}}) == clean
	artifact(identity(github, workflow)) == clean
	artifact(null) == clean
	found("HelmRelease", {"chart": {"spec": {"verify": identity(github, workflow)}}}) == clean
	found("HelmRelease", {"chartRef": {"kind": "OCIRepository", "name": "a"}}) == clean
}

test_with_a_key_identities_are_not_read if {
	artifact({"secretRef": {"name": "keys"}, "matchOIDCIdentity": [{"issuer": ".*", "subject": ".*"}]}) == clean
}

test_any_signer_fails if {
	every verification in [{}, {"provider": "cosign"}, {"provider": "cosign", "matchOIDCIdentity": []}, {"provider": ""}] {
		artifact(verification) == [{verify}, set(), set()]
	}
	found("HelmRelease", {"chart": {"spec": {"verify": {"provider": "cosign"}}}}) == [{["spec", "chart", "spec", "verify"]}, set(), set()]
	found("HelmChart", {"verify": {"provider": "cosign"}}) == [{verify}, set(), set()]
}

test_no_keys_fail if {
	secret := array.concat(verify, ["secretRef", "name"])
	artifact({"provider": "notation"}) == [{secret}, set(), set()]
	found("GitRepository", {"verify": {"mode": "HEAD"}}) == [{secret}, set(), set()]
}

claim(key) := array.concat(verify, ["matchOIDCIdentity", 0, key])

test_missing_claims_fail if {
	artifact({"matchOIDCIdentity": [{"issuer": github}]}) == [{claim("subject")}, set(), set()]
	artifact(identity("", workflow)) == [{claim("issuer")}, set(), set()]
}

# What the control says about a subject.
fault(text) := concat(", ", {trim_prefix(msg, "the regular expression for the subject ") | some msg in messages}) if {
	messages := {finding.msg | some finding in control.violation} with input as review("OCIRepository", {"verify": identity(github, text)})
}

test_faults if {
	every text, expected in {
		"github.com/acme": "is not anchored at both ends",
		`^https://github\.com/acme/app`: "is not anchored at both ends",
		`https://github\.com/acme/.*$`: "is not anchored at both ends",
		`^https://github\.com/acme/.*$|acme`: "is not anchored at both ends",
		`^acme\$`: "is not anchored at both ends",
		".*": "is not anchored at both ends",
		"^.*$": "leaves the host open",
		`^https://.*/acme/app@refs/tags/v.*$`: "leaves the host open",
		`^https://[a-z.]+/acme/app/.*$`: "leaves the host open",
		`^https?://(.*\.)?acme\.example/.*$`: "leaves the host open",
		`^http.*github\.com/acme/.*$`: "leaves the host open",
		`^https://github\.com/.*$`: "leaves the owner open",
		`^https://github\.com/acme.*$`: "leaves the owner open",
		`^https://github\.com/acme*$`: "leaves the owner open",
		`^https://github\.com/[^/]+/app/.*$`: "leaves the owner open",
		`^https://github\.com/[a-z-]+/app/.*$`: "leaves the owner open",
		`^https://github\.com/\w+/app/.*$`: "leaves the owner open",
		`^https://github\.com/(acme|.*)/app/.*$`: "leaves the owner open",
		`^https://github\.com/acme/app/.*$|^https://github\.com/.*$`: "leaves the owner open",
		`^https:\/\/git\.acme\.example\/.*$`: "leaves the owner open",
		`^https://github\.com/a?t?tacker/app/.*$`: "matches strangers",
		`^.+@.+$`: "matches strangers",
		workflow: "",
		`^https://github.com/stefanprodan/podinfo.*$`: "",
		`^https:\/\/github\.com\/acme\/.*$`: "",
		`^https://github\.com/acme/.*`: "",
		`^https://github\.com/acme/(app/.*)`: "",
		`^https://github\.com/acme[.+]x/app/.*$`: "",
		`^https://github\.com/(acme|beta)/app/.*$`: "",
		`^https://github\.com/[Aa]cme/app/.*$`: "",
		`(?i)^https://github\.com/acme/app/.*$`: "",
		`^.*@acme\.example$`: "",
		`^releases@acme\.example$`: "",
	} {
		fault(text) == expected
	}
}

test_issuers if {
	every text in [
		"https://token.actions.githubusercontent.com", `^https://.*$`, `^https://token\.actions\.githubusercontent\.com.*$`,
		`^https://.*githubusercontent\.com$`, "^https://attacker.example$",
	] {
		artifact(identity(text, workflow)) == [{claim("issuer")}, set(), set()]
	}
	artifact(identity(`^https://token\.actions\.githubusercontent\.com/acme$`, workflow)) == clean
}

git(mode, ref) := found("GitRepository", {"ref": ref, "verify": object.union({"secretRef": {"name": "keys"}}, mode)})

test_tags_want_to_be_verified if {
	every mode in [{}, {"mode": "HEAD"}, {"mode": "head"}] {
		git(mode, {"tag": "v1.0.0"}) == [set(), {array.concat(verify, ["mode"])}, set()]
		git(mode, {"semver": "1.x"}) == [set(), {array.concat(verify, ["mode"])}, set()]
		git(mode, {"branch": "main"}) == clean
		git(mode, {"tag": "v1.0.0", "commit": "abc"}) == clean
		git(mode, {"tag": "v1.0.0", "name": "refs/heads/main"}) == clean
	}
	git({"mode": "TagAndHEAD"}, {"tag": "${TAG}"}) == clean
	git({"mode": "HEAD"}, {"tag": "${TAG}"}) == [set(), {array.concat(verify, ["mode"])}, set()]
	git({"mode": "Tag"}, {"tag": "v1.0.0"}) == clean
}

test_unknown if {
	artifact("cosign") == [set(), set(), {verify}]
	every provider in ["pgp", "${PROVIDER}", 5] {
		artifact({"provider": provider}) == [set(), set(), {array.concat(verify, ["provider"])}]
	}
	artifact({"provider": "cosign", "secretRef": {"name": "${KEYS}"}}) == [set(), set(), {array.concat(verify, ["secretRef", "name"])}]
	artifact({"provider": "cosign", "secretRef": "keys"}) == [set(), set(), {array.concat(verify, ["secretRef"])}]
	artifact({"matchOIDCIdentity": {}}) == [set(), set(), {array.concat(verify, ["matchOIDCIdentity"])}]
	artifact({"matchOIDCIdentity": ["acme"]}) == [set(), set(), {array.concat(verify, ["matchOIDCIdentity", 0])}]
	every text in ["^(", `^(^https://github\.com/acme/app$)$`, `^\pL$`, 5, "^${OWNER}$"] {
		artifact(identity(github, text)) == [set(), set(), {claim("subject")}]
	}
	git({"mode": "Everything"}, {}) == [set(), set(), {array.concat(verify, ["mode"])}]
	git({"mode": "HEAD"}, {"tag": 5}) == [set(), set(), {["spec", "ref", "tag"]}]
}

test_other_kinds_are_not_meant if {
	not control.subject with input as review("Bucket", {})
}

test_a_release_without_verification_passes if {
	found("HelmRelease", {"chart": {"spec": {"chart": "app", "sourceRef": {"kind": "HelmRepository", "name": "charts"}}}}) == clean
}

# The same with something hidden that has nothing to do with verification.
veiled(kind, spec) := [fails, warns, unknowns] if {
	hidden := {"metadata": {"annotations": {"flux-audit.internal/unknown-paths": "/spec/url"}}}
	obj := object.union(review(kind, spec).review.object, hidden)
	fails := paths(control.violation) with input as obj
	warns := paths(control.warn) with input as obj
	unknowns := paths(control.unknown) with input as obj
}

test_what_is_not_verified_passes_whatever_is_hidden if {
	every kind in ["OCIRepository", "HelmChart", "HelmRelease"] {
		veiled(kind, {}) == clean
	}
	every ref in [{"tag": "v1.0.0"}, {"tag": 5}] {
		veiled("GitRepository", {"ref": ref}) == clean
	}
	veiled("OCIRepository", {"verify": {}}) == [{verify}, set(), set()]
}

test_a_verification_that_is_hidden_is_a_doubt if {
	every kind in ["OCIRepository", "HelmChart", "GitRepository"] {
		hidden := {"metadata": {"annotations": {"flux-audit.internal/unknown-paths": "/spec/verify"}}}
		obj := object.union(review(kind, {}).review.object, hidden)
		paths(control.unknown) == {verify} with input as obj
	}
}

test_fields_of_other_kinds_are_not_read if {
	artifact({"secretRef": {"name": "keys"}, "mode": "Everything"}) == clean
	git({"provider": "pgp", "matchOIDCIdentity": [5]}, {"branch": "main"}) == clean
	found("OCIRepository", {"ref": {"tag": 5}, "verify": {"secretRef": {"name": "keys"}}}) == clean
}

test_a_claim_has_one_fault if {
	every spec in [identity("", workflow), identity(github, ".*"), identity(github, "^.*$|acme")] {
		count(control.violation) == 1 with input as review("OCIRepository", {"verify": spec})
	}
}

test_a_strangers_own_identity_is_a_strangers if {
	every text in [
		`^https://attacker\.example$`,
		`^https://github\.com/attacker/app/\.github/workflows/release\.yaml@refs/tags/v1\.0\.0$`,
		`^https://gitlab\.com/attacker/app//\.gitlab-ci\.yml@refs/heads/main$`,
		`^attacker@attacker\.example$`,
	] {
		fault(text) == "matches strangers"
	}
}

test_each_part_of_a_reference_is_read if {
	every key in ["commit", "name", "semver", "tag"] {
		unknowns := git({"mode": "HEAD"}, {key: 5})[2]
		unknowns == {["spec", "ref", key]}
	}
}

test_an_empty_mode_is_the_default if {
	git({"mode": ""}, {"branch": "main"}) == clean
	git({"mode": ""}, {"tag": "v1.0.0"}) == [set(), {array.concat(verify, ["mode"])}, set()]
}

test_the_tag_can_be_verified_as_well if {
	every key in ["semver", "tag"] {
		spec := {"ref": {key: "1"}, "verify": {"secretRef": {"name": "keys"}}}
		some finding in control.warn with input as review("GitRepository", spec)
		finding.details.related == [{"path": ["spec", "ref", key]}]
		finding.details.fix == [{"op": "add", "path": "/spec/verify/mode", "value": "TagAndHEAD"}]
	}
}
