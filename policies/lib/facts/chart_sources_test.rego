package lib.facts_chart_sources_test

import data.lib.facts

source(kind, name, spec) := {
	"apiVersion": "source.toolkit.fluxcd.io/v1",
	"kind": kind,
	"metadata": {"name": name, "namespace": "apps"},
	"spec": spec,
}

states(kind, specs) := found if {
	inventory := {"namespace": {"apps": {"source.toolkit.fluxcd.io/v1": {kind: {name: source(kind, name, spec) |
		some name, spec in specs
	}}}}}
	found := [record.state | some record in facts.chart_sources; record.namespace == "apps"] with data.inventory as inventory
}

test_sources_of_charts if {
	every kind in ["OCIRepository", "HelmChart"] {
		states(kind, {
			"a": {"verify": {"provider": "cosign"}}, "b": {}, "c": {"verify": null}, "d": {"verify": "cosign"}, "e": "text",
		}) == ["verified", "unverified", "unverified", "unreadable", "unreadable"]
	}
	states("HelmRepository", {
		"a": {"url": "https://example.com"}, "b": {"url": "oci://example.com"}, "c": {"url": "${URL}"}, "d": {}, "e": null,
	}) == ["http", "oci", "unreadable", "unreadable", "unreadable"]
}

test_sources_of_charts_that_are_not_worked_out if {
	veiled := object.union(source("OCIRepository", "a", {"verify": {}}), {"metadata": {"annotations": {"flux-audit.internal/unknown-paths": "/spec"}}})
	store := {"namespace": {"apps": {"source.toolkit.fluxcd.io/v1": {"OCIRepository": {"a": veiled}}}}}
	found := [record.state | some record in facts.chart_sources] with data.inventory as store
	found == ["unreadable"]
}

test_no_sources_of_charts if {
	facts.chart_sources == []
	facts.chart_sources == ["given"] with data.inventory.facts as {"chart_sources": ["given"]}
}
