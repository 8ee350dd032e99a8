package flux.receivers_authenticate_test

import data.flux.receivers_authenticate as control

receiver(spec) := {"review": {"object": {
	"apiVersion": "notification.toolkit.fluxcd.io/v1",
	"kind": "Receiver",
	"metadata": {"name": "webhook", "namespace": "flux-system"},
	"spec": spec,
}}}

# [warn, unknown]
found(spec) := [warns, unknowns] if {
	control.subject with input as receiver(spec)
	warns := {finding.details.path | some finding in control.warn} with input as receiver(spec)
	unknowns := {finding.details.path | some finding in control.unknown} with input as receiver(spec)
}

resources(name) := [{"kind": "GitRepository", "name": "fleet"}, {"kind": "GitRepository", "name": name}]

test_types_that_check_their_callers_pass if {
	every type in ["generic-hmac", "generic-oidc", "github", "bitbucket", "nexus", "gitlab", "harbor", "gcr"] {
		found({"type": type, "resources": resources("apps")}) == [set(), set()]
	}
}

test_types_without_a_check_are_warned_about if {
	every type in ["generic", "quay", "dockerhub", "acr", "cdevents"] {
		found({"type": type, "resources": resources("apps")}) == [{["spec", "type"]}, set()]
	}
}

test_all_resources_at_once_are_warned_about if {
	found({"type": "github", "resources": resources("*")}) == [{["spec", "resources", 1, "name"]}, set()]
	found({"type": "github"}) == [set(), set()]
}

test_unknown if {
	every type in ["telepathy", "${TYPE}", "", 5, null] {
		found({"type": type}) == [set(), {["spec", "type"]}]
	}
	found({"type": "github", "resources": {}}) == [set(), {["spec", "resources"]}]
	found({"type": "github", "resources": [null, "fleet", {"name": 5}]}) == [
		set(),
		{["spec", "resources", 1], ["spec", "resources", 2, "name"]},
	]
}

test_other_kinds_are_not_meant if {
	not control.subject with input as {"apiVersion": "notification.toolkit.fluxcd.io/v1", "kind": "Alert"}
}

test_a_doubt_is_told_once if {
	every type in ["${TYPE}", 5, null] {
		count(control.unknown) == 1 with input as receiver({"type": type})
	}
}

# Providers have types of the same names.
test_providers_are_not_meant if {
	every spec in [{"type": "generic", "resources": resources("*")}, {"type": "telepathy", "resources": {}}] {
		provider := {"review": {"object": object.union(receiver(spec).review.object, {"kind": "Provider"})}}
		count(control.warn | control.unknown) == 0 with input as provider
	}
}
