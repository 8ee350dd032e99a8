package lib.facts

import data.lib.flux
import data.lib.tenants as signs

# Namespace of a tenant → {"id", "why": the nodes that say so, none where a parameter does}.
tenants := fact if {
	fact := data.inventory.facts.tenants
} else := object.union(object.union(_inferred_tenants, _listed_tenants), _marked_tenants)

# Namespaces at hand whose labels name no tenant, sorted.
unmarked_namespaces := fact if {
	fact := data.inventory.facts.unmarked_namespaces
} else := sort([name |
	some name, obj in _namespace_objects
	signs.readable(obj)
	not signs.mark(obj)
])

# Namespaces at hand whose labels cannot be read, sorted.
unreadable_namespaces := fact if {
	fact := data.inventory.facts.unreadable_namespaces
} else := sort([name |
	some name, obj in _namespace_objects
	not signs.readable(obj)
])

_marked_tenants := {name: {"id": mark.id, "why": [{"object": object, "path": mark.path}]} |
	some name, obj in _namespace_objects
	mark := signs.mark(obj)
	object := {"apiVersion": "v1", "kind": "Namespace", "namespace": "", "name": name}
}

_namespace_objects := {name: obj |
	is_object(data.inventory.cluster.v1.Namespace)
	some name, obj in data.inventory.cluster.v1.Namespace
}

_listed_tenants := {ns: {"id": ns, "why": []} |
	some ns in flux.param("tenantNamespaces", [])
	is_string(ns)
}

# One of the objects is enough to name: where there are several, each proves the same.
_inferred_tenants := {ns: {"id": ns, "why": [{"object": found[0], "path": ["metadata", "namespace"]}]} |
	signs.inferring
	is_object(data.inventory.namespace)
	some ns, versions in data.inventory.namespace
	ns != ""
	not ns in _untenanted
	found := _appliers(ns, versions)
	count(found) > 0
}

# Namespaces that are never inferred to be a tenant's.
_untenanted := signs.exempt | {ns | some ns in flux_namespaces}

_appliers(ns, versions) := [{"apiVersion": version, "kind": kind, "namespace": ns, "name": name} |
	is_object(versions)
	some version, kinds in versions
	some kind, group in signs.appliers
	is_object(kinds[kind])
	_of_group(version, group)
	some name, _ in kinds[kind]
]
