package flux.images_pinned_test

import data.flux.images_pinned as control
import data.lib.refs_sample_test as sample

result(image, profiles) := {kind |
	some kind, found in {"fail": failures, "warn": warnings, "unknown": doubts}
	sample.paths(found) == {sample.image}
} if {
	request := sample.review(sample.controller("source-controller", {"image": image}), {"profiles": profiles})
	failures := control.violation with input as request
	warnings := control.warn with input as request
	doubts := control.unknown with input as request
}

repository := "registry.example.com:5000/fluxcd/source-controller"

digest := "sha256:7b1f2a4c5d6e8f90123456789abcdef00fedcba9876543210fedcba987654321"

# [tag or digest, results in base, results in hard]
_cases := [
	["", {"fail"}, {"fail"}],
	[":", {"fail"}, {"fail"}],
	[":latest", {"fail"}, {"fail"}],
	[":main", {"fail"}, {"fail"}],
	[":rc", {"fail"}, {"fail"}],
	[":rc-4f2ed9d3", {"fail"}, {"fail"}],
	[":preview", {"fail"}, {"fail"}],
	[":v1.9.4", set(), {"warn"}],
	[":1.9.4-fips", set(), {"warn"}],
	[":v1.9", {"warn"}, {"warn"}],
	[":mainline", {"warn"}, {"warn"}],
	[sprintf(":v1.9.4@%v", [digest]), set(), set()],
	[sprintf("@%v", [digest]), set(), set()],
	[sprintf(":latest@%v", [digest]), set(), set()],
	[":v1.9.4@sha256:00", {"unknown"}, {"unknown"}],
	[":${tag}", {"unknown"}, {"unknown"}],
]

test_cases if {
	every case in _cases {
		image := concat("", [repository, case[0]])
		result(image, ["base"]) == case[1]
		result(image, ["base", "hard"]) == case[2]
	}
}

test_ill_typed if result(5, ["base"]) == {"unknown"}

test_other_objects if {
	obj := sample.controller("web", {"image": "docker.io/acme/web"})
	not control.subject with input as obj
	count(control.violation) == 0 with input as obj
	control.subject with input as sample.controller("source-controller", {})
}

# Rules that find something in an image of which a part is not known: what is implied may be known but for its version.
veiled(version, part, profiles) := [kind | some kind, findings in found; count(findings) > 0] if {
	pointer := sprintf("/spec/template/spec/containers/0/image/%v", [part])
	hidden := {"metadata": {"annotations": {"flux-audit.internal/unknown-paths": pointer}}}
	image := sprintf("registry.example.com/fluxcd/source-controller%v", [version])
	obj := object.union(sample.controller("source-controller", {"image": image}), hidden)
	found := {"violation": control.violation, "warn": control.warn, "unknown": control.unknown} with input as {
		"review": {"object": obj},
		"parameters": {"profiles": profiles},
	}
}

test_a_part_that_is_not_known if {
	veiled(":v1.9.4", "digest", ["base"]) == []
	veiled(":v1.9.4", "digest", ["base", "hard"]) == ["unknown"]
	every profiles in [["base"], ["base", "hard"]] {
		veiled(":v1.9.4", "tag", profiles) == ["unknown"]
		veiled("", "tag", profiles) == ["unknown"]
	}
}

test_a_digest_pins_whatever_the_tag if veiled(sprintf("@%v", [digest]), "tag", ["base", "hard"]) == []

test_only_a_full_version_is_asked_for_its_digest if veiled(":v1.9", "digest", ["base", "hard"]) == ["warn"]

test_what_is_no_controller_is_not_read if {
	every image in [5, "${IMAGE}", "docker.io/acme/web@sha256:00"] {
		obj := sample.controller("web", {"image": image, "env": 5})
		count(((control.violation | control.warn) | control.unknown)) == 0 with input as obj
	}
}
