package lib.facts

import data.lib.workload

# Component → sorted namespaces that wait for it: those with objects of its kinds, and those of tenants.
watched_namespaces := fact if {
	fact := data.inventory.facts.watched_namespaces
} else := {component: sort([ns | some ns in waiting]) |
	some component, kinds in _reconciled
	held := {ns |
		some [group, kind] in kinds
		some ns in _namespaces_with(group, kind)
	}
	waiting := held | _labelled_tenants
}

_labelled_tenants := {workload.name_of(obj) |
	some obj in clustered("", "Namespace")
	labels := obj.metadata.labels
	is_object(labels)
	some key, value in labels
	_marks_tenant(key, value)
}

_marks_tenant("toolkit.fluxcd.io/tenant", _) := true

_marks_tenant("toolkit.fluxcd.io/role", value) if value == "tenant"

_reconciled := {
	"source-controller": [
		["source.toolkit.fluxcd.io", "Bucket"],
		["source.toolkit.fluxcd.io", "GitRepository"],
		["source.toolkit.fluxcd.io", "HelmChart"],
		["source.toolkit.fluxcd.io", "HelmRepository"],
		["source.toolkit.fluxcd.io", "OCIRepository"],
	],
	"kustomize-controller": [["kustomize.toolkit.fluxcd.io", "Kustomization"]],
	"helm-controller": [["helm.toolkit.fluxcd.io", "HelmRelease"]],
	"notification-controller": [
		["notification.toolkit.fluxcd.io", "Alert"],
		["notification.toolkit.fluxcd.io", "Receiver"],
	],
	"image-reflector-controller": [
		["image.toolkit.fluxcd.io", "ImagePolicy"],
		["image.toolkit.fluxcd.io", "ImageRepository"],
	],
	"image-automation-controller": [["image.toolkit.fluxcd.io", "ImageUpdateAutomation"]],
	"source-watcher": [["source.extensions.fluxcd.io", "ArtifactGenerator"]],
}
