package lib.facts_services_test

import data.lib.facts
import data.lib.refs_sample_test as sample

test_selectors if {
	objects := [
		sample.service("a", {"app": "a"}), sample.service("b", null), sample.service("c", {}),
		sample.service("d", {"app": 1}), sample.service("e", "app=e"),
		object.union(sample.service("f", {}), {"spec": 5}),
	]
	found := facts.services with data.inventory as sample.inventory(objects)
	{service.name: service.selector | some service in found} == {
		"a": {"app": "a"}, "b": {}, "c": {},
		"d": null, "e": null, "f": {},
	}
	again := facts.services with data.inventory as {"facts": {"services": found}}
	again == found
}

test_reported_versions if {
	objects := [
		{
			"apiVersion": "fluxcd.controlplane.io/v1",
			"kind": "FluxInstance",
			"metadata": {"name": "flux", "namespace": "flux-system"},
			"status": {"lastAppliedRevision": "v2.9.4@sha256:00"},
		},
		{
			"apiVersion": "fluxcd.controlplane.io/v1",
			"kind": "FluxReport",
			"metadata": {"name": "flux", "namespace": "flux-system"},
			"spec": {"distribution": {"version": "v2.9.3"}},
		},
		{
			"apiVersion": "fluxcd.controlplane.io/v1",
			"kind": "FluxReport",
			"metadata": {"name": "other", "namespace": "flux-system"},
			"spec": {"distribution": 5},
		},
	]
	found := facts.reported_versions with data.inventory as sample.inventory(objects)
	{[report.object.kind, report.version] | some report in found} == {["FluxInstance", "v2.9.4"], ["FluxReport", "v2.9.3"]}
	again := facts.reported_versions with data.inventory as {"facts": {"reported_versions": found}}
	again == found
}
