package flux.artifacts_reachable_by_flux_only_test

import data.flux.artifacts_reachable_by_flux_only as control
import data.lib.netpol_sample_test as net
import data.lib.refs_sample_test as sample

judged(obj, others, params) := {sprintf("%v %v", [kind, path]) |
	some kind, found in {"fail": failures, "unknown": doubts, "manual": open}
	some path in sample.paths(found)
} if {
	request := sample.review(obj, params)
	cluster := net.inventory(others)
	failures := control.violation with input as request with data.inventory as cluster
	doubts := control.unknown with input as request with data.inventory as cluster
	open := control.manual with input as request with data.inventory as cluster
}

dump := {"mode": "dump"}

source := net.source({})

service := net.service("source-controller", "http")

closed := net.policy("closed", {"ingress": [{"from": [{"podSelector": {}}]}]})

cluster := [source, service, closed, net.namespace("apps", {"zone": "tenants"}), net.namespace("flux-system", {"zone": "platform"})]

cilium := {"apiVersion": "cilium.io/v2", "kind": "CiliumNetworkPolicy", "metadata": {"name": "a", "namespace": "flux-system"}}

# The verdict on a policy with one rule.
rule(body) := judged(net.policy("more", {"ingress": [body]}), cluster, dump)

from(peer) := rule({"from": [peer]})

test_controller if {
	judged(source, cluster, dump) == set()
	judged(source, [source], dump) == {"fail spec/template/metadata/labels"}
	judged(net.source({"pod": {"hostNetwork": true}}), cluster, dump) == {"fail spec/template/spec/hostNetwork"}
	judged(source, array.concat(cluster, [cilium]), dump) == {"unknown spec/template/metadata/labels"}
	judged(source, [source], {"mode": "git"}) == {"manual spec/template/metadata/labels"}
	not control.subject with input as sample.controller("helm-controller", {})
}

test_rules if {
	rule({}) == {"fail spec/ingress/0"}
	rule({"ports": [{"port": 8080}]}) == set()
	rule({"ports": [{"port": "http"}]}) == {"fail spec/ingress/0"}
	rule({"ports": [{"port": "http", "protocol": "UDP"}]}) == set()
	rule({"ports": [{"port": 9000, "endPort": 9090}]}) == {"fail spec/ingress/0"}
	rule({"ports": [{"port": 9000, "endPort": 9089}]}) == set()
	rule({"ports": [{}]}) == {"fail spec/ingress/0"}
	rule({"ports": 7}) == {"unknown spec/ingress/0/ports"}
	rule(7) == {"unknown spec/ingress/0"}
}

peer := "spec/ingress/0/from/0"

fail := {sprintf("fail %v", [peer])}

test_peers if {
	from({"podSelector": {}}) == set()
	from({"namespaceSelector": {}}) == fail
	from({"namespaceSelector": {"matchLabels": {"zone": "tenants"}}}) == fail
	from({"namespaceSelector": {"matchLabels": {"zone": "platform"}}}) == set()
	from({"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "flux-system"}}}) == set()
	from({"ipBlock": {"cidr": "10.0.0.0/8"}}) == fail
	from({"namespaceSelector": 7}) == {sprintf("unknown %v/namespaceSelector", [peer])}
	from({"namespaceSelector": {"matchLabels": 7}}) == {sprintf("unknown %v/namespaceSelector", [peer])}
	from({}) == {sprintf("unknown %v", [peer])}
}

test_not_at_hand if {
	labelled := net.policy("more", {"ingress": [{"from": [{"namespaceSelector": {"matchLabels": {"zone": "platform"}}}]}]})
	judged(labelled, cluster, {"mode": "git"}) == {sprintf("manual %v", [peer])}
	odd := array.concat(cluster, [net.namespace("odd", 7)])
	judged(labelled, odd, dump) == {sprintf("unknown %v", [peer])}
	bound := net.policy("more", {"ingress": [{"from": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "flux-system"}}}]}]})
	judged(bound, cluster, {"mode": "git"}) == set()
	judged(bound, [closed], {"mode": "git"}) == {"manual spec/podSelector"}
	judged(net.policy("more", {"ingress": [{"from": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "apps"}}}]}]}), [source], {"mode": "git", "artifactClients": ["apps"]}) == set()
}

test_services if {
	exposed := object.union(service, {"spec": {"type": "NodePort"}})
	judged(service, cluster, dump) == set()
	judged(exposed, cluster, dump) == {"fail spec/type"}
	judged(object.union(exposed, {"spec": {"selector": {"app": "x"}}}), cluster, dump) == set()
	judged(object.union(exposed, {"spec": {"ports": [{"port": 9090}]}}), cluster, dump) == {"fail spec/type"}
	judged(object.union(exposed, {"spec": {"ports": [{"port": 8080}]}}), cluster, dump) == set()
	judged(object.union(exposed, {"spec": {"selector": 7}}), cluster, dump) == {"unknown spec/selector"}
}

ingress(name, port) := {
	"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": {"name": "a", "namespace": "flux-system"},
	"spec": {
		"defaultBackend": {"service": {"name": "other"}},
		"rules": [{"http": {"paths": [{"backend": {"service": {"name": name, "port": port}}}]}}],
	},
}

test_ingress if {
	path := "spec/rules/0/http/paths/0/backend"
	judged(ingress("source-controller", {"number": 80}), cluster, dump) == {sprintf("fail %v", [path])}
	judged(ingress("source-controller", {"name": "http"}), cluster, dump) == {sprintf("fail %v", [path])}
	judged(ingress("source-controller", {"number": 81}), cluster, dump) == set()
	judged(ingress("source-controller", {}), [], dump) == {sprintf("fail %v", [path])}
	judged(ingress("podinfo", {}), [], dump) == set()
	judged(ingress("${name}", {}), [], dump) == {sprintf("unknown %v", [path])}
	hidden := object.union(ingress("podinfo", {}), {"metadata": {"annotations": {"flux-audit.internal/unknown-paths": "/spec/rules"}}})
	judged(hidden, [], dump) == {"unknown spec/rules"}
}

test_route if {
	route := {
		"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute", "metadata": {"name": "a", "namespace": "web"},
		"spec": {"rules": [{"backendRefs": [{"name": "source-controller", "namespace": "flux-system", "port": 80}]}]},
	}
	judged(route, cluster, dump) == {"fail spec/rules/0/backendRefs/0"}
	elsewhere := object.union(route, {"spec": {"rules": [{"backendRefs": [{"name": "source-controller"}, {"name": "x", "kind": "Bucket", "group": "y"}]}]}})
	not control.subject with input as elsewhere
	judged(elsewhere, cluster, dump) == set()
}

# The unknown-findings about the controller beside these objects.
doubts(others) := found if {
	found := control.unknown with input as sample.review(source, dump)
		with data.inventory as net.inventory(others)
}

test_policies_of_other_kinds_are_named if {
	some finding in doubts(array.concat(cluster, [cilium]))
	finding.details.related == [{
		"object": {"apiVersion": "cilium.io/v2", "kind": "CiliumNetworkPolicy", "namespace": "flux-system", "name": "a"},
		"path": ["spec"],
	}]
}

test_a_doubt_is_told_once if {
	count(doubts(array.concat(cluster, [cilium]))) == 1
	count(doubts([source, cilium])) == 1
}

test_controllers_that_serve_no_artifacts_are_not_meant if {
	helm := sample.controller("helm-controller", {})
	judged(helm, [helm], dump) == set()
	judged(helm, [helm, closed, cilium], dump) == set()
	judged(object.union(helm, {"metadata": {"labels": 7}}), [helm], dump) == set()
	judged(sample.controller("helm-controller", {"pod": {"hostNetwork": true}}), [helm], dump) == set()
}

test_services_of_other_controllers_are_not_meant if {
	events := object.union(net.service("notification-controller", "http"), {"spec": {"type": "LoadBalancer"}})
	judged(events, [net.notification, events], dump) == set()
}

test_only_sources_of_its_own_namespace_matter_to_a_policy if {
	elsewhere := net.source({"namespace": "flux-two"})
	open := net.policy("open", {"ingress": [{}]})
	judged(open, [source], dump) == {"fail spec/ingress/0"}
	every other in [elsewhere, net.notification] {
		judged(open, [other], dump) == set()
		judged(open, [other], {"mode": "git"}) == {"manual spec/podSelector"}
	}
}

test_routes_in_the_namespace_are_read if {
	every version, kind in {"networking.k8s.io/v1": "Ingress", "gateway.networking.k8s.io/v1": "HTTPRoute"} {
		broken := {"apiVersion": version, "kind": kind, "metadata": {"name": "a", "namespace": "flux-system"}, "spec": 7}
		control.subject with input as broken
		judged(broken, [], dump) == {"unknown spec"}
	}
}

test_other_namespaces_are_not_meant if {
	every spec in [{"ingress": 7}, {"podSelector": 7}, {"ingress": [{}]}] {
		judged(net.policy_in("apps", "more", spec), cluster, dump) == set()
	}
}

# Other groups have kinds of the same names.
test_other_groups_are_not_meant if {
	calico := object.union(net.policy("open", {"ingress": [{}]}), {"apiVersion": "crd.projectcalico.org/v1"})
	knative := object.union(service, {"apiVersion": "serving.knative.dev/v1", "spec": {"type": "NodePort"}})
	every obj in [calico, knative] {
		not control.subject with input as obj
		judged(obj, cluster, dump) == set()
	}
}
