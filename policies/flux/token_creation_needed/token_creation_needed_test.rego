package flux.token_creation_needed_test

import data.flux.token_creation_needed as control
import data.lib.refs_sample_test as sample

role(rules) := {
	"apiVersion": "rbac.authorization.k8s.io/v1",
	"kind": "ClusterRole",
	"metadata": {"name": "crd-controller-flux-system"},
	"rules": rules,
}

rule(resources, verbs) := {"apiGroups": [""], "resources": resources, "verbs": verbs}

leases := {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["create"]}

token := rule(["serviceaccounts/token"], ["create"])

controller(args) := sample.controller("source-controller", {"args": args})

plain := controller([])

judged(obj, controllers) := {sprintf("%v %v", [kind, concat("/", [sprintf("%v", [s]) | some s in finding.details.path])]) |
	some kind, found in {"warn": warnings, "unknown": doubts, "manual": open}
	some finding in found
} if {
	cluster := sample.inventory(controllers)
	warnings := control.warn with input as obj with data.inventory as cluster
	doubts := control.unknown with input as obj with data.inventory as cluster
	open := control.manual with input as obj with data.inventory as cluster
}

test_right if {
	control.subject with input as role([leases])
	judged(role([leases, rule(["serviceaccounts"], ["get", "create"]), rule(["serviceaccounts/token"], ["get"])]), [plain]) == set()
	judged(role([leases, token]), [plain]) == {"warn rules/1/resources/0"}
	judged(role([rule(["*"], ["*"])]), [plain]) == {"warn rules/0/resources/0"}
	judged(role(null), [plain]) == set()
}

test_gates if {
	on := sample.controller("helm-controller", {"args": ["--feature-gates=ObjectLevelWorkloadIdentity=true"]})
	off := sample.controller("helm-controller", {"args": ["--feature-gates=ObjectLevelWorkloadIdentity=false"]})
	untold := sample.controller("helm-controller", {"args": ["--feature-gates=$(GATES)"], "env": [{"name": "GATES", "valueFrom": {}}]})
	judged(role([token]), [plain, on]) == set()
	judged(role([token]), [plain, off]) == {"warn rules/0/resources/0"}
	judged(role([token]), [plain, untold]) == {"unknown rules/0/resources/0"}
	judged(role([leases]), [plain, untold]) == set()
}

test_no_controllers if {
	judged(role([token]), []) == {"manual rules/0/resources/0"}
	count(control.manual) == 1 with input as role([token])
	count(control.warn) == 0 with input as role([token])
}

test_fix if {
	cluster := sample.inventory([plain])
	some finding in control.warn with input as role([leases, token]) with data.inventory as cluster
	finding.details.fix == [{"op": "remove", "path": "/rules/1"}]
	some two in control.warn with input as role([rule(["a", "serviceaccounts/token"], ["create"])]) with data.inventory as cluster
	two.details.fix == [{"op": "remove", "path": "/rules/0/resources/1"}]
	some wild in control.warn with input as role([rule(["*"], ["create"])]) with data.inventory as cluster
	wild.details.fix == []
}

test_unreadable if {
	judged(role("x"), [plain]) == {"unknown rules"}
	judged(role([rule("serviceaccounts/token", ["create"])]), [plain]) == {"unknown rules/0/resources"}
	judged(object.union(role([]), {"aggregationRule": {}}), [plain]) == {"unknown aggregationRule"}
	hidden := object.union(role([]), {"metadata": {"annotations": {"flux-audit.internal/unknown-paths": "/rules"}}})
	judged(hidden, [plain]) == {"unknown rules"}
}

test_other_objects if {
	not control.subject with input as json.patch(role([token]), [{"op": "replace", "path": "/metadata/name", "value": "crd-controllers"}])
	not control.subject with input as json.patch(role([token]), [{"op": "replace", "path": "/kind", "value": "Role"}])
}

rest(resource, group, verb) := {"apiGroups": [group], "resources": [resource], "verbs": [verb]}

test_wildcards if {
	every obj in [
		rest("serviceaccounts/token", "", "create"), rest("serviceaccounts/token", "*", "create"),
		rest("serviceaccounts/token", "", "*"), rest("*/token", "", "create"), rest("*", "", "create"),
	] {
		judged(role([obj]), [plain]) == {"warn rules/0/resources/0"}
	}
	every obj in [rest("serviceaccounts/*", "", "create"), rest("serviceaccounts/token", "apps", "create")] {
		judged(role([obj]), [plain]) == set()
	}
}

vague := sample.controller("helm-controller", {
	"args": ["--feature-gates=$(GATES)"],
	"env": [{"name": "GATES", "valueFrom": {}}],
})

test_one_controller_that_needs_it_suffices if {
	on := sample.controller("kustomize-controller", {"args": ["--feature-gates=ObjectLevelWorkloadIdentity=true"]})
	judged(role([token]), [on, vague]) == set()
}

# [value of the rules, path of the field that cannot be read]
_odd := [
	[{"a": token}, "rules"],
	[["x"], "rules/0"],
	[[object.union(token, {"apiGroups": "*"})], "rules/0/apiGroups"],
	[[object.union(token, {"apiGroups": {"a": "*"}})], "rules/0/apiGroups"],
	[[object.union(leases, {"apiGroups": [5]})], "rules/0/apiGroups/0"],
	[[object.union(token, {"resources": {"a": "*"}})], "rules/0/resources"],
	[[object.union(leases, {"resources": [5]})], "rules/0/resources/0"],
	[[object.union(token, {"verbs": {"a": "*"}})], "rules/0/verbs"],
	[[object.union(leases, {"verbs": [5]})], "rules/0/verbs/0"],
]

test_ill_typed_rules if {
	every row in _odd {
		judged(role(row[0]), [plain]) == {sprintf("unknown %v", [row[1]])}
	}
}

# The node of a controller's flags.
node(name) := {
	"object": {"apiVersion": "apps/v1", "kind": "Deployment", "namespace": "flux-system", "name": name},
	"path": array.concat(["spec", "template", "spec", "containers", 0], tail),
} if {
	tail := {"source-controller": ["args"], "helm-controller": ["args", 0]}[name]
}

related(obj, controllers) := {finding.details.related | some finding in found} if {
	cluster := sample.inventory(controllers)
	found := control.warn | control.unknown with input as obj with data.inventory as cluster
}

test_the_nodes_of_a_finding if {
	related(role([leases, token]), [plain]) == {[
		{"path": ["rules", 1, "apiGroups"]},
		{"path": ["rules", 1, "verbs"]},
		node("source-controller"),
	]}
	related(role([token]), [plain, vague]) == {[node("helm-controller")]}
}

# A role that only the cluster fills in.
aggregated := object.union(role([]), {"aggregationRule": {}})

hidden := object.union(role([]), {"metadata": {"annotations": {"flux-audit.internal/unknown-paths": "/rules"}}})

test_a_dump_holds_the_rules_of_an_aggregated_role if {
	every mode in ["admission", "git", "render"] {
		count(control.unknown) == 1 with input as sample.review(aggregated, {"mode": mode})
	}
	count(control.unknown) == 0 with input as sample.review(aggregated, {"mode": "dump"})
}

test_other_roles_may_be_unreadable if {
	every obj in [aggregated, hidden, role("x"), role([token])] {
		judged(json.patch(obj, [{"op": "replace", "path": "/metadata/name", "value": "web"}]), [plain]) == set()
	}
}
