# METADATA
# title: Controller images come from a trusted registry
# description: |
#   The image of each Flux controller is `<registry>/<component>` with a registry from `trustedRegistries`, and the
#   component is the one that the workload claims to be. An image from a registry listed in `mirrors` gives advice
#   instead: the copy is accepted, but the project's signature has to be checked where it is made.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/#signed-container-images
#     description: Flux security documentation, Signed container images
# custom:
#   id: FX-SC-01
#   severity: high
#   profiles: [base]
#   assessment: automated
#   modes: [git, render, dump, admission]
#   kinds:
#     - apps/Deployment
#     - apps/StatefulSet
#     - apps/DaemonSet
#     - apps/ReplicaSet
#     - batch/Job
#     - batch/CronJob
#     - PodTemplate
#     - Pod
#   reads: []
#   origin: security.md, Signed container images
#   rationale: |
#     Only the images that the project publishes carry its signatures, SBOMs and provenance. A controller from
#     anywhere else runs with the permissions of Flux, often cluster-admin, and nobody vouches for its contents. A
#     name that merely begins like the real one (`ghcr.io/fluxcd-evil`) is a known way to get such an image in.
#   audit: |
#     List the images of every controller. Select by part-of or component, since the label `app` of a shard carries
#     a suffix, and pods of Flux 2.6 and older carry no other label:
#
#     ```sh
#     kubectl get deploy,sts,ds,po -A -l app.kubernetes.io/part-of=flux -o json | jq -r \
#       '.items[] | . as $o | (.spec.template.spec // .spec).containers[] | "\($o.kind) \($o.metadata.namespace)/\($o.metadata.name): \(.image)"'
#     ```
#
#     Pass: registry and folder are one of the trusted ones up to the slash before the component's name, and that
#     name is the component of the workload. `fluxcd/source-controller` without a registry is Docker Hub's. Mirrors:
#     ask who copies the images and how the signature is checked on the way.
#   remediation: |
#     Find what sets the image (`images:` of a kustomization, `spec.distribution.registry` of the FluxInstance, chart
#     values, `--registry` of the CLI) and point it back:
#
#     ```yaml
#     images:
#       - name: registry.example.com/fluxcd/source-controller
#         newName: ghcr.io/fluxcd/source-controller
#     ```
#
#     With the Flux Operator:
#
#     ```yaml
#     spec:
#       distribution:
#         registry: ghcr.io/fluxcd
#     ```
#
#     With the flux2 chart:
#
#     ```yaml
#     sourceController:
#       image: ghcr.io/fluxcd/source-controller
#     ```
#
#     Where clusters have no way out, declare the mirror in the parameter `mirrors` and verify each image as it is
#     copied.
#   since: 0.1.0
#   params:
#     trustedRegistries:
#       type: array
#       items: {type: string}
#       default:
#         - ghcr.io/fluxcd
#         - docker.io/fluxcd
#         - ghcr.io/controlplaneio-fluxcd
#         - ghcr.io/controlplaneio-fluxcd/alpine
#         - ghcr.io/controlplaneio-fluxcd/distroless
#         - ghcr.io/controlplaneio-fluxcd/distroless-fips
#       description: Registry prefixes whose Flux images are trusted
#     mirrors:
#       type: array
#       items: {type: string}
#       default: []
#       description: Registry prefixes of one's own mirrors of the trusted images
package flux.trusted_registry

import data.lib.flux
import data.lib.images
import data.lib.refs
import data.lib.result
import data.lib.shape
import data.lib.workload

subject if flux.component

violation contains finding if {
	subject
	some used in refs.all
	not images.trusted(used.ref, used.component)
	not mirrored(used)
	msg := sprintf("the image comes from %v, which is no trusted place for this component", [place(used.image)])
	finding := mended(used, msg)
}

violation contains result.related(used.path, msg, claim.related) if {
	subject
	some used in refs.all
	used.main
	some claim in claims
	claim.component != used.component
	msg := "the image is that of another component than the workload claims to be"
}

warn contains result.at(used.path, msg) if {
	subject
	some used in refs.all
	not images.trusted(used.ref, used.component)
	mirrored(used)
	msg := sprintf("the image comes from a declared mirror, %v: its signature has to be verified there", [place(used.image)])
}

unknown contains finding if {
	subject
	some finding in (refs.undecided | shape.recognition)
}

place(image) := trim_right(sprintf("%v/%v", [image.registry, trim_suffix(image.path, image.basename)]), "/")

# A mirror may keep the image in a folder, and under a name that the component is known by.
mirrored(used) if {
	some mirror in flux.param("mirrors", [])
	is_string(mirror)
	prefix := images.parse(concat("/", [trim_right(mirror, "/"), "x", "y"]))
	used.image.registry == prefix.registry
	startswith(used.image.path, trim_suffix(prefix.path, "x/y"))
	used.image.basename in {sprintf("%v%v", [prefixed, used.component]) | some prefixed in ["", "fluxcd-", "flux-", "mirrored-fluxcd-"]}
}

# The fix keeps version and digest, which the original has as well.
mended(used, msg) := result.fixed(used.path, msg, [{"op": "replace", "path": result.pointer(used.path), "value": value}]) if {
	used.image.basename == used.component
	origin := images.trusted_registries[0]
	is_string(origin)
	value := sprintf("%v/%v%v%v", [
		trim_right(origin, "/"), used.component,
		concat("", [sprintf(":%v", [tag]) | some tag in [used.image.tag]; tag != ""]),
		concat("", [sprintf("@%v", [digest]) | some digest in [used.image.digest]; digest != ""]),
	])
} else := result.at(used.path, msg)

# What the workload calls itself: by the labels of the component, else by its `app` label, else by its name.
claims contains {"component": component, "related": [{"path": ["metadata", "labels"]}, template_labels]} if {
	some component in workload.signs(flux.object).label
}

claims contains {"component": component, "related": [template_labels]} if {
	count(workload.signs(flux.object).label) == 0
	some component in workload.signs(flux.object).app
}

claims contains {"component": component, "related": [{"path": ["metadata", "name"]}]} if {
	count(workload.signs(flux.object).label) == 0
	count(workload.signs(flux.object).app) == 0
	some component in workload.signs(flux.object).name
}

template_labels := {"path": array.concat(flux.controller.template, ["metadata", "labels"])}
