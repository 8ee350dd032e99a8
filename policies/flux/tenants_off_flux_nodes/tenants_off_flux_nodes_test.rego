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

test_placement_that_keeps_off_the_nodes_of_flux if {
	every spec in [
		{"nodeSelector": {"tier": "flux"}},
		{"nodeSelector": {"pool": "apps"}, "nodeName": null},
		{"nodeSelector": {"pool": "apps"}, "nodeName": ""},
		{"affinity": net.required([{"matchExpressions": [{"key": "pool", "operator": "NotIn", "values": ["flux"]}]}])},
	] {
		placed("Deployment", spec) == set()
	}
	placed("DaemonSet", {"tolerations": [{"key": "disk", "operator": "Exists"}]}) == set()
}

# Placement of which each part leads to the nodes of Flux.
greedy := {"tolerations": [{"operator": "Exists"}], "nodeName": "n1"}

# The workload with an owner that is judged in its place.
made(obj) := object.union(obj, {"metadata": {"ownerReferences": [owner]}}) if {
	owner := {"kind": "Deployment", "name": "web", "controller": true}
}

test_workloads_that_are_no_tenants_may_run_there if {
	platform := net.namespace("monitoring", {})
	every kind in ["DaemonSet", "Deployment"] {
		every spec in [greedy, {"tolerations": 7}] {
			judged(net.workload("monitoring", kind, spec), [platform, controller, flux_pod], shared) == set()
		}
	}
	hidden := {"metadata": {"annotations": {"flux-audit.internal/unknown-paths": "/spec"}}}
	judged(object.union(net.workload("monitoring", "Deployment", {}), hidden), [platform], shared) == set()
	not control.subject with input as sample.review(net.workload("kube-system", "Deployment", greedy), shared)
}

test_what_a_workload_made_is_judged_with_the_workload if {
	replicas := made(net.workload("apps", "ReplicaSet", greedy))
	judged(replicas, [tenant, controller, flux_pod], shared) == set()
	judged(replicas, [], {"mode": "git"}) == set()
	judged(replicas, [net.namespace("apps", 7)], shared) == set()
}

test_where_the_tenant_is_open_the_placement_is_not_judged if {
	judged(net.workload("apps", "Deployment", greedy), [controller], {"mode": "git"}) == {"manual metadata/namespace"}
}

test_a_toleration_that_cannot_be_read_is_not_one_without_a_key if {
	odd := {"tolerations": [{"key": 5, "operator": "Exists"}]}
	placed("Deployment", odd) == {"unknown spec/template/spec/tolerations/0/key"}
}

test_each_part_of_the_placement_may_be_hidden if {
	every key in ["nodeSelector", "affinity", "nodeName", "tolerations"] {
		place := sprintf("spec/template/spec/%v", [key])
		hidden := {"metadata": {"annotations": {"flux-audit.internal/unknown-paths": sprintf("/%v", [place])}}}
		obj := object.union(net.workload("apps", "Deployment", {}), hidden)
		judged(obj, [tenant], shared) == {sprintf("unknown %v", [place])}
	}
}

test_between_tenants_only_pods_of_tenants_count if {
	params := object.union(crossing("shared"), {"tenantNamespaces": ["apps"]})
	control.subject with input as sample.review(pod("apps", "n1", "ReplicaSet"), params)
	not control.subject with input as sample.review(pod("monitoring", "n1", "ReplicaSet"), params)
	not control.subject with input as sample.review(made(net.workload("apps", "ReplicaSet", {})), params)
}

test_a_finished_pod_of_flux_shares_no_node if {
	finished := object.union(flux_pod, {"status": {"phase": "Failed"}})
	others := [object.union(flux_pod, {"metadata": change}) | some change in [{"name": "b"}, {"namespace": "flux-2"}]]
	judged(finished, array.concat(others, [tenant, pod("apps", "n1", "ReplicaSet")]), hard) == set()
}

test_a_pod_that_runs_flux_no_longer if {
	guest := pod("apps", "n1", "ReplicaSet")
	changed := object.union(flux_pod, {"spec": {"containers": [{"name": "web", "image": "web:1"}]}})
	cluster := net.inventory([tenant, flux_pod, guest])
	request := sample.review(changed, hard)
	count(control.violation) == 0 with input as request with data.inventory as cluster
}

test_the_pods_of_another_controller_tell_nothing if {
	alone := {"unknown spec/template/spec/nodeName"}
	judged(sample.controller("source-controller", {}), [flux_pod], shared) == alone
	judged(sample.controller("helm-controller", {"namespace": "flux-2"}), [flux_pod], shared) == alone
	judged(controller, [flux_pod], {"mode": "git"}) == set()
}

test_a_field_that_cannot_be_read_hides_no_other if {
	template := "spec/template/spec"
	placed("Deployment", {"tolerations": 7, "nodeName": "n1"}) == {
		sprintf("fail %v/nodeName", [template]), sprintf("unknown %v/tolerations", [template]),
	}
	placed("Deployment", {"affinity": 7, "nodeSelector": {"pool": "flux"}}) == {
		sprintf("fail %v/nodeSelector/pool", [template]), sprintf("unknown %v/affinity", [template]),
	}
	placed("DaemonSet", {"nodeName": 7, "tolerations": [{"operator": "Exists"}, 7]}) == {
		sprintf("warn %v/tolerations/0", [template]), sprintf("unknown %v/tolerations/1", [template]),
		sprintf("unknown %v/nodeName", [template]),
	}
	tolerations := [{"operator": 7}, {"key": "pool", "operator": "Exists", "value": 7}, {"operator": "Exists"}]
	placed("Deployment", {"tolerations": tolerations}) == {
		sprintf("unknown %v/tolerations/0/operator", [template]), sprintf("unknown %v/tolerations/1/value", [template]),
		sprintf("fail %v/tolerations/2", [template]),
	}
}
