package lib.images_test

import data.lib.images

_digest := "sha256:0000"

test_parse if {
	every ref, want in {
		"ghcr.io/fluxcd/helm-controller:v1.6.3": ["ghcr.io", "fluxcd/helm-controller", "helm-controller", "v1.6.3", ""],
		"ghcr.io/fluxcd/helm-controller:v1@sha256:0000": ["ghcr.io", "fluxcd/helm-controller", "helm-controller", "v1", _digest],
		"ghcr.io/fluxcd/helm-controller@sha256:0000": ["ghcr.io", "fluxcd/helm-controller", "helm-controller", "", _digest],
		"localhost:5000/helm-controller": ["localhost:5000", "helm-controller", "helm-controller", "", ""],
		"localhost/a/b:1": ["localhost", "a/b", "b", "1", ""],
		"fluxcd/helm-controller": ["docker.io", "fluxcd/helm-controller", "helm-controller", "", ""],
		"index.docker.io/fluxcd/a": ["docker.io", "fluxcd/a", "a", "", ""],
		"nginx:1": ["docker.io", "library/nginx", "nginx", "1", ""],
		"localhost:5000": ["docker.io", "library/localhost", "localhost", "5000", ""],
		"GHCR.io/a/b": ["ghcr.io", "a/b", "b", "", ""],
		"": ["docker.io", "", "", "", ""],
		"a:b:c": ["docker.io", "library/a", "a", "b:c", ""],
	} {
		got := images.parse(ref)
		[got.registry, got.path, got.basename, got.tag, got.digest] == want
	}
}

test_parse_of_no_text if {
	every ref in [null, 5, [], {}] {
		not images.parse(ref)
	}
}

test_normalise if {
	images.normalise("nginx") == "docker.io/library/nginx"
	images.normalise("ghcr.io/a/b:1@sha256:0000") == "ghcr.io/a/b:1@sha256:0000"
	images.normalise("registry-1.docker.io/a/b:1") == "docker.io/a/b:1"
	not images.normalise(5)
}
