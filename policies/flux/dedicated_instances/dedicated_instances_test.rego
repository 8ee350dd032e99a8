package flux.dedicated_instances_test

import data.flux.dedicated_instances as control
import data.lib.facts
import data.lib.refs_sample_test as sample

instance(name, args) := sample.controller("helm-controller", {"name": name, "args": args})

main := instance("main", ["--watch-label-selector=!k"])

gold := instance("gold", ["--watch-label-selector=k=gold"])

alone := instance("main", [])

vague := sample.controller("helm-controller", {"name": "vague", "args": ["--watch-label-selector=$(X)"], "env": [{"name": "X", "valueFrom": {}}]})

hr(labels) := {
	"apiVersion": "helm.toolkit.fluxcd.io/v2",
	"kind": "HelmRelease",
	"metadata": {"name": "web", "namespace": "shop", "labels": labels},
}

# Counts of violation, unknown, manual.
judged(of, others, critical) := [count(v), count(u), count(m)] if {
	cluster := sample.inventory(array.concat([of], others))
	request := sample.review(of, {"profiles": ["shared"], "mode": "render", "criticalTenants": critical})
	v := control.violation with input as request with data.inventory as cluster
	u := control.unknown with input as request with data.inventory as cluster
	m := control.manual with input as request with data.inventory as cluster
}

test_nobody_named if {
	judged(main, [gold], []) == [0, 0, 0]
	judged(gold, [main], []) == [0, 0, 0]
	judged(alone, [], []) == [0, 0, 1]
	judged(alone, [gold], []) == [0, 0, 1]
}

test_named if {
	judged(main, [gold, hr({"k": "gold"})], ["shop"]) == [0, 0, 0]
	judged(main, [gold, hr({})], ["shop"]) == [1, 0, 0]
	judged(gold, [main, hr({})], ["shop"]) == [0, 0, 0]
	judged(alone, [hr({"sharding.fluxcd.io/key": "x"})], ["shop"]) == [1, 0, 0]
	judged(main, [gold, hr({"k": "other"})], ["shop"]) == [1, 0, 0]
	judged(main, [gold], ["shop"]) == [0, 0, 1]
}

test_undecided if {
	judged(vague, [], []) == [0, 1, 0]
	judged(main, [vague, hr({"k": "x"})], ["shop"]) == [0, 1, 0]
	judged(main, [gold, hr(5)], ["shop"]) == [0, 1, 0]
}

test_other_controllers if {
	other := sample.controller("notification-controller", {})
	not control.subject with input as other
	control.subject with input as alone
	judged(other, [], ["shop"]) == [0, 0, 0]
}

test_facts if {
	found := facts.shards_in_use with data.inventory as sample.inventory([main, hr({"k": "gold", "app": "x"})])
	found == {"shop": {"helm-controller": [{"k": "gold"}]}}
	facts.shards_in_use == {"x": 1} with data.inventory as {"facts": {"shards_in_use": {"x": 1}}}
	facts.shards_in_use == {} with data.inventory as {"namespace": {"a": 5, "b": {"helm.toolkit.fluxcd.io/v2": 5}, "c": {"helm.toolkit.fluxcd.io/v2": {"HelmRelease": 5}}}}
	facts.shards_in_use == {}
}
