package flux.platform_access_guarded_test

import data.flux.platform_access_guarded as control
import data.lib.admission_sample_test as sample

binding(role) := {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "platform"}, "roleRef": role}

admin := binding({"kind": "ClusterRole", "name": "cluster-admin"})

home := sample.namespace("flux-system", {})

kyverno(kinds, spec) := sample.named("kyverno.io/v1", "ClusterPolicy", "p", object.union(
	{"validationFailureAction": "Enforce", "rules": [{
		"match": {"any": [{"resources": {"kinds": kinds}}]},
		"exclude": {"any": [{"subjects": [{"kind": "Group", "name": "platform"}]}]},
		"validate": {"deny": {}},
	}]},
	spec,
))

roles := ["ClusterRoleBinding", "ClusterRole"]

expressions(actions) := [
	sample.named("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy", "v", {
		"matchConstraints": {
			"namespaceSelector": {"matchLabels": {"a": "b"}},
			"resourceRules": [{"apiGroups": ["*"], "resources": ["*"], "operations": ["UPDATE", "DELETE"]}],
		},
		"validations": [{"expression": "request.userInfo.username == 'platform'"}],
	}),
	sample.named("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding", "b", {"policyName": "v", "validationActions": actions}),
]

gatekeeper := [
	sample.named("templates.gatekeeper.sh/v1", "ConstraintTemplate", "t", {"crd": {"spec": {"names": {"kind": "G"}}}, "targets": [{"rego": "input.review.userInfo"}]}),
	sample.named("constraints.gatekeeper.sh/v1beta1", "G", "g", {}),
]

webhook(operations, failure) := {
	"apiVersion": "admissionregistration.k8s.io/v1", "kind": "ValidatingWebhookConfiguration", "metadata": {"name": "w"},
	"webhooks": [{"name": "validation.gatekeeper.sh", "failurePolicy": failure, "rules": [{"operations": operations}]}],
}

results(obj, others, params) := found if {
	found := [count(control.violation), count(control.warn), count(control.unknown), count(control.manual)] with input as sample.review(obj, object.union({"mode": "dump", "profiles": ["dedicated"]}, params))
		with data.inventory as sample.inventory(array.concat([obj], others))
}

trusted := {"trustPolicies": ["v", "g"]}

test_pass if {
	results(admin, [kyverno(roles, {})], {}) == [0, 0, 0, 0]
	results(home, [kyverno(["Namespace", "ServiceAccount", "RoleBinding", "kustomize.toolkit.fluxcd.io/v1/Kustomization"], {})], {}) == [0, 0, 0, 0]
	results(admin, expressions(["Deny"]), trusted) == [0, 0, 0, 0]
	results(admin, array.concat(gatekeeper, [webhook(["DELETE"], "Fail")]), trusted) == [0, 0, 0, 0]
}

test_fail if {
	results(admin, [], {}) == [1, 0, 0, 0]
	results(home, [kyverno(["Namespace"], {})], {}) == [1, 0, 0, 0]
	results(home, expressions(["Deny"]), trusted) == [1, 0, 0, 0]
	results(admin, expressions(["Audit"]), trusted) == [1, 0, 0, 0]
	results(admin, array.concat(gatekeeper, [webhook(["UPDATE"], "Fail")]), trusted) == [1, 0, 0, 0]
}

test_warn if {
	results(admin, [kyverno(roles, {"failurePolicy": "Ignore"})], {}) == [0, 1, 0, 0]
	results(admin, array.concat(gatekeeper, [webhook(["*"], "Ignore")]), trusted) == [0, 1, 0, 0]
}

test_unknown if {
	results(admin, expressions(["Deny"]), {}) == [0, 0, 1, 0]
	results(admin, gatekeeper, trusted) == [0, 0, 1, 0]
	conditional := {"rules": [{"match": {"any": [{"resources": {"kinds": roles}}]}, "validate": {"deny": {"conditions": ["{{ request.userInfo }}"]}}}]}
	results(admin, [kyverno(roles, conditional)], {}) == [0, 0, 1, 0]
	results(binding({"name": 5}), [], {}) == [0, 0, 1, 0]
}

test_absence_proves_nothing_elsewhere if {
	results(admin, [], {"mode": "render"}) == [0, 0, 0, 1]
	results(admin, [], {"mode": "git", "policiesPath": "policies"}) == [1, 0, 0, 0]
	results(admin, [kyverno(["Namespace"], {})], {"mode": "render"}) == [1, 0, 0, 0]
	count(control.manual) == 1 with input as admin
}

test_other_objects if {
	every obj in [binding({"name": "view"}), sample.namespace("apps", {}), {"kind": "Pod"}] {
		not control.subject with input as obj
	}
}
