package lib.facts_source_policies_test

import data.lib.admission
import data.lib.facts

vap(spec) := {
	"apiVersion": "admissionregistration.k8s.io/v1",
	"kind": "ValidatingAdmissionPolicy",
	"metadata": {"name": "source.policy.fluxcd.controlplane.io"},
	"spec": object.union({"matchConstraints": {"resourceRules": [rule]}}, spec),
}

rule := {
	"apiGroups": ["source.toolkit.fluxcd.io"],
	"apiVersions": ["*"],
	"operations": ["CREATE", "UPDATE"],
	"resources": ["gitrepositories", "ocirepositories"],
}

binding(spec) := {
	"apiVersion": "admissionregistration.k8s.io/v1",
	"kind": "ValidatingAdmissionPolicyBinding",
	"metadata": {"name": "sources"},
	"spec": object.union({"policyName": "source.policy.fluxcd.controlplane.io", "validationActions": ["Deny"]}, spec),
}

kyverno(spec) := {
	"apiVersion": "kyverno.io/v1",
	"kind": "ClusterPolicy",
	"metadata": {"name": "verify-flux-sources"},
	"spec": spec,
}

# The kinds of sources that are refused in the namespace `apps`.
kinds(list) := denied if {
	inventory := {"cluster": {version: {kind: {obj.metadata.name: obj | some obj in list; obj.kind == kind} |
		some kind in {obj.kind | some obj in list; obj.apiVersion == version}
	} |
		some version in {obj.apiVersion | some obj in list}
	}}
	policies := facts.source_policies with data.inventory as inventory
	denied := sort([kind |
		some kind in {policy.kind | some policy in policies}
		admission.best([policy.rule | some policy in policies; policy.kind == kind], "apps") == "deny"
	])
}

test_validating_admission_policy if {
	kinds([vap({}), binding({})]) == ["GitRepository", "OCIRepository"]
	all := vap({"matchConstraints": {"resourceRules": [object.union(rule, {"operations": ["*"], "resources": ["*"]})]}})
	kinds([all, binding({})]) == ["Bucket", "GitRepository", "HelmRepository", "OCIRepository"]
	others := {"namespaceSelector": {"matchExpressions": [{
		"key": "kubernetes.io/metadata.name",
		"operator": "NotIn",
		"values": ["flux-system"],
	}]}}
	kinds([vap({}), binding({"matchResources": others})]) == ["GitRepository", "OCIRepository"]
	only := {"resourceRules": [object.union(rule, {"resources": ["gitrepositories"]})]}
	kinds([vap({}), binding({"matchResources": only})]) == ["GitRepository"]
}

test_validating_admission_policy_that_lets_something_through if {
	kinds([vap({})]) == []
	kinds([vap({"failurePolicy": "Ignore"}), binding({})]) == []
	every spec in [
		{"validationActions": ["Warn"]}, {"validationActions": "Deny"}, {"policyName": "other"},
		{"matchResources": {"namespaceSelector": {"matchLabels": {"a": "b"}}}},
	] {
		kinds([vap({}), binding(spec)]) == []
	}
	every constraints in [
		{"resourceRules": "all"}, {"resourceRules": ["all"]},
		{"resourceRules": [object.union(rule, {"operations": ["CREATE"]})]},
		{"resourceRules": [object.union(rule, {"resourceNames": ["app"]})]},
		{"resourceRules": [object.union(rule, {"apiGroups": ["apps"]})]},
	] {
		kinds([vap({"matchConstraints": constraints}), binding({})]) == []
	}
}

checked(match) := [{"name": "urls", "match": match, "validate": {"message": "no"}}]

test_kyverno if {
	any_of := {"any": [{"resources": {"kinds": ["GitRepository"]}}]}
	kinds([kyverno({"validationFailureAction": "Enforce", "rules": checked(any_of)})]) == ["GitRepository"]
	old := {"resources": {"kinds": ["source.toolkit.fluxcd.io/v1/Bucket", 5]}}
	kinds([kyverno({"validationFailureAction": "enforce", "rules": checked(old)})]) == ["Bucket"]
	kinds([kyverno({"rules": [{"match": any_of, "validate": {"failureAction": "Enforce"}}]})]) == ["GitRepository"]
}

test_kyverno_that_lets_something_through if {
	any_of := {"any": [{"resources": {"kinds": ["GitRepository"]}}]}
	some_of := {"any": [{"resources": {"kinds": ["GitRepository"], "namespaces": ["other"]}}]}
	every spec in [
		{"rules": checked(any_of)},
		{"validationFailureAction": "Audit", "rules": checked(any_of)},
		{"validationFailureAction": "Enforce", "rules": checked(some_of)},
		{"validationFailureAction": "Enforce", "rules": [{"match": any_of, "mutate": {}}]},
		{"validationFailureAction": "Enforce", "rules": "all"},
		{"validationFailureAction": "Enforce", "rules": ["all"]},
		{"validationFailureAction": "Enforce", "validationFailureActionOverrides": [{"action": "Audit"}], "rules": checked(any_of)},
		{"validationFailureAction": "Enforce", "rules": [{"match": any_of, "validate": {"message": "no"}, "exclude": any_of}]},
		"text",
	] {
		kinds([kyverno(spec)]) == []
	}
}

test_none if {
	facts.source_policies == []
	facts.source_policies == ["given"] with data.inventory.facts as {"source_policies": ["given"]}
}
