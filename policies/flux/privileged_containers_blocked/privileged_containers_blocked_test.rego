package flux.privileged_containers_blocked_test

import data.flux.privileged_containers_blocked as control
import data.lib.admission_sample_test as sample
import data.lib.facts

tenant(labels) := sample.namespace("team-a", object.union({"toolkit.fluxcd.io/tenant": "team-a"}, labels))

enforcing(level) := tenant({"pod-security.kubernetes.io/enforce": level})

kyverno(validate, spec) := sample.named("kyverno.io/v1", "ClusterPolicy", "p", object.union(
	{"validationFailureAction": "Enforce", "rules": [{
		"match": {"any": [{"resources": {"kinds": ["Pod"]}}]},
		"validate": validate,
	}]},
	spec,
))

pattern := {"pattern": {"spec": {"containers": [{"=(securityContext)": {"=(privileged)": "false"}}]}}}

pods := {"resourceRules": [{"apiGroups": [""], "resources": ["pods"], "operations": ["*"]}]}

expressions := {"matchConstraints": pods, "validations": [{"expression": "!object.spec.containers.exists(c, c.securityContext.privileged)"}]}

bound(actions) := [
	sample.named("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy", "v", expressions),
	sample.named("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding", "b", {"policyName": "v", "validationActions": actions}),
]

gatekeeper(spec) := [
	sample.named("templates.gatekeeper.sh/v1", "ConstraintTemplate", "t", {"crd": {"spec": {"names": {"kind": "K8sPSPPrivilegedContainer"}}}}),
	sample.named("constraints.gatekeeper.sh/v1beta1", "K8sPSPPrivilegedContainer", "c", spec),
]

warden(spec) := sample.named("policies.kubewarden.io/v1", "ClusterAdmissionPolicy", "k", object.union({"module": "registry://x/pod-privileged:v1", "rules": pods.resourceRules}, spec))

results(obj, others, params) := found if {
	found := [count(control.violation), count(control.warn), count(control.unknown), count(control.manual)] with input as sample.review(obj, object.union({"mode": "dump", "profiles": ["shared"]}, params))
		with data.inventory as sample.inventory(array.concat([obj], others))
}

test_pass if {
	results(enforcing("baseline"), [], {}) == [0, 0, 0, 0]
	results(tenant({}), [], {"platform": "openshift"}) == [0, 0, 0, 0]
	every others in [
		[kyverno(pattern, {})], [kyverno({"podSecurity": {"level": "restricted"}}, {})], gatekeeper({}), [warden({})],
	] {
		results(tenant({}), others, {}) == [0, 0, 0, 0]
	}
	results(tenant({}), bound(["Deny"]), {"trustPolicies": ["v"]}) == [0, 0, 0, 0]
}

test_fail if {
	every others in [
		[], [kyverno(pattern, {"validationFailureAction": "Audit"})], [kyverno({"message": "privileged"}, {})],
		gatekeeper({"enforcementAction": "dryrun"}), [warden({"mode": "monitor"})], bound(["Audit"]), [warden({"module": "x"})],
	] {
		results(tenant({}), others, {}) == [1, 0, 0, 0]
	}
	results(enforcing("privileged"), [], {}) == [1, 0, 0, 0]
	results(sample.namespace("team-b", {}), [], {"tenantNamespaces": ["team-b"]}) == [1, 0, 0, 0]
}

# What lets an account in this namespace change namespaces.
relabelling(home) := [
	{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "r", "namespace": home}},
	{
		"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "e"},
		"rules": [{"apiGroups": [""], "resources": ["namespaces"], "verbs": ["patch"]}],
	},
	{
		"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "b"},
		"roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "e"},
		"subjects": [{"kind": "ServiceAccount", "name": "r", "namespace": home}],
	},
]

test_relabelling if {
	others := relabelling("team-a")
	results(enforcing("baseline"), others, {}) == [1, 0, 0, 0]
	results(enforcing("baseline"), array.concat(others, [kyverno(pattern, {})]), {}) == [0, 0, 0, 0]
}

excepting(name, namespaces) := {
	"apiVersion": "kyverno.io/v2", "kind": "PolicyException", "metadata": {"name": "x", "namespace": "kyverno"},
	"spec": {
		"exceptions": [{"policyName": name}],
		"match": {"any": [{"resources": {"kinds": ["Pod"], "namespaces": namespaces}}]},
	},
}

test_exceptions if {
	exception := excepting("p", ["team-*"])
	results(tenant({}), [kyverno(pattern, {}), exception], {}) == [0, 1, 0, 0]
	results(enforcing("baseline"), [kyverno(pattern, {}), exception], {}) == [0, 0, 0, 0]
}

test_unknown if {
	every others in [
		bound(["Deny"]), [kyverno({"deny": {"conditions": ["privileged"]}}, {})],
		[kyverno({"podSecurity": {"level": "baseline", "exclude": [{"controlName": "Privileged Containers"}]}}, {})],
		[sample.named("policies.kyverno.io/v1", "ValidatingPolicy", "e", expressions)],
	] {
		results(tenant({}), others, {}) == [0, 0, 1, 0]
	}
	results(enforcing(5), [], {}) == [0, 0, 1, 0]
	odd := sample.namespace("team-a", "x")
	control.subject with input as odd
	results(odd, [], {}) == [0, 0, 1, 0]
}

test_absence_proves_nothing_elsewhere if {
	results(tenant({}), [], {"mode": "render"}) == [0, 0, 0, 1]
	results(tenant({}), [], {"mode": "git", "policiesPath": "policies"}) == [1, 0, 0, 0]
	results(tenant({}), [kyverno(pattern, {"validationFailureAction": "Audit"})], {"mode": "render"}) == [1, 0, 0, 0]
	count(control.manual) == 1 with input as tenant({})
}

test_other_objects if {
	not control.subject with input as sample.namespace("monitoring", {})
	not control.subject with input as {"kind": "Pod"}
	control.raw == null with input as "text"
}

test_given_facts if {
	given := {"facts": {"pod_policies": [1], "guard_policies": {"a": []}, "policy_exceptions": [3], "gatekeeper_webhook": null}}
	found := [facts.pod_policies, facts.guard_policies, facts.policy_exceptions, facts.gatekeeper_webhook] with data.inventory as given
	found == [[1], {"a": []}, [3], null]
}

test_relabelling_matters_where_the_label_protects if {
	results(tenant({}), relabelling("team-a"), {}) == [1, 0, 0, 0]
	results(enforcing("baseline"), relabelling("platform"), {}) == [0, 0, 0, 0]
}

test_the_warning_names_the_exception if {
	cluster := sample.inventory([tenant({}), kyverno(pattern, {}), excepting("p", ["team-*"])])
	request := sample.review(tenant({}), {"mode": "dump"})
	found := {finding.details.related | some finding in control.warn} with input as request with data.inventory as cluster
	node := {"apiVersion": "kyverno.io/v2", "kind": "PolicyException", "namespace": "kyverno", "name": "x"}
	found == {[{"object": node, "path": ["spec"]}]}
}

test_exceptions_from_something_else if {
	every others in [
		[kyverno(pattern, {}), excepting("q", ["team-*"])],
		[kyverno(pattern, {}), excepting("p", ["shop"])],
		[warden({}), excepting("k", ["team-*"])],
	] {
		results(tenant({}), others, {}) == [0, 0, 0, 0]
	}
	audits := kyverno(pattern, {"validationFailureAction": "Audit"})
	results(tenant({}), [audits, excepting("p", ["team-*"])], {}) == [1, 0, 0, 0]
}

test_policies_that_let_pass_while_their_engine_is_away if {
	results(tenant({}), [kyverno(pattern, {"failurePolicy": "Ignore"})], {}) == [0, 0, 0, 0]
	lenient := [object.union(obj, {"spec": {"failurePolicy": "Ignore"}}) | some obj in bound(["Deny"])]
	results(tenant({}), lenient, {}) == [0, 0, 1, 0]
}

test_the_label_is_enough_beside_a_policy_that_cannot_be_told if {
	results(enforcing("baseline"), bound(["Deny"]), {}) == [0, 0, 0, 0]
}

# Something else with the name and the labels of the tenant's namespace.
namesake(labels) := object.union(tenant(labels), {"kind": "PersistentVolume"})

test_what_is_no_namespace_of_a_tenant_has_no_findings if {
	params := {"tenantNamespaces": ["team-a"]}
	every obj in [namesake({}), namesake({"pod-security.kubernetes.io/enforce": "baseline"})] {
		not control.subject with input as sample.review(obj, params)
		every others in [relabelling("team-a"), [kyverno(pattern, {}), excepting("p", ["team-*"])]] {
			results(obj, others, params) == [0, 0, 0, 0]
		}
	}
	platform := sample.namespace("monitoring", {"pod-security.kubernetes.io/enforce": 5})
	results(platform, [], {}) == [0, 0, 0, 0]
	results(sample.namespace("monitoring", {}), bound(["Deny"]), {}) == [0, 0, 0, 0]
	count(control.manual) == 0 with input as platform
	not control.subject with input as sample.namespace("kube-system", "x")
}

test_a_role_that_cannot_be_read_takes_no_tenant_away if {
	odd := {"toolkit.fluxcd.io/role": 5}
	results(tenant(odd), [], {}) == [1, 0, 0, 0]
	results(sample.namespace("team-a", odd), [], {"tenantNamespaces": ["team-a"]}) == [1, 0, 0, 0]
	unseen := sample.review(tenant(odd), {"mode": "dump"})
	count(control.violation) == 1 with input as unseen with data.inventory as sample.inventory([])
	count(control.unknown) == 0 with input as unseen with data.inventory as sample.inventory([])
}

test_whose_the_namespace_is_may_be_in_doubt if {
	labels := ["metadata", "labels"]
	role := array.concat(labels, ["toolkit.fluxcd.io/role"])
	hidden := {"metadata": {"annotations": {"flux-audit.internal/unknown-paths": "/metadata/labels"}}}
	every obj, place in {
		sample.namespace("team-a", {"toolkit.fluxcd.io/role": 5}): role,
		sample.namespace("team-a", {"toolkit.fluxcd.io/role": "${ROLE}"}): role,
		sample.namespace("team-a", "x"): labels,
		object.union(sample.namespace("team-a", {}), hidden): labels,
	} {
		control.subject with input as sample.review(obj, {})
		results(obj, [], {}) == [0, 0, 1, 0]
		found := control.unknown with input as sample.review(obj, {})
		{finding.details.path | some finding in found} == {place}
		platform := object.union(obj, {"metadata": {"name": "kube-system"}})
		not control.subject with input as platform
		results(platform, [], {}) == [0, 0, 0, 0]
	}
}
