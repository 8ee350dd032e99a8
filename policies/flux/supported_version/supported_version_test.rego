package flux.supported_version_test

import data.flux.supported_version as control
import data.lib.refs_sample_test as sample

judged(obj, others, params) := {sprintf("%v %v", [kind, path]) |
	some kind, found in {"fail": failures, "warn": warnings, "unknown": doubts}
	some path in sample.paths(found)
} if {
	request := sample.review(obj, params)
	cluster := sample.inventory(array.concat([obj], others))
	failures := control.violation with input as request with data.inventory as cluster
	warnings := control.warn with input as request with data.inventory as cluster
	doubts := control.unknown with input as request with data.inventory as cluster
}

source(tag) := sample.controller("source-controller", {"tag": tag})

on_image(kind) := {sprintf("%v %v", [kind, sample.image])}

# [tag, findings]
_cases := [
	["v1.9.4", set()],
	["v1.7.4", set()],
	["v1.9.4-cp.1", set()],
	["v1.9.3", on_image("warn")],
	["v1.9", on_image("warn")],
	["v1.10.0", on_image("warn")],
	["v1.6.2", on_image("fail")],
	["v1.6", on_image("fail")],
	["v0.36.1", on_image("fail")],
	["latest", on_image("unknown")],
	["", on_image("unknown")],
	["stable", on_image("unknown")],
	["${tag}", on_image("unknown")],
]

test_tags if {
	every case in _cases {
		judged(source(case[0]), [], {}) == case[1]
	}
}

# Counts of violation and warn.
counted(obj, params) := [count(failures), count(warnings)] if {
	failures := control.violation with input as sample.review(obj, params)
	warnings := control.warn with input as sample.review(obj, params)
}

test_one_finding_says_it_all if {
	every tag, want in {
		"v1.9.3": [0, 1],
		"v1.10.0": [0, 1],
		"v1.6.0": [1, 0],
		"v1.6.99": [1, 0],
		"v0.36.1": [1, 0],
	} {
		counted(source(tag), {}) == want
		counted(source(tag), {"now": "2026-12-06T00:00:00Z"}) == want
	}
}

test_digest_alone if {
	obj := sample.controller("source-controller", {"image": "ghcr.io/fluxcd/source-controller@sha256:00"})
	judged(obj, [], {}) == on_image("unknown")
}

test_ill_typed if judged(sample.controller("source-controller", {"image": 5}), [], {}) == on_image("unknown")

# Undefined `now` judges no age, nor does one that is no date.
test_stale_data if {
	judged(source("v1.9.4"), [], {"now": "2026-12-05T23:59:59Z"}) == set()
	judged(source("v1.9.4"), [], {"now": "2026-12-06T00:00:00Z"}) == on_image("warn")
	judged(source("v1.9.3"), [], {"now": "2026-12-06T00:00:00Z"}) == on_image("warn")
	judged(source("v1.6.2"), [], {"now": "2026-12-06T00:00:00Z"}) == on_image("fail")
	judged(source("v1.9.4"), [], {"now": "today"}) == set()
}

test_releases_given if {
	added := [{"version": "2.10.0", "date": "2026-11-03", "controllers": {"source-controller": "1.10.0"}}]
	given := {"fluxReleases": {"asOf": "2026-11-03", "releases": added}}
	judged(source("v1.10.0"), [], given) == set()
	judged(source("v1.7.4"), [], given) == on_image("fail")
	judged(source("v1.10.0"), [], object.union(given, {"now": "2030-01-01T00:00:00Z"})) == set()
}

labelled(tag, version) := object.union(source(tag), {"metadata": {"labels": {"app.kubernetes.io/version": version}}})

on_label(kind) := {sprintf("%v metadata/labels/app.kubernetes.io/version", [kind])}

test_version_label if {
	judged(labelled("release-4", "v2.9.4"), [], {}) == set()
	judged(labelled("release-4", "v2.9.3"), [], {}) == on_label("warn")
	judged(labelled("release-4", "v2.6.4"), [], {}) == on_label("fail")
	judged(labelled("release-4", "v0.41.2"), [], {}) == on_label("fail")
	judged(labelled("release-4", "x"), [], {}) == on_image("unknown")
	judged(labelled("latest", "v2.9.4"), [], {}) == on_image("unknown")
	untagged := sample.controller("source-controller", {
		"image": "ghcr.io/fluxcd/source-controller",
		"labels": {"app.kubernetes.io/version": "v2.9.4"},
	})
	judged(untagged, [], {}) == on_image("unknown")
}

test_a_tag_that_tells_the_version_decides_alone if {
	judged(labelled("v1.9.4", "v2.6.4"), [instance("flux-system", "v2.6.4")], {}) == set()
	judged(labelled("v1.6.4", "v2.9.4"), [], {}) == on_image("fail")
}

test_version_label_of_the_pods if {
	obj := object.union(source("release-4"), {"spec": {"template": {"metadata": {"labels": {"app.kubernetes.io/version": "2.6.4"}}}}})
	judged(obj, [], {}) == {"fail spec/template/metadata/labels/app.kubernetes.io/version"}
}

instance(namespace, revision) := {
	"apiVersion": "fluxcd.controlplane.io/v1",
	"kind": "FluxInstance",
	"metadata": {"name": "flux", "namespace": namespace},
	"status": {"lastAppliedRevision": revision},
}

test_reported_versions if {
	judged(source("release-4"), [instance("flux-system", "v2.9.4@sha256:00")], {}) == set()
	judged(source("release-4"), [instance("flux-system", "v2.6.4")], {}) == on_image("fail")
	judged(source("release-4"), [instance("elsewhere", "v2.9.4")], {}) == on_image("unknown")
	digest := sample.controller("source-controller", {"image": "ghcr.io/fluxcd/source-controller@sha256:00"})
	every obj in [source("latest"), source(""), digest] {
		judged(obj, [instance("flux-system", "v2.9.4")], {}) == on_image("unknown")
	}
	judged(labelled("release-4", "v2.9.4"), [instance("flux-system", "v2.6.4")], {}) == set()
}

test_other_objects if {
	not control.subject with input as sample.controller("web", {"image": "docker.io/acme/web:v1.0.0"})
	control.subject with input as source("v1.9.4")
}
