package lib.facts

import data.lib.workload

# Every Service with its selector: {} where it has none, null where the selector is not a map of texts.
services := fact if {
	fact := data.inventory.facts.services
} else := sort([service |
	some obj in namespaced("", "Service")
	service := {
		"apiVersion": obj.apiVersion,
		"namespace": workload.namespace_of(obj),
		"name": workload.name_of(obj),
		"selector": _service_selector(obj),
	}
])

_service_selector(obj) := {} if {
	object.get(obj, ["spec", "selector"], null) == null
} else := obj.spec.selector if {
	is_object(obj.spec.selector)
	count([1 | some value in obj.spec.selector; not is_string(value)]) == 0
} else := null
