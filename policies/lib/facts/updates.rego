package lib.facts

import data.lib.admission
import data.lib.updates

# What keeps Flux up to date: workflows, configurations of Renovate, instances of the Flux Operator, sorted.
updaters := fact if {
	fact := data.inventory.facts.updaters
} else := sort([admission.identity(obj) |
	some obj in array.concat(files("Workflow"), namespaced("fluxcd.controlplane.io", "FluxInstance"))
	updates.sort_of(obj)
])
