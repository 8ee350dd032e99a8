package lib.facts

import data.lib.workload

# RuntimeClass → its handler; null where that is no text.
runtime_classes := fact if {
	fact := data.inventory.facts.runtime_classes
} else := {name: handler |
	some obj in clustered("node.k8s.io", "RuntimeClass")
	name := workload.name_of(obj)
	handler := _handler(obj)
}

_handler(obj) := obj.handler if {
	is_string(obj.handler)
} else := null

# Policies that give pods a runtime class, sorted: {"object", "class": "" where it cannot be told, "whole": whether
# all pods get it}.
runtime_injections := fact if {
	fact := data.inventory.facts.runtime_injections
} else := sort([injection |
	some [obj, class, whole] in (_kyverno_injections | _gatekeeper_injections)
	injection := {
		"object": {
			"apiVersion": obj.apiVersion,
			"kind": obj.kind,
			"namespace": workload.namespace_of(obj),
			"name": workload.name_of(obj),
		},
		"class": class,
		"whole": whole,
	}
])

_kyverno_injections := {[obj, class, whole] |
	some obj in clustered("kyverno.io", "ClusterPolicy")
	is_array(obj.spec.rules)
	some rule in obj.spec.rules
	pod := rule.mutate.patchStrategicMerge.spec
	some key in ["runtimeClassName", "+(runtimeClassName)"]
	class := _text_or_none(pod[key])
	whole := count([1 | _every_pod(rule)]) > 0
}

_every_pod(rule) if {
	not rule.exclude
	not rule.preconditions
	is_array(rule.match.any)
	some filter in rule.match.any
	object.keys(filter) == {"resources"}
	is_array(filter.resources.kinds)
	"Pod" in filter.resources.kinds
	object.keys(filter.resources) - {"kinds", "operations"} == set()
}

_gatekeeper_injections := {[obj, class, whole] |
	some obj in clustered("mutations.gatekeeper.sh", "Assign")
	obj.spec.location == "spec.runtimeClassName"
	class := _text_or_none(obj.spec.parameters.assign.value)
	whole := count([1 |
		some key in ["namespaces", "excludedNamespaces", "namespaceSelector", "labelSelector", "name", "scope"]
		obj.spec.match[key]
	]) == 0
}

_text_or_none(value) := value if {
	is_string(value)
} else := ""
