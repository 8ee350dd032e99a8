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
