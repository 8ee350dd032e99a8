package lib.facts

# ResourceQuotas that are limited to priority classes: which of the two system classes each one admits, null where
# that cannot be read.
priority_quotas := fact if {
	fact := data.inventory.facts.priority_quotas
} else := sort([quota |
	some obj in namespaced("", "ResourceQuota")
	classes := _quota_classes(obj)
	classes != []
	quota := {"object": _reference(obj), "classes": classes}
])

_quota_classes(obj) := [class |
	some class in ["system-cluster-critical", "system-node-critical"]
	count(scopes) > 0
	count([1 | some scope in scopes; not _admits(scope, class)]) == 0
] if {
	scopes := _priority_scopes(obj)
} else := null

# Each as [operator, values]; undefined where they cannot be read.
_priority_scopes(obj) := [[scope.operator, object.get(scope, "values", null)] |
	some scope in expressions
	scope.scopeName == "PriorityClass"
] if {
	is_object(obj.spec)
	expressions := _scope_expressions(object.get(obj.spec, "scopeSelector", null))
	count([1 | some scope in expressions; not _readable_scope(scope)]) == 0
}

_scope_expressions(selector) := [] if selector == null

_scope_expressions(selector) := list if {
	is_object(selector)
	list := object.get(selector, "matchExpressions", [])
	is_array(list)
}

_readable_scope(scope) if {
	is_string(scope.scopeName)
	is_string(scope.operator)
	_readable_values(object.get(scope, "values", null))
}

_readable_values(values) if values == null

_readable_values(values) if {
	is_array(values)
	count([1 | some value in values; not is_string(value)]) == 0
}

_admits(["Exists", _], _) := true

_admits(["In", values], class) if class in values

_admits(["NotIn", values], class) if not class in values
