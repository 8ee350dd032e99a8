package lib.placement_test

import data.lib.facts
import data.lib.netpol_sample_test as net
import data.lib.placement

test_generic if {
	every key in ["kubernetes.io/os", "topology.kubernetes.io/zone", "topology.ebs.csi.aws.com/zone", "failure-domain.beta.kubernetes.io/region"] {
		placement.generic(key)
	}
	every key in ["pool", "node-role.kubernetes.io/control-plane", "kubernetes.io/hostname", 7] {
		not placement.generic(key)
	}
}

fits(terms, labels) if placement.fits(
	net.workload("a", "Deployment", {"affinity": net.required(terms)}),
	placement.node(net.node("n", labels, [])),
)

test_fits if {
	fits([{"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["n"]}]}], {})
	fits([{"matchExpressions": [{"key": "a", "operator": "Gt", "values": ["1"]}]}], {"a": "2"})
	not fits([{"matchExpressions": [{"key": "a", "operator": "NotIn", "values": ["1"]}]}], {"a": "1"})
	fits([], {})
}

tolerates(toleration, effect) if placement.tolerates(toleration, {"key": "a", "value": "b", "effect": effect})

test_tolerates if {
	tolerates({"operator": "Exists"}, "NoExecute")
	tolerates({"key": "a", "operator": "Exists"}, "NoExecute")
	tolerates({"key": "a", "value": "b", "effect": "NoSchedule"}, "NoSchedule")
	not tolerates({"key": "a", "value": "b", "effect": "NoSchedule"}, "NoExecute")
	not tolerates({"key": "a", "value": "c"}, "NoSchedule")
	not tolerates({"key": "c", "operator": "Exists"}, "NoSchedule")
	not tolerates({"value": "b"}, "NoSchedule")
}

test_node if {
	placement.node(net.node("n", {}, 7)).labels == null
	placement.node(net.node("n", {}, [{"key": 7}])).labels == null
	placement.node(net.node("n", {}, [true])).labels == null
	placement.node(net.node("n", {}, [{"effect": "NoSchedule"}])).labels == null
	placement.node(net.node("n", {"a": 7}, [])).labels == null
	bare := {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n"}}
	placement.node(bare) == {"name": "n", "labels": {"metadata.name": "n"}, "taints": []}
}

test_common if {
	placement.common("node.kubernetes.io/not-ready")
	not placement.common("pool")
	not placement.common(7)
}

test_spec if placement.spec({}) == {}

test_facts if {
	given := {"facts": {key: [key] | some key in ["nodes", "flux_placement", "tenant_tolerations", "flux_hosts", "shared_hosts"]}}
	facts.nodes == ["nodes"] with data.inventory as given
	facts.flux_placement == ["flux_placement"] with data.inventory as given
	facts.tenant_tolerations == ["tenant_tolerations"] with data.inventory as given
	facts.flux_hosts == ["flux_hosts"] with data.inventory as given
	facts.shared_hosts == ["shared_hosts"] with data.inventory as given
}
