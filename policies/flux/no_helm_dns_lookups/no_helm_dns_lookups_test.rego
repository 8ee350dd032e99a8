package flux.no_helm_dns_lookups_test

import data.flux.no_helm_dns_lookups as control

# The review of a controller with these arguments.
review(component, args) := {"review": {"object": {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {"name": component, "namespace": "flux-system"},
	"spec": {"template": {"spec": {"containers": [{
		"name": "manager",
		"image": sprintf("ghcr.io/fluxcd/%v:v1.6.3", [component]),
		"args": args,
	}]}}},
}}}

paths(findings) := {finding.details.path | some finding in findings}

args := ["spec", "template", "spec", "containers", 0, "args"]

gate(value) := [sprintf("--feature-gates=AllowDNSLookups=%v", [value])]

test_off_passes if {
	every list in [[], gate("false"), array.concat(gate("true"), gate("false"))] {
		control.subject with input as review("helm-controller", list)
		count(control.violation) == 0 with input as review("helm-controller", list)
		count(control.unknown) == 0 with input as review("helm-controller", list)
	}
}

test_on_fails_with_a_fix if {
	some finding in control.violation with input as review("helm-controller", gate("true"))
	finding.details.path == array.concat(args, [0])
	finding.details.fix[0].value == "--feature-gates=AllowDNSLookups=false"
}

test_the_argument_that_sets_the_gate_is_named if {
	request := review("helm-controller", array.concat(gate("true"), ["--feature-gates=OOMWatch=true"]))
	paths(control.violation) == {array.concat(args, [0])} with input as request
}

test_what_follows_the_terminator_is_not_named if {
	request := review("helm-controller", array.concat(array.concat(gate("true"), ["--"]), gate("false")))
	paths(control.violation) == {array.concat(args, [0])} with input as request
}

test_undetermined if {
	request := review("helm-controller", ["--feature-gates=$(GATES)"])
	count(control.violation) == 0 with input as request
	paths(control.unknown) == {array.concat(args, [0])} with input as request
}

test_other_components_are_not_meant if {
	every component in ["kustomize-controller", "image-automation-controller"] {
		not control.subject with input as review(component, [])
		every list in [gate("true"), ["--feature-gates=$(GATES)"]] {
			count(control.violation | control.unknown) == 0 with input as review(component, list)
		}
	}
}
