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

# What the one failure or warning about an object has besides its place: the paths of the object's own nodes, the other
# objects, and the fix.
details(obj, others) := {
	"own": {node.path | some node in finding.details.related; not node.object},
	"others": {sprintf("%v %v", [node.object.kind, node.object.name]) | some node in finding.details.related; node.object},
	"fix": object.get(finding.details, "fix", []),
} if {
	some finding in (control.violation | control.warn) with input as sample.review(obj, dump)
		with data.inventory as net.inventory(others)
}

exposed(type) := {"spec": {"type": type}}

test_what_makes_a_service_expose_something_is_told if {
	own := {["metadata", "namespace"], ["spec", "selector"], ["spec", "ports"]}
	controller := {"Deployment notification-controller"}
	fix := [{"op": "replace", "path": "/spec/type", "value": "ClusterIP"}]
	details(object.union(events, exposed("NodePort")), cluster) == {"own": own, "others": controller, "fix": fix}
	details(object.union(hooks, exposed("NodePort")), cluster) == {"own": own, "others": controller, "fix": []}
}

test_what_leads_to_an_endpoint_is_told if {
	home := ["metadata", "namespace"]
	services := {name: {sprintf("Service %v", [name]), "Deployment notification-controller"} |
		some name in ["notification-controller", "webhook-receiver"]
	}
	details(ingress("notification-controller", "a.b", [{}]), cluster) == {
		"own": {home},
		"others": services["notification-controller"],
		"fix": [],
	}
	details(ingress("webhook-receiver", "a.b", []), cluster) == {
		"own": {home, ["spec", "tls"], ["spec", "rules"]},
		"others": services["webhook-receiver"],
		"fix": [],
	}
	to_gateway := route({"parentRefs": [{"name": "g"}]})
	details(to_gateway, array.concat(cluster, [gateway])) == {
		"own": {home, ["spec", "parentRefs"], ["spec", "hostnames"]},
		"others": (services["webhook-receiver"] | {"Gateway g"}),
		"fix": [],
	}
	some finding in control.violation with input as sample.review(to_gateway, dump)
		with data.inventory as net.inventory(array.concat(cluster, [gateway]))
	identity := {"apiVersion": gateway.apiVersion, "kind": "Gateway", "namespace": "web", "name": "g"}
	{node | some node in finding.details.related; node.object.kind == "Gateway"} == {
		{"object": identity, "path": ["metadata", "namespace"]},
		{"object": identity, "path": ["spec", "listeners", 0]},
	}
}

test_what_lets_strangers_in_is_told if {
	found := details(webhooks(everywhere), cluster)
	found.own == {["spec", "ingress", 0, "from", 0], ["spec", "podSelector"]}
	found.others == {"Deployment notification-controller"}
}

test_who_surely_may_send_events_is_no_question if {
	judged(webhooks(everywhere), cluster, {"mode": "git"}) == {"warn spec/ingress/0/ports"}
}

# Ports that are listed already were chosen by somebody.
test_listed_ports_are_not_mended if {
	rule := object.union(everywhere, {"ports": [{"port": 9090}]})
	judged(webhooks(rule), cluster, dump) == {"warn spec/ingress/0/ports"}
	details(webhooks(rule), cluster).fix == []
}

test_policies_about_something_else_pass if {
	every spec in [
		{"policyTypes": ["Egress"], "ingress": [{}], "egress": []},
		{"podSelector": {"matchLabels": {"app": "source-controller"}}, "ingress": [{}]},
	] {
		judged(net.policy("other", spec), cluster, dump) == set()
	}
	foreign := {
		"apiVersion": "cilium.io/v2", "kind": "CiliumNetworkPolicy",
		"metadata": {"name": "a", "namespace": "flux-system"}, "spec": {"ingress": [{}]},
	}
	judged(foreign, cluster, dump) == set()
}

test_a_policy_without_the_controller_is_for_a_person if {
	look := {"manual spec/podSelector"}
	git := {"mode": "git"}
	judged(webhooks({}), [net.source({})], git) == look
	judged(webhooks(everywhere), [object.union(net.notification, {"metadata": {"namespace": "other"}})], git) == look
	judged(webhooks({}), [net.source({})], dump) == set()
	judged(hooks, [], git) == set()
}

test_services_that_expose_nothing_pass if {
	other := net.service("source-controller", "http")
	judged(object.union(other, exposed("LoadBalancer")), array.concat(cluster, [net.source({})]), dump) == set()
	judged(object.union(hooks, exposed("ExternalName")), cluster, dump) == set()
	knative := object.union(object.union(events, exposed("NodePort")), {"apiVersion": "serving.knative.dev/v1"})
	judged(knative, cluster, dump) == set()
}

test_subjects if {
	home := {"metadata": {"name": "a", "namespace": "flux-system"}}
	every kind, version in {
		"NetworkPolicy": "networking.k8s.io/v1", "Service": "v1",
		"Ingress": "networking.k8s.io/v1", "HTTPRoute": "gateway.networking.k8s.io/v1",
	} {
		obj := object.union(home, {"apiVersion": version, "kind": kind})
		control.subject with input as obj
		not control.subject with input as object.union(obj, {"metadata": {"namespace": "web"}})
	}
	not control.subject with input as object.union(home, {"apiVersion": "v1", "kind": "ConfigMap"})
	elsewhere := {"spec": {"rules": [{"backendRefs": [{"name": "webhook-receiver", "port": 80}]}]}}
	not control.subject with input as object.union(route({}), elsewhere)
}

test_other_objects_are_not_judged if {
	every obj in [
		net.source({}), net.source({"pod": {"hostNetwork": true}}), net.source({"args": [5]}),
		net.policy_in("web", "a", {"ingress": 7}), net.policy_in("web", "a", {"ingress": [{}]}),
	] {
		every mode in ["dump", "git"] {
			judged(obj, [obj], {"mode": mode}) == set()
		}
	}
}

test_certificates_are_for_hosts if {
	failure := {sprintf("fail %v", [backend])}
	judged(ingress("webhook-receiver", "a.b", [{"hosts": null}]), cluster, dump) == set()
	every name in ["c.b", "b", "*.a.b"] {
		judged(ingress("webhook-receiver", "a.b", [{"hosts": [name]}]), cluster, dump) == failure
	}
	judged(ingress("webhook-receiver", null, [{"hosts": ["*."]}]), cluster, dump) == failure
}

test_annotations_that_set_up_tls_are_for_a_person if {
	every key in [
		"alb.ingress.kubernetes.io/certificate-arn", "ingress.gcp.kubernetes.io/pre-shared-cert",
		"networking.gke.io/managed-certificates", "traefik.ingress.kubernetes.io/router.tls",
	] {
		obj := object.union(ingress("webhook-receiver", "a.b", []), {"metadata": {"annotations": {key: "x"}}})
		judged(obj, cluster, dump) == {sprintf("manual %v", [backend])}
	}
}

test_other_annotations_set_up_nothing if {
	obj := object.union(ingress("webhook-receiver", "a.b", []), {"metadata": {"annotations": {"note": "tls"}}})
	judged(obj, cluster, dump) == {sprintf("fail %v", [backend])}
}

test_gateways_of_a_route if {
	failure := {"fail spec/rules/0/backendRefs/0"}
	look := {"manual spec/parentRefs/0"}
	attached({"kind": "Gateway"}, []) == failure
	attached({"namespace": "web"}, []) == failure
	attached({"namespace": "other"}, []) == look
	both := route({"parentRefs": [{"name": "g", "sectionName": "https"}, {"name": "other"}]})
	judged(both, array.concat(cluster, [gateway]), dump) == {"manual spec/parentRefs/1"}
	reference := {"name": "notification-controller", "namespace": "flux-system", "port": 80}
	to_events := {"parentRefs": [{"name": "other"}], "rules": [{"backendRefs": [reference]}]}
	judged(route(to_events), cluster, dump) == failure

	# Ingresses have none.
	stray := {"spec": {"parentRefs": [{"name": "other"}]}}
	judged(object.union(ingress("webhook-receiver", "a.b", [{}]), stray), cluster, dump) == set()
}

listening(listener, hosts) := judged(
	route({"parentRefs": [{"name": "g"}], "hostnames": hosts}),
	array.concat(cluster, [object.union(gateway, {"spec": {"listeners": [listener]}})]),
	dump,
)

test_hosts_of_a_listener if {
	failure := {"fail spec/rules/0/backendRefs/0"}
	attached({}, ["xa.b"]) == set()
	exact := {"name": "http", "port": 80, "protocol": "HTTP", "hostname": "x.a.b"}
	listening(exact, ["x.a.b"]) == failure
	listening(exact, ["y.a.b"]) == set()
	listening(object.remove(exact, ["protocol"]), ["x.a.b"]) == failure
	listening(object.union(exact, {"protocol": "HTTPS"}), ["x.a.b"]) == set()
}

test_tls_that_cannot_be_read_is_unknown_and_nothing_else if {
	every path, tls in {
		"spec/tls": {"hosts": ["a.b"]},
		"spec/tls/0": ["a.b"],
		"spec/tls/0/hosts": [{"hosts": {"a.b": true}}],
		"spec/tls/1/hosts": [{"hosts": ["c.d"]}, {"hosts": "a.b"}],
	} {
		judged(ingress("webhook-receiver", "a.b", tls), cluster, dump) == {sprintf("unknown %v", [path])}
	}

	# What cannot be read elsewhere changes nothing.
	odd := object.union(ingress("webhook-receiver", "a.b", []), {"spec": {"defaultBackend": 5}})
	judged(odd, cluster, dump) == {sprintf("fail %v", [backend]), "unknown spec/defaultBackend"}
}

test_hostnames_that_cannot_be_read_are_unknown_and_nothing_else if {
	every hosts in ["x.c", "x.a.b", {"x.a.b": true}, 5] {
		attached({}, hosts) == {"unknown spec/hostnames"}
	}
	attached({}, null) == {"fail spec/rules/0/backendRefs/0"}
}

veiled(obj, paths) := object.union(obj, {"metadata": {"annotations": {"flux-audit.internal/unknown-paths": paths}}})

test_fields_that_are_hidden_are_unknown if {
	hidden_tls := veiled(ingress("webhook-receiver", "a.b", []), "/spec/tls")
	judged(hidden_tls, cluster, dump) == {"unknown spec/tls"}
	judged(veiled(ingress("notification-controller", "a.b", []), "/spec/tls"), cluster, dump) == {sprintf("fail %v", [backend])}
	every key in ["hostnames", "parentRefs"] {
		hidden_route := veiled(route({"parentRefs": [{"name": "g"}]}), sprintf("/spec/%v", [key]))
		judged(hidden_route, array.concat(cluster, [gateway]), dump) == {sprintf("unknown spec/%v", [key])}
	}
}
