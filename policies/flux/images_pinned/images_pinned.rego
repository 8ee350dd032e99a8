# METADATA
# title: Controller images are pinned
# description: |
#   The image of each Flux controller has a tag that does not move: not none, `latest`, `main`, `rc` or `preview`. In
#   profile `hard` a digest is wanted as well. A tag that is no full version gives advice.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/#signed-container-images
#     description: Flux security documentation, Signed container images
#   - ref: https://kubernetes.io/docs/concepts/containers/images/#image-names
#     description: Kubernetes, Image names
# custom:
#   id: FX-SC-13
#   severity: medium
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
#   origin: security.md, Signed container images; digests are an extension
#   rationale: |
#     With a moving tag two nodes may run different code under one name, a restart may upgrade or downgrade, and what
#     was verified or scanned is not what runs. A version tag can still be pushed again by whoever controls the
#     registry; a digest cannot.
#   audit: |
#     ```sh
#     kubectl get deploy,sts,ds,po -A -l app.kubernetes.io/part-of=flux -o json | jq -r \
#       '.items[] | . as $o | (.spec.template.spec // .spec).containers[] | "\($o.kind) \($o.metadata.namespace)/\($o.metadata.name): \(.image)"'
#     ```
#
#     Pass: each image ends in a full version (`:v1.9.4`), or in a digest (`@sha256:…`). In a hardened cluster all end
#     in a digest.
#   remediation: |
#     ```yaml
#     images:
#       - name: ghcr.io/fluxcd/source-controller
#         newTag: v1.9.4
#         digest: sha256:<digest of that tag>
#     ```
#
#     `crane digest ghcr.io/fluxcd/source-controller:v1.9.4` prints the digest. Verify the signature of that digest
#     before you commit it. The Flux Operator pins digests by itself for the versions that it knows.
#   since: 0.1.0
#   params: {}
package flux.images_pinned

import data.lib.flux
import data.lib.refs
import data.lib.result
import data.lib.shape

subject if flux.component

violation contains result.at(used.path, "the image has neither a tag nor a digest, so it follows the tag latest") if {
	some used in unpinned
	used.image.tag == ""
}

violation contains result.at(used.path, sprintf("the tag %v moves", [used.image.tag])) if {
	some used in unpinned
	moving(used.image.tag)
}

warn contains result.at(used.path, sprintf("the tag %v is not a full version, so it may move", [used.image.tag])) if {
	some used in unpinned
	used.image.tag != ""
	not moving(used.image.tag)
	not version(used.image.tag)
}

warn contains result.at(used.path, "the image is pinned by its tag alone, not by a digest") if {
	flux.profile("hard")
	some used in unpinned
	version(used.image.tag)
	flux.known(array.concat(used.path, ["digest"]))
}

unknown contains result.at(used.path, "it cannot be told whether the image has a digest") if {
	flux.profile("hard")
	some used in unpinned
	version(used.image.tag)
	not flux.known(array.concat(used.path, ["digest"]))
}

unknown contains result.at(used.path, "the effective tag cannot be worked out") if {
	subject
	some used in refs.all
	used.image.digest == ""
	not refs.tagged(used)
}

unknown contains result.at(used.path, "the image's digest is malformed") if {
	subject
	some used in refs.all
	used.image.digest != ""
	not regex.match(`^[a-z0-9]+([.+_-][a-z0-9]+)*:[0-9a-fA-F]{32,}$`, used.image.digest)
}

unknown contains finding if {
	subject
	some finding in (refs.undecided | shape.recognition)
}

unpinned contains used if {
	subject
	some used in refs.all
	used.image.digest == ""
	refs.tagged(used)
}

moving(tag) if regex.match(`^(latest|main|master|rc|preview)([-.].*)?$`, tag)

version(tag) if regex.match(`^v?[0-9]+\.[0-9]+\.[0-9]+([-+._].*)?$`, tag)
