package flux.crd_controller_role_test

import data.flux.crd_controller_role as control
import data.lib.rbac_sample_test as sample
import data.lib.refs_sample_test as workloads

role(rules) := sample.role("crd-controller-flux-system", rules)

messages(rules, cluster) := {finding.msg | some finding in found} if {
	found := control.violation with input as role(rules) with data.inventory as cluster
}

core(resources, verbs) := sample.rule([""], resources, verbs)

test_upstream if {
	rules := [
		sample.rule(["source.toolkit.fluxcd.io"], ["*"], ["*"]), core(["secrets"], ["get"]), core(["configmaps"], ["delete"]),
		sample.rule(["coordination.k8s.io"], ["leases"], ["update"]), {"nonResourceURLs": ["/livez/ping"], "verbs": ["head"]},
	]
	control.subject with input as role(rules)
	messages(rules, {}) == set()
}

test_more if {
	messages([core(["secrets"], ["get", "delete", "create"])], {}) == {"it allows more than flux needs: create, delete of secrets"}
	messages([sample.rule(["apps"], ["deployments"], ["*"])], {}) == {"it allows more than flux needs: * of deployments.apps"}
	messages([{"nonResourceURLs": ["/livez/ping"], "verbs": ["get"]}], {}) == {"it allows more than flux needs: get of the URL /livez/ping"}
	many := [core(["a", "b", "c", "d", "e", "f"], ["get"])]
	some msg in messages(many, {})
	endswith(msg, "get of e")
	count(control.violation) == 1 with input as object.union(role([]), {"aggregationRule": {}})
}

operator := workloads.inventory([workloads.controller("x", {
	"image": "ghcr.io/controlplaneio-fluxcd/flux-operator:v0.58.1", "labels": {}, "pod_labels": {},
})])

test_the_operator if {
	rules := [sample.rule(["fluxcd.controlplane.io"], ["*"], ["*"])]
	count(messages(rules, {})) == 1
	messages(rules, operator) == set()
	marked := object.union(role(rules), {"metadata": {"labels": {"app.kubernetes.io/managed-by": "flux-operator"}}})
	count(control.violation) == 0 with input as marked
}

test_unreadable if {
	found := control.unknown with input as role([5, core("secrets", ["get"])])
	sample.paths(found) == {"rules/0", "rules/1/resources"}
}

test_other_roles_are_not_meant if {
	every more in [{}, {"aggregationRule": {}}, {"rules": [5]}] {
		obj := object.union(sample.role("crd-controllers", [core(["pods"], ["*"])]), more)
		not control.subject with input as obj
		count(control.violation | control.unknown) == 0 with input as obj
	}
}
