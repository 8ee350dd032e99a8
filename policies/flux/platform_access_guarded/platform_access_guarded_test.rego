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

# The same policy by another name.
renamed(policy, name) := object.union(policy, {"metadata": {"name": name}})

in_flux := ["Namespace", "ServiceAccount", "RoleBinding", "kustomize.toolkit.fluxcd.io/v1/Kustomization"]

test_one_weak_guard_is_enough_to_be_told if {
	strict := kyverno(["ClusterRoleBinding"], {})
	loose := renamed(kyverno(["ClusterRole"], {"failurePolicy": "Ignore"}), "loose")
	results(admin, [strict, loose], {}) == [0, 1, 0, 0]
	odd := renamed(kyverno(["ClusterRole"], {"validationFailureAction": 5}), "odd")
	results(admin, [strict, odd], {}) == [0, 0, 1, 0]
}

test_what_nobody_trusts_stays_unknown_where_it_is_weak_as_well if {
	weak := [object.union(obj, {"spec": {"failurePolicy": "Ignore"}}) | some obj in expressions(["Deny"])]
	results(admin, weak, {}) == [0, 0, 1, 0]
}

# A policy that guards some objects by their names is one that does what it should.
test_policies_may_pick_objects if {
	every obj, kinds in {admin: roles, home: in_flux} {
		some policy in [kyverno(kinds, {})]
		names := {"op": "add", "path": "/spec/rules/0/match/any/0/resources/names", "value": ["p*", "flux*"]}
		results(obj, [json.patch(policy, [names])], {}) == [0, 0, 0, 0]
	}
}

test_a_policy_that_spares_the_namespace_of_flux_does_not_guard_it if {
	spared := {"op": "add", "path": "/spec/rules/0/exclude/any/-", "value": {"resources": {"namespaces": ["flux-*"]}}}
	results(home, [json.patch(kyverno(in_flux, {}), [spared])], {}) == [1, 0, 0, 0]
	results(admin, [json.patch(kyverno(roles, {}), [spared])], {}) == [0, 0, 0, 0]
}

test_the_webhook_of_gatekeeper_is_for_its_own_rules if {
	every hook in [webhook(["UPDATE"], "Fail"), webhook(["*"], "Ignore")] {
		results(admin, [kyverno(roles, {}), hook], {}) == [0, 0, 0, 0]
	}
}

test_what_decides_is_told if {
	hook := webhook(["DELETE"], "Ignore")
	request := sample.review(admin, object.union({"mode": "dump"}, trusted))
	cluster := sample.inventory(array.concat(gatekeeper, [admin, hook]))
	some finding in control.warn with input as request with data.inventory as cluster
	finding.details.path == ["metadata", "name"]
	reference := {"apiVersion": hook.apiVersion, "kind": hook.kind, "namespace": "", "name": "w"}
	constraint := {"apiVersion": "constraints.gatekeeper.sh/v1beta1", "kind": "G", "namespace": "", "name": "g"}
	{node | some node in finding.details.related} == {
		{"path": ["roleRef"]},
		{"object": constraint, "path": ["spec"]},
		{"object": reference, "path": ["webhooks"]},
		{"object": reference, "path": ["metadata"]},
	}
}

test_roles_that_cannot_be_read_are_unknown if {
	every role, path in {5: ["roleRef"], {"name": 5}: ["roleRef", "name"]} {
		request := sample.review(binding(role), {"mode": "dump"})
		control.subject with input as request
		{f.details.path | some f in control.unknown} == {path} with input as request
	}
}

test_objects_that_only_look_alike_are_not_meant if {
	at_home := {"metadata": {"namespace": "flux-system"}}
	local := object.union(admin, object.union(at_home, {"kind": "RoleBinding"}))
	kustomization := object.union(sample.named("kustomize.toolkit.fluxcd.io/v1", "Kustomization", "flux-system", {}), at_home)
	every obj in [local, object.union(local, {"roleRef": 5}), kustomization] {
		not control.subject with input as obj
		results(obj, [], {}) == [0, 0, 0, 0]
		count(control.manual) == 0 with input as obj
	}

	# Namespaces have no roles.
	results(object.union(home, {"roleRef": 5}), [], {}) == [1, 0, 0, 0]
}

test_roles_that_are_not_known_are_unknown if {
	every obj, path in {
		binding({"name": "${ROLE}"}): ["roleRef", "name"],
		object.union(admin, hidden("/roleRef")): ["roleRef"],
		object.union(admin, hidden("/roleRef/name")): ["roleRef", "name"],
	} {
		control.subject with input as obj
		every others in [[], expressions(["Deny"]), [kyverno(roles, {"failurePolicy": "Ignore"})]] {
			results(obj, others, {}) == [0, 0, 1, 0]
			request := sample.review(obj, {"mode": "dump"})
			cluster := sample.inventory(others)
			{f.details.path | some f in control.unknown} == {path} with input as request with data.inventory as cluster
		}
	}
}

hidden(path) := {"metadata": {"annotations": {"flux-audit.internal/unknown-paths": path}}}

test_roles_that_are_not_known_do_not_matter_where_all_is_guarded if {
	every role in [5, {"name": 5}, {"name": "${ROLE}"}] {
		results(binding(role), [kyverno(roles, {})], {}) == [0, 0, 0, 0]
		results(binding(role), [kyverno(["ClusterRole"], {})], {}) == [0, 0, 1, 0]
	}
}

test_the_binding_that_kubernetes_makes_is_not_meant_whatever_its_role if {
	every role in [5, {"name": "${ROLE}"}, {"name": "cluster-admin"}] {
		obj := object.union(binding(role), {"metadata": {"name": "cluster-admin"}})
		not control.subject with input as obj
		results(obj, [], {}) == [0, 0, 0, 0]
	}
}

test_an_action_from_a_variable_is_unknown if {
	results(admin, [kyverno(roles, {"validationFailureAction": "${ACTION}"})], {}) == [0, 0, 1, 0]
	results(admin, [kyverno(roles, {"validationFailureAction": "audit"})], {}) == [1, 0, 0, 0]
}
