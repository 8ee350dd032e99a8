# METADATA
# title: Events endpoint and webhooks are not over-exposed
# description: |
#   notification-controller takes events from other controllers at port 9090 and webhooks at port 9292. Only the second
#   may be reached from other namespaces, and from outside of the cluster only with TLS. A policy that opens both gives
#   advice; an Ingress, HTTPRoute or Service that leads strangers to the events, and one that leads to the webhooks
#   without TLS, fail.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/components/notification/receivers/
#     description: Flux, Receivers
#   - ref: https://fluxcd.io/flux/flux-e2e/#fluxs-default-configuration-for-networkpolicy
#     description: Flux's default configuration for NetworkPolicy
# custom:
#   id: FX-NET-06
#   severity: medium
#   profiles: [hard]
#   assessment: automated
#   modes: [git, render, dump, admission]
#   kinds:
#     - apps/Deployment
#     - apps/StatefulSet
#     - apps/DaemonSet
#     - apps/ReplicaSet
#     - batch/Job
#     - batch/CronJob
#     - PodTemplate
#     - Pod
#     - networking.k8s.io/NetworkPolicy
#     - Service
#     - networking.k8s.io/Ingress
#     - gateway.networking.k8s.io/HTTPRoute
#   reads:
#     - apps/Deployment
#     - apps/StatefulSet
#     - apps/DaemonSet
#     - apps/ReplicaSet
#     - batch/Job
#     - batch/CronJob
#     - PodTemplate
#     - Pod
#     - Namespace
#     - Service
#     - networking.k8s.io/NetworkPolicy
#     - gateway.networking.k8s.io/Gateway
#     - cilium.io/CiliumNetworkPolicy
#     - cilium.io/CiliumClusterwideNetworkPolicy
#     - crd.projectcalico.org/NetworkPolicy
#     - crd.projectcalico.org/GlobalNetworkPolicy
#     - projectcalico.org/NetworkPolicy
#     - projectcalico.org/GlobalNetworkPolicy
#     - policy.networking.k8s.io/AdminNetworkPolicy
#     - policy.networking.k8s.io/BaselineAdminNetworkPolicy
#   origin: "extension: the page on receivers and the network policies since Flux 2.9, which confine webhooks to port 9292"
#   rationale: |
#     The events endpoint believes whoever calls it: a made-up event reaches the chat rooms, commit statuses and
#     incident tools that Alerts lead to, with Flux as its sender. Up to Flux 2.8, and in the community chart, the
#     policy for webhooks names no port, so each pod of the cluster can do that. A webhook without TLS tells everyone on
#     the way its secret path, and the token or signed body with it.
#   audit: |
#     ```sh
#     kubectl get networkpolicy allow-webhooks -n flux-system -o jsonpath='{.spec.ingress}'
#     kubectl get services,ingresses -n flux-system
#     kubectl get httproutes -A -o wide
#     ```
#
#     Pass: each rule that admits other namespaces to notification-controller names port 9292 (`http-webhook`) alone, no
#     Ingress or route has the Service notification-controller as its backend, and those to webhook-receiver have TLS:
#     `spec.tls` with the host, or a listener of protocol HTTPS. Look whether requests are limited in rate there, too.
#   remediation: |
#     Add the port, in `flux-system/kustomization.yaml` or under `spec.kustomize.patches` of a FluxInstance, unless an
#     upgrade to Flux 2.9 does it:
#
#     ```yaml
#     patches:
#       - target:
#           kind: NetworkPolicy
#           name: allow-webhooks
#         patch: |
#           - op: add
#             path: /spec/ingress/0/ports
#             value:
#               - port: 9292
#                 protocol: TCP
#     ```
#
#     Lead outside requests to webhook-receiver only, with a certificate:
#
#     ```yaml
#     apiVersion: networking.k8s.io/v1
#     kind: Ingress
#     metadata:
#       name: webhook-receiver
#       namespace: flux-system
#       annotations:
#         nginx.ingress.kubernetes.io/limit-rps: "5"
#     spec:
#       tls:
#         - hosts: [flux-webhook.example.com]
#           secretName: flux-webhook-tls
#       rules:
#         - host: flux-webhook.example.com
#           http:
#             paths:
#               - path: /hook/
#                 pathType: Prefix
#                 backend:
#                   service:
#                     name: webhook-receiver
#                     port:
#                       name: http
#     ```
#   since: 0.1.0
#   params:
#     fluxNamespaces:
#       type: array
#       items: {type: string}
#       default: ["flux-system"]
#       description: Namespaces of Flux controllers, besides those where some are found
package flux.endpoints_not_exposed

import data.lib.facts
import data.lib.flux
import data.lib.netpol
import data.lib.result
import data.lib.selector

subject if flux.component == "notification-controller"

subject if {
	at_home
	some [group, kind] in [["networking.k8s.io", "NetworkPolicy"], ["", "Service"], ["networking.k8s.io", "Ingress"], ["gateway.networking.k8s.io", "HTTPRoute"]]
	flux.kind_is(group, kind)
}

subject if {
	some backend in netpol.backends
	backend.namespace in flux.namespaces
}

violation contains result.full(["spec", "type"], msg, led.nodes, [{"op": "replace", "path": "/spec/type", "value": "ClusterIP"}]) if {
	led := offered("events")
	msg := sprintf("the service offers the events endpoint outside of the cluster: its type is %v", [led.type])
}

violation contains result.related(backend.path, "requests from outside of the cluster are led to the events endpoint", nodes) if {
	some [backend, found] in led_to("events")
	nodes := array.concat([{"path": ["metadata", "namespace"]}], found.nodes)
}

violation contains result.related(backend.path, "webhooks are offered outside of the cluster without tls", nodes) if {
	some [backend, found] in led_to("webhook")
	flux.kind_is("networking.k8s.io", "Ingress")
	count(terminated) == 0
	not unreadable("tls")
	some host in backend.hosts
	not secured(host)
	nodes := array.concat([{"path": ["metadata", "namespace"]}, {"path": ["spec", "tls"]}, {"path": ["spec", "rules"]}], found.nodes)
}

violation contains result.related(backend.path, msg, nodes) if {
	some [backend, found] in led_to("webhook")
	not unreadable("hostnames")
	not "parentRefs" in hidden
	some [_, gateway] in parents
	some i, listener in gateway.listeners
	plain(listener)
	msg := sprintf("webhooks are offered without tls by a listener of the gateway %v", [gateway.name])
	identity := {key: gateway[key] | some key in ["apiVersion", "kind", "namespace", "name"]}
	nodes := array.concat(
		[{"path": path} | some path in [["metadata", "namespace"], ["spec", "parentRefs"], ["spec", "hostnames"]]],
		array.concat(found.nodes, [{"object": identity, "path": path} |
			some path in [["metadata", "namespace"], ["spec", "listeners", i]]
		]),
	)
}

warn contains result.related(["spec", "type"], msg, led.nodes) if {
	led := offered("webhook")
	msg := sprintf("the service offers webhooks outside of the cluster, and encrypts nothing itself: its type is %v", [led.type])
}

warn contains result.full(array.concat(stranger.rule, ["ports"]), msg, nodes, fix) if {
	some [stranger, found, narrow] in admitted
	stranger.state == "outside"
	msg := sprintf("%v may send events", [stranger.who])
	nodes := array.concat([{"path": stranger.path}, {"path": ["spec", "podSelector"]}], netpol.nodes(found))
	ports := [{"port": 9292, "protocol": "TCP"}]
	fix := [{"op": "add", "path": result.pointer(array.concat(stranger.rule, ["ports"])), "value": ports} | narrow]
}

warn contains result.related(netpol.pods_path, "no network policy restricts who may send events", netpol.guard_nodes) if {
	subject
	netpol.guard == "no"
}

warn contains result.at(array.concat(flux.controller.pod, ["hostNetwork"]), msg) if {
	subject
	netpol.own.host
	msg := "the pod uses the network of its host, where network policies do not guard the events endpoint"
}

unknown contains finding if {
	subject
	some finding in ((netpol.guard_doubts | netpol.doubts) | netpol.undecided)
}

unknown contains result.at(["spec", key], "the effective value cannot be worked out") if {
	count(led_to("webhook")) > 0
	some key in hidden
}

unknown contains result.at(stranger.path, "whom the selector admits cannot be told: the labels of a namespace cannot be read") if {
	flux.mode == "dump"
	some [stranger, _, _] in admitted
	stranger.state == "open"
}

manual contains result.at(stranger.path, "look which namespaces of the cluster the selector reaches: only those of flux may be") if {
	flux.mode != "dump"
	some [stranger, _, _] in admitted
	stranger.state == "open"
}

manual contains result.at(["spec", "podSelector"], "notification-controller is not among the objects given") if {
	subject
	flux.kind_is("networking.k8s.io", "NetworkPolicy")
	flux.mode != "dump"
	count(receivers) == 0
}

manual contains result.at(backend.path, "an annotation sets up tls: look whether webhooks are refused without it") if {
	some [backend, _] in led_to("webhook")
	count(terminated) > 0
}

manual contains result.at(array.concat(["spec", "parentRefs"], [i]), "look whether the listener that the route is attached to has tls: its gateway is not at hand") if {
	count(led_to("webhook")) > 0
	some i, _ in gateway_refs
	count([1 | some [j, _] in parents; j == i]) == 0
}

manual contains finding if {
	subject
	some finding in netpol.guard_open
}

at_home if flux.namespace in flux.namespaces

receivers := [found |
	some found in facts.endpoints
	found.object.namespace == flux.namespace
	found.serves.events
]

# [stranger, endpoint, whether a port is all that the rule lacks] for each rule of the policy under review.
admitted contains [object.union(stranger, {"rule": path}), found, narrow] if {
	at_home
	flux.kind_is("networking.k8s.io", "NetworkPolicy")
	"Ingress" in netpol.types(flux.object)
	some found in receivers
	matched := netpol.pods_of(flux.object)
	selector.matches(matched, found.labels)
	some i, rule in netpol.rules(flux.object, "ingress")
	netpol.covers(rule, found.serves.events, found.named)
	path := ["spec", "ingress", i]
	narrow := count([1 | not rule.ports; count(matched.requirements) > 0]) > 0
	some stranger in netpol.strangers(rule, path, flux.namespaces)
}

# How the Service under review offers something outside of the cluster.
offered(what) := {"type": service.type, "nodes": nodes} if {
	at_home
	flux.kind_is("", "Service")
	service := netpol.service(flux.object)
	service.type in {"LoadBalancer", "NodePort"}
	led := [lead | some lead in netpol.leads(service, null); lead.what == what]
	count(led) > 0
	nodes := array.concat(
		[{"path": path} | some path in [["metadata", "namespace"], ["spec", "selector"], ["spec", "ports"]]],
		[each | some lead in led; some each in netpol.nodes(lead.endpoint)],
	)
}

# [backend, what is known of its Service] of the Ingress or route under review.
led_to(what) := [[backend, found] |
	subject
	some backend in netpol.backends
	found := netpol.backend(backend.namespace, backend.name, backend.port)
	what in found.whats
]

# Something in this field of the Ingress or route is ill-typed, which is reported.
unreadable(key) if {
	some finding in netpol.doubts
	finding.details.path[1] == key
}

unreadable(key) if key in hidden

# Fields of the Ingress or route that could not be worked out, besides those that the endpoint is told by.
hidden := {key |
	some key in {"HTTPRoute": ["hostnames", "parentRefs"], "Ingress": ["tls"]}[flux.object.kind]
	not flux.known(["spec", key])
}

# Some entry of the Ingress's tls is for the host.
secured(host) if {
	some entry in netpol.rules(flux.object, "tls")
	is_object(entry)
	covered(host, object.get(entry, "hosts", []))
}

covered(_, hosts) if hosts in [[], null]

covered(host, hosts) if {
	is_array(hosts)
	some name in hosts
	fits(host, name)
}

# A name with a wildcard stands for one further label.
fits(host, name) if host == name

fits(host, name) if {
	is_string(name)
	is_string(host)
	startswith(name, "*.")
	parts := split(host, ".")
	host != "*"
	concat(".", array.slice(parts, 1, count(parts))) == substring(name, 2, -1)
}

# Annotations by which TLS is set up without spec.tls.
terminated := [key |
	some key in [
		"alb.ingress.kubernetes.io/certificate-arn", "ingress.gcp.kubernetes.io/pre-shared-cert",
		"networking.gke.io/managed-certificates", "traefik.ingress.kubernetes.io/router.tls",
	]
	flux.object.metadata.annotations[key]
]

# The route's parents that are Gateways.
gateway_refs := {i: ref |
	flux.kind_is("gateway.networking.k8s.io", "HTTPRoute")
	some i, ref in netpol.rules(flux.object, "parentRefs")
	is_object(ref)
	object.get(ref, "kind", "Gateway") == "Gateway"
}

# [index of the parent, the Gateway with those listeners that the route is attached to].
parents := [[i, object.union(gateway, {"listeners": attached})] |
	some i, ref in gateway_refs
	some gateway in facts.gateways
	gateway.name == ref.name
	gateway.namespace == object.get(ref, "namespace", flux.namespace)
	attached := {j: listener |
		some j, listener in gateway.listeners
		object.get(ref, "sectionName", listener.name) == listener.name
		object.get(ref, "port", listener.port) == listener.port
	}
]

plain(listener) if {
	listener.protocol in {"HTTP", ""}
	some host in names
	meets(host, listener.host)
}

names := listed if {
	listed := flux.object.spec.hostnames
	is_array(listed)
	count(listed) > 0
} else := ["*"]

meets("*", _) := true

meets(_, "*") := true

meets(host, name) if within(host, name)

meets(host, name) if within(name, host)

within(host, name) if host == name

# Here a wildcard stands for any number of labels.
within(host, name) if {
	is_string(host)
	is_string(name)
	startswith(name, "*.")
	endswith(host, substring(name, 1, -1))
}
