# What NetworkPolicies mean, and which ports of Flux they, Services and routes lead to.
package lib.netpol

import data.lib.facts
import data.lib.flux
import data.lib.selector
import data.lib.workload

identity(obj) := {
	"apiVersion": obj.apiVersion,
	"kind": obj.kind,
	"namespace": workload.namespace_of(obj),
	"name": workload.name_of(obj),
}

# A NetworkPolicy in short. Each direction is "off" (not restricted by it), "closed" (only named peers),
# "open" (some rule admits everyone) or "unknown".
policy(obj) := {
	"object": identity(obj),
	"selector": pods_of(obj),
	"ingress": _direction(obj, "Ingress", "ingress", "from"),
	"egress": _direction(obj, "Egress", "egress", "to"),
}

# The spec; one that is missing has all defaults. Null where it is ill-typed or not known.
spec(obj) := found if {
	flux.known_in(obj, ["spec"])
	found := object.get(obj, "spec", null)
	is_object(found)
} else := {} if {
	flux.known_in(obj, ["spec"])
	object.get(obj, "spec", null) == null
} else := null

# The parsed podSelector: absent and empty ones select all pods of the namespace.
pods_of(obj) := parsed(_field(spec(obj), "podSelector", {})) if flux.known_in(obj, ["spec", "podSelector"])

pods_of(obj) := _malformed if not flux.known_in(obj, ["spec", "podSelector"])

# The directions in effect. Without policyTypes that is Ingress, and Egress where there are such rules. Null
# where it cannot be told.
types(obj) := found if {
	list := _field(spec(obj), "policyTypes", [])
	is_array(list)
	count(list) > 0
	flux.known_in(obj, ["spec", "policyTypes"])
	found := {type | some type in list}
	count(found - {"Ingress", "Egress"}) == 0
} else := found if {
	_field(spec(obj), "policyTypes", []) == []
	flux.known_in(obj, ["spec", "policyTypes"])
	egress := _field(spec(obj), "egress", [])
	found := {"Ingress"} | {"Egress" | egress != []}
} else := null

rules(obj, key) := _list(spec(obj), key)

_direction(obj, type, key, side) := "unknown" if {
	not _readable(obj, key, side)
} else := "off" if {
	not type in types(obj)
} else := "open" if {
	some rule in rules(obj, key)
	_unbounded(rule, side)
} else := "closed"

_readable(obj, key, side) if {
	flux.known_in(obj, ["spec", key])
	types(obj) != null
	list := _field(spec(obj), key, [])
	is_array(list)
	count([1 | some rule in list; not _whole(rule, side)]) == 0
}

_whole(rule, side) if {
	is_object(rule)
	peers := _field(rule, side, [])
	is_array(peers)
	count([1 | some peer in peers; not is_object(peer)]) == 0
}

# Outgoing connections to some ports alone, such as that of DNS, are not to everyone.
_unbounded(rule, "from") if _anyone(rule, "from")

_unbounded(rule, "to") if {
	_field(rule, "ports", []) == []
	_anyone(rule, "to")
}

_anyone(rule, side) if _field(rule, side, []) == []

_anyone(rule, side) if {
	some peer in _list(rule, side)
	_everyone(peer)
}

_everyone(peer) if {
	is_object(peer.namespaceSelector)
	parsed(peer.namespaceSelector) == _all
	parsed(_field(peer, "podSelector", {})) == _all
}

_everyone(peer) if wide(peer.ipBlock.cidr)

# An address range without bounds.
wide(cidr) if {
	is_string(cidr)
	endswith(cidr, "/0")
}

_field(obj, key, preset) := value if {
	is_object(obj)
	value := object.get(obj, key, null)
	value != null
} else := preset if {
	is_object(obj)
} else := null

_list(obj, key) := value if {
	value := _field(obj, key, [])
	is_array(value)
} else := []

_all := {"text": "", "error": "", "requirements": []}

_malformed := {"text": "", "error": "malformed", "requirements": []}

# A LabelSelector object in the form of lib.selector.
parsed(raw) := {"text": "", "error": "", "requirements": requirements} if {
	is_object(raw)
	labels := _field(raw, "matchLabels", {})
	is_object(labels)
	expressions := _field(raw, "matchExpressions", [])
	is_array(expressions)
	exact := [{"key": key, "operator": "in", "values": [value]} | some key, value in labels; is_string(value)]
	further := [requirement | some raw_requirement in expressions; requirement := _requirement(raw_requirement)]
	count(exact) == count(labels)
	count(further) == count(expressions)
	requirements := array.concat(exact, further)
} else := _malformed

_requirement(raw) := {"key": raw.key, "operator": _operators[raw.operator], "values": values} if {
	is_string(raw.key)
	values := _field(raw, "values", [])
	is_array(values)
	count([1 | some value in values; not is_string(value)]) == 0
}

_operators := {"In": "in", "NotIn": "notin", "Exists": "exists", "DoesNotExist": "absent"}

# Labels of a Namespace, with the one that the API server adds. Null where they cannot be read.
namespace_labels(obj) := object.union(labels, {"kubernetes.io/metadata.name": workload.name_of(obj)}) if {
	labels := _field(_field(obj, "metadata", {}), "labels", {})
	is_object(labels)
} else := null

# The policy restricts who may connect to pods with these labels.
isolates(found, namespace, labels) if {
	found.object.namespace == namespace
	found.ingress in {"open", "closed"}
	selector.matches(found.selector, labels)
}

# It may, but that cannot be told.
doubtful(found, namespace) if {
	found.object.namespace == namespace
	found.selector.error != ""
}

doubtful(found, namespace) if {
	found.object.namespace == namespace
	found.ingress == "unknown"
}

# A policy of another kind without a word about incoming connections.
egress_only(obj) if {
	is_object(obj.spec)
	not is_null(object.get(obj.spec, "egress", null))
	not "specs" in object.keys(obj)
	count([1 | some key in ["ingress", "ingressDeny", "types"]; object.get(obj.spec, key, null) != null]) == 0
}

# The rule admits TCP connections to the port; `named` are the target's named ports.
covers(rule, _, _) if _field(rule, "ports", []) == []

covers(rule, port, named) if {
	some entry in _list(rule, "ports")
	_field(entry, "protocol", "TCP") == "TCP"
	_reaches(_field(entry, "port", null), _field(entry, "endPort", null), port, named)
}

_reaches(null, _, _, _) := true

_reaches(first, last, port, _) if {
	is_number(first)
	first <= port
	port <= _last(first, last)
}

_reaches(name, _, port, named) if {
	is_string(name)
	named[name] == port
}

_last(_, last) := last if is_number(last)

_last(first, last) := first if not is_number(last)

# Who may connect by a rule besides the namespaces (and address ranges) that are allowed: a list of
# {"path", "state", "who", "nodes"}; "outside" is proved, "open" depends on Namespaces that are not at hand.
strangers(rule, path, allowed) := [{"path": path, "state": "outside", "who": "everyone", "nodes": []}] if {
	_field(rule, "from", []) == []
} else := [stranger |
	some i, peer in _list(rule, "from")
	verdict := _verdict(peer, allowed)
	stranger := object.union(verdict, {"path": array.concat(path, ["from", i])})
]

_verdict(peer, allowed) := {"state": "outside", "who": sprintf("the addresses %v", [peer.ipBlock.cidr]), "nodes": []} if {
	is_string(peer.ipBlock.cidr)
	not peer.ipBlock.cidr in allowed
}

_verdict(peer, allowed) := _reached(parsed(peer.namespaceSelector), allowed) if {
	is_object(peer.namespaceSelector)
	_field(peer, "ipBlock", null) == null
}

_reached(found, allowed) := {"state": "outside", "who": "pods of every namespace", "nodes": []} if {
	found == _all
} else := {"state": "outside", "who": sprintf("pods of the namespace %v", [others[0]]), "nodes": which} if {
	others := _others(found, allowed)
	count(others) > 0
	object_ref := {"apiVersion": "v1", "kind": "Namespace", "namespace": "", "name": others[0]}
	which := [{"object": object_ref, "path": ["metadata", "labels"]} | count(others) == 1]
} else := {"state": "open", "who": "pods of namespaces by their labels", "nodes": []} if {
	not _bound(found, allowed)
	_some_unseen
}

# The Namespaces at hand that the selector reaches and that are not allowed, sorted.
_others(found, allowed) := sort([ns |
	found.error == ""
	some ns, labels in facts.namespace_labels
	not ns in allowed
	selector.matches(found, labels)
])

# The label that the API server gives each Namespace binds the selector to allowed names.
_bound(found, allowed) if {
	some requirement in found.requirements
	requirement.key == "kubernetes.io/metadata.name"
	requirement.operator == "in"
	count([1 | some value in requirement.values; not value in allowed]) == 0
}

_some_unseen if flux.mode != "dump"

_some_unseen if null in facts.namespace_labels
