# Whether policies guard the controller under review, and what cannot be told of the object under review.
package lib.netpol

import data.lib.facts
import data.lib.flux
import data.lib.result
import data.lib.shape
import data.lib.workload

# "yes": some policy restricts who may connect; "doubt": some may; "no": there is none; "unseen": there may be
# one that is not at hand; "unsure": the labels of the pods are not known.
guard := "unsure" if {
	flux.component
	not flux.known(pods_path)
} else := "yes" if {
	flux.component
	_guarded
} else := "doubt" if {
	flux.component
	count(doubted) > 0
} else := "no" if {
	flux.component
	_absence_counts
} else := "unseen" if {
	flux.component
}

pods_path := array.concat(flux.controller.template, ["metadata", "labels"])

_home := flux.namespace

_guarded if {
	some found in facts.network_policies
	isolates(found, _home, pod_labels(flux.object))
}

# Policies whose meaning cannot be told, or is not worked out.
doubted := array.concat([found.object | some found in facts.network_policies; doubtful(found, _home)], foreign)

# Those of other kinds.
foreign := [found | some found in facts.foreign_policies; found.namespace in {"", _home}]

# That there is no policy proves something in a cluster, or where the rest of an installation is given.
_absence_counts if {
	flux.mode == "dump"
	facts.available
}

_absence_counts if count(_evidence) > 0

# Services of Flux: they are installed together with the policies.
_evidence := [found |
	flux.mode in {"git", "render"}
	some found in facts.flux_services
	found.object.namespace == _home
	count(leads(found, null)) > 0
]

# The nodes without which the controller would be guarded.
guard_nodes := array.concat(
	[{"path": ["metadata", "namespace"]}],
	[{"object": found.object, "path": path} |
		some found in array.concat(facts.network_policies, _evidence)
		some path in [["spec"], ["metadata", "namespace"]]
	],
)

# Ready findings where the labels of the pods, or policies about them, cannot be told.
guard_doubts contains finding if {
	flux.component
	some finding in shape.recognition
}

guard_doubts contains result.at(pods_path, "the effective labels of the pods cannot be worked out") if guard == "unsure"

guard_doubts contains result.related(pods_path, msg, [{"object": found, "path": ["spec"]} | some found in doubted]) if {
	guard == "doubt"
	msg := "whether policies restrict who may connect to these pods cannot be told: some are malformed or of a kind that is not evaluated"
}

# Ready `manual` findings.
guard_open contains result.at(pods_path, "network policies are known only from the inventory of the cluster") if {
	guard == "unseen"
	not facts.available
}

guard_open contains result.at(pods_path, "look for a network policy that selects these pods: none is among the objects given") if {
	guard == "unseen"
	facts.available
}

# Ready findings where a NetworkPolicy, Service, Ingress or HTTPRoute under review cannot be read.
doubts contains finding if {
	some finding in shape.check(_rows[workload.group_kind(flux.object)])
}

doubts contains result.at(path, "the effective value cannot be worked out") if {
	_rows[workload.group_kind(flux.object)]
	some key in ["podSelector", "policyTypes", "ingress", "type", "selector", "ports", "rules", "defaultBackend"]
	path := ["spec", key]
	not flux.known(path)
}

doubts contains result.at(path, "the selector is malformed, so whom it selects cannot be told") if {
	some [path, raw] in _selectors
	is_object(raw)
	parsed(raw).error != ""
}

doubts contains result.at(path, "the peer names nobody, so whom it admits cannot be told") if {
	some [path, peer] in _peers
	count([1 | some key in ["podSelector", "namespaceSelector", "ipBlock"]; _field(peer, key, null) != null]) == 0
}

doubts contains result.at(found.path, "the name of the service is not known") if {
	some found in backends
	contains(found.name, "${")
}

_peers := [[["spec", "ingress", i, "from", j], peer] |
	_policy_itself
	some i, rule in rules(flux.object, "ingress")
	is_array(rule.from)
	some j, peer in rule.from
	is_object(peer)
]

_selectors := array.concat(
	[[["spec", "podSelector"], _field(spec(flux.object), "podSelector", null)] | _policy_itself],
	[[array.concat(path, [key]), _field(peer, key, null)] |
		some [path, peer] in _peers
		some key in ["podSelector", "namespaceSelector"]
	],
)

_policy_itself if flux.kind_is("networking.k8s.io", "NetworkPolicy")

_rows := {
	"networking.k8s.io/NetworkPolicy": [
		[[["spec"]], "object"],
		[[["spec", "podSelector"]], "object"],
		[[["spec", "policyTypes"]], "array"],
		[[["spec", "policyTypes"], []], "string"],
		[[["spec", "ingress"]], "array"],
		[[["spec", "ingress"], []], "object"],
		[[["spec", "ingress"], ["from"]], "array"],
		[[["spec", "ingress"], ["ports"]], "array"],
		[[["spec", "ingress"], ["from"], []], "object"],
		[[["spec", "ingress"], ["from"], ["podSelector"]], "object"],
		[[["spec", "ingress"], ["from"], ["namespaceSelector"]], "object"],
		[[["spec", "ingress"], ["from"], ["ipBlock"]], "object"],
		[[["spec", "ingress"], ["from"], ["ipBlock", "cidr"]], "string"],
		[[["spec", "ingress"], ["ports"], []], "object"],
		[[["spec", "ingress"], ["ports"], ["port"]], "scalar"],
		[[["spec", "ingress"], ["ports"], ["endPort"]], "number"],
		[[["spec", "ingress"], ["ports"], ["protocol"]], "string"],
	],
	"Service": [
		[[["spec"]], "object"],
		[[["spec", "type"]], "string"],
		[[["spec", "selector"]], "strings"],
		[[["spec", "ports"]], "array"],
		[[["spec", "ports"], []], "object"],
		[[["spec", "ports"], ["port"]], "number"],
		[[["spec", "ports"], ["targetPort"]], "scalar"],
		[[["spec", "ports"], ["protocol"]], "string"],
	],
	"networking.k8s.io/Ingress": [
		[[["spec"]], "object"],
		[[["spec", "defaultBackend"]], "object"],
		[[["spec", "defaultBackend", "service"]], "object"],
		[[["spec", "defaultBackend", "service", "name"]], "string"],
		[[["spec", "rules"]], "array"],
		[[["spec", "rules"], []], "object"],
		[[["spec", "rules"], ["host"]], "string"],
		[[["spec", "rules"], ["http"]], "object"],
		[[["spec", "rules"], ["http", "paths"]], "array"],
		[[["spec", "rules"], ["http", "paths"], []], "object"],
		[[["spec", "rules"], ["http", "paths"], ["backend"]], "object"],
		[[["spec", "rules"], ["http", "paths"], ["backend", "service"]], "object"],
		[[["spec", "rules"], ["http", "paths"], ["backend", "service", "name"]], "string"],
		[[["spec", "tls"]], "array"],
		[[["spec", "tls"], []], "object"],
		[[["spec", "tls"], ["hosts"]], "array"],
	],
	"gateway.networking.k8s.io/HTTPRoute": [
		[[["spec"]], "object"],
		[[["spec", "hostnames"]], "array"],
		[[["spec", "parentRefs"]], "array"],
		[[["spec", "parentRefs"], []], "object"],
		[[["spec", "rules"]], "array"],
		[[["spec", "rules"], []], "object"],
		[[["spec", "rules"], ["backendRefs"]], "array"],
		[[["spec", "rules"], ["backendRefs"], []], "object"],
		[[["spec", "rules"], ["backendRefs"], ["name"]], "string"],
		[[["spec", "rules"], ["backendRefs"], ["namespace"]], "string"],
	],
}
