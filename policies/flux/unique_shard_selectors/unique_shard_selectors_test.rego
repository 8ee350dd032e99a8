package flux.unique_shard_selectors_test

import data.flux.unique_shard_selectors as control
import data.lib.refs_sample_test as sample

judged(obj, others) := {sprintf("%v %v", [kind, path]) |
	some kind, found in {"fail": failures, "warn": warnings, "unknown": doubts, "manual": open}
	some path in sample.paths(found)
} if {
	request := sample.review(obj, {})
	cluster := sample.inventory(array.concat([obj], others))
	failures := control.violation with input as request with data.inventory as cluster
	warnings := control.warn with input as request with data.inventory as cluster
	doubts := control.unknown with input as request with data.inventory as cluster
	open := control.manual with input as request with data.inventory as cluster
}

# An instance with this selector; null for none.
instance(name, selector, further) := sample.controller("helm-controller", {"name": name, "args": array.concat(first, further)}) if {
	first := [sprintf("--watch-label-selector=%v", [text]) | some text in [selector]; text != null]
}

alone := "--watch-all-namespaces=false"

elects := "--enable-leader-election"

# [selector of one, of another, results of the first]
_pairs := [
	["!k", "k=1", set()],
	["k=1", "k=2", set()],
	["k notin (1,2)", "k in (1,2)", set()],
	["k in (1,2)", "k in (2,3)", {"fail"}],
	["k notin (1)", "!k", {"fail"}],
	["", "k=1", {"fail"}],
	[null, "k=1", {"fail"}],
	["k=1", "j=1", {"fail"}],
	["k!=1", "k=1", {"fail"}],
	["k=1", "k!=1", set()],
	["k=(", "k=1", {"fail"}],
	["k=1", "k=(", set()],
	["\"k=1\"", "!k", {"fail"}],
]

test_pairs if {
	every pair in _pairs {
		found := judged(instance("one", pair[0], []), [instance("two", pair[1], [])])
		{split(each, " ")[0] | some each in found} == pair[2]
	}
}

test_standby if {
	one := instance("one", "k=1", [elects])
	judged(one, [instance("two", "k=1", [elects])]) == {sprintf("warn %v", [sample.arg(0)])}
	judged(one, [instance("two", "k=1", [])]) == {sprintf("fail %v", [sample.arg(0)])}
	judged(one, [instance("two", "k==1", [elects])]) == {sprintf("fail %v", [sample.arg(0)])}
	elsewhere := object.union(instance("two", "k=1", [elects]), {"metadata": {"namespace": "b"}})
	judged(one, [elsewhere]) == {sprintf("fail %v", [sample.arg(0)])}
}

test_namespaces if {
	one := instance("one", "k", [alone])
	elsewhere := object.union(one, {"metadata": {"namespace": "b"}})
	judged(one, [elsewhere]) == set()
	judged(one, [instance("two", "k", [alone])]) == {sprintf("fail %v", [sample.arg(0)])}
	judged(elsewhere, [instance("two", "k", [])]) == {sprintf("fail %v", [sample.arg(0)])}
}

messages(obj, others) := {finding.msg | some finding in found} if {
	cluster := sample.inventory(array.concat([obj], others))
	found := control.violation with input as obj with data.inventory as cluster
}

test_messages if {
	one := instance("one", "k", [])
	messages(one, [instance("two", "k=2", [])]) == {"the selector overlaps with that of another instance"}
	messages(one, [instance("two", "k=2", []), instance("three", "", [])]) == {"the selector overlaps with those of 2 other instances"}
}

watcher(name, tag) := sample.controller("source-watcher", {
	"name": name,
	"tag": tag,
	"args": [sprintf("--watch-label-selector=k=%v", [name])],
})

test_source_watcher if {
	judged(watcher("one", "v2.2.3"), [watcher("two", "v2.2.3")]) == set()
	judged(watcher("one", "v2.1.1"), []) == set()
	judged(watcher("one", "v2.1.1"), [watcher("two", "v2.1.1")]) == {sprintf("warn %v", [sample.arg(0)])}
	judged(watcher("one", "v2.1.1"), [sample.controller("source-watcher", {"name": "two", "tag": "v2.1.1"})]) == {
		sprintf("warn %v", [sample.arg(0)]),
		sprintf("fail %v", [sample.arg(0)]),
	}
	judged(watcher("one", "nightly"), [watcher("two", "nightly")]) == set()
}

test_other_controllers_may_be_old if {
	shard := {name: sample.controller("helm-controller", {
		"name": name,
		"tag": "v1.5.5",
		"args": [sprintf("--watch-label-selector=k=%v", [name])],
	}) |
		some name in ["one", "two"]
	}
	judged(shard.one, [shard.two]) == set()
}

test_unknown if {
	vague := sample.controller("helm-controller", {"name": "two", "args": ["--watch-label-selector=$(X)"], "env": [{"name": "X", "valueFrom": {}}]})
	judged(vague, []) == {sprintf("unknown %v", [sample.arg(0)])}
	judged(instance("one", "k=1", []), [vague]) == {sprintf("unknown %v", [sample.arg(0)])}
}

test_without_inventory if {
	control.subject with input as instance("one", "k=1", [])
	count(control.manual) == 1 with input as instance("one", "k=1", [])
	count(control.violation) == 1 with input as instance("one", "k>1", [])
}

test_controllers_without_a_selector if {
	obj := sample.controller("notification-controller", {})
	not control.subject with input as obj
	judged(obj, [object.union(obj, {"metadata": {"name": "two"}})]) == set()
	count(control.manual) == 0 with input as obj
	every selector in ["k=(", "$(X)"] {
		wrong := sample.controller("notification-controller", {"name": "two", "args": [sprintf("--watch-label-selector=%v", [selector])]})
		judged(wrong, [obj]) == set()
	}
}
