package flux.tenants_off_flux_nodes_test

import data.flux.tenants_off_flux_nodes as control
import data.lib.netpol_sample_test as net
import data.lib.refs_sample_test as sample

judged(obj, others, params) := {sprintf("%v %v", [kind, path]) |
	some kind, found in {"fail": failures, "warn": warnings, "unknown": doubts, "manual": open}
	some path in sample.paths(found)
} if {
	request := sample.review(obj, params)
	cluster := net.inventory(array.concat([obj], others))
	failures := control.violation with input as request with data.inventory as cluster
	warnings := control.warn with input as request with data.inventory as cluster
	doubts := control.unknown with input as request with data.inventory as cluster
	open := control.manual with input as request with data.inventory as cluster
}

shared := {"mode": "dump", "profiles": ["base", "shared"]}

hard := {"mode": "dump", "profiles": ["base", "shared", "hard"]}

crossing(profile) := {"mode": "dump", "profiles": ["base", "shared", profile], "crossTenantIsolation": true}

tenant := net.namespace("apps", {"toolkit.fluxcd.io/tenant": "apps"})

other_tenant := net.namespace("shop", {"toolkit.fluxcd.io/tenant": "shop"})

flux_pod := net.pod("flux-system", "a", "ReplicaSet", {"nodeName": "n1", "containers": [{"name": "manager", "image": "ghcr.io/fluxcd/helm-controller:v1.6.3"}]})

pod(ns, node, kind) := net.pod(ns, sprintf("web-%v", [node]), kind, {"nodeName": node, "containers": [{"name": "web", "image": "web:1"}]})

controller := sample.controller("helm-controller", {"pod": net.placed("flux")})

test_sharing if {
	judged(flux_pod, [tenant, pod("apps", "n1", "ReplicaSet")], shared) == {"warn spec/nodeName"}
	judged(flux_pod, [tenant, pod("apps", "n1", "ReplicaSet")], hard) == {"fail spec/nodeName"}
	judged(flux_pod, [tenant, pod("apps", "n2", "ReplicaSet")], hard) == set()
	judged(flux_pod, [tenant, pod("apps", "n1", "DaemonSet")], hard) == set()
	judged(flux_pod, [pod("apps", "n1", "ReplicaSet")], hard) == set()
	finished := object.union(pod("apps", "n1", "Job"), {"status": {"phase": "Failed"}})
	judged(flux_pod, [tenant, finished], hard) == set()
}

test_pods_of_flux if {
	judged(controller, [flux_pod], shared) == set()
	judged(controller, [], shared) == {"unknown spec/template/spec/nodeName"}
	judged(controller, [], {"mode": "git"}) == {"manual spec/template/spec/nodeName"}
}

test_tenants_together if {
	pods := [tenant, other_tenant, pod("shop", "n2", "ReplicaSet"), pod("shop", "n3", "ReplicaSet")]
	judged(pod("apps", "n3", "ReplicaSet"), pods, crossing("hard")) == {"fail spec/nodeName"}
	judged(pod("apps", "n3", "ReplicaSet"), pods, crossing("shared")) == {"warn spec/nodeName"}
	judged(pod("apps", "n1", "ReplicaSet"), pods, crossing("hard")) == set()
	judged(pod("apps", "n3", "ReplicaSet"), pods, hard) == set()
}

# The verdict on a tenant's workload with this placement.
placed(kind, spec) := judged(net.workload("apps", kind, spec), [tenant, controller, flux_pod], shared)

test_placement if {
	placed("Deployment", {}) == set()
	placed("Deployment", {"tolerations": [{"key": "pool", "value": "flux"}]}) == {"fail spec/template/spec/tolerations/0"}
	placed("Deployment", {"tolerations": [{"key": "pool", "operator": "Exists"}]}) == {"fail spec/template/spec/tolerations/0"}
	placed("Deployment", {"tolerations": [{"key": "pool", "value": "apps"}]}) == set()
	placed("Deployment", {"tolerations": [{"operator": "Exists"}]}) == {"fail spec/template/spec/tolerations/0"}
	placed("DaemonSet", {"tolerations": [{"operator": "Exists"}]}) == {"warn spec/template/spec/tolerations/0"}
	placed("Deployment", {"nodeSelector": {"pool": "flux"}}) == {"fail spec/template/spec/nodeSelector/pool"}
	placed("Deployment", {"nodeSelector": {"pool": "apps"}}) == set()
	placed("Deployment", {"nodeName": "n1"}) == {"fail spec/template/spec/nodeName"}
	placed("Deployment", {"tolerations": 7}) == {"unknown spec/template/spec/tolerations"}
	required := [{"matchExpressions": [{"key": "pool", "operator": "In", "values": ["flux"]}]}]
	placed("Deployment", {"affinity": net.required(required)}) == {"fail spec/template/spec/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms"}
	odd := object.union(controller, {"spec": {"template": {"spec": {"tolerations": [{"key": "pool", "operator": "Exists"}]}}}})
	judged(net.workload("apps", "Deployment", {"tolerations": [{"key": "pool", "value": "x"}]}), [tenant, odd], shared) == {"fail spec/template/spec/tolerations/0"}
}

test_pods if {
	naked := net.pod("apps", "web", "Rollout", {"nodeName": "n2", "containers": []})
	judged(naked, [tenant], shared) == set()
	judged(naked, [tenant], {"mode": "git"}) == {"fail spec/nodeName"}
}

test_undecided if {
	hidden := object.union(
		net.workload("apps", "Deployment", {}),
		{"metadata": {"annotations": {"flux-audit.internal/unknown-paths": "/spec/template/spec/affinity"}}},
	)
	judged(hidden, [tenant], shared) == {"unknown spec/template/spec/affinity"}
	judged(net.workload("apps", "Deployment", {}), [], {"mode": "git"}) == {"manual metadata/namespace"}
	judged(net.workload("apps", "Deployment", {}), [net.namespace("apps", 7)], {"mode": "git"}) == {"unknown metadata/namespace"}
}
