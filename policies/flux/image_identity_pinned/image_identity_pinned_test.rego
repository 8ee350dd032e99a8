package flux.image_identity_pinned_test

import data.flux.image_identity_pinned as control

github := "https://token.actions.githubusercontent.com"

pinned := {"issuer": github, "subjectRegExp": `^https://github\.com/fluxcd/.*$`}

anybody := {"issuer": github, "subject": "*"}

kyverno(item) := {"apiVersion": "kyverno.io/v1", "kind": "ClusterPolicy", "spec": {"rules": [{"verifyImages": [object.union({"imageReferences": ["ghcr.io/fluxcd/*"]}, item)]}]}}

entries(list) := kyverno({"attestors": [{"entries": list}]})

keyless(fields) := entries([{"keyless": fields}])

sigstore(authorities) := {"apiVersion": "policy.sigstore.dev/v1beta1", "kind": "ClusterImagePolicy", "spec": {"images": [{"glob": "ghcr.io/fluxcd/**"}, {"glob": "index.docker.io/fluxcd/*"}], "authorities": authorities}}

cel(cosign) := {"apiVersion": "policies.kyverno.io/v1", "kind": "ImageValidatingPolicy", "spec": {
	"attestors": [{"name": "a", "cosign": cosign}, {"name": "b"}],
	"validations": [{"expression": "verifyImageSignatures(image, [attestors.a])"}],
}}

ratify(policy) := {"apiVersion": "config.ratify.deislabs.io/v1beta1", "kind": "Verifier", "spec": {"parameters": {"trustPolicies": [object.union({"scopes": ["ghcr.io/fluxcd/*"]}, policy)]}}}

levels(obj) := found if {
	found := [count(control.violation), count(control.warn), count(control.unknown), count(control.manual)] with input as obj
}

test_pinned if {
	every obj in [
		keyless(pinned), sigstore([{"keyless": {"identities": [pinned]}}]),
		ratify({"keyless": {"certificateOIDCIssuer": github, "certificateIdentity": "https://github.com/fluxcd/x"}}),
		entries([{"keyless": pinned}, {"keyless": anybody}]), sigstore([{"keyless": {"identities": [pinned]}}, {"static": {"action": "fail"}}]),
	] {
		control.subject with input as obj
		levels(obj) == [0, 0, 0, 0]
	}
	levels(cel({"keyless": {"identities": [pinned]}})) == [0, 0, 0, 1]
}

test_violations if {
	every obj in [
		keyless(anybody), keyless({"subject": "https://github.com/fluxcd/*"}), keyless({"issuer": github, "subjectRegExp": ""}),
		kyverno({}), kyverno({"attestors": [{"entries": []}]}), entries([{}]),
		sigstore([]), sigstore([{"name": "a"}]), sigstore([{"static": {"action": "pass"}}]),
		kyverno({"attestors": [{"count": 1, "entries": [{"keyless": anybody}, {"keyless": pinned}]}]}),
		ratify({"keyless": {"certificateOIDCIssuer": github}}), kyverno({"imageReferences": ["*"], "attestors": [{"entries": [{"keyless": anybody}]}]}),
		keyless(object.union(pinned, {"issuer": "https://gitlab.com"})),
	] {
		levels(obj) == [1, 0, 0, 0]
	}
	levels(sigstore([{"keyless": {}}])) == [2, 0, 0, 0]
	levels(cel({"keyless": {"identities": [{"issuer": github, "subjectRegExp": ".*"}]}})) == [1, 0, 0, 1]
}

test_fix if {
	fixes := {finding.details.fix | some finding in control.violation} with input as keyless({})
	fixes == {
		[{"op": "add", "path": "/spec/rules/0/verifyImages/0/attestors/0/entries/0/keyless/issuer", "value": github}],
		[{"op": "add", "path": "/spec/rules/0/verifyImages/0/attestors/0/entries/0/keyless/subjectRegExp", "value": `^https://github\.com/fluxcd/.*$`}],
	}
}

test_warnings if {
	levels(keyless({"issuer": github, "subjectRegExp": "https://github.com/fluxcd"})) == [0, 1, 0, 0]
	levels(keyless(object.union(pinned, {"rekor": {"ignoreTlog": true}}))) == [0, 1, 0, 0]
}

test_unknown if {
	every obj in [
		keyless({"issuer": github, "subject": 5}), keyless({"issuer": github, "subjectRegExp": "("}), entries([{"attestor": {}}]),
		kyverno({"attestors": 5}), kyverno({"imageReferences": [5], "attestors": []}), kyverno({"attestors": [{"entries": 5}]}),
		kyverno({"imageReferences": ["{{ x }}"], "attestors": []}), kyverno({"attestors": [{"count": "1", "entries": [{"keyless": pinned}]}]}),
		sigstore([{"keyless": {"identities": 5}}]), sigstore([{"keyless": 5}]), sigstore([5]),
		{"apiVersion": "kyverno.io/v1", "kind": "Policy", "spec": {"rules": [{"verifyImages": 5}]}},
		{"apiVersion": "kyverno.io/v1", "kind": "Policy", "spec": {"rules": 5}},
		{"apiVersion": "policy.sigstore.dev/v1beta1", "kind": "ClusterImagePolicy", "spec": {"images": [{"glob": 5}]}},
		{"apiVersion": "policies.kyverno.io/v1", "kind": "ImageValidatingPolicy", "spec": {"matchImageReferences": [{"glob": "[a]"}]}},
		{"apiVersion": "policies.kyverno.io/v1", "kind": "ImageValidatingPolicy", "spec": {"matchImageReferences": [{"expression": "true"}]}},
		{"apiVersion": "config.ratify.deislabs.io/v1beta1", "kind": "Verifier", "spec": {"parameters": {"trustPolicies": 5}}},
	] {
		control.subject with input as obj
		levels(obj)[2] > 0
	}
}

test_manual if {
	every obj in [
		entries([{"keys": {"publicKeys": "k"}}]), entries([{"certificates": {"cert": "c"}}]), kyverno({"attestations": [{"type": "slsa"}]}),
		sigstore([{"key": {"data": "k"}}]), sigstore([{"attestations": [{"name": "a"}]}]), ratify({"keys": []}),
		kyverno({"imageReferences": ["*"], "attestors": [{"entries": [{"keyless": {"issuer": github, "subject": "https://github.com/acme/*"}}]}]}),
	] {
		levels(obj) == [0, 0, 0, 1]
	}
}

test_enterprise_and_mirrors if {
	enterprise := {"issuer": github, "subject": "https://github.com/controlplaneio-fluxcd/*"}
	obj := kyverno({"imageReferences": ["ghcr.io/controlplaneio-fluxcd/*"], "attestors": [{"entries": [{"keyless": enterprise}]}]})
	levels(obj) == [0, 0, 0, 0]
	levels(keyless(enterprise)) == [1, 0, 0, 0]
	mirrored := kyverno({"imageReferences": ["registry.corp/m/source-controller:v1"], "attestors": [{"entries": [{"keyless": enterprise}]}]})
	not control.subject with input as mirrored
	given := {"review": {"object": mirrored}, "parameters": {"mirrors": ["registry.corp/m"], "trustedRegistries": ["corp.example/flux"]}}
	control.subject with input as given
	count(control.violation) == 0 with input as given
	custom := {"review": {"object": kyverno({"imageReferences": ["corp.example/flux/*"]})}, "parameters": {"trustedRegistries": ["corp.example/flux"]}}
	count(control.violation) == 1 with input as custom
}

test_other_objects if {
	not control.subject with input as {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a"}, "spec": 5}
	every obj in [
		kyverno({"imageReferences": ["ghcr.io/acme/*"]}), {"kind": "Pod"}, {"apiVersion": "v1", "kind": "Pod"}, "text",
		kyverno({"imageReferences": ["ghcr.io/*"], "skipImageReferences": ["*fluxcd/*"]}),
		{"apiVersion": "kyverno.io/v1", "kind": "ClusterPolicy"},
		{"apiVersion": "policy.sigstore.dev/v1beta1", "kind": "ClusterImagePolicy", "spec": {"images": [{"glob": "ghcr.io/*"}]}},
	] {
		not control.subject with input as obj
		levels(obj) == [0, 0, 0, 0]
	}
}

test_a_mirror_is_specific if {
	obj := kyverno({"imageReferences": ["registry.corp/m/*"], "attestors": [{"entries": [{"keyless": {"issuer": github, "subject": "https://github.com/acme/*"}}]}]})
	count(control.violation) == 1 with input as {"review": {"object": obj}, "parameters": {"mirrors": ["registry.corp/m"]}}
}

test_a_notary_attestor_is_a_certificate if {
	obj := object.union(cel({}), {"spec": {"attestors": [{"name": "a", "notary": {"certs": {}}}]}})
	levels(obj) == [0, 0, 0, 1]
}

test_signers_that_cannot_be_read_are_a_doubt_alone if {
	levels(kyverno({"attestors": 5})) == [0, 0, 1, 0]
	hidden := {"metadata": {"annotations": {"flux-audit.internal/unknown-paths": "/spec/rules/0/verifyImages/0/attestors"}}}
	levels(object.union(kyverno({"attestors": []}), hidden)) == [0, 0, 1, 0]
}

test_one_set_that_names_a_signer_is_enough if {
	good := {"entries": [{"keyless": pinned}]}
	every bad in [{"entries": []}, {"entries": [{}]}, {"entries": [{"keyless": anybody}]}] {
		levels(kyverno({"attestors": [bad]})) == [1, 0, 0, 0]
		levels(kyverno({"attestors": [bad, good]})) == [0, 0, 0, 0]
	}
	levels(entries([{}, {"keyless": pinned}])) == [0, 0, 0, 0]
}

test_signatures_besides_attestations_are_judged if {
	attestors := [{"entries": [{"keyless": pinned}]}]
	levels(kyverno({"attestors": attestors, "attestations": [{"type": "slsa"}]})) == [0, 0, 0, 0]
}

rule := ["spec", "rules", 0, "verifyImages", 0]

# Paths of the failures, and the other paths that each depends on.
failures(obj) := {[finding.details.path, related] |
	some finding in found
	related := [node.path | some node in finding.details.related]
} if {
	found := control.violation with input as obj
}

test_what_a_failure_depends_on if {
	reference := array.concat(rule, ["imageReferences", 0])
	first := array.concat(rule, ["attestors", 0])
	second := array.concat(rule, ["attestors", 1])
	failures(kyverno({})) == {[array.concat(rule, ["attestors"]), [reference]]}
	failures(kyverno({"attestors": [{"count": 1, "entries": [{}]}, {"entries": []}]})) == {
		[array.concat(first, ["entries", 0]), [reference, array.concat(first, ["count"]), second]],
		[second, [reference, first]],
	}
	field := array.concat(first, ["entries", 0, "keyless"])
	failures(keyless({"issuer": github})) == {[array.concat(field, ["subject"]), [reference]]}
	failures(keyless(anybody)) == {[array.concat(field, ["subject"]), [reference]]}
	failures(keyless(object.union(pinned, {"issuer": "https://gitlab.com"}))) == {[array.concat(field, ["issuer"]), [reference]]}
}

# The places that are mended, with their values.
fixes(obj) := {[patch.path, patch.value] | some finding in found; some patch in finding.details.fix} if {
	found := control.violation with input as obj
}

test_what_is_missing_can_be_added if {
	attestors := [{"entries": [{"keyless": {"issuer": github}}]}]
	fixes(kyverno({"imageReferences": ["ghcr.io/controlplaneio-fluxcd/*"], "attestors": attestors})) == {[
		"/spec/rules/0/verifyImages/0/attestors/0/entries/0/keyless/subjectRegExp",
		`^https://github\.com/controlplaneio-fluxcd/.*$`,
	]}
	identity := "/spec/authorities/0/keyless/identities/0"
	fixes(sigstore([{"keyless": {"identities": [{}]}}])) == {
		[sprintf("%v/issuer", [identity]), github],
		[sprintf("%v/subjectRegExp", [identity]), `^https://github\.com/fluxcd/.*$`],
	}
}

test_what_cannot_be_added_by_one_field_is_not_mended if {
	every obj in [
		keyless(anybody),
		sigstore([{"keyless": {}}]),
		ratify({"keyless": {"certificateOIDCIssuer": github}}),
	] {
		levels(obj)[0] > 0
		fixes(obj) == set()
	}
}
