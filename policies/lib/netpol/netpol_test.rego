package lib.netpol_test

import data.lib.facts
import data.lib.netpol
import data.lib.netpol_sample_test as net
import data.lib.selector

direction(spec) := [short.ingress, short.egress] if {
	short := netpol.policy(net.policy("a", spec))
}

test_directions if {
	direction(null) == ["closed", "off"]
	direction(7) == ["unknown", "unknown"]
	direction({"egress": []}) == ["closed", "off"]
	direction({"egress": [{}]}) == ["closed", "open"]
	direction({"egress": [{"ports": [{"port": 53, "protocol": "UDP"}]}]}) == ["closed", "closed"]
	direction({"policyTypes": []}) == ["closed", "off"]
	direction({"policyTypes": ["Egress"]}) == ["off", "closed"]
	direction({"policyTypes": ["Other"]}) == ["unknown", "unknown"]
	direction({"policyTypes": 7}) == ["unknown", "unknown"]
	direction({"ingress": [{"from": [{"podSelector": {}}]}]}) == ["closed", "off"]
	direction({"ingress": [{}]}) == ["open", "off"]
	direction({"ingress": [{"from": [{"namespaceSelector": {}}]}]}) == ["open", "off"]
	direction({"ingress": [{"from": [{"namespaceSelector": {}, "podSelector": {"matchLabels": {"a": "b"}}}]}]}) == ["closed", "off"]
	direction({"ingress": [{"from": [{"ipBlock": {"cidr": "::/0"}}]}]}) == ["open", "off"]
	direction({"ingress": [{"from": [{"ipBlock": {"cidr": "10.0.0.0/8"}}]}]}) == ["closed", "off"]
	direction({"ingress": [{"from": [7]}]}) == ["unknown", "off"]
	direction({"ingress": 7}) == ["unknown", "off"]
}

hidden(path) := netpol.policy(object.union(
	net.policy("a", {}),
	{"metadata": {"annotations": {"flux-audit.internal/unknown-paths": path}}},
))

test_hidden if {
	hidden("/spec").ingress == "unknown"
	hidden("/spec/ingress").ingress == "unknown"
	hidden("/spec/policyTypes").egress == "unknown"
	hidden("/spec/podSelector").selector.error != ""
}

matches(raw, labels) := selector.matches(netpol.parsed(raw), labels)

test_selectors if {
	matches({}, {})
	matches({"matchLabels": {"a": "b"}, "matchExpressions": null}, {"a": "b"})
	not matches({"matchLabels": {"a": "b"}}, {"a": "c"})
	matches({"matchExpressions": [{"key": "a", "operator": "NotIn", "values": ["b"]}]}, {})
	matches({"matchExpressions": [{"key": "a", "operator": "DoesNotExist"}]}, {})
	not matches({"matchExpressions": [{"key": "a", "operator": "Exists"}]}, {})
	matches({"matchExpressions": [{"key": "a", "operator": "In", "values": ["b", "c"]}]}, {"a": "c"})
	every raw in [7, {"matchLabels": {"a": 1}}, {"matchExpressions": [{"key": "a", "operator": "Is"}]}, {"matchExpressions": [7]}] {
		netpol.parsed(raw).error != ""
	}
}

test_namespace_labels if {
	netpol.namespace_labels(net.namespace("a", null)) == {"kubernetes.io/metadata.name": "a"}
	netpol.namespace_labels(net.namespace("a", 7)) == null
}

test_wide if {
	netpol.wide("0.0.0.0/0")
	not netpol.wide("10.0.0.0/8")
	not netpol.wide(7)
}

test_facts if {
	cluster := net.inventory([
		net.source({}), net.service("source-controller", "http"), net.policy("a", {}), net.policy_in("other", "a", {}),
		{"apiVersion": "gateway.networking.k8s.io/v1", "kind": "Gateway", "metadata": {"name": "g", "namespace": "web"}, "spec": {"listeners": [
			{"name": "web", "port": 80, "protocol": "HTTP"},
			7,
		]}},
	])
	[found.object.name | some found in facts.network_policies] == ["a"] with data.inventory as cluster
	[found.named | some found in facts.endpoints] == [{"http": 9090}] with data.inventory as cluster
	[found.ports | some found in facts.flux_services] == [[{"name": "http", "port": 80, "target": "http"}]] with data.inventory as cluster
	[found.listeners | some found in facts.gateways] == [[{"name": "web", "port": 80, "protocol": "HTTP", "host": "*"}]] with data.inventory as cluster
	given := {"facts": {key: [key] | some key in ["network_policies", "foreign_policies", "namespace_labels", "endpoints", "flux_services", "gateways"]}}
	facts.network_policies == ["network_policies"] with data.inventory as given
	facts.foreign_policies == ["foreign_policies"] with data.inventory as given
	facts.namespace_labels == ["namespace_labels"] with data.inventory as given
	facts.endpoints == ["endpoints"] with data.inventory as given
	facts.flux_services == ["flux_services"] with data.inventory as given
	facts.gateways == ["gateways"] with data.inventory as given
}

# A container that cannot be told has no ports of its own, and an address without one has the usual.
test_endpoint if {
	two := [{"name": "a", "image": "a"}, {"name": "b", "image": "b"}]
	labels := {"app.kubernetes.io/component": "source-controller", "app.kubernetes.io/part-of": "flux"}
	obj := {
		"apiVersion": "v1", "kind": "Pod",
		"metadata": {"name": "x", "namespace": "flux-system", "labels": labels}, "spec": {"containers": two},
	}
	netpol.own.container == ["spec", "containers"] with input as obj
	netpol.own.serves == {"artifacts": 9090} with input as obj
	addressed := net.source({"args": ["--storage-addr=localhost"]})
	some finding in netpol.undecided with input as addressed
	finding.msg == "the port in the address cannot be told"
	odd := net.source({"pod": {"hostNetwork": "yes"}})
	some third in netpol.undecided with input as odd
	third.details.path == ["spec", "template", "spec", "hostNetwork"]
	veiled := object.union(net.source({}), {"metadata": {"annotations": {"flux-audit.internal/unknown-paths": "/spec/template/spec"}}})
	some other in netpol.undecided with input as veiled
	other.msg == "the effective value cannot be worked out"
}
