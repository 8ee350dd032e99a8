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
judged(of, others, critical) := judged_with(of, others, {"criticalTenants": critical})

judged_with(of, others, params) := [count(v), count(u), count(m)] if {
	cluster := sample.inventory(array.concat([of], others))
	request := sample.review(of, object.union({"profiles": ["shared"], "mode": "render"}, params))
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

test_three_controllers_are_meant if {
	every component in ["helm-controller", "kustomize-controller", "source-controller"] {
		control.subject with input as sample.controller(component, {})
	}
}

test_another_tenants_objects_serve_nobody_else if {
	elsewhere := object.union(hr({"k": "gold"}), {"metadata": {"namespace": "bar"}})
	judged(main, [gold, hr({}), elsewhere], ["shop"]) == [1, 0, 0]
	judged(main, [gold, elsewhere], ["shop"]) == [0, 0, 1]
}

test_a_tenant_without_objects_is_for_a_person if {
	judged_with(main, [gold], {"criticalTenants": ["shop"], "tenantNamespaces": ["shop"]}) == [0, 0, 1]
}

test_what_is_no_text_names_no_tenant if judged(main, [gold], [5]) == [0, 0, 0]

# An instance that watches its own namespace alone.
local(ns, args) := sample.controller("helm-controller", {
	"name": "local",
	"namespace": ns,
	"args": array.concat(["--watch-all-namespaces=false"], args),
})

test_instances_of_two_namespaces_exclude_each_other if {
	judged(local("flux-system", []), [local("b", [])], []) == [0, 0, 0]
	judged(local("flux-system", []), [instance("main", [])], []) == [0, 0, 1]
}

test_an_instance_that_cannot_be_told_excludes_nobody if {
	other := sample.controller("helm-controller", {
		"name": "vague",
		"namespace": "b",
		"args": ["--watch-label-selector=$(X)", "--watch-all-namespaces=$(X)"],
		"env": [{"name": "X", "valueFrom": {}}],
	})
	judged(local("flux-system", []), [other], []) == [0, 0, 1]
}

test_a_doubt_names_the_instances_that_cannot_be_told if {
	others := [vague, gold, hr({"k": "x"})]
	request := sample.review(main, {"profiles": ["shared"], "criticalTenants": ["shop"]})
	doubts := control.unknown with input as request with data.inventory as sample.inventory(array.concat([main], others))
	[{node.object.name | some node in finding.details.related} | some finding in doubts] == [{"vague"}]
}

test_flags_of_other_controllers_are_not_read if {
	obj := sample.controller("image-reflector-controller", {"args": ["--watch-label-selector=$(X)"]})
	judged(obj, [], []) == [0, 0, 0]
}
