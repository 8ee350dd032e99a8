package lib.sharding_test

import data.lib.refs_sample_test as sample
import data.lib.sharding

controller(name, args) := sample.controller("kustomize-controller", {"name": name, "args": args})

cluster := sample.inventory([
	controller("main", ["--watch-label-selector=!team"]),
	controller("one", ["--watch-label-selector=team=one", "--watch-all-namespaces=false"]),
	controller("vague", ["--watch-label-selector=$(X)y"]),
])

test_keys if {
	sharding.keys == {"sharding.fluxcd.io/key"}
	sharding.keys == {"sharding.fluxcd.io/key", "team"} with data.inventory as cluster
}

test_shard if {
	sharding.shard({"team": "one", "app": "x"}) == {"team": "one"} with data.inventory as cluster
	sharding.shard(null) == {}
	not sharding.shard("x")
}

test_component if {
	sharding.component == "helm-controller" with input as {"apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease"}
	sharding.component == "source-controller" with input as {"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "Bucket"}
	not sharding.component with input as {"apiVersion": "notification.toolkit.fluxcd.io/v1beta3", "kind": "Alert"}
}

test_takes if {
	list := sharding.lanes_of("kustomize-controller") with data.inventory as cluster
	takers := {[ns, value, lane.object.name] |
		some lane in list
		some ns in ["flux-system", "a"]
		some value in ["one", "two"]
		sharding.takes(lane, ns, {"team": value})
	}
	takers == {["flux-system", "one", "one"]}
	{lane.object.name | some lane in list; sharding.takes(lane, "a", {})} == {"main"}
	count(sharding.nodes(list)) == 7
}
