package lib.facts_rbac_test

import data.lib.facts
import data.lib.rbac_sample_test as sample

given(rule) := found if {
	found := facts.rbac_dangers(rule)
}

core(resources, verbs) := sample.rule([""], resources, verbs)

test_dangers if {
	given(core(["secrets"], ["get"])) == {"secrets"}
	given(core(["secrets"], ["create"])) == set()
	given(core(["pods"], ["*"])) == set()
	given(core(["*/exec"], ["create"])) == {"exec"}
	given(core(["namespaces"], ["*"])) == {"namespaces", "relabel"}
	given(core(["*"], ["impersonate"])) == {"impersonate", "wildcard"}
	given(sample.rule(["authentication.k8s.io"], ["userextras/scopes"], ["impersonate"])) == {"impersonate"}
	given(sample.rule(["*"], ["roles"], ["bind"])) == {"bind"}
	given(sample.rule(["helm.toolkit.fluxcd.io"], ["helmreleases"], ["patch"])) == {"flux"}
	given(sample.rule(["helm.toolkit.fluxcd.io"], ["*"], ["patch"])) == {"flux"}
	given(object.union(core(["secrets"], ["get"]), {"resourceNames": ["a"]})) == {"!secrets"}
	given({"nonResourceURLs": ["*"], "verbs": ["*"]}) == set()
	given({"resources": ["secrets"], "verbs": ["get"], "apiGroups": null}) == set()
}

test_unreadable_rules if {
	every rule in [5, null, core("secrets", ["get"]), core(["secrets"], [5])] {
		given(rule) == {"broken"}
	}
}

test_keys if {
	facts.rbac_key(sample.account("a", "b")) == ["account", "a", "b"]
	facts.rbac_key({"kind": "ServiceAccount", "name": "b"}) == ["account", "", "b"]
	facts.rbac_key(sample.user("system:serviceaccount:a:b")) == ["account", "a", "b"]
	facts.rbac_key(sample.user("system:serviceaccount:a")) == ["user", "system:serviceaccount:a"]
	facts.rbac_key(sample.user("jane")) == ["user", "jane"]
	facts.rbac_key(sample.group("system:serviceaccounts:a")) == ["namespace", "a"]
	facts.rbac_key(sample.group("system:serviceaccounts")) == ["all", "system:serviceaccounts"]
	facts.rbac_key(sample.group("devs")) == ["group", "devs"]
	every subject in [5, {}, {"kind": "Group"}, {"kind": "User", "name": 5}, {"kind": "X", "name": "x"}] {
		facts.rbac_key(subject) == ["unreadable"]
	}
}

reader := core(["secrets"], ["get"])

test_roles if {
	cluster := sample.inventory([
		sample.role("reader", [core(["pods"], ["get"]), reader, reader]),
		sample.role("god", [reader, sample.everything]),
		sample.role("odd", 5),
		object.union(sample.role("odd-aggregation", []), {"aggregationRule": {"clusterRoleSelectors": [{"matchLabels": 5}]}}),
		sample.local_role("a", "local", [reader]),
	])
	roles := facts.rbac_cluster_roles with data.inventory as cluster
	roles.reader == {"secrets": [1, "reader"]}
	roles.god == {"admin": [1, "god"]}
	roles.odd == {"broken": [0, "odd"]}
	roles["odd-aggregation"] == {"broken": [0, "odd-aggregation"]}
	roles["cluster-admin"] == {"admin": [-1, "cluster-admin"]}
	roles.view == {}
	local := facts.rbac_roles with data.inventory as cluster
	local == {"a": {"local": {"secrets": [0, "local"]}}}
}

labelled(name, labels, rules) := object.union(sample.role(name, rules), {"metadata": {"labels": labels}})

aggregating(name, labels, selectors) := object.union(
	sample.role(name, []),
	{"metadata": {"labels": labels}, "aggregationRule": {"clusterRoleSelectors": selectors}},
)

test_aggregation if {
	cluster := sample.inventory([
		labelled("source", {"to": "one", "x": "y"}, [reader]),
		aggregating("one", {"to": "two"}, [{"matchLabels": {"to": "one"}}]),
		aggregating("two", {"to": "three", "rbac.authorization.k8s.io/aggregate-to-view": "true"}, [{"matchLabels": {"to": "two"}}]),
		aggregating("none", {}, [{"matchLabels": {"to": "none"}}, 5]),
		aggregating("all", {}, [{}]),
	])
	roles := facts.rbac_cluster_roles with data.inventory as cluster
	roles.one == {"secrets": [0, "source", "one"]}
	roles.two == {"secrets": [0, "source", "one", "two"]}
	roles.view == {"secrets": [0, "source", "one", "two", "view"]}
	roles.all.secrets[1] == "source"
	roles.none == {"broken": [0, "none"]}
}

test_expressions if {
	every expression, want in {
		{"key": "to", "operator": "Exists"}: true,
		{"key": "from", "operator": "Exists"}: false,
		{"key": "from", "operator": "DoesNotExist"}: true,
		{"key": "to", "operator": "DoesNotExist"}: false,
		{"key": "to", "operator": "In", "values": ["one"]}: true,
		{"key": "to", "operator": "In", "values": ["two"]}: false,
		{"key": "to", "operator": "NotIn", "values": ["two"]}: true,
		{"key": "to", "operator": "NotIn", "values": ["one"]}: false,
		{"key": "to", "operator": "Near"}: false,
	} {
		cluster := sample.inventory([
			labelled("source", {"to": "one"}, [reader]),
			aggregating("one", {}, [{"matchExpressions": [expression]}]),
		])
		roles := facts.rbac_cluster_roles with data.inventory as cluster
		count(roles.one) == 1 == want
	}
}

test_bindings if {
	cluster := sample.inventory([
		sample.local_role("a", "harmless", []),
		sample.binding("view", "view", [sample.account("a", "x")]),
		sample.binding("edit", "edit", [sample.account("a", "y"), sample.group("system:serviceaccounts:b"), sample.user("jane")]),
		sample.local_binding("a", "missing", "nothing", [sample.account("c", "z")]),
		object.union(sample.local_binding("a", "harmless", "harmless", []), {"roleRef": {"kind": "Role"}}),
		object.union(sample.local_binding("b", "odd", "admin", []), {"subjects": 5, "roleRef": 5}),
		sample.service_account("a", "x", {}),
		sample.service_account("a", "b", {}),
	])
	grants := facts.rbac_grants with data.inventory as cluster
	{ns: [grant.name | some grant in found] | some ns, found in grants} == {"": ["edit"], "a": ["missing"], "b": ["odd"]}
	grants.b[0].subjects == [[0, ["unreadable"]]]
	bound := facts.rbac_bound with data.inventory as cluster
	bound == {"a/x": true, "a/y": true, "b": true, "c/z": true}
	strays := facts.rbac_strays with data.inventory as cluster
	strays == {"a": [["missing", 0, "c", "z"]]}
	names := facts.account_names with data.inventory as cluster
	names == {"a": ["b", "x"]}
}

test_without_a_namespace if {
	cluster := {"namespace": {"": {"rbac.authorization.k8s.io/v1": {"RoleBinding": {"x": sample.binding("x", "edit", [sample.account("a", "x")])}}}}}
	grants := facts.rbac_grants with data.inventory as cluster
	object.keys(grants) == {"?"}
}

test_nothing_at_hand if {
	every cluster in [{}, {"cluster": 5, "namespace": 5}, {"namespace": {"a": 5}}] {
		grants := facts.rbac_grants with data.inventory as cluster
		grants == {}
		bound := facts.rbac_bound with data.inventory as cluster
		bound == {}
		strays := facts.rbac_strays with data.inventory as cluster
		strays == {}
		roles := facts.rbac_roles with data.inventory as cluster
		roles == {}
		names := facts.account_names with data.inventory as cluster
		names == {}
		every name in ["admin", "edit", "view"] {
			facts.rbac_cluster_roles[name] with data.inventory as cluster
		}
	}
}

test_handed_back if {
	every name in ["rbac_bound", "rbac_cluster_roles", "rbac_grants", "rbac_roles", "rbac_strays", "account_names", "tenant_accounts", "restorers"] {
		facts[name] == {"x": 1} with data.inventory as {"facts": {name: {"x": 1}}}
	}
}

test_accounts_of_tenants if {
	cluster := sample.inventory([
		sample.tenant("a"),
		sample.applier("Kustomization", "a", "one", {"serviceAccountName": "x"}),
		sample.applier("HelmRelease", "a", "two", {"serviceAccountName": "x"}),
		sample.applier("HelmRelease", "a", "three", {"serviceAccountName": ""}),
		sample.applier("HelmRelease", "b", "four", {"serviceAccountName": "z"}),
		sample.service_account("a", "y", {"toolkit.fluxcd.io/tenant": "t"}),
		sample.service_account("b", "y", {}),
	])
	accounts := facts.tenant_accounts with data.inventory as cluster
	object.keys(accounts) == {"a"}
	{name: account.tenant | some name, account in accounts.a} == {"x": "a", "y": "t"}
}

test_restorers if {
	labels := {"kustomize.toolkit.fluxcd.io/name": "p", "kustomize.toolkit.fluxcd.io/namespace": "f"}
	cluster := sample.inventory([
		object.union(sample.binding("x", "view", []), {"metadata": {"labels": labels}}),
		sample.applier("Kustomization", "f", "p", {"interval": "1h"}),
		sample.applier("Kustomization", "f", "q", {"interval": "1h"}),
	])
	found := facts.restorers with data.inventory as cluster
	found == {"f/p": {
		"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "namespace": "f", "name": "p",
		"interval": "1h", "suspend": null, "prune": null,
	}}
}
