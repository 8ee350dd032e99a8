# The object under review as one of Flux's own kinds. All versions of a kind that Flux ever served are read alike.
package lib.toolkit

import data.lib.flux
import data.lib.node

# The kind without its group ("GitRepository") where the group is Flux's; undefined for anything else.
kind := obj.kind if {
	obj := flux.object
	is_string(obj.kind)
	is_string(obj.apiVersion)
	parts := split(obj.apiVersion, "/")
	count(parts) > 1
	endswith(parts[count(parts) - 2], ".toolkit.fluxcd.io")
}

# What most releases have: a template of a chart, with nothing hidden and no reference to another one.
chart := found if {
	kind == "HelmRelease"
	not node.veils
	below := flux.object.spec
	found := below.chart.spec
	is_object(found)
	object.get(below, "chartRef", null) == null
}

# The node of spec (lib.node).
spec := node.at(raw, ["spec"], "object", 0)

raw := found if {
	is_object(flux.object)
	found := object.get(flux.object, "spec", null)
} else := null

# The node of a field, by its keys below spec (one to four).
field(keys, type) := node.get(spec, keys, type)

# Findings for those of these nodes that cannot be judged.
doubts(nodes) := {finding |
	some one in nodes
	finding := node.doubt(one)
}

# A text: its value, "" where it is absent or empty; undefined where it cannot be read.
text(one) := one.value if one.state == "set"

text(one) := "" if one.state == "absent"
