# Admission policies, whichever engine's, brought to one form: what a rule of a policy reaches, and whether it denies.
#
# A rule is {"object", "path", "engine", "include", "exclude", "action", "exceptions", "lenient"}. `include` and
# `exclude` are lists of alternatives, each a list of conditions that hold together; a condition is {"never",
# "namespaces" (globs, null for all), "selector" (label selector of namespaces, null for all), "narrow" (only some of
# what is there)}. `action` is "deny", "audit" or "unknown", `exceptions` are conditions with an action of their own,
# and `lenient` says that admission goes on where the engine does not answer.
#
# A target is {"group", "kind", "resource", "kinds" (as Kyverno names them), "operations" (all of which must be covered)}.
package lib.admission

import data.lib.facts
import data.lib.netpol
import data.lib.patterns
import data.lib.selector
import data.lib.workload

pods := {"group": "", "kind": "Pod", "resource": "pods", "kinds": {"Pod", "v1/Pod", "*/Pod", "*/v1/Pod", "*"}, "operations": {"CREATE"}}

# What keeps a platform's permissions: its bindings and roles, and what stands in the namespaces of Flux.
guarded := [{
	"group": row[0], "kind": row[1], "resource": row[2], "operations": {"UPDATE", "DELETE"},
	"kinds": ({row[1], "*"} | {sprintf("%v%v", [prefix, row[1]]) | some prefix in ["*/", "v1/", sprintf("%v/v1/", [row[0]]), sprintf("%v/*/", [row[0]])]}),
} |
	some row in [
		["rbac.authorization.k8s.io", "ClusterRoleBinding", "clusterrolebindings"],
		["rbac.authorization.k8s.io", "RoleBinding", "rolebindings"],
		["rbac.authorization.k8s.io", "ClusterRole", "clusterroles"],
		["", "Namespace", "namespaces"],
		["", "ServiceAccount", "serviceaccounts"],
		["kustomize.toolkit.fluxcd.io", "Kustomization", "kustomizations"],
	]
]

# Does the rule reach everything of its target in a namespace ("" for what has none)? "yes", "no", "unknown".
reaches(rule, ns) := "no" if {
	_any(rule.include, ns) == "no"
} else := "no" if {
	_any(rule.exclude, ns) == "yes"
} else := "yes" if {
	_any(rule.include, ns) == "yes"
	_any(rule.exclude, ns) == "no"
} else := "unknown"

# What the rule does there: "deny", "audit", "unknown".
action(rule, ns) := rule.exceptions[places[0]].action if {
	places := [i | some i, exception in rule.exceptions; _holds(exception, ns) != "no"]
	count(places) > 0
	_holds(rule.exceptions[places[0]], ns) == "yes"
} else := rule.action if {
	count([1 | some exception in rule.exceptions; _holds(exception, ns) != "no"; exception.action != rule.action]) == 0
} else := "unknown"

# The strongest of what several rules do in a namespace: "deny", "lenient", "audit", "unknown", "none".
best(rules, ns) := "deny" if {
	count([1 | some rule in rules; _does(rule, ns, "deny"); not rule.lenient]) > 0
} else := "lenient" if {
	count([1 | some rule in rules; _does(rule, ns, "deny")]) > 0
} else := "unknown" if {
	count([1 | some rule in rules; reaches(rule, ns) != "no"; _open(rule, ns)]) > 0
} else := "audit" if {
	count([1 | some rule in rules; reaches(rule, ns) != "no"]) > 0
} else := "none"

_does(rule, ns, wanted) if {
	reaches(rule, ns) == "yes"
	action(rule, ns) == wanted
}

_open(rule, ns) if action(rule, ns) == "unknown"

_open(rule, ns) if {
	reaches(rule, ns) == "unknown"
	action(rule, ns) == "deny"
}

_any(alternatives, ns) := "yes" if {
	"yes" in [_all(conditions, ns) | some conditions in alternatives]
} else := "unknown" if {
	"unknown" in [_all(conditions, ns) | some conditions in alternatives]
} else := "no"

_all(conditions, ns) := "no" if {
	"no" in [_holds(condition, ns) | some condition in conditions]
} else := "unknown" if {
	"unknown" in [_holds(condition, ns) | some condition in conditions]
} else := "yes"

_holds(condition, ns) := "no" if {
	condition.never
} else := "no" if {
	is_array(condition.namespaces)
	count([1 | some pattern in condition.namespaces; patterns.matches("wildcard", pattern, ns)]) == 0
} else := "no" if {
	_selected(condition.selector, ns) == "no"
} else := "unknown" if {
	condition.narrow
} else := _selected(condition.selector, ns)

# A selector is null or what lib.netpol makes of it.
_selected(parsed, ns) := "yes" if {
	parsed == null
} else := "unknown" if {
	parsed.error != ""
} else := "yes" if {
	labels := _labels(parsed, ns)
	selector.matches(parsed, labels)
} else := "no" if {
	is_object(_labels(parsed, ns))
} else := "unknown"

# Labels of the namespace, as far as the selector asks for them.
_labels(parsed, ns) := labels if {
	labels := facts.namespace_labels[ns]
	is_object(labels)
} else := {"kubernetes.io/metadata.name": ns} if {
	count([1 | some requirement in parsed.requirements; requirement.key != "kubernetes.io/metadata.name"]) == 0
}

# A rule of a Kyverno ClusterPolicy or Policy; `own` is the part of it that may hold an action of its own.
kyverno(obj, path, raw, own, target) := {
	"object": identity(obj),
	"path": path,
	"engine": "kyverno",
	"include": _at_home(obj, _blocks(field(raw, "match"), target, narrow, count(target.operations))),
	"exclude": _blocks(field(raw, "exclude"), target, false, 1),
	"action": _enforced(spec, own),
	"exceptions": _overrides(spec, own),
	"lenient": "Ignore" in {field(spec, "failurePolicy"), field(field(spec, "webhookConfiguration"), "failurePolicy")},
} if {
	spec := field(obj, "spec")
	narrow := count([1 | some name in ["preconditions", "celPreconditions"]; not empty(field(raw, name))]) > 0
}

# A CEL policy of Kyverno, or a ValidatingAdmissionPolicy: what it matches and, where it says so itself, does.
cel(obj, engine, matched, actions) := {
	"object": identity(obj),
	"path": ["spec"],
	"engine": engine,
	"include": _at_home(obj, matched.include),
	"exclude": matched.exclude,
	"action": _asked(actions),
	"exceptions": [],
	"lenient": field(field(obj, "spec"), "failurePolicy") == "Ignore",
}

# matchConstraints of a policy, and all that narrows them down. Without rules they take nothing.
ruled(constraints, target, narrow) := {
	"include": [[_ruled(rule, constraints, narrow)] |
		is_array(rules)
		some rule in rules
		_covers(rule, target)
	],
	"exclude": [[_condition(false, null, null, filled(field(rule, "resourceNames")))] |
		some rule in list(field(constraints, "excludeResourceRules"))
		_meets(rule, target)
	],
} if {
	rules := field(constraints, "resourceRules")
}

# The same for matchResources of a binding, which take everything where they have no rules.
matched(constraints, target, narrow) := {"include": [[_ruled({}, constraints, narrow)]], "exclude": exclude} if {
	empty(field(constraints, "resourceRules"))
	exclude := ruled(constraints, target, narrow).exclude
} else := ruled(constraints, target, narrow)

# A constraint of Gatekeeper.
gatekeeper(obj, target) := {
	"object": identity(obj),
	"path": ["spec"],
	"engine": "gatekeeper",
	"include": [[_condition(_spares(match, target), globs(field(match, "namespaces")), parsed(field(match, "namespaceSelector")), narrow)]],
	"exclude": [[_condition(false, names, null, false)] |
		names := globs(field(match, "excludedNamespaces"))
		is_array(names)
	],
	"action": _constrained(spec),
	"exceptions": [],
	"lenient": false,
} if {
	spec := field(obj, "spec")
	match := field(spec, "match")
	narrow := count([1 | some name in ["labelSelector", "name", "source"]; not empty(field(match, name))]) > 0
}

# A policy of Kubewarden.
kubewarden(obj, target) := {
	"object": identity(obj),
	"path": ["spec"],
	"engine": "kubewarden",
	"include": _at_home(obj, [[_ruled(rule, spec, narrow)] |
		some rule in list(field(spec, "rules"))
		_covers(rule, target)
	]),
	"exclude": [],
	"action": _protected(field(spec, "mode")),
	"exceptions": [],
	"lenient": field(spec, "failurePolicy") == "Ignore",
} if {
	spec := field(obj, "spec")
	narrow := filled(field(spec, "matchConditions"))
}

# A ClusterImagePolicy: policy-controller looks at namespaces that ask for it.
sigstore(obj) := {
	"object": identity(obj),
	"path": ["spec"],
	"engine": "sigstore",
	"include": [[_condition(never, null, parsed({"matchLabels": {"policy.sigstore.dev/include": "true"}}), false)]],
	"exclude": [],
	"action": _moded(field(spec, "mode")),
	"exceptions": [],
	"lenient": false,
} if {
	spec := field(obj, "spec")
	never := count([1 | not empty(field(spec, "match"))]) > count([1 |
		some match in list(field(spec, "match"))
		field(match, "resource") == "pods"
		empty(field(match, "selector"))
	])
}

identity(obj) := {
	"apiVersion": obj.apiVersion,
	"kind": obj.kind,
	"namespace": workload.namespace_of(obj),
	"name": workload.name_of(obj),
}

# A field of what may be no object.
field(value, name) := object.get(value, name, null) if {
	is_object(value)
} else := null

list(value) := value if {
	is_array(value)
} else := []

empty(value) if value in {null, ""}

empty(value) if {
	is_array(value)
	count(value) == 0
}

empty(value) if {
	is_object(value)
	count(value) == 0
}

filled(value) := false if {
	empty(value)
} else := true

# Globs of namespaces; null for all of them.
globs(value) := value if {
	is_array(value)
	count(value) > 0
} else := null

parsed(raw) := null if {
	empty(raw)
} else := netpol.parsed(raw)

_condition(never, namespaces, labels, narrow) := {"never": never, "namespaces": namespaces, "selector": labels, "narrow": narrow}

# A policy in a namespace speaks of that namespace alone.
_at_home(obj, alternatives) := [array.concat(conditions, [home]) | some conditions in alternatives] if {
	regex.match(`^(Policy|AdmissionPolicy|Namespaced.*)$`, obj.kind)
	home := _condition(false, [workload.namespace_of(obj)], null, false)
} else := alternatives

_blocks(block, target, narrow, needed) := [] if {
	block == null
} else := [[_odd]] if {
	count([1 | some name in ["any", "all"]; value := field(block, name); value != null; not is_array(value)]) > 0
} else := array.concat(
	array.concat(
		[[_filter(one, target, narrow, needed)] | some one in list(field(block, "any"))],
		[[_filter(one, target, narrow, needed) | some one in together] | together := list(field(block, "all")); count(together) > 0],
	),
	[[_filter(block, target, narrow, needed)] | not empty(field(block, "resources"))],
) if {
	is_object(block)
} else := [[_odd]]

_odd := _condition(false, null, null, true)

_filter(filter, target, narrow, needed) := _condition(
	_never(resources, target, needed),
	globs(field(resources, "namespaces")),
	parsed(field(resources, "namespaceSelector")),
	(count([1 | narrow]) + count([1 |
		some value in array.concat(
			[field(filter, name) | some name in ["subjects", "roles", "clusterRoles"]],
			[field(resources, name) | some name in ["name", "names", "selector", "annotations"]],
		)
		not empty(value)
	])) > 0,
) if {
	resources := field(filter, "resources")
}

_never(resources, target, needed) if {
	kinds := list(field(resources, "kinds"))
	count(kinds) > 0
	count([1 | some kind in kinds; kind in target.kinds]) == 0
} else if {
	operations := list(field(resources, "operations"))
	count(operations) > 0
	count([1 | some operation in operations; operation in target.operations]) < needed
} else := false

# Kyverno's action: the rule's own goes before that of the policy, which audits by default.
_enforced(spec, own) := "audit" if {
	field(spec, "admission") == false
} else := _word(field(own, "failureAction")) if {
	not empty(field(own, "failureAction"))
} else := _word(field(spec, "validationFailureAction"))

_word(text) := "audit" if {
	empty(text)
} else := "unknown" if {
	not is_string(text)
} else := "deny" if {
	lower(text) == "enforce"
} else := "audit" if {
	lower(text) == "audit"
} else := "unknown"

_overrides(spec, own) := [_override(one) | some one in found] if {
	found := list(field(own, "failureActionOverrides"))
	count(found) > 0
} else := [_override(one) | some one in list(field(spec, "validationFailureActionOverrides"))]

_override(one) := object.union(
	_condition(false, globs(field(one, "namespaces")), parsed(field(one, "namespaceSelector")), false),
	{"action": _word(field(one, "action"))},
)

_ruled(rule, constraints, narrow) := _condition(
	false, null, parsed(field(constraints, "namespaceSelector")),
	(count([1 |
		some value in [field(constraints, "objectSelector"), field(rule, "resourceNames")]
		not empty(value)
	]) + count([1 | narrow])) > 0,
)

_covers(rule, target) if {
	_about(rule, target)
	operations := list(field(rule, "operations"))
	count([1 | some wanted in target.operations; not wanted in operations; not "*" in operations]) == 0
}

_meets(rule, target) if {
	_about(rule, target)
	count(list(field(rule, "operations"))) == 0
}

_meets(rule, target) if {
	_about(rule, target)
	some operation in list(field(rule, "operations"))
	operation in (target.operations | {"*"})
}

_about(rule, target) if {
	count([1 | some group in list(field(rule, "apiGroups")); group in {"*", target.group}]) > 0
	count([1 | some resource in list(field(rule, "resources")); resource in {"*", "*/*", target.resource}]) > 0
}

# A constraint's match that leaves the target out.
_spares(match, target) if {
	kinds := list(field(match, "kinds"))
	count(kinds) > 0
	count([1 |
		some one in kinds
		count([1 | some group in _all_if_none(field(one, "apiGroups")); group in {"*", target.group}]) > 0
		count([1 | some kind in _all_if_none(field(one, "kinds")); kind in {"*", target.kind}]) > 0
	]) == 0
} else if {
	field(match, "scope") == "Cluster"
} else := false

_all_if_none(value) := ["*"] if {
	count(list(value)) == 0
} else := value

_asked(actions) := "deny" if {
	"Deny" in list(actions)
} else := "audit"

_constrained(spec) := "deny" if {
	field(spec, "enforcementAction") in {null, "deny"}
} else := "deny" if {
	field(spec, "enforcementAction") == "scoped"
	count([1 |
		some scoped in list(field(spec, "scopedEnforcementActions"))
		field(scoped, "action") == "deny"
		some point in list(field(scoped, "enforcementPoints"))
		field(point, "name") in {"*", "validation.gatekeeper.sh"}
	]) > 0
} else := "audit"

_protected(mode) := "deny" if {
	mode in {null, "protect"}
} else := "audit"

_moded(mode) := "deny" if {
	mode in {null, "enforce"}
} else := "audit"

# Nodes that decide what policies do in a namespace: the policies, and the namespace's labels.
nodes(rules, ns) := array.concat(
	[{"object": rule.object, "path": ["spec"]} | some rule in rules],
	[{"object": {"apiVersion": "v1", "kind": "Namespace", "namespace": "", "name": ns}, "path": ["metadata"]} |
		some name in object.keys(facts.namespace_labels)
		name == ns
	],
)
