package lib.facts

# Namespace → name of an account of a tenant → {"tenant", "why": the nodes that say so}: it is labelled, or a
# Kustomization or HelmRelease in a tenant's namespace is applied as it.
tenant_accounts := fact if {
	fact := data.inventory.facts.tenant_accounts
} else := {ns: accounts |
	is_object(data.inventory.namespace)
	some ns, versions in data.inventory.namespace
	is_object(versions)
	accounts := object.union(_applying_accounts(ns, versions), _labelled_accounts(ns, versions))
	count(accounts) > 0
}

_labelled_accounts(ns, versions) := {name: {"tenant": tenant, "why": nodes} |
	is_object(versions.v1.ServiceAccount)
	some name, obj in versions.v1.ServiceAccount
	tenant := obj.metadata.labels["toolkit.fluxcd.io/tenant"]
	is_string(tenant)
	object := {"apiVersion": "v1", "kind": "ServiceAccount", "namespace": ns, "name": name}
	nodes := [{"object": object, "path": path} |
		some path in [["metadata", "labels", "toolkit.fluxcd.io/tenant"], ["metadata", "namespace"]]
	]
}

# One of the objects is enough to name: where there are several, each proves the same.
_applying_accounts(ns, versions) := {name: {"tenant": tenants[ns].id, "why": nodes} |
	tenants[ns]
	applied := _applied(ns, versions)
	some name in {pair[0] | some pair in applied}
	named := [pair[1] | some pair in applied; pair[0] == name]
	nodes := array.concat(
		[{"object": named[0], "path": path} | some path in [["spec", "serviceAccountName"], ["metadata", "namespace"]]],
		tenants[ns].why,
	)
}

_applied(ns, versions) := [[name, object] |
	some version, kinds in versions
	some [group, kind] in _appliers_of_tenants
	_of_group(version, group)
	is_object(kinds[kind])
	some applier, obj in kinds[kind]
	name := obj.spec.serviceAccountName
	is_string(name)
	name != ""
	object := {"apiVersion": version, "kind": kind, "namespace": ns, "name": applier}
]

_appliers_of_tenants := [["helm.toolkit.fluxcd.io", "HelmRelease"], ["kustomize.toolkit.fluxcd.io", "Kustomization"]]
