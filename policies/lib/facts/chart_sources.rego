package lib.facts

import data.lib.flux

# What charts and releases can refer to, sorted: "verified", "unverified" or "unreadable" for OCIRepositories and
# HelmCharts, "http", "oci" or "unreadable" for HelmRepositories.
chart_sources := fact if {
	fact := data.inventory.facts.chart_sources
} else := sort([{
	"apiVersion": obj.apiVersion,
	"kind": kind,
	"namespace": flux.namespace_of(obj),
	"name": flux.name_of(obj),
	"state": state,
} |
	some kind, field in {"HelmChart": "verify", "HelmRepository": "url", "OCIRepository": "verify"}
	some obj in namespaced("source.toolkit.fluxcd.io", kind)
	state := _chart_state(obj, field)
])

_chart_state(obj, field) := "unreadable" if {
	not flux.known_in(obj, ["spec", field])
} else := "verified" if {
	is_object(obj.spec[field])
} else := "oci" if {
	is_string(obj.spec[field])
	startswith(lower(obj.spec[field]), "oci://")
} else := "http" if {
	is_string(obj.spec[field])
	regex.match(`(?i)^https?://`, obj.spec[field])
} else := "unverified" if {
	field == "verify"
	is_object(obj.spec)
	object.get(obj.spec, field, null) == null
} else := "unreadable"
