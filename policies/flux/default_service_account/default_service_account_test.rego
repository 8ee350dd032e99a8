package flux.default_service_account_test

import data.flux.default_service_account as control

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

name(value) := [sprintf("--default-service-account=%v", [value])]

test_absent_and_empty_fail if {
	paths(control.violation) == {args} with input as review("kustomize-controller", [])
	paths(control.violation) == {array.concat(args, [0])} with input as review("kustomize-controller", name(""))
	every list in [[], name("")] {
		count(control.violation) == 1 with input as review("kustomize-controller", list)
	}
	some finding in control.violation with input as review("kustomize-controller", [])
	finding.details.fix[0].value == "--default-service-account=default"
}

test_a_valid_name_passes if {
	every value in ["default", "a", "flux.tenant-1"] {
		control.subject with input as review("kustomize-controller", name(value))
		count(control.violation) == 0 with input as review("kustomize-controller", name(value))
		count(control.warn) == 0 with input as review("kustomize-controller", name(value))
		count(control.unknown) == 0 with input as review("kustomize-controller", name(value))
	}
}

test_what_no_account_can_be_called_fails if {
	long := concat("", ["a" | some _ in numbers.range(1, 254)])
	every value in [`"default"`, "default ", "Default", "-a", "a.", long] {
		count(control.violation) == 1 with input as review("kustomize-controller", name(value))
	}
}

test_a_name_of_flux_itself_is_warned_about if {
	every value in ["helm-controller", "flux-operator", "source-watcher-controller"] {
		count(control.warn) == 1 with input as review("kustomize-controller", name(value))
	}
}

test_undetermined if {
	every list in [["--default-service-account"], name("$(ACCOUNT)")] {
		paths(control.unknown) == {array.concat(args, [0])} with input as review("kustomize-controller", list)
		count(control.violation) == 0 with input as review("kustomize-controller", list)
	}
}

test_elsewhere_the_flag_means_something_else if {
	not control.subject with input as review("source-controller", [])
	count(control.violation) == 0 with input as review("source-controller", [])
	count(control.unknown) == 0 with input as review("source-controller", name("$(ACCOUNT)"))
	own := review("kustomize-controller", name("default"))
	other := review("source-controller", name("tenant")).review.object
	count(control.warn) == 0 with input as own with data.inventory as fleet([own.review.object, other])
}

fleet(list) := {"namespace": {"flux-system": {"apps/v1": {"Deployment": {obj.metadata.name: obj |
	some obj in list
}}}}}

test_different_names_are_warned_about if {
	own := review("kustomize-controller", name("default"))
	other := review("helm-controller", name("tenant")).review.object
	same := review("helm-controller", name("default")).review.object
	none := review("helm-controller", name("")).review.object
	some finding in control.warn with input as own with data.inventory as fleet([own.review.object, other])
	finding.details.path == array.concat(args, [0])
	finding.details.related == [{
		"object": {"apiVersion": "apps/v1", "kind": "Deployment", "namespace": "flux-system", "name": "helm-controller"},
		"path": array.concat(args, [0]),
	}]
	every peer in [same, none] {
		count(control.warn) == 0 with input as own with data.inventory as fleet([own.review.object, peer])
	}
}

test_the_account_of_a_controller_is_warned_about if {
	own := review("kustomize-controller", name("deployer"))
	peer := json.patch(review("source-controller", []).review.object, [{
		"op": "add",
		"path": "/spec/template/spec/serviceAccountName",
		"value": "deployer",
	}])
	some finding in control.warn with input as own with data.inventory as fleet([peer])
	finding.msg == "deployer is the account that Deployment flux-system/source-controller runs as"
	finding.details.related == [{
		"object": {"apiVersion": "apps/v1", "kind": "Deployment", "namespace": "flux-system", "name": "source-controller"},
		"path": ["spec", "template", "spec", "serviceAccountName"],
	}]
}
