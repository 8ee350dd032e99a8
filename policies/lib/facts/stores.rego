package lib.facts

import data.lib.flags
import data.lib.flux
import data.lib.stores as serving

# The store of every controller that serves artifacts, sorted.
stores := fact if {
	fact := data.inventory.facts.stores
} else := sort([store |
	some obj in _workloads
	base := flux.controller_of(obj)
	base.component in serving.components
	not base.owned
	store := serving.of(obj, object.union(base, {
		"minor": flags.minor_of(obj, base),
		"flags": flags.of(obj, base),
	}))
])
