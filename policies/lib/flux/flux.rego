# What a control sees: the object under review, the parameters, and what kind of thing the object is.
# The rule `object` hides the built-in functions of that name in this package.
package lib.flux

import data.lib.facts
import data.lib.result
import data.lib.workload

# The review's object; the bare input where the host passes objects alone.
object := input.review.object if {
	is_object(input.review)
	not _bare
} else := input

params := input.parameters if {
	is_object(input.parameters)
	not _bare
} else := {}

_bare if is_string(input.kind)

# A parameter, or the fallback where it is absent or of another type than the fallback.
param(name, fallback) := value if {
	value := params[name]
	_alike(value, fallback)
} else := fallback

_alike(a, b) if {
	is_string(a)
	is_string(b)
}

_alike(a, b) if {
	is_number(a)
	is_number(b)
}

_alike(a, b) if {
	is_boolean(a)
	is_boolean(b)
}

_alike(a, b) if {
	is_array(a)
	is_array(b)
}

_alike(a, b) if {
	is_object(a)
	is_object(b)
}

mode := param("mode", "admission")

profiles := array.concat(["base"], [p | some p in param("profiles", ["base"]); p != "base"])

profile(name) if name in profiles

# Group ("" for the core group) and kind of the object under review, in any version.
kind_is(group, kind) if {
	object.kind == kind
	own_group == group
}

# Of the object under review: its group, and its namespace ("" where it has none).
own_group := workload.group(object)

namespace := object.metadata.namespace if {
	is_string(object.metadata.namespace)
} else := ""

name_of(obj) := workload.name_of(obj)

namespace_of(obj) := workload.namespace_of(obj)

# Namespaces that hold Flux, as far as it can be told without the object under review.
_namespaces := {ns | some ns in param("fluxNamespaces", ["flux-system"])} | {ns | some ns in facts.flux_namespaces}

# Namespaces that hold Flux.
namespaces := _namespaces | {namespace |
	_plausible
	workload.strong(workload.signs(object))
}

# The component that a workload runs; undefined for anything that is no Flux controller.
component_of(obj) := component if {
	workload.plausible(obj)
	component := _component(obj, workload.signs(obj))
}

_component(_, found) := workload.strong(found)

_component(obj, found) := component if {
	not workload.strong(found)
	component := workload.weak(found)
	namespace_of(obj) in _namespaces
}

# The record of a controller; undefined for anything else.
controller_of(obj) := _controller_of(obj) if workload.plausible(obj)

_controller_of(obj) := record if {
	found := workload.signs(obj)
	component := _component(obj, found)
	record := _record(obj, found, component)
}

operator_of(obj) := _operator_of(obj) if workload.plausible(obj)

_operator_of(obj) := _record(obj, found, "flux-operator") if {
	found := workload.operator_signs(obj)
	count(found.image) > 0
}

_record(obj, found, component) := {
	"component": component,
	"group_kind": group_kind,
	"namespace": namespace_of(obj),
	"name": name_of(obj),
	"template": template,
	"pod": array.concat(template, ["spec"]),
	"container": workload.container(found, component),
	"owned": facts.owned(obj, component),
} if {
	group_kind := workload.group_kind(obj)
	template := workload.template_path[group_kind]
}

_plausible if workload.plausible(object)

controller := _controller_of(object) if _plausible

operator := _operator_of(object) if _plausible

# The component under review. A ReplicaSet or Pod whose owner is at hand has none: its owner is judged.
component := controller.component if not controller.owned

# False where the effective state could not be worked out at this path or above it.
known(path) if known_in(object, path)

known_in(obj, path) if not _veiled(obj, path)

_veiled(obj, path) if {
	text := obj.metadata.annotations["flux-audit.internal/unknown-paths"]
	is_string(text)
	place := sprintf("%v/", [result.pointer(path)])
	some listed in split(text, ",")
	startswith(place, sprintf("%v/", [trim_space(listed)]))
}
