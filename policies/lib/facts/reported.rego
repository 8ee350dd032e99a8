package lib.facts

import data.lib.releases
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

# The one release of Flux, as "2.9.4", that every controller's image and every report is of; "" where they do not
# agree, or where one of them does not tell.
flux_version := fact if {
	fact := data.inventory.facts.flux_version
} else := agreed[0] if {
	tellings := array.concat(
		[releases.versions(record.component, record.image.tag) | some record in controllers],
		[{trim_prefix(report.version, "v")} | some report in reported_versions],
	)
	agreed := [version |
		some version in tellings[0]
		regex.match(`^[0-9]+\.[0-9]+\.[0-9]+([-+].*)?$`, version)
		count([1 | some told in tellings; version in told]) == count(tellings)
	]
	count(agreed) == 1
} else := ""
