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
