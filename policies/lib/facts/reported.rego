package lib.facts

import data.lib.workload

# Versions of Flux that the Flux Operator reports as applied, sorted.
reported_versions := fact if {
	fact := data.inventory.facts.reported_versions
} else := sort([report |
	some kind, field in {
		"FluxInstance": ["status", "lastAppliedRevision"],
		"FluxReport": ["spec", "distribution", "version"],
	}
	some obj in namespaced("fluxcd.controlplane.io", kind)
	version := object.get(obj, field, null)
	is_string(version)
	report := {
		"object": {
			"apiVersion": obj.apiVersion,
			"kind": kind,
			"namespace": workload.namespace_of(obj),
			"name": workload.name_of(obj),
		},
		"path": field,
		"version": split(version, "@")[0],
	}
])
