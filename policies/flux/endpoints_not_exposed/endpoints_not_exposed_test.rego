package flux.endpoints_not_exposed_test

import data.flux.endpoints_not_exposed as control
import data.lib.netpol_sample_test as net
import data.lib.refs_sample_test as sample

judged(obj, others, params) := {sprintf("%v %v", [kind, path]) |
	some kind, found in {"fail": failures, "warn": warnings, "unknown": doubts, "manual": open}
	some path in sample.paths(found)
} if {
	request := sample.review(obj, params)
	cluster := net.inventory(others)
	failures := control.violation with input as request with data.inventory as cluster
	warnings := control.warn with input as request with data.inventory as cluster
	doubts := control.unknown with input as request with data.inventory as cluster
	open := control.manual with input as request with data.inventory as cluster
}

dump := {"mode": "dump"}

events := net.service("notification-controller", "http")

hooks := net.service_of("webhook-receiver", "notification-controller", "http-webhook")

closed := net.policy("closed", {})

cluster := [net.notification, events, hooks, closed]

test_controller if {
	judged(net.notification, cluster, dump) == set()
	judged(net.notification, [net.notification], dump) == {"warn spec/template/metadata/labels"}
	judged(net.notification, [net.notification], {}) == {"manual spec/template/metadata/labels"}
	hosted := object.union(net.notification, {"spec": {"template": {"spec": {"hostNetwork": true}}}})
	judged(hosted, cluster, dump) == {"warn spec/template/spec/hostNetwork"}
	not control.subject with input as sample.controller("source-controller", {})
}

webhooks(rule) := net.policy("allow-webhooks", {"podSelector": {"matchLabels": {"app": "notification-controller"}}, "ingress": [rule]})

everywhere := {"from": [{"namespaceSelector": {}}]}

test_policies if {
	judged(webhooks(everywhere), cluster, dump) == {"warn spec/ingress/0/ports"}
	judged(webhooks(object.union(everywhere, {"ports": [{"port": 9292}]})), cluster, dump) == set()
	judged(webhooks({"from": [{"podSelector": {}}]}), cluster, dump) == set()
	some finding in control.warn with input as sample.review(webhooks(everywhere), dump) with data.inventory as net.inventory(cluster)
	finding.details.fix == [{"op": "add", "path": "/spec/ingress/0/ports", "value": [{"port": 9292, "protocol": "TCP"}]}]
	open := net.policy("open", {"ingress": [{}]})
	some other in control.warn with input as sample.review(open, dump) with data.inventory as net.inventory(cluster)
	other.details.fix == []
	judged(webhooks(7), cluster, dump) == {"unknown spec/ingress/0"}
	judged(webhooks({}), [], {"mode": "git"}) == {"manual spec/podSelector"}
	labelled := webhooks({"from": [{"namespaceSelector": {"matchLabels": {"a": "b"}}}]})
	judged(labelled, cluster, {"mode": "git"}) == {"manual spec/ingress/0/from/0"}
	judged(labelled, array.concat(cluster, [net.namespace("odd", 7)]), dump) == {"unknown spec/ingress/0/from/0"}
}

test_services if {
	exposed := {"spec": {"type": "LoadBalancer"}}
	judged(hooks, cluster, dump) == set()
	judged(object.union(hooks, exposed), cluster, dump) == {"warn spec/type"}
	judged(object.union(events, exposed), cluster, dump) == {"fail spec/type"}
}

ingress(name, host, tls) := {
	"apiVersion": "networking.k8s.io/v1", "kind": "Ingress",
	"metadata": {"name": "a", "namespace": "flux-system", "annotations": {}},
	"spec": {"tls": tls, "rules": [{"host": host, "http": {"paths": [{"backend": {"service": {"name": name, "port": {"number": 80}}}}]}}]},
}

backend := "spec/rules/0/http/paths/0/backend"

test_ingress if {
	failure := {sprintf("fail %v", [backend])}
	judged(ingress("notification-controller", "a.b", [{}]), cluster, dump) == failure
	judged(ingress("webhook-receiver", "a.b", []), cluster, dump) == failure
	judged(ingress("webhook-receiver", "a.b", [{}]), cluster, dump) == set()
	judged(ingress("webhook-receiver", "a.b", [{"hosts": ["a.b"]}]), cluster, dump) == set()
	judged(ingress("webhook-receiver", "a.b", [{"hosts": ["*.b"]}]), cluster, dump) == set()
	judged(ingress("webhook-receiver", "a.a.b", [{"hosts": ["*.b"]}]), cluster, dump) == failure
	judged(ingress("webhook-receiver", null, [{"hosts": ["a.b"]}]), cluster, dump) == failure
	judged(ingress("webhook-receiver", null, [{"hosts": ["*.b"]}]), cluster, dump) == failure
	traefik := {"metadata": {"annotations": {"traefik.ingress.kubernetes.io/router.tls": "true"}}}
	judged(object.union(ingress("webhook-receiver", "a.b", []), traefik), cluster, dump) == {sprintf("manual %v", [backend])}
}

route(spec) := {
	"apiVersion": "gateway.networking.k8s.io/v1", "kind": "HTTPRoute", "metadata": {"name": "r", "namespace": "web"},
	"spec": object.union({"rules": [{"backendRefs": [{"name": "webhook-receiver", "namespace": "flux-system", "port": 80}]}]}, spec),
}

gateway := {
	"apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway", "metadata": {"name": "g", "namespace": "web"},
	"spec": {"listeners": [
		{"name": "http", "port": 80, "protocol": "HTTP", "hostname": "*.a.b"},
		{"name": "https", "port": 443, "protocol": "HTTPS"},
	]},
}

attached(ref, hosts) := judged(
	route({"parentRefs": [object.union({"name": "g"}, ref)], "hostnames": hosts}),
	array.concat(cluster, [gateway]),
	dump,
)

test_route if {
	failure := {"fail spec/rules/0/backendRefs/0"}
	attached({}, []) == failure
	attached({}, ["x.a.b"]) == failure
	attached({}, ["*.x.a.b"]) == failure
	attached({}, ["*.b"]) == failure
	attached({}, ["*.a.b"]) == failure
	attached({}, ["x.c"]) == set()
	attached({"sectionName": "https"}, []) == set()
	attached({"port": 443}, []) == set()
	attached({"port": 80}, []) == failure
	attached({"kind": "Service"}, []) == set()
	attached({"name": "other"}, []) == {"manual spec/parentRefs/0"}
	everyone := object.union(gateway, {"spec": {"listeners": [{"name": "http", "port": 80, "protocol": "HTTP"}]}})
	judged(route({"parentRefs": [{"name": "g"}], "hostnames": ["x.a.b"]}), array.concat(cluster, [everyone]), dump) == failure
}
