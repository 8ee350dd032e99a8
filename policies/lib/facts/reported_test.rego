package lib.facts_test

import data.lib.facts
import data.lib.refs_sample_test as sample

version_of(images, reports) := found if {
	running := [sample.controller(component, {"tag": tag}) | some component, tag in images]
	said := [report |
		some i, version in reports
		report := {
			"apiVersion": "fluxcd.controlplane.io/v1",
			"kind": "FluxReport",
			"metadata": {"name": sprintf("flux-%v", [i]), "namespace": "flux-system"},
			"spec": {"distribution": {"version": version}},
		}
	]
	found := facts.flux_version with data.inventory as sample.inventory(array.concat(running, said))
}

test_flux_version_where_all_agree if {
	version_of({"source-controller": "v1.9.4", "helm-controller": "v1.6.3"}, []) == "2.9.4"
	version_of({"source-controller": "v1.9.3", "kustomize-controller": "v1.9.4"}, []) == "2.9.3"
	version_of({"source-controller": "v1.9.3"}, ["v2.9.2"]) == "2.9.2"
	version_of({}, ["v2.9.4"]) == "2.9.4"
	version_of({}, ["v2.99.0-rc.1"]) == "2.99.0-rc.1"
}

test_no_flux_version_where_they_do_not if {
	version_of({}, []) == ""
	version_of({}, ["latest"]) == ""
	version_of({}, ["v2.9.4", "v2.9.3"]) == ""
	version_of({"source-controller": "v1.9.3"}, []) == ""
	version_of({"source-controller": "v1.9.4", "helm-controller": "v1.5.0"}, []) == ""
	version_of({"source-controller": "v1.9.4", "helm-controller": "latest"}, []) == ""
	version_of({"source-controller": "v1.9.4"}, ["v2.9.3"]) == ""
}

test_supplied_flux_version if {
	facts.flux_version == "2.8.0" with data.inventory as {"facts": {"flux_version": "2.8.0"}}
}
