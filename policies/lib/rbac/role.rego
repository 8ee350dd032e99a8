# The ClusterRole under review.
package lib.rbac

import data.lib.flux
import data.lib.result
import data.lib.shape

# A ClusterRole whose name is this one, or begins with it and a hyphen.
role_named(name) if {
	flux.kind_is("rbac.authorization.k8s.io", "ClusterRole")
	startswith(sprintf("%v-", [flux.name_of(flux.object)]), sprintf("%v-", [name]))
}

# [path of the rule, rule] of all that can be read.
rules := [[["rules", i], rule] |
	is_array(flux.object.rules)
	some i, rule in flux.object.rules
	is_object(rule)
]

# [path, text] of the items of one of a rule's lists.
items(place, key) := [[array.concat(place[0], [key, i]), text] |
	is_array(place[1][key])
	some i, text in place[1][key]
	is_string(text)
]

# Groups of Flux's own objects.
flux_groups := {
	"source.toolkit.fluxcd.io", "kustomize.toolkit.fluxcd.io", "helm.toolkit.fluxcd.io",
	"notification.toolkit.fluxcd.io", "image.toolkit.fluxcd.io", "source.extensions.fluxcd.io",
}

# Ready findings about rules that reach beyond Flux and its operator.
beyond_flux contains result.at(path, msg) if {
	some place in rules
	some [path, named] in items(place, "apiGroups")
	not named in (flux_groups | {"fluxcd.controlplane.io"})
	msg := sprintf("the API group %v is none of flux", [_quoted(named)])
}

beyond_flux contains result.at(path, msg) if {
	some place in rules
	some [path, url] in items(place, "nonResourceURLs")
	msg := sprintf("the URL %v has nothing to do with flux", [url])
}

beyond_flux contains finding if some finding in aggregates

_quoted(text) := "\"\"" if {
	text == ""
} else := text

# Ready findings: whoever may label a ClusterRole could add rules.
aggregates contains result.at(["aggregationRule"], "it takes in the rules of every cluster role that its selectors choose") if {
	flux.object.aggregationRule != null
}

# [path, value] of labels that make Kubernetes add the role's rules to others.
aggregate_labels := {role: [["metadata", "labels", label], flux.object.metadata.labels[label]] |
	some role in ["admin", "edit", "view"]
	label := sprintf("rbac.authorization.k8s.io/aggregate-to-%v", [role])
	flux.object.metadata.labels[label] != null
}

# Ready `unknown` findings about what the role says.
unreadable contains finding if some finding in shape.check(array.concat(
	[[[["metadata"]], "object"], [[["metadata", "labels"]], "strings"], [[["rules"]], "array"], [[["rules"], []], "object"]],
	[row |
		some key in ["apiGroups", "resources", "verbs", "resourceNames", "nonResourceURLs"]
		some row in [[[["rules"], [key]], "array"], [[["rules"], [key], []], "string"]]
	],
))

unreadable contains result.at(path, "the effective value cannot be worked out") if {
	some path in [["rules"], ["aggregationRule"], ["metadata", "labels"]]
	not flux.known(path)
}
