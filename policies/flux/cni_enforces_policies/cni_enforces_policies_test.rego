package flux.cni_enforces_policies_test

import data.flux.cni_enforces_policies as control
import data.lib.facts
import data.lib.netpol_sample_test as net
import data.lib.refs_sample_test as sample

judged(others, params) := {kind | some kind, number in counted(net.source({}), others, params); number > 0}

# The number of findings of each kind.
counted(obj, others, params) := {"fail": count(failures), "unknown": count(doubts), "manual": count(open)} if {
	request := sample.review(obj, params)
	cluster := net.inventory(others)
	failures := control.violation with input as request with data.inventory as cluster
	doubts := control.unknown with input as request with data.inventory as cluster
	open := control.manual with input as request with data.inventory as cluster
}

dump := {"mode": "dump"}

agent(name, container, args) := {
	"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": name, "namespace": "kube-system"},
	"spec": {"template": {"spec": {"containers": [{"name": container, "image": sprintf("a/%v:v1", [container]), "args": args}]}}},
}

flannel := agent("kube-flannel-ds", "kube-flannel", [])

calico := agent("x", "calico-node", [])

config(data_) := {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "cilium-config", "namespace": "kube-system"}, "data": data_}

node(args) := {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n", "annotations": {"k3s.io/node-args": args}}}

test_agents if {
	judged([flannel], dump) == {"fail"}
	judged([flannel], {}) == {"manual"}
	judged([flannel], {"mode": "git"}) == {"manual"}
	judged([calico], dump) == set()
	judged([calico, flannel], dump) == set()
	judged([], dump) == {"manual"}
	judged([agent("kindnet", "a", [])], dump) == {"manual"}
	judged([object.union(calico, {"status": {"desiredNumberScheduled": 0}})], dump) == {"manual"}
	judged([object.union(calico, {"metadata": {"namespace": "flux-system"}})], dump) == {"manual"}
	judged([object.union(calico, {"metadata": {"namespace": "t"}})], {"mode": "dump", "tenantNamespaces": ["t"]}) == {"manual"}
}

test_arguments if {
	judged([agent("x", "aws-eks-nodeagent", ["--enable-network-policy=true"])], dump) == set()
	judged([agent("x", "aws-eks-nodeagent", [7])], dump) == {"fail"}
	judged([agent("kube-router", "x", [])], dump) == set()
	judged([agent("kube-router", "x", ["--run-firewall=false"])], dump) == {"fail"}
}

test_settings if {
	cilium := agent("cilium", "cilium-agent", [])
	judged([cilium, config({})], dump) == set()
	judged([cilium, config({"enable-policy": "always"})], dump) == set()
	judged([cilium, config({"enable-policy": "never"})], dump) == {"fail"}
	judged([cilium, config({"enable-policy": 7})], dump) == {"unknown"}
	judged([node("[]")], dump) == {"manual"}
	judged([node(7)], dump) == {"manual"}
	judged([node("[\"--disable-network-policy\"]")], dump) == {"fail"}
}

test_pods if {
	pod := {
		"apiVersion": "v1", "kind": "Pod",
		"metadata": {"name": "p", "namespace": "kube-system", "ownerReferences": [{"kind": "DaemonSet", "name": "a", "controller": true}]},
		"spec": {"containers": [{"name": "calico-node", "image": "a"}]},
	}
	judged([pod], dump) == set()
	not control.subject with input as sample.controller("helm-controller", {})
	facts.network_plugins == ["x"] with data.inventory as {"facts": {"network_plugins": ["x"]}}
}

# Where policies are switched off, a setting is no text, and a plugin may enforce policies or not.
never := [agent("cilium", "cilium-agent", []), config({"enable-policy": "never"})]

odd := [agent("cilium", "cilium-agent", []), config({"enable-policy": 7})]

kindnet := agent("kindnet", "a", [])

test_what_stands_in_git_is_not_what_runs if {
	every params in [{"mode": "git"}, {"mode": "render"}] {
		every others in [never, odd, [kindnet], [flannel], [calico], []] {
			counted(net.source({}), others, params) == {"fail": 0, "unknown": 0, "manual": 1}
		}
	}
}

test_what_admission_sees_runs if {
	counted(net.source({}), never, {}) == {"fail": 1, "unknown": 0, "manual": 0}
	counted(net.source({}), odd, {}) == {"fail": 0, "unknown": 1, "manual": 0}
	counted(net.source({}), [calico], {}) == {"fail": 0, "unknown": 0, "manual": 0}
	counted(net.source({}), [kindnet], {}) == {"fail": 0, "unknown": 0, "manual": 1}
}

test_a_plugin_that_may_enforce_policies if {
	counted(net.source({}), [kindnet], dump) == {"fail": 0, "unknown": 0, "manual": 1}
	counted(net.source({}), [kindnet, flannel], dump) == {"fail": 0, "unknown": 0, "manual": 1}
	counted(net.source({}), [kindnet, calico], dump) == {"fail": 0, "unknown": 0, "manual": 0}
}

test_controllers_without_artifacts_are_not_meant if {
	every others in [never, odd, [kindnet], [flannel], []] {
		counted(sample.controller("helm-controller", {}), others, dump) == {"fail": 0, "unknown": 0, "manual": 0}
	}
}
