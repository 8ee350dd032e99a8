package flux.default_instance_excludes_shards_test

import data.flux.default_instance_excludes_shards as control
import data.lib.refs_sample_test as sample

judged(obj, others) := {sprintf("%v %v", [kind, path]) |
	some kind, found in {"fail": failures, "unknown": doubts, "manual": open}
	some path in sample.paths(found)
} if {
	request := sample.review(obj, {})
	cluster := sample.inventory(array.concat([obj], others))
	failures := control.violation with input as request with data.inventory as cluster
	doubts := control.unknown with input as request with data.inventory as cluster
	open := control.manual with input as request with data.inventory as cluster
}

# An instance with this selector; "" for none.
instance(name, selector, further) := sample.controller("helm-controller", {"name": name, "args": array.concat(first, further)}) if {
	first := [sprintf("--watch-label-selector=%v", [text]) | some text in [selector]; text != ""]
}

alone := ["--watch-all-namespaces=false"]

fail := {sprintf("fail %v", [sample.arg(0)])}

# [selectors, indexes of the instances that fail]
_sets := [
	[["!k", "k=1"], []],
	[["k notin (1,2)", "k=1", "k=2"], []],
	[["k!=1", "k=1"], []],
	[["!k,!j", "k=1", "j=1"], []],
	[["k!=1", "k notin (1)"], []],
	[["", "k=1"], [0]],
	[["", "k"], [0]],
	[["", "!k", "k=1"], [0]],
	[["k notin (1)", "k=1", "k=2"], [0]],
	[["j!=1", "k=1"], [0]],
	[["j!=1", "!k", "k=1"], []],
	[["k=1", "k=2"], [0, 1]],
	[["k=(", "k=1"], [1]],
	[[""], []],
	[["k=1"], [0]],
	[["", "!k"], []],
]

test_sets if {
	every case in _sets {
		instances := [instance(sprintf("i%v", [i]), text, []) | some i, text in case[0]]
		[i |
			some i, obj in instances
			others := [other | some j, other in instances; i != j]
			count(judged(obj, others)) > 0
		] == case[1]
	}
}

test_fix if {
	cluster := sample.inventory([instance("main", "", []), instance("a", "k=1,j=1", [])])
	found := control.violation with input as instance("main", "", []) with data.inventory as cluster
	some finding in found
	finding.details.fix[0].value == "--watch-label-selector=!j,!k"
}

test_namespaces if {
	shard := instance("shard", "k=1", [])
	own_shard := instance("shard", "k=1", alone)
	elsewhere := object.union(own_shard, {"metadata": {"namespace": "b"}})
	judged(instance("main", "", alone), [shard]) == {sprintf("fail %v", [sample.args])}
	judged(instance("main", "", alone), [own_shard]) == {sprintf("fail %v", [sample.args])}
	judged(instance("main", "", alone), [elsewhere]) == set()
	judged(elsewhere, [instance("main", "!k", alone)]) == fail
	judged(own_shard, [instance("main", "!k", alone)]) == set()
	judged(own_shard, [instance("main", "!k", [])]) == set()
	judged(shard, [instance("main", "!k", alone)]) == fail
}

test_other_components_do_not_count if {
	kustomize := sample.controller("kustomize-controller", {"args": ["--watch-label-selector=k=1"]})
	judged(instance("main", "", []), [kustomize]) == set()
	judged(kustomize, [instance("main", "!k", [])]) == fail
}

# An instance whose selector cannot be told.
vague := sample.controller("helm-controller", {
	"name": "two",
	"args": ["--watch-label-selector=$(X)"],
	"env": [{"name": "X", "valueFrom": {}}],
})

test_unknown if {
	judged(vague, []) == {sprintf("unknown %v", [sample.arg(0)])}
	judged(instance("one", "k=1", []), [vague]) == {sprintf("unknown %v", [sample.arg(0)])}
	judged(instance("one", "!j", []), [vague, instance("shard", "k=1", [])]) == {sprintf("unknown %v", [sample.arg(0)])}
}

test_without_inventory if {
	obj := instance("one", "k=1", [])
	control.subject with input as obj
	count(control.manual) == 1 with input as obj
	count(control.violation) == 0 with input as obj
}

test_what_cannot_be_told_is_no_default_instance if {
	judged(vague, [instance("shard", "k=1", [])]) == {sprintf("unknown %v", [sample.arg(0)])}
}

test_a_default_has_to_watch_where_the_shard_does if {
	open := instance("main", "j notin (1)", [])
	shard := instance("shard", "k=1", [])
	judged(open, [shard, instance("other", "!k", [])]) == set()
	judged(open, [shard, instance("other", "!k", alone)]) == fail
}

test_shards_that_overlap_are_no_default_instances if {
	narrow := instance("narrow", "k=1", alone)
	judged(narrow, [instance("main", "!k", alone), instance("wide", "k in (1,2)", [])]) == set()
}

test_controllers_without_a_selector if {
	every args in [[], [5], ["--watch-label-selector=k=1"]] {
		obj := sample.controller("notification-controller", {"args": args})
		not control.subject with input as obj
		judged(obj, []) == set()
		judged(obj, [instance("shard", "k=1", [])]) == set()
		count(control.manual) == 0 with input as obj
	}
}
