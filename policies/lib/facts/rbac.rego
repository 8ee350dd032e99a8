# What roles allow, and whom bindings bind.
#
# Only permissions that matter are kept: a role is a map from the names of `_dangers` to the place that grants it,
# [index of the rule, role, role that aggregates it, …]; index -1 is knowledge about a role of Kubernetes that is
# not at hand. `admin` stands for everything, and is alone. A name with "!" before it is limited to named objects.
# `broken` is a rule that cannot be read.
package lib.facts

# Name of a ClusterRole → its permissions, aggregation included.
rbac_cluster_roles := fact if {
	fact := data.inventory.facts.rbac_cluster_roles
} else := _inherited(_inherited(_inherited(_own_roles)))

# Namespace → name of a Role → its permissions.
rbac_roles := fact if {
	fact := data.inventory.facts.rbac_roles
} else := {ns: roles |
	is_object(data.inventory.namespace)
	some ns, versions in data.inventory.namespace
	roles := {name: _permissions(name, obj) | some name, obj in _rbac(versions, "Role")}
	count(roles) > 0
}

# Namespace, or "" for the whole cluster → bindings there whose role matters or cannot be told:
# {"kind", "name", "role": [kind, name], "subjects": [[index, key]…]}.
rbac_grants := fact if {
	fact := data.inventory.facts.rbac_grants
} else := {ns: grants |
	some ns, bindings in _bindings
	grants := sort([grant | some grant in bindings; not _harmless(ns, grant.role)])
	count(grants) > 0
}

# "namespace/name" of every account that is bound by name → true; "namespace" where all of its accounts are.
rbac_bound := fact if {
	fact := data.inventory.facts.rbac_bound
} else := {key: true |
	some bindings in _bindings
	some grant in bindings
	some subject in grant.subjects
	key := _bound_key(subject[1])
}

# Namespace → RoleBindings there that name an account of another namespace: [[name, index, namespace, account]…].
rbac_strays := fact if {
	fact := data.inventory.facts.rbac_strays
} else := {ns: strays |
	some ns, bindings in _bindings
	not ns in {"", "?"}
	strays := sort([[grant.name, subject[0], subject[1][1], subject[1][2]] |
		some grant in bindings
		some subject in grant.subjects
		subject[1][0] == "account"
		subject[1][1] != ns
	])
	count(strays) > 0
}

# Namespace → names of its ServiceAccounts, sorted.
account_names := fact if {
	fact := data.inventory.facts.account_names
} else := {ns: sort([name | some name, _ in accounts]) |
	is_object(data.inventory.namespace)
	some ns, versions in data.inventory.namespace
	is_object(versions)
	accounts := versions.v1.ServiceAccount
	is_object(accounts)
}

# Whom a subject of a binding names: ["account", namespace, name], ["namespace", namespace] for all its accounts,
# ["all", group], ["user", name], ["group", name]; ["unreadable"] for anything else.
rbac_key(subject) := ["account", _text(subject, "namespace"), subject.name] if {
	subject.kind == "ServiceAccount"
	is_string(subject.name)
} else := ["account", parts[2], parts[3]] if {
	subject.kind == "User"
	is_string(subject.name)
	startswith(subject.name, "system:serviceaccount:")
	parts := split(subject.name, ":")
	count(parts) == 4
} else := ["user", subject.name] if {
	subject.kind == "User"
	is_string(subject.name)
} else := ["all", subject.name] if {
	subject.kind == "Group"
	subject.name in {"system:authenticated", "system:serviceaccounts"}
} else := ["namespace", trim_prefix(subject.name, "system:serviceaccounts:")] if {
	subject.kind == "Group"
	is_string(subject.name)
	startswith(subject.name, "system:serviceaccounts:")
} else := ["group", subject.name] if {
	subject.kind == "Group"
	is_string(subject.name)
} else := ["unreadable"]

_text(obj, key) := obj[key] if {
	is_string(obj[key])
} else := ""

# Bindings by the namespace that they are about, "" for the whole cluster and "?" where none is given.
_bindings := object.union(
	{"": [_binding("ClusterRoleBinding", name, obj) | some name, obj in _rbac(_cluster, "ClusterRoleBinding")]},
	{_place(ns): bound |
		is_object(data.inventory.namespace)
		some ns, versions in data.inventory.namespace
		bound := [_binding("RoleBinding", name, obj) | some name, obj in _rbac(versions, "RoleBinding")]
		count(bound) > 0
	},
)

_place(ns) := "?" if {
	ns == ""
} else := ns

_cluster := versions if {
	versions := data.inventory.cluster
	is_object(versions)
} else := {}

# Objects of a kind of Kubernetes' access control by name.
_rbac(versions, kind) := object.union(_named(versions, "rbac.authorization.k8s.io/v1beta1", kind), _named(versions, "rbac.authorization.k8s.io/v1", kind))

_named(versions, version, kind) := {name: obj |
	is_object(versions)
	is_object(versions[version][kind])
	some name, obj in versions[version][kind]
	is_object(obj)
}

_binding(kind, name, obj) := {
	"kind": kind,
	"name": name,
	"role": [_text(ref, "kind"), _text(ref, "name")],
	"subjects": _subjects(obj),
} if {
	ref := _map(obj, "roleRef")
}

_subjects(obj) := [[i, rbac_key(subject)] | some i, subject in _list(obj, "subjects")] if {
	_typed(obj, "subjects", "array")
} else := [[0, ["unreadable"]]]

_map(obj, key) := obj[key] if {
	is_object(obj[key])
} else := {}

_list(obj, key) := obj[key] if {
	is_array(obj[key])
} else := []

_bound_key(key) := sprintf("%v/%v", [key[1], key[2]]) if key[0] == "account"

_bound_key(key) := key[1] if key[0] == "namespace"

_harmless(_, role) if {
	role[0] == "ClusterRole"
	count(rbac_cluster_roles[role[1]]) == 0
}

_harmless(ns, role) if {
	role[0] == "Role"
	count(rbac_roles[ns][role[1]]) == 0
}

# What each ClusterRole allows by its own rules. Kubernetes' own roles count where they are not at hand.
_own_roles := object.union(
	{name: {danger: [-1, name] | some danger in dangers} |
		some name, dangers in _builtin
		not _cluster_roles[name]
	},
	object.union(
		{name: _permissions(name, obj) | some name, obj in _cluster_roles},
		{"cluster-admin": {"admin": [-1, "cluster-admin"]}},
	),
)

_cluster_roles := _rbac(_cluster, "ClusterRole")

_builtin := {
	"cluster-admin": ["admin"],
	"admin": ["exec", "impersonate", "networkpolicies", "roles", "secrets", "tokens"],
	"edit": ["exec", "impersonate", "networkpolicies", "secrets", "tokens"],
	"view": [],
	"system:auth-delegator": [],
	"system:basic-user": [],
	"system:discovery": [],
	"system:public-info-viewer": [],
	"system:service-account-issuer-discovery": [],
}

# One step of aggregation. An own rule comes before an inherited one.
_inherited(roles) := object.union(
	{name: {danger: min(places) |
		some danger in {known | some other in others; some known, _ in roles[other]}
		places := [array.concat(place, [name]) |
			some other in others
			place := roles[other][danger]
		]
	} |
		some name, others in _aggregated
	},
	roles,
)

# Aggregating ClusterRole → the roles that it takes in.
_aggregated := {name: others |
	some name, selectors in object.union(_builtin_selectors, _selectors)
	others := [other |
		some other, labels in _labelled
		other != name
		_selected(selectors, labels)
	]
	count(others) > 0
}

_labelled := {name: _map(_map(obj, "metadata"), "labels") | some name, obj in _cluster_roles}

_builtin_selectors := {name: [{"matchLabels": {sprintf("rbac.authorization.k8s.io/aggregate-to-%v", [name]): "true"}}] |
	some name in ["admin", "edit", "view"]
}

_selectors := {name: selectors |
	some name, obj in _cluster_roles
	selectors := _list(_map(obj, "aggregationRule"), "clusterRoleSelectors")
	count(selectors) > 0
}

_selected(selectors, labels) if {
	some selector in selectors
	_selector(selector)
	wanted := _map(selector, "matchLabels")
	count([1 | some key, value in wanted; labels[key] == value]) == count(wanted)
	expressions := _list(selector, "matchExpressions")
	count([1 | some expression in expressions; _expressed(expression, labels)]) == count(expressions)
}

_expressed(expression, labels) if {
	expression.operator == "Exists"
	expression.key in object.keys(labels)
}

_expressed(expression, labels) if {
	expression.operator == "DoesNotExist"
	is_string(expression.key)
	not expression.key in object.keys(labels)
}

_expressed(expression, labels) if {
	expression.operator == "In"
	labels[expression.key] in expression.values
}

_expressed(expression, labels) if {
	expression.operator == "NotIn"
	is_string(expression.key)
	is_array(expression.values)
	not _holds(expression, labels)
}

_holds(expression, labels) if labels[expression.key] in expression.values

# Permission → the first place that grants it.
_permissions(name, obj) := {"admin": [open[0], name]} if {
	open := [i | some i, rule in _list(obj, "rules"); _everything(rule)]
	count(open) > 0
} else := {danger: [indexes[0], name] |
	granted := [[danger, i] | some i, rule in _rules(obj); some danger in rbac_dangers(rule)]
	some danger in {pair[0] | some pair in granted}
	indexes := [pair[1] | some pair in granted; pair[0] == danger]
}

# What cannot be read is as one rule that cannot be read.
_rules(obj) := _list(obj, "rules") if {
	_typed(obj, "rules", "array")
	_typed(obj, "aggregationRule", "object")
	_typed(_map(obj, "aggregationRule"), "clusterRoleSelectors", "array")
	selectors := _list(_map(obj, "aggregationRule"), "clusterRoleSelectors")
	count([1 | some selector in selectors; _selector(selector)]) == count(selectors)
} else := [null]

_selector(selector) if {
	is_object(selector)
	_typed(selector, "matchLabels", "object")
	_typed(selector, "matchExpressions", "array")
}

_typed(obj, key, _) if object.get(obj, key, null) == null

_typed(obj, key, "array") if is_array(obj[key])

_typed(obj, key, "object") if is_object(obj[key])

_everything(rule) if {
	"*" in rule.apiGroups
	"*" in rule.resources
	"*" in rule.verbs
	count(_list(rule, "resourceNames")) == 0
}

# The dangerous permissions that a rule grants: a set of names.
rbac_dangers(rule) := {"broken"} if {
	not _wellformed(rule)
} else := {sprintf("%v%v", [mark, danger]) |
	mark := _mark(rule)
	some resources in _pick(_dangers, _list(rule, "apiGroups"), "*")
	some wanted in _pick_resources(resources, _list(rule, "resources"))
	some [danger, verbs] in wanted
	_grants(_list(rule, "verbs"), verbs)
} | _wildcards(rule)

# A mark for rules that are limited to named objects.
_mark(rule) := "" if {
	count(_list(rule, "resourceNames")) == 0
} else := "!"

_wildcards(rule) := {"wildcard" |
	"*" in _list(rule, "resources")
	count(_list(rule, "apiGroups")) > 0
	count(_list(rule, "verbs")) > 0
	some group in _list(rule, "apiGroups")
	not group in _flux_groups
}

_pick(table, names, wildcard) := [entry | some entry in table] if {
	wildcard in names
} else := [entry |
	some name in names
	entry := table[name]
]

# "*/exec" for "pods/exec". A group whose resources are all alike has them under "*".
_pick_resources(resources, names) := [wanted | some wanted in resources] if {
	"*" in names
} else := array.concat(
	[wanted |
		some name in array.concat(names, ["*"])
		wanted := resources[_family(name)]
	],
	[wanted |
		some name in names
		startswith(name, "*/")
		some resource, wanted in resources
		endswith(resource, trim_prefix(name, "*"))
	],
)

_family(name) := "userextras" if {
	startswith(name, "userextras/")
} else := name

_grants(verbs, _) if "*" in verbs

_grants(verbs, wanted) if {
	some verb in verbs
	verb in wanted
}

_wellformed(rule) if {
	is_object(rule)
	count([1 | some key in ["apiGroups", "resources", "resourceNames", "verbs"]; _texts(rule, key)]) == 4
}

_texts(rule, key) if object.get(rule, key, null) == null

_texts(rule, key) if {
	is_array(rule[key])
	count([1 | some item in rule[key]; not is_string(item)]) == 0
}

_flux_groups := {
	"source.toolkit.fluxcd.io", "kustomize.toolkit.fluxcd.io", "helm.toolkit.fluxcd.io",
	"notification.toolkit.fluxcd.io", "image.toolkit.fluxcd.io", "source.extensions.fluxcd.io",
	"fluxcd.controlplane.io",
}

_write := {"create", "update", "patch", "delete", "deletecollection"}

# API group → resource → [name of the danger, verbs any of which grants it].
_dangers := object.union({group: {"*": [["flux", _write]]} | some group in _flux_groups}, {
	"": {
		"secrets": [["secrets", {"get", "list", "watch"}]],
		"serviceaccounts/token": [["tokens", {"create"}]],
		"pods/exec": [["exec", {"create", "get"}]],
		"pods/attach": [["exec", {"create", "get"}]],
		"pods/ephemeralcontainers": [["exec", {"update", "patch"}]],
		"nodes/proxy": [["nodes/proxy", {"get", "create", "update", "patch", "delete"}]],
		"nodes": [["nodes", _write]],
		"namespaces": [["relabel", {"patch", "update"}], ["namespaces", {"delete", "deletecollection"}]],
		"persistentvolumes": [["volumes", {"create"}]],
		"users": [["impersonate", {"impersonate"}]],
		"groups": [["impersonate", {"impersonate"}]],
		"serviceaccounts": [["impersonate", {"impersonate"}]],
	},
	"authentication.k8s.io": {
		"userextras": [["impersonate", {"impersonate"}]],
		"uids": [["impersonate", {"impersonate"}]],
	},
	"rbac.authorization.k8s.io": {
		"roles": [["roles", _write], ["escalate", {"escalate"}], ["bind", {"bind"}]],
		"rolebindings": [["roles", _write]],
		"clusterroles": [["clusterroles", _write], ["escalate", {"escalate"}], ["bind", {"bind"}]],
		"clusterrolebindings": [["clusterroles", _write]],
	},
	"admissionregistration.k8s.io": {resource: [["admission", _write]] |
		some resource in [
			"validatingwebhookconfigurations", "mutatingwebhookconfigurations", "validatingadmissionpolicies",
			"validatingadmissionpolicybindings", "mutatingadmissionpolicies", "mutatingadmissionpolicybindings",
		]
	},
	"certificates.k8s.io": {"certificatesigningrequests/approval": [["approval", {"update", "patch"}]]},
	"apiextensions.k8s.io": {"customresourcedefinitions": [["crds", {"delete", "deletecollection"}]]},
	"networking.k8s.io": {"networkpolicies": [["networkpolicies", _write]]},
})
