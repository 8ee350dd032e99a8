# Which Flux minors serve which versions of which kinds.
package lib.apis

import data.lib.flux

# The newest Flux minor that the rows speak of.
newest := 9

# Kind → group, the component that owns the kind, and its versions from the oldest to the newest, each with
# the first and the last Flux minor that serves it (99: no end is known).
_rows := {
	"Alert": "notification.toolkit.fluxcd.io notification-controller v1beta1:0-6 v1beta2:0-8 v1beta3:2-99",
	"ArtifactGenerator": "source.extensions.fluxcd.io source-watcher v1beta1:7-99",
	"Bucket": "source.toolkit.fluxcd.io source-controller v1beta1:0-6 v1beta2:0-7 v1:4-99",
	"ExternalArtifact": "source.toolkit.fluxcd.io source-controller v1:7-99",
	"FluxInstance": "fluxcd.controlplane.io flux-operator v1:0-99",
	"FluxReport": "fluxcd.controlplane.io flux-operator v1:0-99",
	"GitRepository": "source.toolkit.fluxcd.io source-controller v1beta1:0-6 v1beta2:0-7 v1:0-99",
	"HelmChart": "source.toolkit.fluxcd.io source-controller v1beta1:0-6 v1beta2:0-7 v1:3-99",
	"HelmRelease": "helm.toolkit.fluxcd.io helm-controller v2beta1:0-6 v2beta2:2-7 v2:3-99",
	"HelmRepository": "source.toolkit.fluxcd.io source-controller v1beta1:0-6 v1beta2:0-7 v1:3-99",
	"ImagePolicy": "image.toolkit.fluxcd.io image-reflector-controller v1beta1:0-6 v1beta2:0-8 v1:7-99",
	"ImageRepository": "image.toolkit.fluxcd.io image-reflector-controller v1beta1:0-6 v1beta2:0-8 v1:7-99",
	"ImageUpdateAutomation": "image.toolkit.fluxcd.io image-automation-controller v1beta1:0-6 v1beta2:3-8 v1:7-99",
	"Kustomization": "kustomize.toolkit.fluxcd.io kustomize-controller v1beta1:0-6 v1beta2:0-7 v1:0-99",
	"OCIRepository": "source.toolkit.fluxcd.io source-controller v1beta2:0-7 v1:6-99",
	"Provider": "notification.toolkit.fluxcd.io notification-controller v1beta1:0-6 v1beta2:0-8 v1beta3:2-99",
	"Receiver": "notification.toolkit.fluxcd.io notification-controller v1beta1:0-6 v1beta2:0-8 v1:0-99",
	"ResourceSet": "fluxcd.controlplane.io flux-operator v1:0-99",
	"ResourceSetInputProvider": "fluxcd.controlplane.io flux-operator v1:0-99",
}

# The row of the object under review; undefined for what is no object of Flux.
row := cells if {
	contains(flux.own_group, "fluxcd.")
	cells := split(_rows[flux.object.kind], " ")
	cells[0] == flux.own_group
}

owner := row[1]

# What follows the group in the object's apiVersion.
version := parts[count(parts) - 1] if {
	row
	parts := split(flux.object.apiVersion, "/")
}

# The versions that a Flux minor serves, oldest first.
served(minor) := [found[0][1] |
	some i, cell in row
	i > 1
	found := regex.find_all_string_submatch_n(`^(v[0-9a-z]+):([0-9]+)-([0-9]+)$`, cell, 1)
	to_number(found[0][2]) <= minor
	to_number(found[0][3]) >= minor
]
