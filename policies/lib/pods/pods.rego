# The pod of the Flux controller under review: its containers of every sort, and what their security
# contexts amount to.
package lib.pods

import data.lib.facts
import data.lib.flux
import data.lib.node
import data.lib.result
import data.lib.workload

spec := node.at(object.get(flux.object, flux.controller.pod, null), flux.controller.pod, "object", 0)

security := node.child(spec, "securityContext", "object")

# whole: the pod itself is judged here. A pod or replica set whose owner is in the inventory is judged there.
whole if flux.controller.owned == false

sorts := [
	{"key": "initContainers", "word": "init container"},
	{"key": "containers", "word": "container"},
	{"key": "ephemeralContainers", "word": "ephemeral container"},
]

lists := [node.child(spec, sort.key, "array") | some sort in sorts]

# every_container: all containers, each with its node, its sort and a label for messages.
every_container := [container |
	some s, sort in sorts
	some i, item in node.items(lists[s], "object")
	container := {"node": item, "sort": sort.key, "name": name(item), "label": label(sort.word, item, i)}
]

name(item) := item.value.name if {
	is_string(item.value.name)
} else := ""

label(word, item, i) := sprintf("%v %v", [word, name(item)]) if {
	name(item) != ""
} else := sprintf("%v %v", [word, i])

# containers: those to judge. Of an owned pod these are the ones that its owner does not show:
# ephemeral ones, and those that admission injected.
containers := every_container if {
	whole
} else := [c | some c in every_container; added(c)]

added(c) if c.sort == "ephemeralContainers"

added(c) if {
	some owner in workload.owners(flux.object)
	key := sprintf("%v/%v/%v", [flux.controller.namespace, owner[0], owner[1]])
	names := facts.template_containers[key]
	not c.name in names
}

# openshift: security context constraints fill in what a manifest leaves out.
openshift if flux.param("platform", "kubernetes") == "openshift"

openshift if facts.openshift

# filled: the object shows what the constraints filled in, so that nothing is left to them.
filled if {
	flux.object.kind == "Pod"
	flux.mode in {"admission", "dump"}
}

# constrained: an absent value may still come from the constraints.
constrained if {
	openshift
	not filled
}

# completed: the containers to judge for what the constraints fill in, which only pods show.
completed := every_container if {
	openshift
	filled
} else := containers

completed_whole if whole

completed_whole if {
	openshift
	filled
}

# windows: pods for Windows, where most of the security context does not exist.
system := node.get(spec, ["os", "name"], "string")

windows if system.value == "windows"

# foreign: advice in place of a judgement on such pods.
foreign contains result.at(system.path, "the pod is for windows, which lacks these settings and for which flux has no images") if {
	windows
	whole
}

context(c) := node.child(c.node, "securityContext", "object")

# own: a field of the container's security context; effective: the same with the pod's as its fallback.
own(c, key, type) := node.child(context(c), key, type)

effective(c, key, type) := own(c, key, type) if {
	own(c, key, type).state != "absent"
} else := node.child(security, key, type) if {
	node.child(security, key, type).state != "absent"
} else := own(c, key, type)

# privileged: the runtime ignores capabilities and seccomp profiles of such a container.
privileged(c) := own(c, "privileged", "boolean")

# undecided: the unknown-findings of the pod's frame, which every control on pods reports.
undecided contains finding if {
	some list in lists
	finding := node.doubt(list)
}

undecided contains finding if {
	some container in every_container
	finding := node.doubt(container.node)
}

undecided contains finding if finding := node.doubt(system)

undecided contains result.at(lists[1].path, "the pod has no containers to judge") if {
	whole
	lists[1].state in {"absent", "set"}
	count(lists[1].value) == 0
}
