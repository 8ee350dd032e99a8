package flux.slsa_provenance_verified_test

import data.flux.slsa_provenance_verified as control
import data.lib.admission_sample_test as sample
import data.lib.facts

controller(image) := {
	"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "helm-controller", "namespace": "flux-system"},
	"spec": {"template": {"spec": {"containers": [{"name": "manager", "image": image}]}}},
}

current := controller("ghcr.io/fluxcd/helm-controller:v1.6.3")

github := "https://token.actions.githubusercontent.com"

glob := "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/generator_container_slsa3.yml@refs/tags/v*"

regexp := `^https://github\.com/slsa-framework/slsa-github-generator/\.github/workflows/generator_container_slsa3\.yml@refs/tags/v[0-9.]+$`

policy(action, references, attestations) := sample.named("kyverno.io/v1", "ClusterPolicy", "provenance", {
	"validationFailureAction": action,
	"rules": [{"name": "a", "match": {"any": [{"resources": {"kinds": ["Pod"]}}]}, "verifyImages": [{"imageReferences": references, "attestations": attestations}]}],
})

by(keyless) := [{"type": "https://slsa.dev/provenance/v0.2", "attestors": [{"entries": [{"keyless": keyless}]}]}]

good := by({"issuer": github, "subject": glob})

judged(obj, objects) := found if {
	found := [count(control.warn), count(control.unknown), count(control.manual)] with input as obj
		with data.inventory as sample.inventory(array.concat(objects, [obj]))
}

everywhere := ["ghcr.io/fluxcd/*"]

test_pass if {
	control.subject with input as current
	judged(current, [policy("Enforce", everywhere, good)]) == [0, 0, 0]
	judged(current, [policy("Enforce", everywhere, by({"issuer": github, "subjectRegExp": regexp}))]) == [0, 0, 0]
	every image in ["ghcr.io/fluxcd/helm-controller@sha256:00", "ghcr.io/fluxcd/helm-controller"] {
		judged(controller(image), [policy("Enforce", everywhere, good)]) == [0, 0, 0]
	}
}

test_manual if {
	judged(current, []) == [0, 0, 1]
	every given in [
		policy("Audit", everywhere, good), policy("Enforce", ["ghcr.io/acme/*"], good), policy("Enforce", everywhere, []), policy("Enforce", [5], good),
		policy("Enforce", everywhere, [{"type": "https://spdx.dev/Document", "attestors": good[0].attestors}]),
		policy("Enforce", everywhere, by({"issuer": "https://evil.example", "subject": glob})),
		policy("Enforce", everywhere, by({"issuer": github, "subject": "*"})), policy("Enforce", everywhere, by({"issuer": github})),
		policy("Enforce", everywhere, by({"issuer": github, "subjectRegExp": "slsa-framework/slsa-github-generator"})),
	] {
		judged(current, [given]) == [0, 0, 1]
	}
}

test_ancient if judged(controller("ghcr.io/fluxcd/helm-controller:v0.30.0"), []) == [1, 0, 0]

test_unknown if judged(controller("${IMAGE}/helm-controller"), []) == [0, 1, 0]

test_given_facts if {
	found := facts.provenance_policies with data.inventory as {"facts": {"provenance_policies": [1]}}
	found == [1]
}

test_other_objects if not control.subject with input as {"apiVersion": "v1", "kind": "Pod"}

# The policy with these references, and these that it leaves out.
choosing(references, skips) := json.patch(policy("Enforce", references, good), [{
	"op": "add",
	"path": "/spec/rules/0/verifyImages/0/skipImageReferences",
	"value": skips,
}])

helm := "ghcr.io/fluxcd/helm-controller"

# [what follows the name in the image, in a pattern that fits it, in one that does not]
_patterns := [
	[":v1.6.3", ":v1.6.3", ":latest"],
	[":v1.6.3", ":v1.6.3", "@*"],
	["", ":latest", ":"],
	["", ":latest", "@"],
	["@sha256:00", "@sha256:00", ":*00:*"],
	[":v1.6.3@sha256:00", "@sha256:00", ":v1.6.3*"],
]

test_a_pattern_is_of_the_digest_or_else_the_tag if {
	every row in _patterns {
		obj := controller(sprintf("%v%v", [helm, row[0]]))
		judged(obj, [choosing([sprintf("%v%v", [helm, row[1]])], [])]) == [0, 0, 0]
		judged(obj, [choosing([sprintf("%v%v", [helm, row[2]])], [])]) == [0, 0, 1]
	}
}

test_images_that_a_policy_leaves_out_are_not_verified if {
	judged(current, [choosing(everywhere, ["*/helm-controller:*"])]) == [0, 0, 1]
	judged(current, [choosing(everywhere, ["*/source-controller:*"])]) == [0, 0, 0]
	judged(current, [choosing(everywhere, ["*/source-controller:*", "*/helm-controller:*"])]) == [0, 0, 1]
}

test_a_policy_whose_images_cannot_be_read_does_not_count if {
	judged(current, [choosing(array.concat(everywhere, [5]), [])]) == [0, 0, 1]
	judged(current, [choosing(everywhere, [5])]) == [0, 0, 1]
}

test_other_workloads_may_be_ill_typed if {
	web := json.patch(controller("docker.io/acme/web:v1"), [
		{"op": "replace", "path": "/metadata/name", "value": "web"},
		{"op": "add", "path": "/metadata/labels", "value": 5},
	])
	judged(web, []) == [0, 0, 0]
}
