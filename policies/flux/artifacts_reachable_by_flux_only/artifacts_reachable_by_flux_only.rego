# METADATA
# title: Only Flux pods reach source artifacts
# description: |
#   The port at which source-controller and source-watcher hand out artifacts (9090) can be reached only by pods in the
#   namespaces of Flux and by clients that a parameter lists. Policies add up: whatever one of them admits is admitted,
#   so each policy that selects these pods is judged by itself, rule by rule. A controller that no policy selects or
#   that uses the host's network, a Service of type NodePort or LoadBalancer, and an Ingress or HTTPRoute to the
#   artifacts fail as well.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/best-practices/#network-isolation
#     description: Flux security best practices, Network Isolation
#   - ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/
#     description: Kubernetes, network policies
# custom:
#   id: FX-NET-03
#   severity: critical
#   profiles: [base]
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
#     - cilium.io/CiliumNetworkPolicy
#     - cilium.io/CiliumClusterwideNetworkPolicy
#     - crd.projectcalico.org/NetworkPolicy
#     - crd.projectcalico.org/GlobalNetworkPolicy
#     - projectcalico.org/NetworkPolicy
#     - projectcalico.org/GlobalNetworkPolicy
#     - policy.networking.k8s.io/AdminNetworkPolicy
#     - policy.networking.k8s.io/BaselineAdminNetworkPolicy
#   origin: best-practices.md, Shared Cluster Multi-tenancy / Network Isolation
#   rationale: |
#     Artifacts hold what all tenants deploy: manifests, charts, values, in private repositories too. They are served
#     over plain HTTP without a password, at paths that can be guessed from names, so a network policy is the only
#     lock. One more policy, written for a dashboard or a scraper, is enough to open it, because policies only ever
#     add permissions.
#   audit: |
#     ```sh
#     kubectl get networkpolicies -n flux-system -o yaml
#     kubectl get services,ingresses,httproutes -n flux-system
#     ```
#
#     Take each policy whose selector fits the labels of source-controller's pod (`{}` fits all) and read its `ingress`
#     rules that have no `ports`, or port 9090, `http`, or a range with it. Pass: each `from` of these is a
#     `podSelector` alone, or a `namespaceSelector` on `kubernetes.io/metadata.name` with the namespace of Flux. A rule
#     without `from`, an empty `namespaceSelector` and an `ipBlock` fail. Then try it from a tenant's namespace:
#
#     ```sh
#     kubectl run probe -n TENANT --rm -it --restart=Never --image=curlimages/curl -- \
#       curl -m 5 http://source-controller.flux-system/
#     ```
#
#     Pass: the connection times out.
#   remediation: |
#     Delete the policy that admits strangers, or confine it: to a port that is not 9090, and to the pods that need it.
#
#     ```yaml
#     spec:
#       podSelector: {}
#       policyTypes: [Ingress]
#       ingress:
#         - from:
#             - namespaceSelector:
#                 matchLabels:
#                   kubernetes.io/metadata.name: monitoring
#           ports:
#             - port: 8080
#               protocol: TCP
#     ```
#
#     A client outside of the namespace of Flux that has to fetch artifacts gets a policy for its namespace alone, and a
#     place in the parameter `artifactClients`. Keep the Service at type ClusterIP and remove Ingresses and routes to it.
#   since: 0.1.0
#   params:
#     artifactClients:
#       type: array
#       items: {type: string}
#       default: []
#       description: Namespaces, or address ranges as a policy writes them, besides Flux's own that may fetch artifacts
#     fluxNamespaces:
#       type: array
#       items: {type: string}
#       default: ["flux-system"]
#       description: Namespaces of Flux controllers, besides those where some are found
package flux.artifacts_reachable_by_flux_only

import data.lib.facts
import data.lib.flux
import data.lib.netpol
import data.lib.result
import data.lib.selector

subject if netpol.serving[flux.component].artifacts

subject if {
	at_home
	some [group, kind] in [["networking.k8s.io", "NetworkPolicy"], ["", "Service"], ["networking.k8s.io", "Ingress"], ["gateway.networking.k8s.io", "HTTPRoute"]]
	flux.kind_is(group, kind)
}

subject if {
	some backend in netpol.backends
	backend.namespace in flux.namespaces
}

violation contains result.related(netpol.pods_path, "no network policy restricts who may fetch the artifacts", netpol.guard_nodes) if {
	subject
	netpol.guard == "no"
}

violation contains result.at(array.concat(flux.controller.pod, ["hostNetwork"]), msg) if {
	subject
	netpol.own.host
	msg := "the pod uses the network of its host, where network policies do not guard the artifacts"
}

violation contains result.related(stranger.path, msg, nodes) if {
	some [stranger, found] in admitted
	stranger.state == "outside"
	msg := sprintf("%v may fetch the artifacts", [stranger.who])
	nodes := array.concat(
		[{"path": ["metadata", "namespace"]}, {"path": ["spec", "podSelector"]}],
		array.concat(stranger.nodes, netpol.nodes(found)),
	)
}

violation contains result.full(["spec", "type"], msg, nodes, fix) if {
	service.type in {"LoadBalancer", "NodePort"}
	led := [lead | some lead in netpol.leads(service, null); lead.what == "artifacts"]
	count(led) > 0
	msg := sprintf("the service offers the artifacts outside of the cluster: its type is %v", [service.type])
	nodes := array.concat(
		[{"path": path} | some path in [["metadata", "namespace"], ["spec", "selector"], ["spec", "ports"]]],
		[each | some lead in led; some each in netpol.nodes(lead.endpoint)],
	)
	fix := [{"op": "replace", "path": "/spec/type", "value": "ClusterIP"}]
}

violation contains result.related(backend.path, "requests from outside of the cluster are led to the artifacts", nodes) if {
	subject
	some backend in netpol.backends
	found := netpol.backend(backend.namespace, backend.name, backend.port)
	"artifacts" in found.whats
	nodes := array.concat([{"path": ["metadata", "namespace"]}], found.nodes)
}

unknown contains finding if {
	subject
	some finding in ((netpol.guard_doubts | netpol.doubts) | netpol.undecided)
}

unknown contains result.related(netpol.pods_path, msg, nodes) if {
	subject
	netpol.guard == "yes"
	nodes := [{"object": found, "path": ["spec"]} | some found in netpol.foreign]
	count(nodes) > 0
	msg := "there are policies of a kind that is not evaluated; they may admit more than the network policies"
}

unknown contains result.at(stranger.path, "whom the selector admits cannot be told: the labels of a namespace cannot be read") if {
	flux.mode == "dump"
	some [stranger, _] in admitted
	stranger.state == "open"
}

manual contains result.at(stranger.path, "look which namespaces of the cluster the selector reaches: only those of flux may be") if {
	flux.mode != "dump"
	some [stranger, _] in admitted
	stranger.state == "open"
}

manual contains result.at(["spec", "podSelector"], "the pods that serve artifacts are not among the objects given") if {
	subject
	flux.kind_is("networking.k8s.io", "NetworkPolicy")
	flux.mode != "dump"
	count(sources) == 0
}

manual contains finding if {
	subject
	some finding in netpol.guard_open
}

at_home if flux.namespace in flux.namespaces

# Endpoints in the namespace of the object under review that serve artifacts.
sources := [found |
	some found in facts.endpoints
	found.object.namespace == flux.namespace
	found.serves.artifacts
]

# [stranger, endpoint] for each rule of the policy under review that admits one to artifacts.
admitted contains [stranger, found] if {
	at_home
	flux.kind_is("networking.k8s.io", "NetworkPolicy")
	"Ingress" in netpol.types(flux.object)
	some found in sources
	selector.matches(netpol.pods_of(flux.object), found.labels)
	some i, rule in netpol.rules(flux.object, "ingress")
	netpol.covers(rule, found.serves.artifacts, found.named)
	some stranger in netpol.strangers(rule, ["spec", "ingress", i], allowed)
}

allowed := flux.namespaces | {client | some client in flux.param("artifactClients", [])}

service := netpol.service(flux.object) if {
	at_home
	flux.kind_is("", "Service")
}
