# The RoleBinding or ClusterRoleBinding under review.
package lib.rbac

import data.lib.facts
import data.lib.flux
import data.lib.result
import data.lib.shape

# {"kind", "namespace": "" for a ClusterRoleBinding, "role": [kind, name], "subjects": [[index, key]…]}; undefined for
# other objects.
binding := {
	"kind": flux.object.kind,
	"namespace": _namespace,
	"role": [_string(_role_ref, "kind"), _string(_role_ref, "name")],
	"subjects": [[i, facts.rbac_key(subject)] | some i, subject in _subjects],
} if {
	some kind in ["ClusterRoleBinding", "RoleBinding"]
	flux.kind_is("rbac.authorization.k8s.io", kind)
}

_namespace := ns if {
	flux.object.kind == "RoleBinding"
	ns := flux.namespace
} else := ""

_role_ref := ref if {
	ref := flux.object.roleRef
	is_object(ref)
} else := {}

_subjects := list if {
	list := flux.object.subjects
	is_array(list)
} else := []

_string(obj, key) := obj[key] if {
	is_string(obj[key])
} else := ""

# What the binding gives → the place in its role. Nothing where the role is not at hand.
given := {permission: place |
	some permission, place in permissions(binding.role, binding.namespace)
	_reaches(trim_prefix(permission, "!"), binding.namespace)
	permission != "broken"
}

# Of these permissions the first that the binding gives; admin comes before all. A set of at most one.
worst(list) := {"admin"} if {
	given.admin
} else := {found[0]} if {
	found := [permission | some permission in list; given[permission]]
	count(found) > 0
} else := set()

# The nodes without which the binding would not give a permission.
given_nodes(permission) := array.concat(
	[{"path": ["roleRef"]}],
	place_nodes(binding.role, binding.namespace, given[permission]),
)

# Permissions that lead to more than they say.
dangerous := [
	"escalate", "bind", "impersonate", "clusterroles", "roles", "secrets", "tokens", "exec", "nodes/proxy",
	"admission", "approval", "relabel", "volumes",
]

limited := [sprintf("!%v", [permission]) | some permission in dangerous]

# What a permission means, for messages; those limited to named objects say so.
says(permission) := sprintf("%v, limited to named objects", [_words[trim_prefix(permission, "!")]]) if {
	startswith(permission, "!")
} else := _words[permission]

_words := {
	"admin": "everything",
	"secrets": "reading secrets",
	"tokens": "issuing tokens of service accounts",
	"exec": "running commands in pods",
	"impersonate": "impersonating others",
	"escalate": "escalating roles",
	"bind": "binding any role",
	"roles": "writing roles and their bindings",
	"clusterroles": "writing cluster roles and their bindings",
	"relabel": "changing namespaces",
	"namespaces": "deleting namespaces",
	"flux": "writing objects of flux",
	"admission": "changing admission control",
	"approval": "approving certificates",
	"crds": "deleting custom resource definitions",
	"nodes": "changing nodes",
	"nodes/proxy": "reaching kubelets through nodes/proxy",
	"volumes": "creating persistent volumes",
	"networkpolicies": "writing network policies",
	"wildcard": "whatever resources an API group has",
}

# Whom a subject names, for messages.
title(key) := sprintf("service account %v/%v", [key[1], key[2]]) if key[0] == "account"

title(key) := sprintf("every service account of namespace %v", [key[1]]) if key[0] == "namespace"

title(key) := sprintf("group %v", [key[1]]) if key[0] in {"all", "group"}

title(key) := sprintf("user %v", [key[1]]) if key[0] == "user"

# The binding that makes the accounts of kustomize- and helm-controller cluster-admin.
reconciler if {
	binding.kind == "ClusterRoleBinding"
	reconciler_named
}

reconciler if {
	binding.kind == "ClusterRoleBinding"
	binding.role == ["ClusterRole", "cluster-admin"]
	some [_, key] in binding.subjects
	key[0] == "account"
	applier_account(key[1], key[2])
}

reconciler_named if regex.match(`^cluster-reconciler(-.+)?$`, flux.name_of(flux.object))

# It gives the role that all controllers have.
of_controllers if {
	binding.role[0] == "ClusterRole"
	regex.match(`^crd-controller(-.+)?$`, binding.role[1])
}

# A subject of the binding that says whom it names.
definite(key) if {
	key[0] != "unreadable"
	key[1] != ""
	count([1 | some text in key; contains(text, "${")]) == 0
}

# Ready `unknown` findings about the binding itself, whatever its role.
doubts contains finding if {
	binding
	some finding in shape.check(_rows)
}

doubts contains result.at(path, "the effective value cannot be worked out") if {
	binding
	some path in [["roleRef"], ["subjects"], ["metadata", "namespace"]]
	not flux.known(path)
}

doubts contains result.at(["subjects", i], "the subject does not say whom it names") if {
	some [i, key] in binding.subjects
	not definite(key)
}

doubts contains result.at(["metadata", "namespace"], "no namespace is given, so it cannot be told where the binding holds") if {
	binding.kind == "RoleBinding"
	binding.namespace == ""
}

# Ready `unknown` findings about the role: it is not at hand, or cannot be read.
role_doubts contains result.at(["roleRef"], "the role that it refers to is not at hand, so it cannot be told what it allows") if {
	facts.available
	binding
	not permissions(binding.role, binding.namespace)
}

role_doubts contains result.related(["roleRef"], "a rule of the role cannot be read, so it cannot be told what it allows", nodes) if {
	powers := permissions(binding.role, binding.namespace)
	nodes := place_nodes(binding.role, binding.namespace, powers.broken)
}

# As `role_doubts`, where there is no inventory to look the role up in.
role_open contains result.at(["roleRef"], "what the role allows is known only from the inventory of the cluster") if {
	not facts.available
	binding
	not permissions(binding.role, binding.namespace)
}

_rows := [
	[[["metadata"]], "object"],
	[[["metadata", "name"]], "string"],
	[[["metadata", "namespace"]], "string"],
	[[["roleRef"]], "object"],
	[[["roleRef", "kind"]], "string"],
	[[["roleRef", "name"]], "string"],
	[[["subjects"]], "array"],
	[[["subjects"], []], "object"],
	[[["subjects"], ["kind"]], "string"],
	[[["subjects"], ["name"]], "string"],
	[[["subjects"], ["namespace"]], "string"],
]
