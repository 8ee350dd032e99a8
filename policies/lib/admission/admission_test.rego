package lib.admission_test

import data.lib.admission
import data.lib.admission_sample_test as sample
import data.lib.facts

policy(rule) := admission.kyverno(sample.named("kyverno.io/v1", "ClusterPolicy", "p", {}), ["spec"], rule, {}, admission.pods)

filtered(resources) := policy({"match": {"any": [{"resources": resources}]}})

labels := {"facts": {"namespace_labels": {"a": {"kubernetes.io/metadata.name": "a", "team": "x"}, "odd": null}}}

reach(rule) := answer if {
	answer := admission.reaches(rule, "a") with data.inventory as labels
}

test_kyverno_filters if {
	reach(filtered({})) == "yes"
	reach(filtered({"kinds": ["Pod"], "operations": ["CREATE", "UPDATE"], "namespaces": ["a*"]})) == "yes"
	reach(filtered({"kinds": ["Deployment"]})) == "no"
	reach(filtered({"operations": ["DELETE"]})) == "no"
	reach(filtered({"namespaces": ["b"]})) == "no"
	reach(filtered({"selector": {"matchLabels": {"a": "b"}}})) == "unknown"
	reach(filtered({"namespaceSelector": {"matchLabels": {"team": "x"}}})) == "yes"
	reach(filtered({"namespaceSelector": {"matchLabels": {"team": "y"}}})) == "no"
	reach(filtered({"namespaceSelector": {"matchLabels": 5}})) == "unknown"
}

test_kyverno_blocks if {
	reach(policy({})) == "no"
	reach(policy({"match": 5})) == "unknown"
	reach(policy({"match": {"any": 5}})) == "unknown"
	reach(policy({"match": {"resources": {"kinds": ["Pod"]}}})) == "yes"
	reach(policy({"match": {"all": [{"resources": {"kinds": ["Pod"]}}, {"resources": {"namespaces": ["b"]}}]}})) == "no"
	reach(policy({"match": {"all": [{"resources": {"kinds": ["Pod"]}}, {"subjects": [{}]}]}})) == "unknown"
	pods := {"any": [{"resources": {"kinds": ["Pod"]}}]}
	reach(policy({"match": pods, "exclude": {"any": [{"resources": {"namespaces": ["a"]}}]}})) == "no"
	reach(policy({"match": pods, "exclude": {"any": [{"clusterRoles": ["cluster-admin"]}]}})) == "unknown"
	reach(policy({"match": pods, "exclude": {"any": [{"resources": {"kinds": ["Job"]}}]}})) == "yes"
	reach(policy({"match": pods, "exclude": 5})) == "unknown"
}

by(labels_wanted) := filtered({"namespaceSelector": {"matchLabels": labels_wanted}})

test_namespaces_that_are_not_at_hand if {
	answers := [admission.reaches(by({"kubernetes.io/metadata.name": "z"}), "z"), admission.reaches(by({"team": "x"}), "z"), admission.reaches(by({"team": "x"}), "odd")] with data.inventory as labels
	answers == ["yes", "unknown", "unknown"]
}

test_a_policy_speaks_of_its_own_namespace if {
	namespaced := {"apiVersion": "kyverno.io/v1", "kind": "Policy", "metadata": {"name": "p", "namespace": "b"}}
	rule := admission.kyverno(namespaced, [], {"match": {"any": [{"resources": {}}]}}, {}, admission.pods)
	reach(rule) == "no"
	admission.reaches(rule, "b") == "yes" with data.inventory as labels
}

acting(spec, own) := admission.kyverno({"apiVersion": "kyverno.io/v1", "kind": "ClusterPolicy", "spec": spec}, [], {"match": {"any": [{"resources": {}}]}}, own, admission.pods)

does(rule) := answer if {
	answer := admission.action(rule, "a") with data.inventory as labels
}

test_actions if {
	does(acting({}, {})) == "audit"
	does(acting({"validationFailureAction": "enforce"}, {})) == "deny"
	does(acting({"validationFailureAction": "Enforce"}, {"failureAction": "Audit"})) == "audit"
	override := [{"action": "Audit", "namespaces": ["a"]}]
	does(acting({"validationFailureAction": "Enforce", "validationFailureActionOverrides": override}, {})) == "audit"
	does(acting({"validationFailureAction": "Enforce"}, {"failureActionOverrides": override})) == "audit"
	does(acting({"validationFailureAction": "Enforce", "validationFailureActionOverrides": [{"action": "Audit", "namespaces": ["b"]}]}, {})) == "deny"
	does(acting({"validationFailureAction": "Enforce", "validationFailureActionOverrides": [{"action": "Audit", "namespaceSelector": {"matchLabels": 5}}]}, {})) == "unknown"
}

test_actions_that_cannot_be_told if {
	does(acting({"validationFailureAction": "audit"}, {})) == "audit"
	does(acting({"validationFailureAction": "Audit"}, {})) == "audit"
	does(acting({"validationFailureAction": ""}, {})) == "audit"
	every action in ["${ACTION}", "enforced", 5] {
		does(acting({"validationFailureAction": action}, {})) == "unknown"
		does(acting({"validationFailureAction": "Enforce"}, {"failureAction": action})) == "unknown"
		override := [{"action": action, "namespaces": ["a"]}]
		does(acting({"validationFailureAction": "Enforce", "validationFailureActionOverrides": override}, {})) == "unknown"
	}
}

rules(spec) := admission.ruled(spec, admission.pods, false)

expression(spec) := admission.cel({"apiVersion": "x/v1", "kind": "ValidatingPolicy", "spec": {"failurePolicy": "Ignore"}}, "x", rules(spec), ["Deny"])

pod_rule := {"apiGroups": [""], "resources": ["pods"], "operations": ["*"]}

test_match_constraints if {
	reach(expression({"resourceRules": [pod_rule]})) == "yes"
	reach(expression({})) == "no"
	reach(object.union(expression({}), admission.matched({}, admission.pods, false))) == "yes"
	reach(object.union(expression({}), admission.matched({"resourceRules": [pod_rule]}, admission.pods, false))) == "yes"
	reach(expression({"resourceRules": [object.union(pod_rule, {"resourceNames": ["x"]})]})) == "unknown"
	reach(expression({"resourceRules": [pod_rule], "objectSelector": {"matchLabels": {"a": "b"}}})) == "unknown"
	reach(expression({"resourceRules": [object.union(pod_rule, {"operations": ["UPDATE"]})]})) == "no"
	reach(expression({"resourceRules": [pod_rule], "excludeResourceRules": [pod_rule]})) == "no"
	reach(expression({"resourceRules": [pod_rule], "excludeResourceRules": [object.union(pod_rule, {"operations": []})]})) == "no"
	reach(expression({"resourceRules": [pod_rule], "excludeResourceRules": [object.union(pod_rule, {"operations": ["DELETE"]})]})) == "yes"
	narrowed := {"include": admission.ruled({"resourceRules": [pod_rule]}, admission.pods, true).include, "exclude": []}
	reach(narrowed) == "unknown"
	expression({}).lenient
	admission.best([expression({"resourceRules": [pod_rule]})], "a") == "lenient" with data.inventory as labels
}

constraint(spec) := admission.gatekeeper({"apiVersion": "constraints.gatekeeper.sh/v1beta1", "kind": "K", "spec": spec}, admission.pods)

test_gatekeeper if {
	reach(constraint({})) == "yes"
	reach(constraint({"match": {"kinds": [{"apiGroups": [""], "kinds": ["Pod"]}], "namespaces": ["a"]}})) == "yes"
	reach(constraint({"match": {"kinds": [{"kinds": ["*"]}]}})) == "yes"
	reach(constraint({"match": {"kinds": [{"apiGroups": ["apps"], "kinds": ["*"]}]}})) == "no"
	reach(constraint({"match": {"scope": "Cluster"}})) == "no"
	reach(constraint({"match": {"excludedNamespaces": ["a*"]}})) == "no"
	reach(constraint({"match": {"labelSelector": {"matchLabels": {"a": "b"}}}})) == "unknown"
	does(constraint({})) == "deny"
	does(constraint({"enforcementAction": "dryrun"})) == "audit"
	does(constraint({"enforcementAction": "scoped", "scopedEnforcementActions": [{"action": "deny", "enforcementPoints": [{"name": "*"}]}]})) == "deny"
	does(constraint({"enforcementAction": "scoped", "scopedEnforcementActions": [{"action": "deny", "enforcementPoints": [{"name": "audit.gatekeeper.sh"}]}]})) == "audit"
}

warden(kind, spec) := admission.kubewarden({"apiVersion": "policies.kubewarden.io/v1", "kind": kind, "metadata": {"name": "p", "namespace": "b"}, "spec": object.union({"rules": [pod_rule]}, spec)}, admission.pods)

test_kubewarden if {
	reach(warden("ClusterAdmissionPolicy", {})) == "yes"
	reach(warden("ClusterAdmissionPolicy", {"matchConditions": [{}]})) == "unknown"
	reach(warden("AdmissionPolicy", {})) == "no"
	does(warden("ClusterAdmissionPolicy", {})) == "deny"
	does(warden("ClusterAdmissionPolicy", {"mode": "monitor"})) == "audit"
}

obj(spec) := admission.sigstore({"apiVersion": "policy.sigstore.dev/v1beta1", "kind": "ClusterImagePolicy", "spec": spec})

test_sigstore if {
	world := {"facts": {"namespace_labels": {"a": {"policy.sigstore.dev/include": "true"}}}}
	answers := [admission.reaches(obj(spec), "a") |
		some spec in [{}, {"match": [{"resource": "pods"}]}, {"match": [{"resource": "jobs"}]}]
	] with data.inventory as world
	answers == ["yes", "yes", "no"]
	does(obj({"mode": "warn"})) == "audit"
}

test_best if {
	strict := constraint({})
	answers := [admission.best(found, "a") |
		some found in [[strict], [constraint({"enforcementAction": "warn"})], [constraint({"match": {"name": "x"}})], [constraint({"match": {"namespaces": ["b"]}})], []]
	] with data.inventory as labels
	answers == ["deny", "audit", "unknown", "none", "none"]
}

test_small_helpers if {
	admission.field(5, "a") == null
	admission.filled([1])
	not admission.filled({})
	not admission.empty(5)
	admission.nodes([strict | strict := constraint({})], "a") == [
		{"object": {"apiVersion": "constraints.gatekeeper.sh/v1beta1", "kind": "K", "namespace": "", "name": ""}, "path": ["spec"]},
		{"object": {"apiVersion": "v1", "kind": "Namespace", "namespace": "", "name": "a"}, "path": ["metadata"]},
	] with data.inventory as labels
}

test_given_facts if {
	found := facts.image_policies with data.inventory as {"facts": {"image_policies": [1]}}
	found == [1]
}

test_a_filter_without_resources if reach(policy({"match": {"any": [{"subjects": [{}]}]}})) == "unknown"
