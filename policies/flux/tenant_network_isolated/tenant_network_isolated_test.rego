package flux.tenant_network_isolated_test

import data.flux.tenant_network_isolated as control
import data.lib.netpol_sample_test as net
import data.lib.refs_sample_test as sample

judged(obj, others, params) := {sprintf("%v %v", [kind, path]) |
	some kind, found in {"warn": warnings, "unknown": doubts, "manual": open}
	some path in sample.paths(found)
} if {
	request := sample.review(obj, params)
	cluster := net.inventory(array.concat([obj], others))
	warnings := control.warn with input as request with data.inventory as cluster
	doubts := control.unknown with input as request with data.inventory as cluster
	open := control.manual with input as request with data.inventory as cluster
}

tenant := net.namespace("apps", {"toolkit.fluxcd.io/tenant": "apps"})

policy(spec) := [net.policy_in("apps", "a", spec)]

dump := {"mode": "dump"}

hard := {"mode": "dump", "profiles": ["base", "shared", "hard"]}

warning := {"warn metadata/name"}

test_ingress if {
	judged(tenant, policy({}), dump) == set()
	judged(tenant, [], dump) == warning
	judged(tenant, policy({"podSelector": {"matchLabels": {"a": "b"}}}), dump) == warning
	judged(tenant, policy({"ingress": [{}]}), dump) == warning
	judged(tenant, policy({"ingress": [{}]}), {"mode": "git"}) == warning
	judged(tenant, policy({"podSelector": 7}), dump) == {"unknown metadata/name"}
	judged(tenant, [], {"mode": "git"}) == {"manual metadata/name"}
}

test_egress if {
	judged(tenant, policy({}), hard) == warning
	judged(tenant, policy({"policyTypes": ["Ingress", "Egress"]}), hard) == set()
	judged(tenant, policy({"egress": [{}]}), hard) == warning
}

test_tenants if {
	not control.subject with input as net.namespace("apps", {})
	control.subject with input as tenant
	control.subject with input as sample.review(net.namespace("apps", {}), {"tenantNamespaces": ["apps"]})
	judged(net.namespace("apps", 7), [], dump) == {"unknown metadata/labels"}
	not control.subject with input as net.namespace("kube-system", 7)
}

deny := {"policyTypes": ["Ingress"]}

malformed := net.policy_in("apps", "b", {"podSelector": 7})

test_a_malformed_policy_does_not_matter_beside_one_that_forbids if {
	judged(tenant, array.concat(policy(deny), [malformed]), dump) == set()
	judged(tenant, [malformed], {"mode": "git"}) == {"unknown metadata/name"}
}

# A policy that is not evaluated.
foreign(kind, metadata) := {"apiVersion": "cilium.io/v2", "kind": kind, "metadata": metadata, "spec": {"ingress": []}}

test_policies_of_other_kinds if {
	judged(tenant, [foreign("CiliumClusterwideNetworkPolicy", {"name": "a"})], dump) == {"unknown metadata/name"}
	judged(tenant, [foreign("CiliumNetworkPolicy", {"name": "a", "namespace": "apps"})], dump) == {"unknown metadata/name"}
	judged(tenant, [foreign("CiliumNetworkPolicy", {"name": "a", "namespace": "flux-system"})], dump) == warning
}

related(obj, others, params) := {finding.details.related | some finding in found} if {
	request := sample.review(obj, params)
	cluster := net.inventory(array.concat([obj], others))
	found := control.warn | control.unknown with input as request with data.inventory as cluster
}

# The node of a policy of the tenant.
node(name) := {
	"object": {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "namespace": "apps", "name": name},
	"path": ["spec"],
}

test_the_nodes_of_a_finding if {
	why := [
		{
			"object": {"apiVersion": "v1", "kind": "Namespace", "namespace": "", "name": "apps"},
			"path": ["metadata", "labels", "toolkit.fluxcd.io/tenant"],
		},
		{"path": ["metadata", "labels"]},
	]
	related(tenant, policy({"ingress": [{}]}), dump) == {array.concat(why, [node("a")])}
	related(tenant, policy({"podSelector": {"matchLabels": {"a": "b"}}}), dump) == {array.concat(why, [node("a")])}
	related(tenant, [malformed], dump) == {[node("b")]}
}

test_other_objects_are_not_meant if {
	every labels in [{}, {"a": "b"}] {
		judged(net.namespace("apps", labels), [], hard) == set()
	}
	judged(net.namespace("kube-system", 7), [], hard) == set()
	judged(net.namespace("apps", 7), [], hard) == {"unknown metadata/labels"}
	not control.subject with input as object.union(tenant, {"kind": "ConfigMap"})
	not control.subject with input as object.union(tenant, {"apiVersion": "serving.knative.dev/v1"})
}
