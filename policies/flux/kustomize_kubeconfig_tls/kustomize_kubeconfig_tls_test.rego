package flux.kustomize_kubeconfig_tls_test

import data.flux.kustomize_kubeconfig_tls as control

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

test_absent_is_off if {
	request := review("kustomize-controller", ["--log-level=info"])
	control.subject with input as request
	count(control.violation) == 0 with input as request
	count(control.unknown) == 0 with input as request
}

test_true_fails_with_a_fix if {
	request := review("kustomize-controller", ["--insecure-kubeconfig-tls"])
	some finding in control.violation with input as request
	finding.details.path == array.concat(args, [0])
	finding.details.fix[0].value == "--insecure-kubeconfig-tls=false"
}

test_a_switch_takes_no_separate_value if {
	request := review("kustomize-controller", ["--insecure-kubeconfig-tls", "false"])
	paths(control.violation) == {array.concat(args, [0])} with input as request
}

test_the_last_value_wins if {
	request := review("kustomize-controller", ["--insecure-kubeconfig-tls=1", "--insecure-kubeconfig-tls=F"])
	count(control.violation) == 0 with input as request
}

test_what_does_not_parse_is_unknown if {
	request := review("kustomize-controller", ["--insecure-kubeconfig-tls=yes"])
	count(control.violation) == 0 with input as request
	paths(control.unknown) == {array.concat(args, [0])} with input as request
}

test_other_components_are_not_meant if {
	request := review("source-controller", ["--insecure-kubeconfig-tls"])
	not control.subject with input as request
	count(control.violation) == 0 with input as request
	count(control.unknown) == 0 with input as request
}

test_the_same_flag_of_helm_controller_is_for_another_control if {
	request := review("helm-controller", ["--insecure-kubeconfig-tls"])
	count(control.violation) == 0 with input as request
}
