package lib.rbac_test

import data.lib.rbac
import data.lib.rbac_sample_test as sample
import data.lib.refs_sample_test as workloads

reader := sample.role("reader", [sample.rule([""], ["secrets"], ["get"])])

odd := sample.role("odd", [5])

local := sample.local_role("b", "relabel", [sample.rule([""], ["namespaces", "nodes"], ["patch"])])

cluster := sample.inventory([
	reader, odd, local,
	sample.binding("all", "reader", [sample.group("system:serviceaccounts:a")]),
	sample.local_binding("a", "own", "cluster-admin", [sample.account("a", "x")]),
	object.union(sample.local_binding("b", "here", "relabel", [sample.account("a", "x")]), {"roleRef": {"kind": "Role"}}),
	sample.binding("odd", "odd", [sample.account("a", "y")]),
	sample.binding("lost", "lost", [sample.account("a", "y")]),
])

may(ns, name, permission, target) if {
	rbac.may(ns, name, permission, target) with data.inventory as cluster
}

test_may if {
	may("a", "x", "secrets", "")
	may("a", "other", "secrets", "z")
	not may("b", "x", "secrets", "")
	may("a", "x", "admin", "a")
	may("a", "x", "relabel", "a")
	not may("a", "x", "clusterroles", "a")
	not may("a", "x", "relabel", "")
	may("a", "x", "relabel", "b")
	not may("a", "x", "nodes", "b")
}

test_everybody if {
	everybody := sample.inventory([sample.binding("all", "edit", [sample.group("system:authenticated")])])
	rbac.may("any", "one", "secrets", "") with data.inventory as everybody
}

test_the_nodes_of_grants if {
	grants := rbac.grants("a", "x", "relabel", "b") with data.inventory as cluster
	nodes := rbac.grant_nodes(grants[0])
	{concat("/", [node.object.kind, node.object.namespace, node.object.name]) | some node in nodes} == {"RoleBinding/b/here", "Role/b/relabel"}
	found := rbac.grants("a", "x", "secrets", "") with data.inventory as cluster
	{node.object.kind | some node in rbac.grant_nodes(found[0])} == {"ClusterRole", "ClusterRoleBinding"}
}

test_unclear if {
	found := rbac.unclear("a", "y", "") with data.inventory as cluster
	{grant.name | some grant in found} == {"odd", "lost"}
	every grant in found {
		count(rbac.grant_nodes(grant)) == 2
	}
}

test_bound if {
	rbac.bound("a", "nobody") with data.inventory as cluster
	not rbac.bound("b", "nobody") with data.inventory as cluster
	rbac.bound("c", "x") with data.inventory as {"facts": {"rbac_bound": {"c/x": true}}}
}

test_nodes_of_aggregated_places if {
	nodes := rbac.place_nodes(["ClusterRole", "two"], "", [0, "source", "one", "two"])
	{[node.object.name, node.path[0]] | some node in nodes} == {
		["source", "rules"], ["source", "metadata"], ["one", "metadata"],
		["one", "aggregationRule"], ["two", "aggregationRule"],
	}
	rbac.place_nodes(["ClusterRole", "edit"], "", [-1, "edit"]) == []
}

fleet := workloads.inventory([
	workloads.controller("kustomize-controller", {"namespace": "gitops", "pod": {"serviceAccountName": "applier"}}),
	workloads.controller("helm-controller", {"namespace": "gitops"}),
	workloads.controller("source-controller", {"namespace": "gitops", "pod": {"serviceAccountName": "fetcher"}}),
])

test_flux_accounts if {
	every name in ["applier", "fetcher", "default", "source-watcher-controller", "helm-controller"] {
		rbac.flux_account("gitops", name) with input as reader with data.inventory as fleet
	}
	not rbac.flux_account("apps", "helm-controller") with input as reader with data.inventory as fleet
	rbac.flux_account("a", "b") with input as sample.review(reader, {"fluxAccounts": ["a/b"]})
	rbac.applier_account("gitops", "applier") with input as reader with data.inventory as fleet
	rbac.applier_account("flux-system", "helm-controller") with input as reader with data.inventory as fleet
	every name in ["fetcher", "default", "source-controller"] {
		not rbac.applier_account("gitops", name) with input as reader with data.inventory as fleet
	}
	nodes := rbac.account_nodes("gitops", "fetcher") with data.inventory as fleet
	count(nodes) == 2
}

test_titles if {
	rbac.title(["account", "a", "b"]) == "service account a/b"
	rbac.title(["namespace", "a"]) == "every service account of namespace a"
	rbac.title(["all", "x"]) == "group x"
	rbac.title(["group", "x"]) == "group x"
	rbac.title(["user", "x"]) == "user x"
	rbac.says("!secrets") == "reading secrets, limited to named objects"
	rbac.says("admin") == "everything"
}

given(obj) := object.keys(found) if {
	found := rbac.given with input as obj with data.inventory as cluster
}

test_what_the_binding_gives if {
	given(sample.binding("x", "reader", [])) == {"secrets"}
	given(sample.binding("x", "lost", [])) == set()
	given(sample.binding("x", "odd", [])) == set()
	given(object.union(sample.local_binding("b", "x", "relabel", []), {"roleRef": {"kind": "Role"}})) == {"relabel"}
	given(sample.local_binding("", "x", "cluster-admin", [])) == {"admin"}
	rbac.worst(["tokens", "secrets"]) == {"secrets"} with input as sample.binding("x", "reader", []) with data.inventory as cluster
	rbac.worst(["tokens"]) == set() with input as sample.binding("x", "reader", []) with data.inventory as cluster
	rbac.worst([]) == {"admin"} with input as sample.binding("x", "cluster-admin", [])
	nodes := rbac.given_nodes("secrets") with input as sample.binding("x", "reader", []) with data.inventory as cluster
	nodes[0] == {"path": ["roleRef"]}
	"!secrets" in rbac.limited
}

test_no_binding if {
	not rbac.binding with input as reader
	count(rbac.doubts) == 0 with input as reader
	count(rbac.role_doubts) == 0 with input as reader with data.inventory as cluster
	count(rbac.role_open) == 0 with input as reader
}

test_doubts if {
	subjects := [sample.account("", "x"), sample.group("${X}"), {"kind": "X", "name": "x"}, sample.user("x")]
	found := rbac.doubts with input as sample.local_binding("", "x", "view", subjects)
	sample.paths(found) == {"subjects/0", "subjects/1", "subjects/2", "metadata/namespace"}
	wrong := rbac.doubts with input as object.union(sample.binding("x", "view", []), {"subjects": 5, "roleRef": 5})
	sample.paths(wrong) == {"subjects", "roleRef"}
	veiled := rbac.doubts with input as sample.veiled(sample.binding("x", "view", []), "/roleRef/name")
	sample.paths(veiled) == set()
	hidden := rbac.doubts with input as sample.veiled(sample.binding("x", "view", []), "/roleRef")
	sample.paths(hidden) == {"roleRef"}
}

test_doubts_about_the_role if {
	every name in ["lost", "odd"] {
		found := rbac.role_doubts with input as sample.binding("x", name, []) with data.inventory as cluster
		sample.paths(found) == {"roleRef"}
	}
	count(rbac.role_doubts) == 0 with input as sample.binding("x", "lost", [])
	count(rbac.role_open) == 1 with input as sample.binding("x", "lost", [])
	count(rbac.role_open) == 0 with input as sample.binding("x", "lost", []) with data.inventory as cluster
}

test_names_of_bindings if {
	rbac.reconciler with input as sample.binding("cluster-reconciler-x", "view", [])
	rbac.reconciler with input as sample.binding("x", "cluster-admin", [sample.account("flux-system", "helm-controller")])
	not rbac.reconciler with input as sample.binding("x", "cluster-admin", [sample.account("flux-system", "source-controller")])
	rbac.of_controllers with input as sample.binding("x", "crd-controller-y", [])
	not rbac.of_controllers with input as sample.binding("x", "crd-controllers", [])
}

test_the_role_under_review if {
	rbac.role_named("flux-view") with input as sample.role("flux-view-x", [])
	not rbac.role_named("flux-view") with input as sample.role("flux-viewer", [])
	not rbac.role_named("flux-view") with input as sample.binding("flux-view", "view", [])
	found := rbac.beyond_flux with input as object.union(
		sample.role("x", [sample.rule(["", "helm.toolkit.fluxcd.io"], ["*"], ["get"]), sample.rule(["x"], [], []), {"nonResourceURLs": ["/x"]}]),
		{"aggregationRule": {}},
	)
	sample.paths(found) == {"rules/0/apiGroups/0", "rules/1/apiGroups/0", "rules/2/nonResourceURLs/0", "aggregationRule"}
	labels := rbac.aggregate_labels with input as object.union(reader, {"metadata": {"labels": {"rbac.authorization.k8s.io/aggregate-to-edit": "true"}}})
	object.keys(labels) == {"edit"}
	unread := rbac.unreadable with input as sample.veiled(object.union(odd, {"metadata": {"labels": 5}}), "/aggregationRule")
	sample.paths(unread) == {"rules/0", "metadata/labels", "aggregationRule"}
}
