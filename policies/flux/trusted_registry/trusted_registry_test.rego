package flux.trusted_registry_test

import data.flux.trusted_registry as control
import data.lib.refs_sample_test as sample

judged(obj, params) := {
	"fail": sample.paths(failures),
	"warn": sample.paths(warnings),
	"unknown": sample.paths(doubts),
} if {
	request := sample.review(obj, params)
	failures := control.violation with input as request
	warnings := control.warn with input as request
	doubts := control.unknown with input as request
}

pass := {"fail": set(), "warn": set(), "unknown": set()}

fail := {"fail": {sample.image}, "warn": set(), "unknown": set()}

warn := {"fail": set(), "warn": {sample.image}, "unknown": set()}

unknown := {"fail": set(), "warn": set(), "unknown": {sample.image}}

helm(image) := sample.controller("helm-controller", {"image": image})

test_trusted if {
	control.subject with input as helm("ghcr.io/fluxcd/helm-controller:v1.6.3")
	every image in [
		"ghcr.io/fluxcd/helm-controller:v1.6.3",
		"fluxcd/helm-controller:v1.6.3",
		"ghcr.io/controlplaneio-fluxcd/distroless-fips/helm-controller",
	] {
		judged(helm(image), {}) == pass
	}
}

test_not_trusted if {
	every image in [
		"docker.io/acme/helm-controller:v1.6.3",
		"ghcr.io/fluxcd-evil/helm-controller:v1.6.3",
		"ghcr.io/fluxcd/evil/helm-controller:v1.6.3",
		"ghcr.io/fluxcd/fluxcd-helm-controller:v1.6.3",
		"registry.example.com/ghcr.io/fluxcd/helm-controller:v1.6.3",
	] {
		judged(helm(image), {}) == fail
	}
}

test_trusted_registries_given if {
	given := {"trustedRegistries": ["registry.example.com:5000/flux/"]}
	judged(helm("registry.example.com:5000/flux/helm-controller:v1.6.3"), given) == pass
	judged(helm("ghcr.io/fluxcd/helm-controller:v1.6.3"), given) == fail
}

test_mirrors if {
	given := {"mirrors": [5, "registry.example.com", "docker.io/rancher/", "quay.io/a"]}
	every image in [
		"registry.example.com/fluxcd/helm-controller:v1.6.3",
		"registry.example.com/helm-controller:v1.6.3",
		"rancher/mirrored-fluxcd-helm-controller:v1.6.3",
		"quay.io/a/b/flux-helm-controller",
		"quay.io/a/fluxcd-helm-controller:1.6.3",
	] {
		judged(helm(image), given) == warn
	}
	every image in [
		"quay.io/ab/helm-controller",
		"quay.io/a/helm-controller-x",
		"registry.example.com:5000/helm-controller",
	] {
		judged(helm(image), given) == fail
	}
}

test_a_trusted_registry_may_be_a_mirror if {
	judged(helm("ghcr.io/fluxcd/helm-controller:v1.6.3"), {"mirrors": ["ghcr.io/fluxcd"]}) == pass
}

fixes(obj, params) := {finding.details.fix | some finding in found} if {
	found := control.violation with input as sample.review(obj, params)
}

fix(value) := {[{"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": value}]}

test_fix if {
	fixes(helm("docker.io/acme/helm-controller:v1.6.3"), {}) == fix("ghcr.io/fluxcd/helm-controller:v1.6.3")
	fixes(helm("acme/helm-controller@sha256:00"), {}) == fix("ghcr.io/fluxcd/helm-controller@sha256:00")
	fixes(helm("acme/helm-controller"), {"trustedRegistries": ["a.b/c/"]}) == fix("a.b/c/helm-controller")
	fixes(helm("acme/helm-controller"), {"trustedRegistries": [1]}) == set()
	fixes(helm("acme/flux-helm-controller:v1"), {}) == set()
}

test_image_of_another_component if {
	obj := sample.controller("kustomize-controller", {"image": "ghcr.io/fluxcd/helm-controller:v1.6.3"})
	judged(obj, {}) == fail
	by_app := object.union(obj, {"metadata": {"labels": null}, "spec": {"template": {"metadata": {"labels": {
		"app.kubernetes.io/component": null,
		"app.kubernetes.io/part-of": null,
	}}}}})
	judged(by_app, {}) == fail
	by_name := object.union(by_app, {"spec": {"template": {"metadata": {"labels": {"app": "x"}}}}})
	judged(by_name, {}) == fail
	unnamed := object.union(by_name, {"metadata": {"name": "x"}})
	judged(unnamed, {}) == pass
}

# The labels of the component outweigh the app label, and that the name.
test_the_strongest_claim_counts if {
	image := {"image": "ghcr.io/fluxcd/helm-controller:v1.6.3"}
	renamed := object.union(sample.controller("helm-controller", image), {"metadata": {"name": "kustomize-controller"}})
	judged(renamed, {}) == pass
	judged(object.union(renamed, {"spec": {"template": {"metadata": {"labels": {"app": null}}}}}), {}) == pass
	by_app := object.union(renamed, {"metadata": {"labels": null}, "spec": {"template": {"metadata": {"labels": {
		"app": "helm-controller",
		"app.kubernetes.io/component": null,
		"app.kubernetes.io/part-of": null,
	}}}}})
	judged(by_app, {}) == pass
}

test_a_second_controller_claims_nothing if {
	second := {"name": "two", "image": "ghcr.io/fluxcd/kustomize-controller:v1.9.4"}
	judged(sample.controller("helm-controller", {"containers": [second]}), {}) == pass
}

test_unknown if {
	every image in ["", "${x}/helm-controller:v1", 5] {
		judged(helm(image), {}) == unknown
	}
}

test_other_objects if {
	obj := sample.controller("web", {"image": "docker.io/acme/web:v1"})
	not control.subject with input as obj
	judged(obj, {}) == pass
	judged(object.union(obj, {"spec": {"template": {"spec": {"containers": 5}}}}), {}) == pass
}
