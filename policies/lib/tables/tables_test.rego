package lib.tables_test

import data.lib.tables.flags
import data.lib.tables.releases
import data.lib.workload

_components := workload.components | {"flux-operator"}

_types := {"bool", "int", "uint8", "uint16", "float", "duration", "string", "stringSlice", "stringArray", "gates", "any"}

test_every_component_has_flags_and_gates if {
	every component in _components {
		count(flags.flags(component)) > 10
		count(flags.gates(component)) >= 0
		every name, row in flags.flags(component) {
			regex.match(`^[a-zA-Z0-9-]+$`, name)
			row[0] in _types
			count(row) in {2, 3, 4, 5}
		}
		every row in flags.gates(component) {
			count(row) % 2 == 0
		}
	}
	not flags.flags("x")
	not flags.gates("x")
}

test_every_release_row_is_complete if {
	{c | some c in releases.components} == workload.components
	every row in releases.rows {
		count(split(row, " ")) == count(releases.components) + 2
		regex.match(`^2\.[0-9]+\.[0-9]+ 20[0-9]{2}-[01][0-9]-[0-3][0-9] [-0-9. ]+$`, row)
	}
	every component, minors in releases.minors {
		component in workload.components
		count(split(minors, " ")) == 10
	}
	releases.as_of == "2026-08-07"
}
