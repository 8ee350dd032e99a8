package lib.facts

import data.lib.admission
import data.lib.flux
import data.lib.workload

# Rules of admission policies that forbid privileged containers: rules of lib.admission with "sure", false where an
# expression would have to be evaluated to know.
pod_policies := fact if {
	fact := data.inventory.facts.pod_policies
} else := _denying(admission.pods, "privileged")

# Resource → rules of admission policies about who may change or delete it.
guard_policies := fact if {
	fact := data.inventory.facts.guard_policies
} else := {target.resource: _denying(target, "user") | some target in admission.guarded}

# Exceptions of Kyverno's policies for pods: rules without an action, with the names of the policies.
policy_exceptions := fact if {
	fact := data.inventory.facts.policy_exceptions
} else := sort([object.union(rule, {"policies": names}) |
	some obj in namespaced("kyverno.io", "PolicyException")
	spec := admission.field(obj, "spec")
	rule := admission.kyverno(obj, ["spec"], spec, {}, admission.pods)
	names := [name | some one in admission.list(admission.field(spec, "exceptions")); name := admission.field(one, "policyName"); is_string(name)]
])

# Does Gatekeeper review deletions, and refuse while it does not answer? Null where its webhook is not at hand.
gatekeeper_webhook := fact if {
	fact := data.inventory.facts.gatekeeper_webhook
} else := {"object": admission.identity(found[0][0]), "deletes": deletes, "lenient": admission.field(found[0][1], "failurePolicy") != "Fail"} if {
	found := [[obj, webhook] |
		some obj in clustered("admissionregistration.k8s.io", "ValidatingWebhookConfiguration")
		some webhook in admission.list(admission.field(obj, "webhooks"))
		admission.field(webhook, "name") == "validation.gatekeeper.sh"
	]
	count(found) > 0
	deletes := count([1 |
		some rule in admission.list(admission.field(found[0][1], "rules"))
		some operation in admission.list(admission.field(rule, "operations"))
		operation in {"DELETE", "*"}
	]) > 0
} else := null

_denying(target, topic) := sort(array.concat(
	array.concat(_denied_by_rules(target, topic), _denied_by_expressions(target, topic)),
	array.concat(_denied_by_bindings(target, topic), array.concat(_denied_by_constraints(target, topic), _denied_by_wardens(target, topic))),
))

_denied_by_rules(target, topic) := [object.union(rule, {"sure": _trusted(obj, sense)}) |
	some obj in array.concat(clustered("kyverno.io", "ClusterPolicy"), namespaced("kyverno.io", "Policy"))
	some i, raw in admission.list(admission.field(admission.field(obj, "spec"), "rules"))
	own := admission.field(raw, "validate")
	sense := _sense(topic, own, raw)
	rule := admission.kyverno(obj, ["spec", "rules", i], raw, own, target)
]

_denied_by_expressions(target, topic) := [object.union(rule, {"sure": _trusted(obj, false)}) |
	some obj in array.concat(
		clustered("policies.kyverno.io", "ValidatingPolicy"),
		namespaced("policies.kyverno.io", "NamespacedValidatingPolicy"),
	)
	spec := admission.field(obj, "spec")
	_mentions(topic, [admission.field(spec, "validations"), admission.field(spec, "matchConditions")])
	matched := admission.ruled(admission.field(spec, "matchConstraints"), target, admission.filled(admission.field(spec, "matchConditions")))
	rule := admission.cel(obj, "cel", matched, _cel_actions(spec))
]

_denied_by_bindings(target, topic) := [object.union(rule, {"sure": _trusted(obj, false)}) |
	some obj in clustered("admissionregistration.k8s.io", "ValidatingAdmissionPolicy")
	spec := admission.field(obj, "spec")
	_mentions(topic, [admission.field(spec, "validations"), admission.field(spec, "matchConditions")])
	narrow := count([1 | some name in ["matchConditions", "paramKind"]; admission.filled(admission.field(spec, name))]) > 0
	policy := admission.ruled(admission.field(spec, "matchConstraints"), target, narrow)
	some binding in clustered("admissionregistration.k8s.io", "ValidatingAdmissionPolicyBinding")
	bound := admission.field(binding, "spec")
	admission.field(bound, "policyName") == workload.name_of(obj)
	resources := admission.matched(admission.field(bound, "matchResources"), target, false)
	matched := {
		"include": [array.concat(a, b) | some a in policy.include; some b in resources.include],
		"exclude": array.concat(policy.exclude, resources.exclude),
	}
	rule := admission.cel(obj, "cel", matched, admission.field(bound, "validationActions"))
]

_denied_by_constraints(target, topic) := [object.union(rule, {"sure": _trusted(obj, kind == "K8sPSPPrivilegedContainer")}) |
	some template in clustered("templates.gatekeeper.sh", "ConstraintTemplate")
	kind := _constrained_kind(template)
	_template_speaks(topic, kind, template)
	some obj in clustered("constraints.gatekeeper.sh", kind)
	rule := admission.gatekeeper(obj, target)
]

_denied_by_wardens(target, topic) := [object.union(rule, {"sure": _trusted(obj, true)}) |
	topic == "privileged"
	some obj in array.concat(
		clustered("policies.kubewarden.io", "ClusterAdmissionPolicy"),
		namespaced("policies.kubewarden.io", "AdmissionPolicy"),
	)
	module := admission.field(admission.field(obj, "spec"), "module")
	is_string(module)
	contains(module, "pod-privileged")
	rule := admission.kubewarden(obj, target)
]

_template_speaks("privileged", kind, _) if kind == "K8sPSPPrivilegedContainer"

_template_speaks("user", _, template) if _mentions("user", [admission.field(admission.field(template, "spec"), "targets")])

# True where the rule surely denies what it should, false where that is in expressions or exclusions; undefined
# where it is about something else.
_sense("privileged", own, _) if {
	_levelled(own)
	count(_spared(own)) == 0
} else := false if {
	_levelled(own)
} else if {
	regex.match(`privileged\W+false`, sprintf("%v", [admission.field(own, "pattern")]))
} else := false if {
	_mentions("privileged", [admission.field(own, name) | some name in ["anyPattern", "foreach", "deny", "cel"]])
}

_levelled(own) if admission.field(admission.field(own, "podSecurity"), "level") in {"baseline", "restricted"}

_spared(own) := [1 |
	some one in admission.list(admission.field(admission.field(own, "podSecurity"), "exclude"))
	admission.field(one, "controlName") == "Privileged Containers"
]

_sense("user", own, raw) if {
	is_object(admission.field(own, "deny"))
	not admission.filled(admission.field(admission.field(own, "deny"), "conditions"))
	_mentions("user", [admission.field(raw, "exclude")])
} else := false if {
	_mentions("user", [admission.field(own, "deny"), admission.field(own, "cel"), admission.field(raw, "preconditions")])
}

_mentions("privileged", values) if contains(sprintf("%v", [values]), "privileged")

_mentions("user", values) if regex.match(`userInfo|subjects|clusterRoles|serviceAccountName`, sprintf("%v", [values]))

_trusted(obj, sense) if {
	sense
} else if {
	workload.name_of(obj) in flux.param("trustPolicies", [])
} else := false
