package flux.workloads_sandboxed_test

import data.flux.workloads_sandboxed as control
import data.lib.facts
import data.lib.netpol_sample_test as net
import data.lib.refs_sample_test as sample

judged(spec, others, params) := {kind |
	some kind, found in {"warn": warnings, "unknown": doubts, "manual": open}
	count(found) > 0
} if {
	request := sample.review(net.workload("apps", "Deployment", spec), params)
	cluster := net.inventory(array.concat([tenant], others))
	warnings := control.warn with input as request with data.inventory as cluster
	doubts := control.unknown with input as request with data.inventory as cluster
	open := control.manual with input as request with data.inventory as cluster
}

dump := {"mode": "dump"}

tenant := net.namespace("apps", {"toolkit.fluxcd.io/tenant": "apps"})

class(name, handler) := {"apiVersion": "node.k8s.io/v1", "kind": "RuntimeClass", "metadata": {"name": name}, "handler": handler}

gvisor := {"runtimeClassName": "gvisor"}

test_class if {
	judged(gvisor, [class("gvisor", "runsc")], dump) == set()
	judged(gvisor, [class("gvisor", "runc")], dump) == {"warn"}
	judged(gvisor, [class("gvisor", 7)], dump) == {"unknown"}
	judged(gvisor, [], dump) == {"warn"}
	judged(gvisor, [], {"mode": "git"}) == {"manual"}
	judged({}, [], dump) == {"warn"}
	judged({"runtimeClassName": 7}, [], dump) == {"unknown"}
}

kyverno(resources, further) := {
	"apiVersion": "kyverno.io/v1", "kind": "ClusterPolicy", "metadata": {"name": "p"},
	"spec": {"rules": [object.union(
		{
			"match": {"any": [{"resources": resources}]},
			"mutate": {"patchStrategicMerge": {"spec": {"runtimeClassName": "gvisor"}}},
		},
		further,
	)]},
}

mutation(value, match) := {
	"apiVersion": "mutations.gatekeeper.sh/v1", "kind": "Assign", "metadata": {"name": "p"},
	"spec": {"location": "spec.runtimeClassName", "match": match, "parameters": {"assign": {"value": value}}},
}

test_injections if {
	judged({}, [class("gvisor", "runsc"), kyverno({"kinds": ["Pod"]}, {})], dump) == set()
	judged({}, [class("gvisor", "runc"), kyverno({"kinds": ["Pod"]}, {})], dump) == {"manual"}
	judged({}, [class("gvisor", "runsc"), kyverno({"kinds": ["Pod"], "namespaces": ["a"]}, {})], dump) == {"manual"}
	judged({}, [class("gvisor", "runsc"), kyverno({"kinds": ["Pod"]}, {"exclude": {}})], dump) == {"manual"}
	judged({}, [class("gvisor", "runsc"), mutation("gvisor", {})], dump) == set()
	judged({}, [class("gvisor", "runsc"), mutation("gvisor", {"namespaces": ["a"]})], dump) == {"manual"}
	judged({}, [class("gvisor", "runsc"), mutation(7, {})], dump) == {"manual"}
}

test_tenants if {
	open := control.manual with input as sample.review(net.workload("other", "Deployment", gvisor), {"mode": "git"})
	count(open) == 1
	hidden := object.union(
		net.workload("apps", "Deployment", {}),
		{"metadata": {"annotations": {"flux-audit.internal/unknown-paths": "/spec/template/spec"}}},
	)
	some finding in control.unknown with input as hidden with data.inventory as net.inventory([tenant])
	finding.details.path == ["spec", "template", "spec", "runtimeClassName"]
}

test_apart if {
	flux_pod := net.pod("flux-system", "a", "ReplicaSet", {"nodeName": "n1", "containers": [{"name": "manager", "image": "ghcr.io/fluxcd/helm-controller:v1.6.3"}]})
	pod := net.pod("apps", "b", "ReplicaSet", {"nodeName": "n2", "containers": [{"name": "web", "image": "web:1"}]})
	request := sample.review(net.workload("apps", "Deployment", {}), dump)
	not control.subject with input as request with data.inventory as net.inventory([tenant, flux_pod, pod])
	control.subject with input as request with data.inventory as net.inventory([tenant, pod])
}

test_facts if {
	facts.runtime_classes == ["a"] with data.inventory as {"facts": {"runtime_classes": ["a"]}}
	facts.runtime_injections == ["a"] with data.inventory as {"facts": {"runtime_injections": ["a"]}}
}
