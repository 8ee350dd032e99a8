package lib.facts

import data.lib.flags
import data.lib.flux
import data.lib.images
import data.lib.releases
import data.lib.workload

# Namespaces of the workloads that prove by themselves to be Flux controllers, sorted.
flux_namespaces := fact if {
	fact := data.inventory.facts.flux_namespaces
} else := sort([ns | some ns in {workload.namespace_of(obj) |
	some obj in _workloads
	workload.strong(workload.signs(obj))
}])

# "namespace/Kind/name" of every workload but Pods that runs a controller → its component.
owners := fact if {
	fact := data.inventory.facts.owners
} else := {key: component |
	some obj in _workloads
	obj.kind != "Pod"
	component := flux.component_of(obj)
	key := sprintf("%v/%v/%v", [workload.namespace_of(obj), obj.kind, workload.name_of(obj)])
}

# "namespace/component/owner" of Pods whose owner is not at hand → the name of the first of them.
first_pods := fact if {
	fact := data.inventory.facts.first_pods
} else := {key: first |
	some key in {pair[0] | some pair in _pods}
	first := min([pair[1] | some pair in _pods; pair[0] == key])
}

_pods := [[key, workload.name_of(obj)] |
	some obj in _workloads
	obj.kind == "Pod"
	component := flux.component_of(obj)
	some key in _pod_keys(obj, component)
]

_pod_keys(obj, component) := {key |
	obj.kind == "Pod"
	some owner in workload.owners(obj)
	key := sprintf("%v/%v/%v", [workload.namespace_of(obj), component, owner[1]])
}

# Whether the object's controlling owner, or an earlier Pod of the same owner, is judged in its place.
owned(obj, component) if {
	some owner in workload.owners(obj)
	owners[sprintf("%v/%v/%v", [workload.namespace_of(obj), owner[0], owner[1]])] == component
} else if {
	some key in _pod_keys(obj, component)
	first_pods[key] < workload.name_of(obj)
} else := false

# Every controller whose owner is not at hand.
controllers := fact if {
	fact := data.inventory.facts.controllers
} else := sort([record |
	some obj in _workloads
	base := flux.controller_of(obj)
	not base.owned
	record := _described(obj, base)
])

operators := fact if {
	fact := data.inventory.facts.operators
} else := sort([record |
	some obj in _workloads
	base := flux.operator_of(obj)
	not base.owned
	record := _described(obj, base)
])

_described(obj, base) := object.union(base, {
	"apiVersion": obj.apiVersion,
	"kind": obj.kind,
	"path": _container_path(base),
	"image": image,
	"minor": releases.minor_or_null(base.component, image.tag),
	"flags": flags.of(obj, base),
	"pod_labels": _labels(obj),
	"service_account": _service_account(obj),
}) if {
	image := images.parse(_image(obj, base))
}

_container_path(base) := array.concat(base.pod, ["containers", base.container]) if {
	is_number(base.container)
} else := array.concat(base.pod, ["containers"])

_image(obj, base) := ref if {
	ref := workload.containers(obj)[base.container].image
	is_string(ref)
} else := ""

_labels(obj) := labels if {
	labels := workload.template(obj).metadata.labels
	is_object(labels)
} else := {}

_service_account(obj) := name if {
	name := workload.template(obj).spec.serviceAccountName
	is_string(name)
} else := name if {
	name := workload.template(obj).spec.serviceAccount
	is_string(name)
} else := ""
