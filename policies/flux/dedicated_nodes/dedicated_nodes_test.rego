package flux.dedicated_nodes_test

import data.flux.dedicated_nodes as control
import data.lib.netpol_sample_test as net
import data.lib.refs_sample_test as sample

judged(spec, others, params) := found(sample.controller("helm-controller", {"pod": spec}), others, params)

dump := {"mode": "dump"}

hard := {"mode": "dump", "profiles": ["base", "shared", "hard"]}

place := "spec/template/spec/nodeSelector"

taint := {"key": "pool", "value": "flux", "effect": "NoSchedule"}

good := net.node("n1", {"pool": "flux"}, [taint])

bare := net.node("n2", {"pool": "flux"}, [])

test_bound if {
	judged(net.placed("flux"), [good], hard) == set()
	judged({}, [good], hard) == {sprintf("fail %v", [place])}
	judged({}, [good], dump) == {sprintf("manual %v", [place])}
	judged({"nodeSelector": {"kubernetes.io/os": "linux"}}, [good], hard) == {sprintf("fail %v", [place])}
	judged({"nodeName": "n1"}, [net.node("n1", null, [])], dump) == {sprintf("warn %v", [place])}
	preferred := {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [{"preference": {"matchExpressions": [{"key": "pool", "operator": "Exists"}]}}]}}
	preference := "spec/template/spec/affinity/nodeAffinity/preferredDuringSchedulingIgnoredDuringExecution/0"
	judged({"affinity": preferred}, [], dump) == {sprintf("warn %v", [preference]), sprintf("manual %v", [place])}
	absent := net.required([{"matchExpressions": [{"key": "pool", "operator": "DoesNotExist"}]}])
	judged({"affinity": absent}, [good], hard) == {sprintf("fail %v", [place])}
}

test_nodes if {
	judged(net.placed("flux"), [], dump) == {sprintf("manual %v", [place])}
	judged(net.placed("flux"), [good, bare], dump) == {sprintf("warn %v", [place])}
	judged(net.placed("flux"), [good, bare], hard) == {sprintf("fail %v", [place])}
	judged(net.placed("flux"), [net.node("n3", {}, [])], dump) == {sprintf("warn %v", [place])}
	judged(net.placed("flux"), [net.node("n3", {}, [])], {"mode": "git"}) == {sprintf("manual %v", [place])}
	judged(net.placed("flux"), [good, net.node("n3", 7, [])], dump) == {sprintf("unknown %v", [place])}
	cordoned := net.node("n3", {"pool": "flux"}, [{"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}])
	judged(net.placed("flux"), [good, cordoned], dump) == set()
}

test_tolerations if {
	everything := {"nodeSelector": {"pool": "flux"}, "tolerations": [{"operator": "Exists"}]}
	judged(everything, [good], dump) == {"warn spec/template/spec/tolerations/0"}
	others := [good, net.namespace("apps", {"toolkit.fluxcd.io/tenant": "a"})]
	judged(net.placed("flux"), array.concat(others, [net.workload("apps", "Deployment", net.placed("flux"))]), dump) == {sprintf("warn %v", [place])}
	judged(net.placed("flux"), array.concat(others, [net.workload("apps", "Deployment", net.placed("web"))]), dump) == set()
	judged(net.placed("flux"), array.concat(others, [net.workload("apps", "DaemonSet", net.placed("flux"))]), dump) == set()
}

test_undecided if {
	judged({"nodeSelector": 7}, [good], dump) == {sprintf("unknown %v", [place])}
	hidden := object.union(
		sample.controller("helm-controller", {}),
		{"metadata": {"annotations": {"flux-audit.internal/unknown-paths": "/spec/template/spec/affinity"}}},
	)
	some finding in control.unknown with input as hidden
	finding.details.path == ["spec", "template", "spec"]
	not control.subject with input as net.workload("apps", "Deployment", {})
}

# All findings about an object, of whatever sort, as sort and path.
found(obj, others, params) := {sprintf("%v %v", [kind, path]) |
	some kind, findings in {"fail": failures, "warn": warnings, "unknown": doubts, "manual": open}
	some path in sample.paths(findings)
} if {
	request := sample.review(obj, params)
	cluster := net.inventory(others)
	failures := control.violation with input as request with data.inventory as cluster
	warnings := control.warn with input as request with data.inventory as cluster
	doubts := control.unknown with input as request with data.inventory as cluster
	open := control.manual with input as request with data.inventory as cluster
}

# A controller with this placement, of which a part could not be worked out.
vague(spec, key) := sample.controller("helm-controller", {
	"pod": spec,
	"annotations": {"flux-audit.internal/unknown-paths": sprintf("/spec/template/spec/%v", [key])},
})

exists := {"matchExpressions": [{"key": "pool", "operator": "Exists"}]}

preferring := {"affinity": {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [{"preference": exists}]}}}

test_a_placement_that_is_not_worked_out_is_not_judged if {
	every key in ["nodeSelector", "affinity", "tolerations"] {
		found(vague({}, key), [], dump) == {"unknown spec/template/spec"}
		found(vague(net.placed("flux"), key), [bare], hard) == {"unknown spec/template/spec"}
	}
	every spec in [net.placed("flux"), preferring, {"tolerations": [{"operator": "Exists"}]}] {
		found(vague(spec, "affinity"), [], dump) == {"unknown spec/template/spec"}
	}
}

test_a_preference_besides_a_demand_does_no_harm if {
	judged(object.union(net.placed("flux"), preferring), [good], dump) == set()
}

test_an_owned_replica_set_is_not_judged if {
	owner := sample.controller("helm-controller", {})
	every obj in [vague({}, "affinity"), owner] {
		owned := object.union(obj, {
			"kind": "ReplicaSet",
			"metadata": {
				"name": "helm-controller-7d9",
				"ownerReferences": [{"controller": true, "kind": "Deployment", "name": "helm-controller"}],
			},
		})
		found(owned, [owner], dump) == set()
	}
}

test_workloads_of_others_are_not_read if {
	found(net.workload("apps", "Deployment", {"nodeSelector": 7}), [good], dump) == set()
}

test_an_unreadable_node_matters_where_labels_are_demanded if {
	judged({}, [good, net.node("n3", 7, [])], dump) == {sprintf("manual %v", [place])}
}

test_a_part_of_the_nodes_is_enough_where_one_fits if {
	judged(net.placed("flux"), [good], {"mode": "git"}) == set()
}

test_a_taint_that_many_tolerate_guards_nothing if {
	addons := {"key": "CriticalAddonsOnly", "effect": "NoSchedule"}
	tolerant := {"nodeSelector": {"pool": "flux"}, "tolerations": [{"key": "CriticalAddonsOnly", "operator": "Exists"}]}
	judged(tolerant, [net.node("n3", {"pool": "flux"}, [addons])], dump) == {sprintf("warn %v", [place])}
}
