package flux.shard_storage_test

import data.flux.shard_storage as control
import data.lib.refs_sample_test as sample

judged(obj, others, params) := {sprintf("%v %v", [kind, path]) |
	some kind, found in {"fail": failures, "warn": warnings, "unknown": doubts, "manual": open}
	some path in sample.paths(found)
} if {
	request := sample.review(obj, params)
	cluster := sample.inventory(array.concat([obj], others))
	failures := control.violation with input as request with data.inventory as cluster
	warnings := control.warn with input as request with data.inventory as cluster
	doubts := control.unknown with input as request with data.inventory as cluster
	open := control.manual with input as request with data.inventory as cluster
}

rendered := {"mode": "render"}

source(name, address, with_these) := sample.controller("source-controller", object.union(
	{"name": name, "args": [sprintf("--storage-adv-addr=%v", [text]) | some text in [address]; text != ""]},
	with_these,
))

main := source("source-controller", "source-controller.flux-system.svc", {})

main_service := sample.service("source-controller", {"app": "source-controller"})

shard := source("two", "two.flux-system.svc.cluster.local.", {})

shard_service := sample.service("two", {"app": "two"})

fail := {sprintf("fail %v", [sample.arg(0)])}

test_pass if {
	judged(shard, [main, main_service, shard_service], rendered) == set()
	judged(main, [shard, main_service, shard_service], rendered) == set()
	judged(source("source-controller", "", {}), [], rendered) == set()
}

test_no_address if {
	judged(source("two", "", {}), [main, main_service], rendered) == {sprintf("fail %v", [sample.args])}
}

test_same_address if {
	copied := source("two", "source-controller", {})
	judged(main, [copied, main_service], rendered) == fail
	judged(copied, [main, main_service], rendered) == fail
	watcher := sample.controller("source-watcher", {"args": ["--storage-adv-addr=source-controller"]})
	judged(watcher, [main], rendered) == fail
}

test_no_service if {
	judged(shard, [main, main_service], rendered) == fail
	judged(shard, [main, main_service], {"mode": "git"}) == fail
	judged(shard, [main], {"mode": "dump"}) == fail
	judged(shard, [main], rendered) == {sprintf("manual %v", [sample.arg(0)])}
	judged(shard, [main, main_service], {}) == {sprintf("manual %v", [sample.arg(0)])}
}

test_service_selects_others if {
	judged(shard, [main, main_service, sample.service("two", {"app": "source-controller"})], rendered) == fail
	everything := sample.service("two", {"app.kubernetes.io/part-of": "flux"})
	judged(shard, [main, main_service, everything], rendered) == fail
	judged(shard, [main, main_service, sample.service("two", null)], rendered) == fail
	judged(shard, [main, main_service, sample.service("two", {"app": 5})], rendered) == {sprintf("unknown %v", [sample.arg(0)])}
	elsewhere := object.union(shard_service, {"metadata": {"namespace": "b"}})
	there := source("two", "two.b", {})
	judged(there, [main, main_service, elsewhere], rendered) == fail
}

test_addresses_that_are_no_service if {
	judged(source("two", "a.example.com", {}), [main, main_service], rendered) == {sprintf("manual %v", [sample.arg(0)])}
	judged(source("two", "a_b.c.svc", {}), [main, main_service], rendered) == {sprintf("unknown %v", [sample.arg(0)])}
}

kept(obj, claim, sub) := object.union(obj, {"spec": {"template": {"spec": {
	"containers": [object.union(obj.spec.template.spec.containers[0], {"volumeMounts": [{"name": "data", "mountPath": "/data", "subPath": sub}]})],
	"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": claim}}],
}}}})

on_claim(kind) := {sprintf("%v spec/template/spec/volumes/0/persistentVolumeClaim/claimName", [kind])}

test_claims if {
	services := [main_service, shard_service]
	judged(kept(shard, "a", ""), array.concat(services, [kept(main, "a", "")]), rendered) == on_claim("fail")
	judged(kept(shard, "a", "x/y"), array.concat(services, [kept(main, "a", "x")]), rendered) == on_claim("fail")
	judged(kept(shard, "a", "x"), array.concat(services, [kept(main, "a", "x/y")]), rendered) == on_claim("fail")
	judged(kept(shard, "a", "x"), array.concat(services, [kept(main, "a", "xy")]), rendered) == on_claim("warn")
	judged(kept(shard, "a", ""), array.concat(services, [kept(main, "b", "")]), rendered) == set()
	judged(kept(shard, "a", ""), array.concat(services, [main]), rendered) == set()
	away := object.union(kept(main, "a", ""), {"metadata": {"namespace": "b"}})
	judged(kept(shard, "a", ""), array.concat(services, [away]), rendered) == set()
}

test_unknown if {
	vague := source("two", "$(X)", {"env": [{"name": "X", "valueFrom": {}}]})
	judged(vague, [main, main_service], rendered) == {sprintf("unknown %v", [sample.arg(0)])}
	judged(main, [vague, main_service], rendered) == {sprintf("unknown %v", [sample.arg(0)])}
}

# Where it keeps its artifacts cannot be told.
somewhere(name, address) := sample.controller("source-controller", {
	"name": name,
	"args": [sprintf("--storage-adv-addr=%v", [address]), "--storage-path=$(X)"],
	"env": [{"name": "X", "valueFrom": {}}],
})

test_what_cannot_be_told_of_an_instance_leaves_the_rest_open if {
	own := {sprintf("unknown %v", [sample.arg(1)])}
	lost := somewhere("two", "two")
	judged(lost, [main, main_service], rendered) == own
	judged(lost, [main, main_service, shard_service], rendered) == own
	judged(lost, [somewhere("three", "three"), main_service, shard_service], rendered) == own
	judged(somewhere("two", "source-controller"), [main, main_service], rendered) == own
	judged(main, [somewhere("two", "source-controller"), main_service], rendered) == {sprintf("unknown %v", [sample.arg(0)])}
}

test_without_inventory if {
	count(control.unknown) == 0 with input as source("two", "a_b.c.svc", {})
	control.subject with input as main
	count(control.manual) == 1 with input as main
	count(control.violation) == 0 with input as source("two", "", {})
}

test_other_controllers if {
	obj := sample.controller("helm-controller", {})
	not control.subject with input as obj
	judged(obj, [main], rendered) == set()
}

# A node of another object.
at(obj, path) := {
	"object": {
		"apiVersion": obj.apiVersion,
		"kind": obj.kind,
		"namespace": obj.metadata.namespace,
		"name": obj.metadata.name,
	},
	"path": path,
}

here := ["metadata", "namespace"]

labels := ["spec", "template", "metadata", "labels"]

argument := ["spec", "template", "spec", "containers", 0, "args", 0]

selector(service) := at(service, ["spec", "selector"])

# The nodes of the only finding of each sort.
related(findings) := {node | some finding in findings; some node in finding.details.related}

failing(obj, others) := nodes if {
	cluster := sample.inventory(array.concat([obj], others))
	found := control.violation with input as sample.review(obj, rendered) with data.inventory as cluster
	count(found) == 1
	nodes := related(found)
}

doubted(obj, others) := nodes if {
	cluster := sample.inventory(array.concat([obj], others))
	found := control.unknown with input as sample.review(obj, rendered) with data.inventory as cluster
	count(found) == 1
	nodes := related(found)
}

test_the_addresses_of_others_are_named if {
	failing(source("two", "", {}), [main, main_service]) == {at(main, argument)}
	copied := source("two", "source-controller", {})
	failing(source("two", "", {}), [source("source-controller", "", {})]) == {at(main, array.slice(argument, 0, 6))}
	failing(main, [copied, main_service]) == {{"path": here}, at(copied, argument), at(copied, here)}
	failing(shard, [main, main_service]) == {at(main, argument), selector(main_service)}
	vague := source("two", "$(X)", {})
	doubted(main, [vague, main_service]) == {at(vague, argument)}
}

test_the_service_and_whom_it_selects_are_named if {
	wrong := sample.service("two", {"app": "source-controller"})
	failing(shard, [main, main_service, wrong]) == {selector(wrong), {"path": labels}, at(main, argument)}
	wide := sample.service("two", {"app.kubernetes.io/part-of": "flux"})
	nodes := failing(shard, [main, main_service, wide])
	nodes == {selector(wide), {"path": labels}, at(main, argument), at(main, labels), at(main, here)}
	ill := sample.service("two", {"app": 5})
	doubted(shard, [main, main_service, ill]) == {selector(ill)}
}

test_a_shared_claim_is_named_with_its_mounts if {
	volume := ["spec", "template", "spec", "volumes", 0]
	mount := ["spec", "template", "spec", "containers", 0, "volumeMounts", 0]
	folder := ["spec", "template", "spec", "containers", 0, "args"]
	places := [volume, mount, folder, here]
	other := kept(main, "a", "")
	nodes := failing(kept(shard, "a", ""), [other, main_service, shard_service])
	nodes == {{"path": path} | some path in places} | {at(other, path) | some path in places}
}

test_the_root_of_a_claim_holds_its_folders if {
	services := [main_service, shard_service]
	judged(kept(shard, "a", ""), array.concat(services, [kept(main, "a", "x")]), rendered) == on_claim("fail")
	judged(kept(shard, "a", "x"), array.concat(services, [kept(main, "a", "")]), rendered) == on_claim("fail")
	judged(kept(shard, "a", "~x"), array.concat(services, [kept(main, "a", "x")]), rendered) == on_claim("warn")
}

test_what_stands_in_another_namespace_is_another_thing if {
	services := [main, main_service, shard_service]
	away := source("two", "two.b.svc", {"namespace": "b"})
	judged(shard, array.concat(services, [away]), rendered) == set()
	elsewhere := object.union(shard_service, {"metadata": {"namespace": "b"}})
	judged(shard, [main, main_service, elsewhere], rendered) == fail
	judged(shard, [main, object.union(main_service, {"metadata": {"namespace": "b"}})], rendered) == open_address
}

open_address := {sprintf("manual %v", [sample.arg(0)])}

test_only_services_of_such_controllers_prove_that_one_is_missing if {
	notifier := sample.controller("notification-controller", {})
	for_it := sample.service("notification-controller", {"app": "notification-controller"})
	judged(shard, [main, notifier, for_it], rendered) == open_address
	judged(shard, [main, sample.service("any", {})], rendered) == open_address
	judged(shard, [main, main_service, shard_service], {}) == set()
	judged(source("two", "two-", {}), [main, main_service], rendered) == fail
}

test_a_single_instance_may_advertise_what_it_likes if {
	notifier := sample.controller("notification-controller", {})
	every labels_of in [{"app": 5}, {"app": "other"}, {"app.kubernetes.io/part-of": "flux"}] {
		judged(main, [notifier, sample.service("source-controller", labels_of)], {"mode": "dump"}) == set()
	}
	every address in ["source-controller.flux-system.svc", "a.example.com"] {
		judged(source("source-controller", address, {}), [], {"mode": "dump"}) == set()
	}
}

test_other_controllers_are_not_read if {
	vague := source("two", "$(X)", {})
	every spec in [{}, {"labels": "x"}, {"pod": {"volumes": 5}}] {
		judged(sample.controller("helm-controller", spec), [main, vague], rendered) == set()
	}
	count(control.manual) == 0 with input as sample.controller("helm-controller", {})
	scanner := kept(sample.controller("image-reflector-controller", {}), "a", "")
	judged(scanner, [kept(main, "a", "")], rendered) == set()
}
