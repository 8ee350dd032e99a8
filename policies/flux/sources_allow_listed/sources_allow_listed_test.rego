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

# A tilde belongs to the path, as a further directory does.
test_buckets_below_a_path_of_the_endpoint_are_elsewhere if {
	every path in ["~", "x", "x/"] {
		spec := {"endpoint": sprintf("s3.amazonaws.com/%v", [path]), "bucketName": "acme"}
		found("Bucket", spec, list) == [{["spec", "endpoint"]}, set(), set()]
	}
}

test_what_makes_up_the_address_of_a_bucket_is_told if {
	spec := {"endpoint": "s3.amazonaws.com", "bucketName": "acme"}
	related := {node.path |
		some finding in control.violation with input as review("Bucket", spec, ["https://github.com"])
		some node in finding.details.related
	}
	related == {["spec", "bucketName"], ["spec", "insecure"]}
	found("Bucket", object.union(spec, {"insecure": "yes"}), list) == [set(), {["spec", "insecure"]}, set()]
}

# Fields that mean something for a Bucket only.
test_fields_of_buckets_mean_nothing_elsewhere if {
	every stray in [{"insecure": "yes"}, {"insecure": true}, {"bucketName": 5}, {"bucketName": "acme"}] {
		found("OCIRepository", object.union({"url": "oci://ghcr.io/acme/app"}, stray), list) == clean
		fails := [{["spec", "url"]}, set(), set()]
		found("OCIRepository", object.union({"url": "oci://ghcr.io/other"}, stray), list) == fails
	}
}

test_without_a_list_nothing_depends_on_the_address if {
	every text in ["${URL}", "https://", 5] {
		found("GitRepository", {"url": text}, []) == [set(), set(), {["spec", "url"]}]
	}
}

test_a_doubt_is_told_once if {
	every text in ["${URL}", "https://", "", 5, null] {
		count(control.unknown) == 1 with input as review("GitRepository", {"url": text}, list)
	}
	every change in [{"bucketName": 5}, {"endpoint": "${ENDPOINT}"}] {
		spec := object.union({"endpoint": "s3.amazonaws.com", "bucketName": "acme"}, change)
		count(control.unknown) == 1 with input as review("Bucket", spec, list)
	}
}

test_the_scheme_of_a_bucket_that_cannot_be_told_is_unknown_and_nothing_else if {
	every value in ["${INSECURE}", "yes", 1] {
		every prefix in ["http://s3.amazonaws.com/acme", "https://s3.amazonaws.com/acme"] {
			spec := {"endpoint": "s3.amazonaws.com", "bucketName": "acme", "insecure": value}
			found("Bucket", spec, [prefix]) == [set(), {["spec", "insecure"]}, set()]
		}
	}

	# Where the endpoint has a scheme of its own the other field does not matter to where it leads.
	spec := {"endpoint": "https://s3.amazonaws.com", "bucketName": "acme", "insecure": "${INSECURE}"}
	found("Bucket", spec, ["https://github.com"]) == [{["spec", "endpoint"]}, {["spec", "insecure"]}, set()]
}
