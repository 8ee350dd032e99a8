package flux.cni_enforces_policies_test

import data.flux.cni_enforces_policies as control
import data.lib.facts
import data.lib.netpol_sample_test as net
import data.lib.refs_sample_test as sample

judged(others, params) := {kind |
	some kind, found in {"fail": failures, "unknown": doubts, "manual": open}
	count(found) > 0
} if {
	request := sample.review(net.source({}), params)
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
