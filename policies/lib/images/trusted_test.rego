package lib.images_trusted_test

import data.lib.images

test_trusted if {
	images.trusted("ghcr.io/fluxcd/helm-controller:v1.6.3", "helm-controller")
	images.trusted("ghcr.io/fluxcd/helm-controller@sha256:0123", "helm-controller")
	images.trusted("fluxcd/helm-controller:v1.6.3", "helm-controller")
	images.trusted("index.docker.io/fluxcd/helm-controller", "helm-controller")
	images.trusted("ghcr.io/controlplaneio-fluxcd/distroless-fips/helm-controller:v1.6.3", "helm-controller")
}

test_prefixes_end_at_a_slash if {
	not images.trusted("ghcr.io/fluxcd-evil/helm-controller:v1.6.3", "helm-controller")
	not images.trusted("ghcr.io/fluxcd/evil/helm-controller:v1.6.3", "helm-controller")
	not images.trusted("ghcr.io.evil.example/fluxcd/helm-controller:v1.6.3", "helm-controller")
	not images.trusted("evil.example/ghcr.io/fluxcd/helm-controller:v1.6.3", "helm-controller")
}

test_other_images if {
	not images.trusted("ghcr.io/fluxcd/source-controller:v1.9.4", "helm-controller")
	not images.trusted("ghcr.io/fluxcd/helm-controller-x:v1.6.3", "helm-controller")
	not images.trusted("helm-controller", "helm-controller")
	not images.trusted("", "helm-controller")
	not images.trusted(5, "helm-controller")
	not images.trusted({}, "helm-controller")
}

test_parameter if {
	mirrors := {"parameters": {"trustedRegistries": ["registry.example/mirror/", 5]}, "review": {"object": {}}}
	images.trusted("registry.example/mirror/helm-controller:v1", "helm-controller") with input as mirrors
	not images.trusted("ghcr.io/fluxcd/helm-controller:v1", "helm-controller") with input as mirrors
}
