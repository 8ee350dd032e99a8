# What each instance of a controller takes for itself: the labels and namespaces that it watches.
package lib.lanes

import data.lib.facts
import data.lib.flags
import data.lib.flux
import data.lib.result
import data.lib.selector

# Controllers that can be started with a label selector. notification-controller has none.
components := {
	"source-controller", "kustomize-controller", "helm-controller", "image-reflector-controller",
	"image-automation-controller", "source-watcher",
}

# The lane of a record of data.lib.facts.controllers: "state" is unknown where one of its flags is.
of(record) := lane if {
	found := {name: flags.get_of(record, name) | some name in _flags}
	lane := {
		"component": record.component,
		"object": {
			"apiVersion": record.apiVersion,
			"kind": record.kind,
			"namespace": record.namespace,
			"name": record.name,
		},
		"path": found["watch-label-selector"].path,
		"scope": found["watch-all-namespaces"].path,
		"state": _state(found),
		"selector": _selector(found["watch-label-selector"]),
		"everywhere": object.get(found["watch-all-namespaces"], "value", null),
		"elects": object.get(found["enable-leader-election"], "value", null),
	}
}

# The lane of the object under review.
own := of(object.union(flags.record, {"apiVersion": flux.object.apiVersion, "kind": flux.object.kind}))

# The lanes of the other instances of the component under review.
others := [lane |
	some lane in facts.lanes
	lane.component == flux.component
	lane.object != own.object
]

# Undecided: findings where the flags of the object under review cannot be told.
undecided contains finding if {
	some name in _flags
	some finding in flags.undecided(name)
}

undecided contains result.related(own.path, "the arguments of another instance cannot be told", related) if {
	own.state == "known"
	related := [node | some lane in others; lane.state == "unknown"; some node in nodes(lane)]
	count(related) > 0
}

# Both watch some namespace.
meet(a, _) if a.everywhere == true

meet(_, b) if b.everywhere == true

meet(a, b) if a.object.namespace == b.object.namespace

# All that b watches, a watches too.
covers(a, _) if a.everywhere == true

covers(a, b) if {
	b.everywhere == false
	a.object.namespace == b.object.namespace
}

# They hold the same lease: only one of them works at a time.
standby(a, b) if {
	a.elects == true
	b.elects == true
	a.object.namespace == b.object.namespace
	a.selector.text == b.selector.text
}

# The lane takes nothing but objects that carry some label.
sharded(lane) if {
	lane.state == "known"
	count(selector.demanded(lane.selector)) > 0
}

# The lane takes objects without any label.
takes_unlabelled(lane) if {
	lane.state == "known"
	selector.matches(lane.selector, {})
}

# What the lane watches, as related nodes of a finding: its selector and its scope.
nodes(lane) := [
	{"object": lane.object, "path": lane.path},
	{"object": lane.object, "path": lane.scope},
]

# The namespaces of two lanes as related nodes: they matter where neither watches all.
namespace_nodes(lane) := [{"path": own.scope}, {"path": ["metadata", "namespace"]}, {"object": lane.object, "path": ["metadata", "namespace"]}] if {
	own.everywhere == false
	lane.everywhere == false
} else := []

_flags := ["watch-label-selector", "watch-all-namespaces", "enable-leader-election"]

_state(found) := "unknown" if {
	some flag in found
	flag.state == "unknown"
} else := "known"

_selector(flag) := selector.parse(flag.value) if {
	is_string(flag.value)
} else := selector.parse("")
