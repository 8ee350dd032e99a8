package lib.facts

import data.lib.lanes as watching

# "keys": the labels that decide about shards, sorted: the customary one, and those that the instances at hand ask
# for. "used": whether some instance takes nothing but objects that carry a label.
shards := fact if {
	fact := data.inventory.facts.shards
} else := {
	"keys": sort({"sharding.fluxcd.io/key"} | {r.key |
		some lane in lanes
		lane.state == "known"
		some r in lane.selector.requirements
	}),
	"used": count([1 | some lane in lanes; watching.sharded(lane)]) > 0,
}
