package flux.image_verification_enforced_test

import data.flux.image_verification_enforced as control
import data.lib.admission_sample_test as sample

controller(image) := {
	"apiVersion": "apps/v1", "kind": "Deployment",
	"metadata": {"name": "source-controller", "namespace": "flux-system"},
	"spec": {"template": {"spec": {"containers": [{"name": "manager", "image": image}]}}},
}

tagged := controller("ghcr.io/fluxcd/source-controller:v1.9.4")

pods := {"any": [{"resources": {"kinds": ["Pod"]}}]}

kyverno(spec, rule, item) := sample.named("kyverno.io/v1", "ClusterPolicy", "p", object.union(
	{"rules": [object.union({"match": pods, "verifyImages": [object.union({"imageReferences": ["*"]}, item)]}, rule)]},
	spec,
))

enforced := {"validationFailureAction": "Enforce"}

cel(spec) := sample.named("policies.kyverno.io/v1", "ImageValidatingPolicy", "p", object.union(
	{
		"validationActions": ["Deny"],
		"matchConstraints": {"resourceRules": [{"apiGroups": [""], "resources": ["pods"], "operations": ["CREATE"]}]},
		"validations": [{"expression": "verifyImageSignatures(image, [attestors.a])"}],
	},
	spec,
))

sigstore(spec) := sample.named("policy.sigstore.dev/v1beta1", "ClusterImagePolicy", "p", object.union({"images": [{"glob": "index.docker.io/fluxcd/*"}]}, spec))

ratify(spec) := [
	sample.named("templates.gatekeeper.sh/v1", "ConstraintTemplate", "t", {"crd": {"spec": {"names": {"kind": "R"}}}, "targets": [{"rego": "ratify-provider"}]}),
	sample.named("templates.gatekeeper.sh/v1", "ConstraintTemplate", "u", {"targets": [{"rego": "ratify-provider"}]}),
	sample.named("constraints.gatekeeper.sh/v1beta1", "R", "r", spec),
]

included := sample.namespace("flux-system", {"policy.sigstore.dev/include": "true"})

results(obj, others, params) := found if {
	found := [count(control.violation), count(control.warn), count(control.unknown), count(control.manual)] with input as sample.review(obj, object.union({"mode": "dump", "profiles": ["hard"]}, params))
		with data.inventory as sample.inventory(array.concat([obj], others))
}

test_pass if {
	results(tagged, [kyverno(enforced, {}, {})], {}) == [0, 0, 0, 0]
	results(tagged, [kyverno({}, {}, {"failureAction": "Enforce"})], {}) == [0, 0, 0, 0]
	results(tagged, [cel({})], {}) == [0, 0, 0, 0]
	results(tagged, [cel({"validationActions": []})], {}) == [0, 0, 0, 0]
	results(controller("fluxcd/source-controller"), [included, sigstore({})], {}) == [0, 0, 0, 0]
	results(controller("ghcr.io/fluxcd/source-controller@sha256:0"), [kyverno(enforced, {}, {"imageReferences": ["ghcr.io/*@sha256:0"]})], {}) == [0, 0, 0, 0]
	results(tagged, ratify({}), {}) == [0, 0, 0, 0]
}

test_none if {
	every others in [
		[], [kyverno(enforced, {}, {"imageReferences": ["x"]})], [kyverno(enforced, {}, {"skipImageReferences": ["*"]})],
		[sigstore({"images": [{"glob": "**"}]}), sample.namespace("flux-system", {})], [cel({"validations": []})],
		[cel({"matchConstraints": {"resourceRules": [{"apiGroups": ["apps"], "resources": ["pods"], "operations": ["CREATE"]}]}})],
	] {
		results(tagged, others, {}) == [1, 0, 0, 0]
	}
}

test_absence_proves_nothing_elsewhere if {
	results(tagged, [], {"mode": "render"}) == [0, 0, 0, 1]
	results(tagged, [], {"profiles": ["base"]}) == [0, 0, 0, 1]
	results(tagged, [], {"mode": "git", "policiesPath": "policies"}) == [1, 0, 0, 0]
	results(tagged, [kyverno(enforced, {}, {"imageReferences": ["x"]})], {"mode": "render"}) == [1, 0, 0, 0]
	manual := control.manual with input as tagged
	count(manual) == 1
}

test_warnings if {
	every others in [
		[kyverno({}, {}, {})], [kyverno(object.union(enforced, {"failurePolicy": "Ignore"}), {}, {})],
		[cel({"evaluation": {"admission": {"enabled": false}}})], [included, sigstore({"images": [{"glob": "**"}], "mode": "warn"})],
		[kyverno(object.union(enforced, {"admission": false}), {}, {})], ratify({"enforcementAction": "warn"}),
	] {
		results(tagged, others, {}) == [0, 1, 0, 0]
	}
}

test_unknown if {
	every others in [
		[kyverno(enforced, {"preconditions": {"all": [{}]}}, {})], [kyverno(enforced, {}, {"imageReferences": [5]})],
		[kyverno(enforced, {}, {"imageReferences": ["{{ x }}"]})], [cel({"matchImageReferences": [{"glob": "[a]"}]})],
		[cel({"matchImageReferences": [{"expression": "true"}]})], [sigstore({"images": [{"glob": "**"}]})],
		[kyverno({"validationFailureAction": 5}, {}, {})],
	] {
		results(tagged, others, {}) == [0, 0, 1, 0]
	}
	results(controller("${IMAGE}"), [], {})[2] == 1
}

test_other_objects if not control.subject with input as {"apiVersion": "v1", "kind": "Pod"}

# What the inventory of an admission webhook lacks may be there all the same.
test_absence_proves_nothing_at_admission if {
	others := [kyverno(enforced, {}, {"imageReferences": ["x"]})]
	results(tagged, others, {"mode": "git"}) == [1, 0, 0, 0]
	results(tagged, others, {"mode": "admission"}) == [0, 0, 0, 1]
	results(tagged, [], {"mode": "admission", "policiesPath": "policies"}) == [0, 0, 0, 1]
}

sparing(skips) := kyverno(enforced, {}, {"skipImageReferences": skips})

test_images_left_out if {
	results(tagged, [sparing(["docker.io/*"])], {}) == [0, 0, 0, 0]
	results(tagged, [sparing(["docker.io/*", "*:v1.9.4"])], {}) == [1, 0, 0, 0]
	results(tagged, [sparing([5])], {}) == [0, 0, 1, 0]
}

# Kyverno's older policies see the whole name of the image, its CEL policies the text of the pod.
test_patterns_meet_the_image_as_the_engine_reads_it if {
	every image, pattern in {
		"ghcr.io/fluxcd/source-controller:v1.9.4": "ghcr.io/fluxcd/source-controller:v1.9.4",
		"ghcr.io/fluxcd/source-controller": "ghcr.io/fluxcd/source-controller:latest",
		"fluxcd/source-controller:v1.9.4@sha256:0": "docker.io/fluxcd/source-controller@sha256:0",
	} {
		results(controller(image), [kyverno(enforced, {}, {"imageReferences": [pattern]})], {}) == [0, 0, 0, 0]
	}
	short := controller("fluxcd/source-controller:v1.9.4")
	results(short, [cel({"matchImageReferences": [{"glob": "fluxcd/*"}]})], {}) == [0, 0, 0, 0]
	results(short, [cel({"matchImageReferences": [{"glob": "docker.io/fluxcd/*"}]})], {}) == [1, 0, 0, 0]
}

test_other_workloads_are_not_meant if {
	every obj in [{"apiVersion": "v1", "kind": "Pod"}, {"apiVersion": "v1", "kind": "Pod", "spec": {"containers": 5}}] {
		not control.subject with input as obj
		results(obj, [], {}) == [0, 0, 0, 0]
		count(control.manual) == 0 with input as obj
	}
}
