# Who may do what, from the facts about roles and bindings.
#
# Permissions have the names of lib.facts' table: admin (everything), secrets (read), tokens, exec, impersonate,
# escalate, bind, roles, clusterroles, relabel (change a namespace), namespaces (delete), flux (write Flux's objects),
# admission, approval, crds (delete), nodes, nodes/proxy, volumes, networkpolicies, wildcard. A name with "!" before
# it is limited to named objects.
package lib.rbac

import data.lib.facts
import data.lib.flux
import data.lib.workload

# Permissions over what is in no namespace: a RoleBinding does not give them.
_clusterwide := {"admission", "approval", "clusterroles", "crds", "nodes", "nodes/proxy", "volumes", "wildcard"}

# What gives an account a permission in a namespace, or with "" in the whole cluster: {"kind", "namespace", "name"
# of the binding, "role": [kind, name], "subject": its index, "place": where the role grants it}. Cluster-wide
# bindings count in every namespace.
grants(ns, name, permission, target) := [object.union(found, {"place": place}) |
	some found in _bindings_of(ns, name, target)
	powers := permissions(found.role, found.namespace)
	place := powers[_held(permission, powers)]
	_reaches(permission, found.namespace)
]

may(ns, name, permission, target) if count(grants(ns, name, permission, target)) > 0

# Bindings of the account whose role is not at hand or cannot be read, so that it may allow anything.
unclear(ns, name, target) := [found |
	some found in _bindings_of(ns, name, target)
	not _clear(found)
]

# The nodes without which there would be no such grant, for `related`.
grant_nodes(grant) := array.concat(
	[{"object": reference(grant.kind, _home(grant), grant.name), "path": path} |
		some path in [["subjects", grant.subject], ["roleRef"]]
	],
	[node | some node in place_nodes(grant.role, grant.namespace, grant.place)],
)

_home(grant) := "" if {
	grant.kind == "ClusterRoleBinding"
} else := grant.namespace

_bindings_of(ns, name, target) := [found |
	some at in {"", target}
	some grant in facts.rbac_grants[at]
	some subject in grant.subjects
	includes(subject[1], ns, name)
	found := {"kind": grant.kind, "namespace": at, "name": grant.name, "role": grant.role, "subject": subject[0]}
]

_clear(found) if {
	powers := permissions(found.role, found.namespace)
	not powers.broken
}

_held(permission, powers) := permission if {
	powers[permission]
} else := "admin"

_reaches(permission, at) if {
	at != ""
	not permission in _clusterwide
}

_reaches(_, "") := true

# Whether the account itself, or every account of its namespace, is bound to anything.
bound(ns, name) if facts.rbac_bound[sprintf("%v/%v", [ns, name])]

bound(ns, _) if facts.rbac_bound[ns]

# Permissions of the role that a binding in this namespace names; undefined where it is not at hand.
permissions(role, _) := facts.rbac_cluster_roles[role[1]] if role[0] == "ClusterRole"

permissions(role, ns) := facts.rbac_roles[ns][role[1]] if role[0] == "Role"

# Whether a subject is this account, or a group that it is in.
includes(key, ns, name) if key == ["account", ns, name]

includes(key, ns, _) if key == ["namespace", ns]

includes(key, _, _) if key[0] == "all"

# The nodes that make a role grant what it grants at this place.
place_nodes(role, ns, place) := [{"object": reference("Role", ns, role[1]), "path": ["rules", place[0]]}] if {
	role[0] == "Role"
} else := array.concat(
	[{"object": reference("ClusterRole", "", place[1]), "path": ["rules", place[0]]} | place[0] >= 0],
	[{"object": reference("ClusterRole", "", place[i]), "path": path} |
		some i, name in place
		i > 0
		some [n, path] in [[i + 1, ["metadata", "labels"]], [i - 1, ["aggregationRule"]]]
		n > 0
		n < count(place)
	],
)

reference(kind, ns, name) := {
	"apiVersion": "rbac.authorization.k8s.io/v1",
	"kind": kind,
	"namespace": ns,
	"name": name,
}

# Accounts that Flux's manifests give the components; the chart names that of source-watcher otherwise.
_usual := workload.components | {"source-watcher-controller"}

# A service account of a Flux controller.
flux_account(ns, name) if {
	name in _usual
	ns in flux.namespaces
}

flux_account(ns, name) if count(users(ns, name)) > 0

flux_account(ns, name) if sprintf("%v/%v", [ns, name]) in flux.param("fluxAccounts", [])

# Controllers that run as this account.
users(ns, name) := [record |
	some record in facts.controllers
	record.namespace == ns
	facts.account_name(record.service_account) == name
]

# The account of a controller that applies manifests, which is cluster-admin by design.
applier_account(ns, name) if {
	name in _appliers
	ns in flux.namespaces
}

applier_account(ns, name) if {
	not name in _usual
	name != "default"
	some record in users(ns, name)
	record.component in _appliers
}

_appliers := {"helm-controller", "kustomize-controller"}

# The nodes that make an account one of Flux; none where its name does.
account_nodes(ns, name) := [{"object": object, "path": path} |
	some record in users(ns, name)
	some path in [array.concat(record.pod, ["serviceAccountName"]), ["metadata", "namespace"]]
	object := {
		"apiVersion": record.apiVersion,
		"kind": record.kind,
		"namespace": record.namespace,
		"name": record.name,
	}
]
