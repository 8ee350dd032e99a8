package flux.no_debug_logging_test

import data.flux.no_debug_logging as control

# The review of a controller with these arguments.
review(component, args) := {"review": {"object": {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {"name": component, "namespace": "flux-system"},
	"spec": {"template": {"spec": {"containers": [{
		"name": "manager",
		"image": sprintf("ghcr.io/fluxcd/%v:v1.9.4", [component]),
		"args": args,
	}]}}},
}}}

paths(findings) := {finding.details.path | some finding in findings}

args := ["spec", "template", "spec", "containers", 0, "args"]

test_quiet_levels_pass if {
	every list in [[], ["--log-level=info"], ["--log-level=error"], ["--log-level=debug", "--log-level=info"]] {
		control.subject with input as review("source-controller", list)
		count(control.violation) == 0 with input as review("source-controller", list)
		count(control.unknown) == 0 with input as review("source-controller", list)
	}
}

test_verbose_levels_fail_with_a_fix if {
	every level in ["debug", "trace"] {
		request := review("source-controller", [sprintf("--log-level=%v", [level])])
		some finding in control.violation with input as request
		finding.details.path == array.concat(args, [0])
		finding.details.fix[0].value == "--log-level=info"
	}
}

test_undetermined if {
	every list in [["--log-level=$(L)"], ["--log-level"]] {
		paths(control.unknown) == {array.concat(args, [0])} with input as review("source-controller", list)
	}
}

test_other_workloads_are_not_meant if {
	not control.subject with input as {"review": {"object": {"apiVersion": "v1", "kind": "Pod"}}}
	count(control.violation) == 0 with input as {"review": {"object": {"apiVersion": "v1", "kind": "Pod"}}}
}

test_the_operator_is_no_controller if {
	every list in [["--log-level=debug"], ["--log-level=$(L)"], [5]] {
		not control.subject with input as review("flux-operator", list)
		count(control.violation) == 0 with input as review("flux-operator", list)
		count(control.unknown) == 0 with input as review("flux-operator", list)
	}
}
