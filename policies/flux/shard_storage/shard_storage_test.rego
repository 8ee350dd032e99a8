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

test_without_inventory if {
	control.subject with input as main
	count(control.manual) == 1 with input as main
	count(control.violation) == 0 with input as source("two", "", {})
}

test_other_controllers if {
	obj := sample.controller("helm-controller", {})
	not control.subject with input as obj
	judged(obj, [main], rendered) == set()
}
