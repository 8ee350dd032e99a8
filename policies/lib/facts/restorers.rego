package lib.facts

# "namespace/name" of each Kustomization that the labels of a RoleBinding or ClusterRoleBinding name, where it is at
# hand → {"apiVersion", "namespace", "name", "interval", "suspend", "prune"}, the last three as they are.
restorers := fact if {
	fact := data.inventory.facts.restorers
} else := {key: restorer |
	count(_named_restorers) > 0
	some obj in namespaced("kustomize.toolkit.fluxcd.io", "Kustomization")
	key := sprintf("%v/%v", [_text(_map(obj, "metadata"), "namespace"), _text(_map(obj, "metadata"), "name")])
	key in _named_restorers
	spec := _map(obj, "spec")
	restorer := {
		"apiVersion": obj.apiVersion,
		"namespace": _text(obj.metadata, "namespace"),
		"name": _text(obj.metadata, "name"),
		"interval": object.get(spec, "interval", null),
		"suspend": object.get(spec, "suspend", null),
		"prune": object.get(spec, "prune", null),
	}
}

_named_restorers := {key |
	some obj in array.concat(
		namespaced("rbac.authorization.k8s.io", "RoleBinding"),
		clustered("rbac.authorization.k8s.io", "ClusterRoleBinding"),
	)
	labels := _map(_map(obj, "metadata"), "labels")
	key := sprintf("%v/%v", [_text(labels, "kustomize.toolkit.fluxcd.io/namespace"), _text(labels, "kustomize.toolkit.fluxcd.io/name")])
}
