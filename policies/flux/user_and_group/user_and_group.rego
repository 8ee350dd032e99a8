# METADATA
# title: Flux containers run as user and group 65534
# description: |
#   Every container of a Flux controller's pod runs as the user and group 65534: it says so, or leaves it to a
#   trusted Flux image, whose user that is.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/#pod-security-standard
#     description: Flux security documentation, Pod security standard
#   - ref: https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
#     description: Kubernetes, configuring a security context
# custom:
#   id: FX-PSS-06
#   severity: low
#   profiles: [base]
#   assessment: automated
#   modes: [git, render, dump, admission]
#   kinds: [apps/Deployment, apps/StatefulSet, apps/DaemonSet, apps/ReplicaSet, batch/Job, batch/CronJob,
#     PodTemplate, Pod]
#   reads: []
#   origin: security.md, Pod security standard
#   rationale: |
#     65534 (nobody) owns nothing on a node, so that a process that escapes the container finds no files of its
#     own. The images of Flux set it themselves and the manifests of Flux do not repeat it: a missing `runAsUser`
#     is the default, not a fault. Only for images that are not the project's does its absence leave the question
#     open.
#   audit: |
#     ```sh
#     kubectl get pods -A -l app.kubernetes.io/part-of=flux -o json \
#       | jq -r '.items[] | .metadata.name as $pod | .spec
#           | (.initContainers // []) + .containers + (.ephemeralContainers // []) | .[]
#           | [$pod, .name, ([.securityContext.runAsUser, .securityContext.runAsGroup, .image] | tostring)] | @tsv'
#     ```
#
#     Pods of Flux 2.6 and older carry only the label `app`; leave the selector out for those and look at the
#     namespace of Flux. Do not select by `app=<controller>`: shards have other values there.
#
#     A container without a value has that of its pod (`.spec.securityContext`), and else that of its image. Pass:
#     65534 or nothing with an image of the Flux project; for other images read the `User` of the image's
#     configuration:
#
#     ```sh
#     docker buildx imagetools inspect <image> --format '{{json .Image}}' | jq '.. | .User? // empty'
#     ```
#   remediation: |
#     Remove the override from the patch or the chart values that set it (`runAsUser`, `runAsGroup` in
#     `<controller>.securityContext` and `<controller>.podSecurityContext`), or set both to 65534:
#
#     ```yaml
#     patches:
#       - target:
#           kind: Deployment
#           labelSelector: app.kubernetes.io/part-of=flux
#         patch: |
#           apiVersion: apps/v1
#           kind: Deployment
#           metadata:
#             name: all
#           spec:
#             template:
#               spec:
#                 containers:
#                   - name: manager
#                     securityContext:
#                       runAsUser: 65534
#                       runAsGroup: 65534
#     ```
#
#     Mirrored images that are the project's own are declared by the parameter `trustedRegistries`. On OpenShift
#     set the parameter `platform: openshift`.
#   since: 0.1.0
#   params:
#     platform:
#       type: string
#       enum: [kubernetes, openshift]
#       default: kubernetes
#       description: The kind of cluster; on openshift, security context constraints may fill in what a manifest leaves out
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
package flux.user_and_group

import data.lib.flux
import data.lib.images
import data.lib.node
import data.lib.pods
import data.lib.result

subject if flux.controller

violation contains result.fixed(id.node.path, msg, node.fix(id.node, 65534)) if {
	some id in ids
	id.node.value == 0
	msg := sprintf("%v has the %v 0", [id.label, id.field])
}

warn contains result.fixed(id.node.path, msg, node.fix(id.node, 65534)) if {
	some id in ids
	id.node.state == "set"
	not id.node.value in {0, 65534}
	msg := sprintf("%v has the %v %v, upstream has 65534", [id.label, id.field, id.node.value])
}

warn contains result.at(id.node.path, msg) if {
	some id in ids
	open(id)
	pods.constrained
	msg := sprintf("%v has no %v, which is left to the security context constraint", [id.label, id.field])
}

warn contains finding if {
	subject
	some finding in pods.foreign
}

unknown contains result.related(id.node.path, msg, [{"path": id.image.path}]) if {
	some id in ids
	open(id)
	not pods.constrained
	msg := sprintf("%v has no %v, and its image is not a trusted flux image", [id.label, id.field])
}

unknown contains finding if {
	some id in ids
	finding := node.doubt(id.node)
}

unknown contains finding if {
	some id in ids
	id.node.state == "absent"
	finding := node.doubt(id.image)
}

unknown contains finding if {
	subject
	some finding in pods.undecided
}

# ids: the user and the group in effect for each container, with the container's image.
ids contains {"label": c.label, "field": field, "node": id, "image": image} if {
	subject
	not pods.windows
	some c in pods.completed
	some field in ["runAsUser", "runAsGroup"]
	id := pods.effective(c, field, "integer")
	image := node.child(c.node, "image", "reference")
}

# open: neither the pod nor what is known of its image says as whom it runs.
open(id) if {
	id.node.state == "absent"
	node.decided(id.image)
	not images.trusted(id.image.value, flux.controller.component)
}
