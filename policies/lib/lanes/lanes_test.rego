package lib.lanes_test

import data.lib.facts
import data.lib.lanes
import data.lib.refs_sample_test as sample

kustomize(with_these) := sample.controller("kustomize-controller", with_these)

main := kustomize({"args": ["--watch-label-selector=!k", "--enable-leader-election"]})

shard := kustomize({"name": "two", "args": ["--watch-label-selector=k=1", "--watch-all-namespaces=false"]})

helm := sample.controller("helm-controller", {})

vague := kustomize({"name": "three", "args": ["--watch-label-selector=$(X)"], "env": [{"name": "X", "valueFrom": {}}]})

test_own if {
	lane := lanes.own with input as main
	lane.selector.text == "!k"
	lane.everywhere
	lane.elects
	lane.state == "known"
	lane.path == ["spec", "template", "spec", "containers", 0, "args", 0]
	lane.scope == ["spec", "template", "spec", "containers", 0, "args"]
}

test_no_selector if {
	lane := lanes.own with input as helm
	lane.selector.text == ""
	not lane.elects
}

test_unknown if {
	lane := lanes.own with input as vague
	lane.state == "unknown"
}

test_others if {
	cluster := sample.inventory([main, shard, helm])
	found := lanes.others with input as main with data.inventory as cluster
	[lane.object.name | some lane in found] == ["two"]
}

# The shell hides the selector, so its text is none that selects everything.
test_undecided if {
	cluster := sample.inventory([main, vague])
	mine := lanes.undecided with input as vague with data.inventory as cluster
	sample.paths(mine) == {sample.arg(0)}
	theirs := lanes.undecided with input as main with data.inventory as cluster
	sample.paths(theirs) == {sample.arg(0)}
	count(lanes.undecided) == 0 with input as main with data.inventory as sample.inventory([main, shard])
}

lane(obj) := found if found := lanes.own with input as obj

test_scopes if {
	lanes.meet(lane(main), lane(shard))
	lanes.meet(lane(shard), lane(main))
	lanes.meet(lane(shard), lane(shard))
	elsewhere := lane(kustomize({"namespace": "b", "args": ["--watch-all-namespaces=false"]}))
	not lanes.meet(lane(shard), elsewhere)
	lanes.covers(lane(main), elsewhere)
	not lanes.covers(elsewhere, lane(main))
	not lanes.covers(elsewhere, lane(shard))
	lanes.covers(lane(shard), lane(shard))
}

test_standby if {
	lanes.standby(lane(main), lane(main))
	not lanes.standby(lane(main), lane(shard))
	not lanes.standby(lane(helm), lane(helm))
	not lanes.standby(lane(main), lane(object.union(main, {"metadata": {"namespace": "b"}})))
}

test_kinds_of_lanes if {
	lanes.sharded(lane(shard))
	not lanes.sharded(lane(main))
	not lanes.sharded(lane(vague))
	lanes.takes_unlabelled(lane(main))
	not lanes.takes_unlabelled(lane(shard))
	not lanes.takes_unlabelled(lane(vague))
}

test_nodes if {
	found := lanes.nodes(lane(shard))
	[node.path[6] | some node in found] == [0, 1]
	count(lanes.namespace_nodes(lane(main))) == 0 with input as shard
	count(lanes.namespace_nodes(lane(shard))) == 3 with input as shard
	count(lanes.namespace_nodes(lane(shard))) == 0 with input as main
}

test_facts if {
	cluster := sample.inventory([main, shard, sample.controller("notification-controller", {})])
	found := facts.lanes with data.inventory as cluster
	{each.object.name | some each in found} == {"kustomize-controller", "two"}
	again := facts.lanes with data.inventory as object.union(cluster, {"facts": {"lanes": found}})
	again == found
}
