package lib.facts

import data.lib.lanes as watching

# The lane of every controller that can be sharded, sorted.
lanes := fact if {
	fact := data.inventory.facts.lanes
} else := sort([lane |
	some record in controllers
	record.component in watching.components
	lane := watching.of(record)
])
