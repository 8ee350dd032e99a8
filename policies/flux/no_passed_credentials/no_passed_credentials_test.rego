package flux.no_passed_credentials_test

import data.flux.no_passed_credentials as control

repository(spec) := {"review": {"object": {
	"apiVersion": "source.toolkit.fluxcd.io/v1",
	"kind": "HelmRepository",
	"metadata": {"name": "charts", "namespace": "apps"},
	"spec": spec,
}}}

# [warn, unknown]
found(spec) := [warns, unknowns] if {
	control.subject with input as repository(spec)
	warns := {finding.details.path | some finding in control.warn} with input as repository(spec)
	unknowns := {finding.details.path | some finding in control.unknown} with input as repository(spec)
}

test_passed_credentials_are_warned_about if {
	found({"url": "https://example.com", "passCredentials": true}) == [{["spec", "passCredentials"]}, set()]
	some finding in control.warn with input as repository({"passCredentials": true})
	finding.details.fix == [{"op": "add", "path": "/spec/passCredentials", "value": false}]
}

test_kept_credentials_pass if {
	every spec in [{}, {"passCredentials": false}, {"passCredentials": null}, null] {
		found(spec) == [set(), set()]
	}
}

test_unknown if {
	found({"passCredentials": "true"}) == [set(), {["spec", "passCredentials"]}]
	found("text") == [set(), {["spec"]}]
}

test_other_kinds_are_not_meant if {
	not control.subject with input as {"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "GitRepository"}
}

test_the_field_of_another_kind_says_nothing if {
	every value in [true, "true"] {
		bucket := {"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "Bucket", "spec": {"passCredentials": value}}
		count(control.warn | control.unknown) == 0 with input as bucket
	}
}
