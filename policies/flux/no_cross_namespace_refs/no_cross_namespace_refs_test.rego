package flux.no_cross_namespace_refs_test

import data.flux.no_cross_namespace_refs as control

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

test_absent_fails_with_a_fix if {
	request := review("kustomize-controller", ["--log-level=info"])
	some finding in control.violation with input as request
	finding.details.path == args
	finding.details.fix == [{
		"op": "add",
		"path": "/spec/template/spec/containers/0/args/-",
		"value": "--no-cross-namespace-refs=true",
	}]
}

test_true_passes if {
	some value in ["--no-cross-namespace-refs", "--no-cross-namespace-refs=T"]
	request := review("kustomize-controller", [value])
	control.subject with input as request
	count(control.violation) == 0 with input as request
	count(control.unknown) == 0 with input as request
}

test_the_last_value_wins if {
	request := review("kustomize-controller", ["--no-cross-namespace-refs=true", "--no-cross-namespace-refs=0"])
	paths(control.violation) == {array.concat(args, [1])} with input as request
}

test_what_does_not_parse_is_unknown if {
	request := review("kustomize-controller", ["--no-cross-namespace-refs=yes"])
	count(control.violation) == 0 with input as request
	paths(control.unknown) == {array.concat(args, [0])} with input as request
}

test_source_controller_is_not_meant if {
	request := review("source-controller", [])
	not control.subject with input as request
	count(control.violation) == 0 with input as request
}

test_all_six_are_meant if {
	every component in [
		"helm-controller", "image-automation-controller", "image-reflector-controller",
		"kustomize-controller", "notification-controller", "source-watcher",
	] {
		control.subject with input as review(component, [])
		count(control.violation) == 1 with input as review(component, [])
	}
}

test_what_cannot_be_told_of_source_controller_does_not_matter if {
	count(control.unknown) > 0 with input as review("helm-controller", [5])
	every list in [[5], ["--no-cross-namespace-refs=true"], ["--no-cross-namespace-refs=yes"]] {
		count(control.unknown) == 0 with input as review("source-controller", list)
	}
}
