package lib.images

import data.lib.flux

# The registries whose Flux images are trusted: the project's own and the enterprise distribution's.
trusted_registries := flux.param("trustedRegistries", [
	"ghcr.io/fluxcd",
	"docker.io/fluxcd",
	"ghcr.io/controlplaneio-fluxcd",
	"ghcr.io/controlplaneio-fluxcd/alpine",
	"ghcr.io/controlplaneio-fluxcd/distroless",
	"ghcr.io/controlplaneio-fluxcd/distroless-fips",
])

# trusted: the reference names the component's image right below one of those registries.
# Whole references are compared, so that a prefix ends at a slash.
trusted(ref, component) if {
	is_string(ref)
	image := parse(ref)
	some prefix in trusted_registries
	is_string(prefix)
	wanted := parse(concat("/", [trim_right(prefix, "/"), component]))
	image.registry == wanted.registry
	image.path == wanted.path
}
