package lib.stores_test

import data.lib.facts
import data.lib.refs_sample_test as sample
import data.lib.stores

source(with_these) := sample.controller("source-controller", with_these)

key(args) := store.address.key if store := stores.own with input as source({"args": args})

# [address, what tells it apart]
_addresses := [
	["source-controller", ["source-controller", "flux-system"]],
	["source-controller.a", ["source-controller", "a"]],
	["source-controller.a.svc", ["source-controller", "a"]],
	["Source-Controller.a.svc.cluster.local.", ["source-controller", "a"]],
	["http://source-controller.a.svc:80/x", ["source-controller", "a"]],
	["artifacts.example.com", ["artifacts.example.com"]],
	["10.0.0.1:9090", ["10.0.0.1"]],
	["[fd00::1]:9090", ["[fd00::1]"]],
	["", []],
]

test_addresses if {
	every pair in _addresses {
		key([sprintf("--storage-adv-addr=%v", [pair[0]])]) == pair[1]
	}
	key([]) == []
}

test_unknown if {
	store := stores.own with input as source({"args": ["--storage-path=$(X)"], "env": [{"name": "X", "valueFrom": {}}]})
	store.state == "unknown"
	store.claim == null
	address := stores.own with input as source({"args": ["--storage-adv-addr=$(X)"], "env": [{"name": "X", "valueFrom": {}}]})
	address.state == "unknown"
	address.address.key == []
}

volume(name, claim) := {"name": name, "persistentVolumeClaim": {"claimName": claim}}

claim(with_these) := store.claim if store := stores.own with input as source(with_these)

test_claims if {
	found := claim({"mounts": [{"name": "data", "mountPath": "/data"}], "pod": {"volumes": [volume("data", "a")]}})
	found == {
		"name": "a",
		"folder": "",
		"path": ["spec", "template", "spec", "volumes", 0, "persistentVolumeClaim", "claimName"],
		"mount": ["spec", "template", "spec", "containers", 0, "volumeMounts", 0],
	}
}

test_folders_of_claims if {
	volumes := {"volumes": [volume("data", "a"), volume("more", "b")]}
	deep := {
		"args": ["--storage-path=/data/x/y/"],
		"pod": volumes,
		"mounts": [{"name": "more", "mountPath": "/"}, {"name": "data", "mountPath": "/data/", "subPath": "s"}],
	}
	claim(deep).name == "a"
	claim(deep).folder == "s/x/y"
	expression := {"pod": volumes, "mounts": [{"name": "more", "mountPath": "/", "subPathExpr": "$(POD)"}]}
	claim(expression).name == "b"
	claim(expression).folder == "$(POD)/data"
}

test_no_claims if {
	every with_these in [
		{},
		{"mounts": [{"name": "data", "mountPath": "/data"}]},
		{"mounts": [{"name": "data", "mountPath": "/data-x"}], "pod": {"volumes": [volume("data", "a")]}},
		{"mounts": [{"name": "data", "mountPath": "/data"}], "pod": {"volumes": [{"name": "data", "emptyDir": {}}]}},
		{"mounts": [{"name": "data", "mountPath": 5}], "pod": {"volumes": [volume("data", "a")]}},
		{"mounts": "x", "pod": {"volumes": 5}},
	] {
		claim(with_these) == null
	}
}

undecided(with_these) := sample.paths(found) if found := stores.undecided with input as source(with_these)

test_undecided if {
	undecided({}) == set()
	undecided({"args": [5]}) == {sample.arg(0)}
	undecided({"pod": {"volumes": [volume("data", 5)]}}) == {"spec/template/spec/volumes/0/persistentVolumeClaim/claimName"}
	undecided({"mounts": {}}) == {"spec/template/spec/containers/0/volumeMounts"}
	veiled_pods := {"annotations": {"flux-audit.internal/unknown-paths": "/spec/template/spec"}}
	two := {"containers": [{"name": "a", "image": "x:1"}, {"name": "b", "image": "y:1"}]}
	count(stores.undecided) == 2 with input as source(object.union(veiled_pods, {"pod": two}))
	veiled := {"annotations": {"flux-audit.internal/unknown-paths": "/spec/template/spec/volumes"}}
	undecided(veiled) == {"spec/template/spec/volumes"}
}

test_others_and_peers if {
	shard := source({"name": "two"})
	watcher := sample.controller("source-watcher", {})
	cluster := sample.inventory([source({}), shard, watcher, sample.controller("helm-controller", {})])
	others := stores.others with input as source({}) with data.inventory as cluster
	[store.object.name | some store in others] == ["two", "source-watcher"]
	peers := stores.peers with input as source({}) with data.inventory as cluster
	[store.object.name | some store in peers] == ["two"]
}

test_facts if {
	cluster := sample.inventory([source({}), sample.controller("helm-controller", {})])
	found := facts.stores with data.inventory as cluster
	[store.object.name | some store in found] == ["source-controller"]
	again := facts.stores with data.inventory as {"facts": {"stores": found}}
	again == found
}

test_own_labels if {
	labels := stores.own_labels with input as source({"pod_labels": {"app": "x"}})
	labels == {"app": "x"}
}
