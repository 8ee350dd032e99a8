package flux.sources_allow_listed_test

import data.flux.sources_allow_listed as control

review(kind, spec, list) := {
	"review": {"object": {
		"apiVersion": version(kind),
		"kind": kind,
		"metadata": {"name": "app", "namespace": "apps"},
		"spec": spec,
	}},
	"parameters": {"allowedSources": list},
}

version("ImageRepository") := "image.toolkit.fluxcd.io/v1"

version(kind) := "source.toolkit.fluxcd.io/v1" if kind != "ImageRepository"

paths(findings) := {finding.details.path | some finding in findings}

# [fail, unknown, manual]
found(kind, spec, list) := [fails, unknowns, manuals] if {
	control.subject with input as review(kind, spec, list)
	fails := paths(control.violation) with input as review(kind, spec, list)
	unknowns := paths(control.unknown) with input as review(kind, spec, list)
	manuals := paths(control.manual) with input as review(kind, spec, list)
}

clean := [set(), set(), set()]

list := ["https://github.com/acme", "oci://ghcr.io/acme", "https://s3.amazonaws.com/acme", 5]

test_listed_sources_pass if {
	found("GitRepository", {"url": "https://github.com/acme/app"}, list) == clean
	found("OCIRepository", {"url": "oci://ghcr.io/acme/app"}, list) == clean
	found("HelmRepository", {"url": "oci://ghcr.io/acme/charts"}, list) == clean
	found("ImageRepository", {"image": "ghcr.io/acme/app"}, list) == clean
	found("Bucket", {"endpoint": "s3.amazonaws.com", "bucketName": "acme"}, list) == clean
	found("Bucket", {"endpoint": "https://s3.amazonaws.com/", "bucketName": "acme", "insecure": false}, list) == clean
}

test_others_fail if {
	every text in ["https://github.com/acme-evil/app", "ssh://git@github.com/acme/app", "https://github.com/acme/../x"] {
		found("GitRepository", {"url": text}, list) == [{["spec", "url"]}, set(), set()]
	}
	found("ImageRepository", {"image": "acme/app"}, list) == [{["spec", "image"]}, set(), set()]
	found("Bucket", {"endpoint": "s3.amazonaws.com", "bucketName": "other"}, list) == [{["spec", "endpoint"]}, set(), set()]
	found("Bucket", {"endpoint": "s3.amazonaws.com", "bucketName": "acme", "insecure": true}, list) == [{["spec", "endpoint"]}, set(), set()]
}

test_unknown if {
	every text in ["${URL}", "https://", "", 5, null] {
		found("GitRepository", {"url": text}, list) == [set(), {["spec", "url"]}, set()]
	}
	found("Bucket", {"endpoint": "s3.amazonaws.com"}, list) == [set(), {["spec", "endpoint"]}, set()]
	found("Bucket", {"endpoint": "s3.amazonaws.com", "bucketName": "${NAME}"}, list) == [set(), {["spec", "bucketName"]}, set()]
}

test_without_a_list_a_person_looks if {
	found("GitRepository", {"url": "https://github.com/acme/app"}, []) == [set(), set(), {["spec", "url"]}]
}

test_without_a_list_a_policy_will_do if {
	everywhere := {"never": false, "namespaces": null, "selector": null, "narrow": false}
	rule := {"include": [[everywhere]], "exclude": [], "action": "deny", "exceptions": [], "lenient": false}
	policies := {"source_policies": [{"kind": "GitRepository", "rule": rule}]}
	git := review("GitRepository", {"url": "https://github.com/acme/app"}, [])
	count(control.manual) == 0 with input as git with data.inventory.facts as policies
	oci := review("OCIRepository", {"url": "oci://ghcr.io/acme/app"}, [])
	count(control.manual) == 1 with input as oci with data.inventory.facts as policies
}

test_other_kinds_are_not_meant if {
	not control.subject with input as review("HelmChart", {}, list)
}
