# Which instance of a controller an object belongs to, by its labels.
package lib.sharding

import data.lib.facts
import data.lib.flux
import data.lib.lanes
import data.lib.node
import data.lib.selector

# Labels that decide it: the customary one, and those that the instances at hand ask for.
keys := {key | some key in facts.shards.keys}

# Those of an object's labels; undefined where the labels are no map.
shard(labels) := {key: text | some key in keys; text := labels[key]} if is_object(labels)

shard(null) := {}

# The controller of the object under review; undefined for kinds that cannot be sharded.
component := found if {
	flux.object.kind == "Kustomization"
	flux.own_group == "kustomize.toolkit.fluxcd.io"
	found := "kustomize-controller"
} else := found if {
	flux.object.kind == "HelmRelease"
	flux.own_group == "helm.toolkit.fluxcd.io"
	found := "helm-controller"
} else := found if {
	endswith(flux.own_group, ".fluxcd.io")
	some found, list in reconciled
	some [group, names] in list
	some kind in names
	flux.kind_is(group, kind)
}

# The object's own metadata are readable, with nothing hidden, and no label of it decides about shards.
unlabelled if {
	not node.veils
	metadata := flux.object.metadata
	is_object(metadata)
	is_string(object.get(metadata, "namespace", ""))
	labels := object.get(metadata, "labels", {})
	is_object(labels)
	count([1 | some text in labels; not is_string(text)]) == 0
	count([1 | some key in facts.shards.keys; labels[key]]) == 0
}

# The kinds of each controller.
reconciled := {
	"source-controller": [["source.toolkit.fluxcd.io", ["Bucket", "GitRepository", "HelmChart", "HelmRepository", "OCIRepository"]]],
	"kustomize-controller": [["kustomize.toolkit.fluxcd.io", ["Kustomization"]]],
	"helm-controller": [["helm.toolkit.fluxcd.io", ["HelmRelease"]]],
	"image-reflector-controller": [["image.toolkit.fluxcd.io", ["ImagePolicy", "ImageRepository"]]],
	"image-automation-controller": [["image.toolkit.fluxcd.io", ["ImageUpdateAutomation"]]],
	"source-watcher": [["source.extensions.fluxcd.io", ["ArtifactGenerator"]]],
}

# The instances of a component that are at hand.
lanes_of(name) := [lane | some lane in facts.lanes; lane.component == name]

# The instance takes an object of this namespace with these labels.
takes(lane, ns, labels) if {
	lane.state == "known"
	selector.matches(lane.selector, labels)
	_watches(lane, ns)
}

_watches(lane, _) if lane.everywhere == true

_watches(lane, ns) if lane.object.namespace == ns

# What those instances select and watch, as related nodes.
nodes(list) := [one |
	some lane in list
	some one in array.concat(lanes.nodes(lane), [{"object": lane.object, "path": ["metadata", "namespace"]} | lane.everywhere == false])
]
