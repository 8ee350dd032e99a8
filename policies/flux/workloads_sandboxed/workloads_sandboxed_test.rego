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

# The paths of all findings about an object, by their sort; a path stands as often as it is told.
paths(obj, others, params) := {kind: sort([finding.details.path | some finding in found]) |
	some kind, found in {"warn": warnings, "unknown": doubts, "manual": open}
	count(found) > 0
} if {
	request := sample.review(obj, params)
	cluster := net.inventory(others)
	warnings := control.warn with input as request with data.inventory as cluster
	doubts := control.unknown with input as request with data.inventory as cluster
	open := control.manual with input as request with data.inventory as cluster
}

veiled(obj, path) := object.union(obj, {"metadata": {"annotations": {"flux-audit.internal/unknown-paths": path}}})

place := ["spec", "template", "spec", "runtimeClassName"]

test_runtimes_that_share_the_kernel_are_no_sandbox if {
	every handler in ["crun", "nvidia", "nvidia-legacy", "runc", "youki"] {
		judged(gvisor, [class("gvisor", handler)], dump) == {"warn"}
	}
}

test_runtimes_with_a_kernel_of_their_own_are_sandboxes if {
	every handler in ["kata", "firecracker"] {
		judged(gvisor, [class("gvisor", handler)], dump) == set()
	}
}

test_the_runtime_class_decides if {
	request := sample.review(net.workload("apps", "Deployment", gvisor), dump)
	node := {
		"object": {"apiVersion": "node.k8s.io/v1", "kind": "RuntimeClass", "namespace": "", "name": "gvisor"},
		"path": ["handler"],
	}
	every handler in ["runc", 7] {
		cluster := net.inventory([tenant, class("gvisor", handler)])
		some finding in (control.warn | control.unknown) with input as request with data.inventory as cluster
		finding.details == {"path": place, "related": [node]}
	}
}

test_no_class_is_no_class_however_it_is_written if {
	every spec in [{}, {"runtimeClassName": null}, {"runtimeClassName": ""}] {
		judged(spec, [], {"mode": "git"}) == {"warn"}
	}
}

test_a_policy_matters_to_pods_without_a_class if {
	policy := kyverno({"kinds": ["Pod"]}, {})
	judged(gvisor, [class("gvisor", "runsc"), kyverno({"kinds": ["Pod"], "namespaces": ["a"]}, {})], dump) == set()
	judged({}, [class("gvisor", 7), policy], dump) == {"manual"}
	judged({}, [policy], dump) == {"manual"}
}

test_what_is_hidden_is_unknown_and_nothing_else if {
	every spec, others in {
		{}: [],
		{"dnsPolicy": "Default"}: [kyverno({"kinds": ["Pod"]}, {})],
		gvisor: [],
		{"runtimeClassName": "plain"}: [class("plain", "runc")],
		{"runtimeClassName": "odd"}: [class("odd", 7)],
	} {
		obj := veiled(net.workload("apps", "Deployment", spec), "/spec/template/spec/runtimeClassName")
		paths(obj, array.concat([tenant], others), dump) == {"unknown": [place]}
	}
}

test_what_else_is_hidden_does_not_matter if {
	obj := veiled(net.workload("apps", "Deployment", gvisor), "/spec/replicas")
	paths(obj, [tenant, class("gvisor", "runsc")], dump) == {}
}

test_what_is_no_tenants_is_not_meant if {
	obj := veiled(net.workload("apps", "Deployment", {}), "/spec/template/spec")
	paths(obj, [net.namespace("apps", {})], dump) == {}
}

# A pod of Flux on the node n1.
flux_pod := net.pod("flux-system", "a", "ReplicaSet", {
	"nodeName": "n1",
	"containers": [{"name": "manager", "image": "ghcr.io/fluxcd/helm-controller:v1.6.3"}],
})

# A pod of some workload on this node.
lodger(ns, node) := net.pod(ns, "b", "ReplicaSet", {"nodeName": node, "containers": [{"name": "web", "image": "web:1"}]})

test_only_a_dump_shows_that_nodes_are_not_shared if {
	others := [tenant, flux_pod, lodger("apps", "n2")]
	paths(net.workload("apps", "Deployment", {}), others, dump) == {}
	paths(net.workload("apps", "Deployment", {}), others, {"mode": "render"}) == {"warn": [place]}
}

# Which pods are a tenant's is not known where the labels of the namespace are not.
test_whose_the_namespace_is_has_to_be_known if {
	others := [net.namespace("apps", 7), flux_pod, lodger("apps", "n1")]
	paths(net.workload("apps", "Deployment", {}), others, dump) == {"unknown": [["metadata", "namespace"]]}
}

test_nodes_that_other_tenants_share_do_not_matter if {
	tenants := [net.namespace(ns, {"toolkit.fluxcd.io/tenant": ns}) | some ns in ["apps", "shop", "apps-2"]]
	params := {"mode": "dump", "crossTenantIsolation": true}
	neighbours := [flux_pod, lodger("shop", "n3"), lodger("apps-2", "n3")]
	apart := array.concat(tenants, array.concat(neighbours, [lodger("apps", "n2")]))
	paths(net.workload("apps", "Deployment", {}), apart, params) == {}
	together := array.concat(tenants, array.concat(neighbours, [lodger("apps", "n3")]))
	paths(net.workload("apps", "Deployment", {}), together, params) == {"warn": [place]}
}
