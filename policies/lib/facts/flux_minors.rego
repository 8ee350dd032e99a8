package lib.facts

import data.lib.releases

# Component → the Flux minors that the images of its instances tell, each with a node that tells it; under
# "flux" the minors that the Flux Operator reports.
flux_minors := fact if {
	fact := data.inventory.facts.flux_minors
} else := {teller: found |
	some teller in {told.teller | some told in _telling}
	found := [first |
		some minor in {told.minor | some told in _telling; told.teller == teller}
		first := {"minor": minor, "node": min([told.node | some told in _telling; told.teller == teller; told.minor == minor])}
	]
}

_telling := array.concat(
	[{"teller": record.component, "minor": record.minor, "node": {"object": object_of(record), "path": path}} |
		some record in controllers
		is_number(record.minor)
		path := array.concat(record.path, ["image"])
	],
	[{"teller": "flux", "minor": minor, "node": {"object": report.object, "path": report.path}} |
		some report in reported_versions
		minor := releases.flux_standing(report.version).minor
		minor >= 0
	],
)

# The reference to the object of a record.
object_of(record) := {
	"apiVersion": record.apiVersion,
	"kind": record.kind,
	"namespace": record.namespace,
	"name": record.name,
}
