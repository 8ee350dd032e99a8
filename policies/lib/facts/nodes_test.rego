package lib.facts_nodes_test

import data.lib.facts

_tolerant := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {"name": "app", "namespace": "team-a"},
	"spec": {"template": {"spec": {"containers": [], "tolerations": [
		{"key": "node.kubernetes.io/not-ready", "operator": "Exists"},
		{"key": "pool", "operator": "Exists"},
		{"operator": "Exists"},
	]}}},
}

test_tolerations_that_many_have_are_left_out if {
	tenant := {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "team-a", "labels": {"toolkit.fluxcd.io/tenant": "a"}}}
	inventory := {
		"cluster": {"v1": {"Namespace": {"team-a": tenant}}},
		"namespace": {"team-a": {"apps/v1": {"Deployment": {"app": _tolerant}}}},
	}
	found := facts.tenant_tolerations with data.inventory as inventory
	found == [{"key": "pool", "operator": "Exists"}, {"operator": "Exists"}]
}
