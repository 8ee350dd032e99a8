package flux.priority_quota_test

import data.flux.priority_quota as control
import data.lib.refs_sample_test as sample

controller(priority) := sample.controller("source-controller", {"pod": {"priorityClassName": priority}})

quota(namespace, spec) := {
	"apiVersion": "v1",
	"kind": "ResourceQuota",
	"metadata": {"name": "critical-pods", "namespace": namespace},
	"spec": spec,
}

scoped(expressions) := {"hard": {"pods": "10"}, "scopeSelector": {"matchExpressions": expressions}}

within(values) := scoped([{"scopeName": "PriorityClass", "operator": "In", "values": values}])

judged(obj, quotas, mode) := {sprintf("%v %v", [kind, path]) |
	some kind, found in {"fail": failures, "warn": warnings, "unknown": doubts, "manual": open}
	some path in sample.paths(found)
} if {
	request := sample.review(obj, {"mode": mode})
	cluster := sample.inventory(array.concat(quotas, [obj]))
	failures := control.violation with input as request with data.inventory as cluster
	warnings := control.warn with input as request with data.inventory as cluster
	doubts := control.unknown with input as request with data.inventory as cluster
	open := control.manual with input as request with data.inventory as cluster
}

path := "spec/template/spec/priorityClassName"

critical := controller("system-cluster-critical")

both := within(["system-node-critical", "system-cluster-critical"])

fail := {sprintf("fail %v", [path])}

test_class if {
	control.subject with input as critical
	judged(critical, [quota("flux-system", both)], "render") == set()
	judged(controller(null), [], "render") == fail
	judged(controller(""), [], "dump") == fail
	judged(controller("own"), [], "dump") == {sprintf("warn %v", [path])}
	judged(controller(5), [], "dump") == {sprintf("unknown %v", [path])}
	judged(controller("${CLASS}"), [], "dump") == {sprintf("unknown %v", [path])}
	some finding in control.violation with input as controller(null)
	finding.details.fix == [{"op": "add", "path": "/spec/template/spec/priorityClassName", "value": "system-cluster-critical"}]
}

test_quota if {
	judged(critical, [], "dump") == fail
	judged(critical, [], "render") == {sprintf("manual %v", [path])}
	count(control.manual) == 1 with input as critical
	judged(critical, [quota("apps", both)], "dump") == fail
	judged(critical, [quota("flux-system", within(["system-node-critical"]))], "dump") == fail
	judged(critical, [quota("flux-system", {"hard": {"pods": "10"}})], "dump") == fail
	judged(critical, [quota("flux-system", {"scopeSelector": {}})], "dump") == fail
	judged(critical, [quota("flux-system", scoped([{"scopeName": "BestEffort", "operator": "Exists"}]))], "dump") == fail
	judged(critical, [quota("flux-system", scoped([{"scopeName": "PriorityClass", "operator": "Exists"}]))], "dump") == set()
	judged(critical, [quota("flux-system", scoped([{"scopeName": "PriorityClass", "operator": "NotIn", "values": ["low"]}]))], "dump") == set()
	judged(critical, [quota("flux-system", scoped([{"scopeName": "PriorityClass", "operator": "In"}]))], "dump") == fail
}

test_unreadable_quota if {
	every spec in ["x", {"scopeSelector": "x"}, scoped("x"), scoped(["x"]), within("x"), within([5])] {
		judged(critical, [quota("flux-system", spec)], "dump") == {sprintf("unknown %v", [path])}
	}
}

test_ill_typed_pod if {
	judged(json.patch(critical, [{"op": "replace", "path": "/metadata/labels", "value": "x"}]), [], "render") == {sprintf("manual %v", [path]), "unknown metadata/labels"}
	broken := json.patch(critical, [{"op": "replace", "path": "/spec/template/spec", "value": "x"}])
	judged(broken, [], "dump") == {"unknown spec/template/spec"}
	gone := json.patch(critical, [{"op": "remove", "path": "/spec/template"}])
	judged(gone, [], "dump") == fail
}

test_other_controllers if {
	obj := sample.controller("notification-controller", {})
	not control.subject with input as obj
	judged(obj, [], "dump") == set()
	control.raw == null with input as {"apiVersion": "v1", "kind": "Service"}
}

test_the_four_that_flux_needs_are_meant if {
	every component in ["source-controller", "kustomize-controller", "helm-controller", "source-watcher"] {
		control.subject with input as sample.controller(component, {})
		judged(sample.controller(component, {}), [], "dump") == fail
	}
}

test_the_fix_writes_the_pod_that_a_template_lacks if {
	bare := json.patch(critical, [{"op": "remove", "path": "/spec/template/spec"}])
	some finding in control.violation with input as bare
	finding.details.fix == [{
		"op": "add",
		"path": "/spec/template/spec",
		"value": {"priorityClassName": "system-cluster-critical"},
	}]
}

test_without_an_inventory_a_person_looks_for_the_quota if {
	request := sample.review(critical, {"mode": "dump"})
	count(control.violation) == 0 with input as request
	sample.paths(control.manual) == {path} with input as request
}

unreadable := object.union(quota("flux-system", "x"), {"metadata": {"name": "unreadable"}})

test_the_unreadable_quota_is_named if {
	cluster := sample.inventory([unreadable, critical])
	some finding in control.unknown with input as critical with data.inventory as cluster
	finding.details.related == [{
		"object": {"apiVersion": "v1", "kind": "ResourceQuota", "namespace": "flux-system", "name": "unreadable"},
		"path": ["spec", "scopeSelector"],
	}]
}

test_an_unreadable_quota_matters_where_no_other_admits_the_class if {
	judged(critical, [unreadable, quota("flux-system", both)], "dump") == set()
	every quotas in [[unreadable], [unreadable, quota("flux-system", within(["system-node-critical"]))]] {
		judged(critical, quotas, "dump") == {sprintf("unknown %v", [path])}
		judged(critical, quotas, "render") == {sprintf("unknown %v", [path])}
	}
	judged(controller("own"), [unreadable], "dump") == {sprintf("warn %v", [path])}
}

test_wrong_types_of_other_controllers_are_not_reported if {
	obj := sample.controller("notification-controller", {"labels": "x"})
	judged(obj, [], "dump") == set()
}
