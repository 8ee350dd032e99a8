package flux.no_deprecated_apis_test

import data.flux.no_deprecated_apis as control
import data.lib.refs_sample_test as sample

object_of(version, kind) := {"apiVersion": version, "kind": kind, "metadata": {"name": "apps", "namespace": "apps"}}

judged(obj, controllers) := {sprintf("%v %v", [kind, finding.msg]) |
	some kind, found in {"fail": failures, "warn": warnings, "unknown": doubts}
	some finding in found
} if {
	cluster := sample.inventory(controllers)
	failures := control.violation with input as obj with data.inventory as cluster
	warnings := control.warn with input as obj with data.inventory as cluster
	doubts := control.unknown with input as obj with data.inventory as cluster
}

controller(component, tag) := sample.controller(component, {"tag": tag})

old := object_of("source.toolkit.fluxcd.io/v1beta2", "GitRepository")

new := object_of("source.toolkit.fluxcd.io/v1", "OCIRepository")

test_the_owner_tells if {
	helm := controller("helm-controller", "v1.6.3")
	judged(old, [controller("source-controller", "v1.5.0"), helm]) == {"warn flux 2.5 deprecates this version of the API; it serves v1beta1, v1beta2, v1"}
	judged(old, [controller("source-controller", "v1.9.4"), helm]) == {"fail flux 2.9 does not serve this version of the API; it serves v1"}
	judged(new, [controller("source-controller", "v1.5.0"), helm]) == {"fail flux 2.5 does not serve this version of the API; it serves v1beta2"}
	judged(new, [controller("source-controller", "v1.6.0"), helm]) == set()
	generator := object_of("source.extensions.fluxcd.io/v1beta1", "ArtifactGenerator")
	judged(generator, [controller("source-controller", "v1.5.0")]) == {"fail flux 2.5 does not serve this version of the API"}
}

test_others_tell if {
	judged(old, [controller("source-controller", "latest"), controller("helm-controller", "v1.5.0")]) == {"fail flux 2.8 does not serve this version of the API; it serves v1"}
	reports := {"namespace": {"flux-system": {"fluxcd.controlplane.io/v1": {"FluxInstance": {"flux": {
		"apiVersion": "fluxcd.controlplane.io/v1",
		"kind": "FluxInstance",
		"metadata": {"name": "flux", "namespace": "flux-system"},
		"status": {"lastAppliedRevision": "v2.8.3@sha256:0123"},
	}}}}}}
	some finding in control.violation with input as old with data.inventory as reports
	finding.details.related[0].path == ["status", "lastAppliedRevision"]
	finding.details.fix == [{"op": "replace", "path": "/apiVersion", "value": "source.toolkit.fluxcd.io/v1"}]
	ahead := json.patch(reports, [{"op": "replace", "path": "/namespace/flux-system/fluxcd.controlplane.io~1v1/FluxInstance/flux/status/lastAppliedRevision", "value": "v2.99.0"}])
	count(control.violation) == 0 with input as old with data.inventory as ahead
	count(control.warn) == 1 with input as old with data.inventory as ahead
}

test_nothing_tells if {
	text := "warn the newest flux known here does not serve this version of the API; it serves v1"
	judged(old, []) == {text}
	judged(new, []) == set()
	judged(object_of("fluxcd.controlplane.io/v1alpha1", "ResourceSet"), [controller("source-controller", "v1.9.4")]) == {text}
	judged(object_of("fluxcd.controlplane.io/v1", "ResourceSet"), [controller("source-controller", "v1.9.4")]) == set()
}

test_several_minors if {
	mixed := [controller("source-controller", "v1.7.0"), sample.controller("source-controller", {"name": "two", "tag": "v1.8.0"})]
	judged(old, mixed) == {"warn of the minors of flux that run here, 2.8 does not serve this version of the API; it serves v1"}
	judged(new, mixed) == set()
}

test_no_fix_backwards if {
	cluster := sample.inventory([controller("source-controller", "v1.5.0")])
	some finding in control.violation with input as new with data.inventory as cluster
	finding.details.fix == []
	some other in control.warn with input as object_of("source.toolkit.fluxcd.io/v3", "Bucket")
	other.details.fix == []
}

test_unreadable if {
	text := "unknown the version of the API cannot be worked out"
	judged(object_of("source.toolkit.fluxcd.io/${VERSION}", "Bucket"), []) == {text}
	hidden := object.union(old, {"metadata": {"annotations": {"flux-audit.internal/unknown-paths": "/apiVersion"}}})
	judged(hidden, []) == {text}
}

test_other_objects if {
	file := object_of("kustomize.config.k8s.io/v1beta1", "Kustomization")
	not control.subject with input as file
	control.subject with input as old
	judged(file, []) == set()
}

mixed := [
	controller("source-controller", "v1.7.0"),
	sample.controller("source-controller", {"name": "two", "tag": "v1.8.0"}),
]

with_unknown(obj, place) := object.union(obj, {"metadata": {"annotations": {"flux-audit.internal/unknown-paths": place}}})

test_what_cannot_be_read_is_not_judged if {
	text := "unknown the version of the API cannot be worked out"
	every controllers in [[], [controller("source-controller", "v1.5.0")], [controller("source-controller", "v1.9.4")], mixed] {
		judged(object_of("source.toolkit.fluxcd.io/${VERSION}", "Bucket"), controllers) == {text}
		judged(with_unknown(old, "/apiVersion"), controllers) == {text}
		judged(with_unknown(object_of("source.toolkit.fluxcd.io/v1", "GitRepository"), "/apiVersion"), controllers) == {text}
	}
}

test_what_is_unknown_elsewhere_leaves_the_version_readable if {
	judged(with_unknown(new, "/spec"), []) == set()
	judged(with_unknown(new, "/spec"), mixed) == set()
}
