package flux.dedicated_nodes_test

import data.flux.dedicated_nodes as control
import data.lib.netpol_sample_test as net
import data.lib.refs_sample_test as sample

judged(spec, others, params) := {sprintf("%v %v", [kind, path]) |
	some kind, found in {"fail": failures, "warn": warnings, "unknown": doubts, "manual": open}
	some path in sample.paths(found)
} if {
	request := sample.review(sample.controller("helm-controller", {"pod": spec}), params)
	cluster := net.inventory(others)
	failures := control.violation with input as request with data.inventory as cluster
	warnings := control.warn with input as request with data.inventory as cluster
	doubts := control.unknown with input as request with data.inventory as cluster
	open := control.manual with input as request with data.inventory as cluster
}

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
