# METADATA
# title: Cross-namespace access to image metadata is closed
# description: |
#   `spec.accessFrom` of an ImageRepository lets ImagePolicies of other namespaces read its tags. Without it only the own
#   namespace may, which passes. A selector without labels opens the repository to every namespace and fails; one
#   with labels is advice to check them. The field of the same name in a HelmRepository was never implemented
#   and protects nothing: advice, too.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/components/image/imagerepositories/#access-from
#     description: ImageRepository, access from
#   - ref: https://fluxcd.io/flux/security/#controller-permissions
#     description: Flux security documentation, Controller permissions
# custom:
#   id: FX-RBAC-09
#   severity: medium
#   profiles: [shared]
#   assessment: automated
#   modes: [git, render, dump, admission]
#   kinds:
#     - image.toolkit.fluxcd.io/ImageRepository
#     - source.toolkit.fluxcd.io/HelmRepository
#   reads: []
#   origin: security.md of 2022, Controller permissions, footnote 1 (cross-namespace references and their access control)
#   rationale: |
#     The tags of an image say what a team ships and how far it is, and an ImagePolicy that follows another team's
#     repository deploys what that team pushes. The list is checked whatever the flags of image-reflector-controller say,
#     so this is the one cross-namespace reference that the owner of the object can close. References to other
#     kinds have no such list.
#   audit: |
#     ```sh
#     kubectl get imagerepositories,helmrepositories -A -o json | jq -r \
#       '.items[] | select(.spec.accessFrom) | "\(.kind) \(.metadata.namespace)/\(.metadata.name): \(.spec.accessFrom)"'
#     ```
#
#     Pass: no line; or each selector has labels that only the platform sets, and the namespaces that carry them are
#     meant to read the tags. `{}` and `matchLabels: {}` select all namespaces.
#   remediation: |
#     Drop the field, and give each namespace an ImageRepository of its own. Where sharing is meant, name the namespaces:
#
#     ```yaml
#     apiVersion: image.toolkit.fluxcd.io/v1
#     kind: ImageRepository
#     metadata:
#       name: web
#       namespace: team-a
#     spec:
#       image: registry.acme.example/team-a/web
#       interval: 10m
#       accessFrom:
#         namespaceSelectors:
#           - matchLabels:
#               kubernetes.io/metadata.name: team-a-staging
#     ```
#   since: 0.1.0
#   params: {}
package flux.image_access_closed

import data.lib.flux
import data.lib.result
import data.lib.shape

subject if image

subject if chart

image if flux.kind_is("image.toolkit.fluxcd.io", "ImageRepository")

chart if flux.kind_is("source.toolkit.fluxcd.io", "HelmRepository")

place := ["spec", "accessFrom"]

list := ["spec", "accessFrom", "namespaceSelectors"]

# [path, labels] of each selector.
selectors contains [path, labels] if {
	image
	flux.known(list)
	items := object.get(flux.object, list, null)
	is_array(items)
	some i, item in items
	is_object(item)
	labels := labels_of(item)
	path := array.concat(list, [i])
}

labels_of(item) := item.matchLabels if {
	is_object(item.matchLabels)
} else := {} if {
	object.get(item, "matchLabels", null) == null
}

violation contains result.fixed(path, "every namespace may read the tags", [{"op": "remove", "path": result.pointer(path)}]) if {
	some [path, labels] in selectors
	count(labels) == 0
}

warn contains result.at(path, msg) if {
	some [path, labels] in selectors
	count(labels) > 0
	msg := sprintf("namespaces with these labels may read the tags: %v", [concat(", ", sort([sprintf("%v=%v", [name, value]) | some name, value in labels]))])
}

warn contains result.at(place, "the list of those who have access is not implemented for charts: it protects nothing") if {
	chart
	flux.known(place)
	object.get(flux.object, place, null) != null
}

unknown contains finding if {
	image
	some finding in shape.check([
		[[["spec"]], "object"],
		[[place], "object"],
		[[list], "array"],
		[[list, []], "object"],
		[[list, ["matchLabels"]], "strings"],
	])
}

unknown contains result.at(list, "the list of those who have access could not be worked out") if {
	image
	not flux.known(list)
}

unknown contains finding if {
	chart
	some finding in shape.check([[[["spec"]], "object"]])
}

unknown contains result.at(place, "whether there is a list of those who have access could not be worked out") if {
	chart
	not flux.known(place)
}
