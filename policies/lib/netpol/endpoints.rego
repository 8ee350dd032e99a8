# The ports of Flux that serve something, and what leads to them from outside of the cluster.
package lib.netpol

import data.lib.facts
import data.lib.flags
import data.lib.flux
import data.lib.result
import data.lib.shape
import data.lib.workload

# What a component serves → [flag with its address, port without the flag].
serving := {
	"source-controller": {"artifacts": ["storage-addr", 9090]},
	"source-watcher": {"artifacts": ["storage-addr", 9090]},
	"notification-controller": {"events": ["events-addr", 9090], "webhook": ["receiverAddr", 9292]},
}

# A workload that serves, from its object and its record with parsed flags.
endpoint(obj, record) := {
	"component": record.component,
	"object": identity(obj),
	"labels": pod_labels(obj),
	"labels_path": array.concat(record.template, ["metadata", "labels"]),
	"container": _place(record),
	"named": {port.name: port.containerPort |
		container := workload.containers(obj)[record.container]
		is_array(container.ports)
		some port in container.ports
		is_string(port.name)
		is_number(port.containerPort)
		_tcp(port)
	},
	"host": _host_network(obj),
	"serves": {what: number |
		some what, row in serving[record.component]
		number := _port(flags.get_of(record, row[0]), row[1])
	},
}

# The one under review.
own := endpoint(flux.object, flags.record)

# Findings where it cannot be told what the object under review serves, and at which ports.
undecided contains finding if {
	some row in serving[flux.component]
	some finding in flags.undecided(row[0])
}

undecided contains result.at(flag.path, "the port in the address cannot be told") if {
	some row in serving[flux.component]
	flag := flags.get(row[0])
	flag.state == "known"
	is_string(flag.value)
	not regex.match(`:[0-9]{1,5}$`, flag.value)
}

undecided contains finding if {
	serving[flux.component]
	pod := flux.controller.pod
	some finding in shape.check([
		[[array.concat(pod, ["hostNetwork"])], "boolean"],
		[[array.concat(pod, ["containers"]), ["ports"]], "array"],
		[[array.concat(pod, ["containers"]), ["ports"], []], "object"],
		[[array.concat(pod, ["containers"]), ["ports"], ["name"]], "string"],
		[[array.concat(pod, ["containers"]), ["ports"], ["containerPort"]], "number"],
		[[array.concat(pod, ["containers"]), ["ports"], ["protocol"]], "string"],
	])
}

undecided contains result.at(path, "the effective value cannot be worked out") if {
	serving[flux.component]
	some path in [flux.controller.pod, own.labels_path]
	not flux.known(path)
}

# The nodes that make an endpoint what it is.
nodes(found) := [{"object": found.object, "path": path} |
	some path in [
		["metadata", "namespace"], found.labels_path,
		array.concat(found.container, ["ports"]), array.concat(found.container, ["args"]),
	]
]

_place(record) := array.concat(record.pod, ["containers", record.container]) if {
	is_number(record.container)
} else := array.concat(record.pod, ["containers"])

# Labels of the pods that a workload makes.
pod_labels(obj) := labels if {
	labels := workload.template(obj).metadata.labels
	is_object(labels)
} else := {}

_tcp(port) if _field(port, "protocol", "TCP") == "TCP"

_host_network(obj) if {
	workload.template(obj).spec.hostNetwork == true
} else := false

_port(flag, preset) := port if {
	flag.state == "known"
	is_string(flag.value)
	found := regex.find_n(`:[0-9]{1,5}$`, flag.value, 1)
	count(found) == 1
	port := to_number(substring(found[0], 1, -1))
} else := preset

# A Service in short: TCP ports, and the pods by their labels ({} for none).
service(obj) := {
	"object": identity(obj),
	"type": _field(spec(obj), "type", "ClusterIP"),
	"selector": _field(spec(obj), "selector", {}),
	"ports": [{
		"name": _field(port, "name", ""),
		"port": _field(port, "port", 0),
		"target": _field(port, "targetPort", _field(port, "port", 0)),
	} |
		some port in rules(obj, "ports")
		is_object(port)
		_tcp(port)
	],
}

# What one port of a Service (its number or name; null for all) leads to: [{"endpoint", "what"}].
leads(of, ref) := [{"endpoint": found, "what": what} |
	some port in of.ports
	_chosen(port, ref)
	some found in facts.endpoints
	found.object.namespace == of.object.namespace
	_selects(of.selector, found.labels)
	some what, number in found.serves
	_target(port, found) == number
]

_chosen(_, null) := true

_chosen(port, ref) if {
	ref != null
	ref in [port.port, port.name]
}

_selects(labels, those) if {
	is_object(labels)
	count(labels) > 0
	count([1 | some key, value in labels; those[key] == value]) == count(labels)
}

_target(port, _) := port.target if is_number(port.target)

_target(port, found) := found.named[port.target] if is_string(port.target)

# What a Service of this name serves: {"whats": set, "nodes"}. Where the Service is not at hand its name tells.
backend(namespace, name, ref) := {"whats": whats, "nodes": found_nodes} if {
	some known in facts.flux_services
	known.object.namespace == namespace
	known.object.name == name
	led := leads(known, ref)
	whats := {lead.what | some lead in led}
	found_nodes := array.concat(
		[{"object": known.object, "path": path} | count(led) > 0; some path in [["spec"], ["metadata", "namespace"]]],
		[node | some lead in led; some node in nodes(lead.endpoint)],
	)
} else := {"whats": {_usual[name]}, "nodes": []} if {
	namespace in flux.namespaces
} else := {"whats": set(), "nodes": []}

_usual := {
	"source-controller": "artifacts",
	"source-watcher": "artifacts",
	"notification-controller": "events",
	"webhook-receiver": "webhook",
}

# Places where an Ingress or HTTPRoute names a Service: [{"path", "namespace", "name", "port", "hosts"}].
backends := array.concat(_default_backend, _path_backends) if {
	flux.kind_is("networking.k8s.io", "Ingress")
} else := _route_backends if {
	flux.kind_is("gateway.networking.k8s.io", "HTTPRoute")
} else := []

_default_backend := [{
	"path": ["spec", "defaultBackend"],
	"namespace": flux.namespace,
	"name": found.name,
	"port": _ref(found),
	"hosts": ["*"],
} |
	found := flux.object.spec.defaultBackend.service
	is_string(found.name)
]

_path_backends := [{
	"path": ["spec", "rules", i, "http", "paths", j, "backend"],
	"namespace": flux.namespace,
	"name": found.name,
	"port": _ref(found),
	"hosts": [_field(rule, "host", "*")],
} |
	some i, rule in rules(flux.object, "rules")
	paths := rule.http.paths
	is_array(paths)
	some j, entry in paths
	found := entry.backend.service
	is_string(found.name)
]

_ref(of) := of.port.number if {
	is_number(of.port.number)
} else := of.port.name if {
	is_string(of.port.name)
} else := null

_route_backends := [{
	"path": ["spec", "rules", i, "backendRefs", j],
	"namespace": _field(found, "namespace", flux.namespace),
	"name": found.name,
	"port": _field(found, "port", null),
	"hosts": _field(spec(flux.object), "hostnames", ["*"]),
} |
	some i, rule in rules(flux.object, "rules")
	refs := rule.backendRefs
	is_array(refs)
	some j, found in refs
	is_string(found.name)
	_field(found, "kind", "Service") == "Service"
	_field(found, "group", "") == ""
]

# Listeners of a Gateway: [{"name", "port", "protocol", "host"}].
listeners(obj) := [{
	"name": _field(listener, "name", ""),
	"port": _field(listener, "port", 0),
	"protocol": _field(listener, "protocol", ""),
	"host": _field(listener, "hostname", "*"),
} |
	some listener in rules(obj, "listeners")
	is_object(listener)
]
