package flux.registry_workload_identity_test

import data.flux.registry_workload_identity as control

review(kind, spec) := {"review": {"object": {
	"apiVersion": version(kind),
	"kind": kind,
	"metadata": {"name": "app", "namespace": "apps"},
	"spec": spec,
}}}

version("ImageRepository") := "image.toolkit.fluxcd.io/v1"

version(kind) := "source.toolkit.fluxcd.io/v1" if kind != "ImageRepository"

paths(findings) := {finding.details.path | some finding in findings}

# [warn, unknown]
found(kind, spec) := [warns, unknowns] if {
	control.subject with input as review(kind, spec)
	warns := paths(control.warn) with input as review(kind, spec)
	unknowns := paths(control.unknown) with input as review(kind, spec)
}

clean := [set(), set()]

secret := {"secretRef": {"name": "registry"}}

with_secret(kind, spec) := found(kind, object.union(secret, spec))

clouds := {
	"123456789012.dkr.ecr.eu-west-1.amazonaws.com/app": "aws",
	"123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com/app": "aws",
	"acme.azurecr.io/app": "azure",
	"gcr.io/acme/app": "gcp",
	"eu.gcr.io/acme/app": "gcp",
	"europe-docker.pkg.dev/acme/app": "gcp",
}

test_secrets_for_cloud_registries_are_warned_about if {
	every image, _ in clouds {
		with_secret("OCIRepository", {"url": sprintf("oci://%v", [image])}) == [{["spec", "secretRef"]}, set()]
		with_secret("HelmRepository", {"url": sprintf("oci://%v", [image]), "provider": "generic"}) == [{["spec", "secretRef"]}, set()]
		with_secret("ImageRepository", {"image": image, "provider": ""}) == [{["spec", "secretRef"]}, set()]
	}
}

test_the_fix_names_the_cloud if {
	every image, cloud in clouds {
		some finding in control.warn with input as review("ImageRepository", object.union(secret, {"image": image}))
		finding.details.fix == [
			{"op": "add", "path": "/spec/provider", "value": cloud},
			{"op": "remove", "path": "/spec/secretRef"},
		]
	}
}

test_others_pass if {
	every image in [
		"ghcr.io/acme/app", "registry.example.com/gcr.io/app", "acme.azurecr.io.example.com/app", "acme/app",
		"public.ecr.aws/acme/app", "${NAME}.example.com/app",
	] {
		with_secret("OCIRepository", {"url": sprintf("oci://%v", [image]), "provider": "aws"}) == clean
		found("ImageRepository", {"image": image}) == clean
	}
	every image in ["ghcr.io/acme/app", "acme.azurecr.io.example.com/app", "acme/app", "public.ecr.aws/a/${NAME}"] {
		with_secret("ImageRepository", {"image": image}) == clean
	}
	with_secret("HelmRepository", {"url": "https://acme.azurecr.io/helm/v1/repo"}) == clean
	found("OCIRepository", {"url": "oci://acme.azurecr.io/app"}) == clean
}

test_unknown if {
	with_secret("OCIRepository", {"url": "oci://${REGISTRY}/app"}) == [set(), {["spec", "url"]}]
	with_secret("OCIRepository", {"url": 5}) == [set(), {["spec", "url"]}]
	with_secret("OCIRepository", {}) == [set(), {["spec", "url"]}]
	with_secret("OCIRepository", {"url": "oci://acme.azurecr.io/app", "provider": "${PROVIDER}"}) == [set(), {["spec", "provider"]}]
	found("OCIRepository", {"url": "oci://acme.azurecr.io/app", "secretRef": "registry"}) == [set(), {["spec", "secretRef"]}]
	found("OCIRepository", "text") == [set(), {["spec"]}]
}

test_other_kinds_are_not_meant if {
	not control.subject with input as review("GitRepository", {})
}

test_a_url_that_cannot_be_read_is_said_once if {
	every kind, spec in {"OCIRepository": {"url": 5}, "HelmRepository": {"url": 5}, "ImageRepository": {"image": 5}} {
		count(control.unknown) == 1 with input as review(kind, object.union(secret, spec))
	}
}

test_without_a_secret_nothing_else_matters if {
	every spec in [
		{"url": 5}, {"url": "oci://${REGISTRY}/app"},
		{"url": "oci://gcr.io/app", "provider": "${PROVIDER}"}, {"url": "a", "provider": 5},
	] {
		found("OCIRepository", spec) == clean
	}
}

test_an_image_with_a_scheme_names_no_cloud_registry if {
	with_secret("ImageRepository", {"image": "oci://acme.azurecr.io/app"}) == clean
}

test_the_secrets_of_other_kinds_are_not_meant if {
	every spec in [{"url": "oci://acme.azurecr.io/app"}, {"url": 5, "provider": 5}, {"provider": "${PROVIDER}"}] {
		other := review("GitRepository", object.union(secret, spec))
		count(control.warn | control.unknown) == 0 with input as other
	}
}
