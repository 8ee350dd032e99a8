package flux.platform_service_account_test

import data.flux.platform_service_account as control
import data.lib.admission_sample_test as sample

ks(metadata, spec) := {"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization", "metadata": object.union({"name": "flux-system"}, metadata), "spec": spec}

home := {"namespace": "flux-system"}

controller(args) := {
	"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "kustomize-controller", "namespace": "flux-system"},
	"spec": {"template": {"spec": {"containers": [{"name": "manager", "image": "ghcr.io/fluxcd/kustomize-controller:v1.9.4", "args": args}]}}},
}

judged(obj, objects) := found if {
	found := [count(control.violation), count(control.unknown), count(control.manual)] with input as obj
		with data.inventory as sample.inventory(objects)
}

locked := [controller(["--default-service-account=default"])]

test_fail if {
	judged(ks(home, {}), locked) == [1, 0, 0]
	judged(ks(home, {"serviceAccountName": ""}), locked) == [1, 0, 0]
	judged(ks(home, {"serviceAccountName": null}), locked) == [1, 0, 0]
}

test_pass if {
	judged(ks(home, {"serviceAccountName": "kustomize-controller"}), locked) == [0, 0, 0]
	judged(ks(home, {}), [controller([])]) == [0, 0, 0]
}

test_unknown if {
	judged(ks(home, {"serviceAccountName": 5}), locked) == [0, 1, 0]
	judged(ks(home, {"serviceAccountName": "${SA}"}), locked) == [0, 1, 0]
	judged(ks(home, {}), [controller(["--default-service-account=$(ACCOUNT)"])]) == [0, 1, 0]
	judged(ks({}, {}), locked) == [0, 1, 0]
	judged(ks(object.union(home, {"annotations": {"flux-audit.internal/unknown-paths": "/spec"}}), {}), locked) == [0, 1, 0]
}

test_manual if judged(ks(home, {}), []) == [0, 0, 1]

test_subject if {
	control.subject with input as ks(home, {})
	control.subject with input as ks({}, {})
	not control.subject with input as ks({"namespace": "team-a"}, {})
	not control.subject with input as controller([])
}

named := {"serviceAccountName": "kustomize-controller"}

hidden := {"annotations": {"flux-audit.internal/unknown-paths": "/spec/serviceAccountName"}}

test_where_an_account_is_named_nothing_else_matters if {
	every settings in [[], locked, [controller(["--default-service-account=$(ACCOUNT)"])]] {
		every metadata in [home, {}, {"namespace": 5}] {
			judged(ks(metadata, named), settings) == [0, 0, 0]
		}
	}
}

test_a_name_that_a_patch_may_change_is_unknown if {
	judged(ks(object.union(home, hidden), named), locked) == [0, 1, 0]
}

test_what_tenants_have_is_not_judged if {
	every metadata, spec in {{}: 5, {"a": "b"}: {"serviceAccountName": "${SA}"}, hidden: {}} {
		judged(ks(object.union({"namespace": "team-a"}, metadata), spec), locked) == [0, 0, 0]
	}
}

# Paths of the unknowns, one for each.
doubts(obj, objects) := [concat("/", finding.details.path) | some finding in found] if {
	found := control.unknown with input as obj with data.inventory as sample.inventory(objects)
}

test_what_cannot_be_read_is_said_once if {
	doubts(object.union(ks(home, {}), {"spec": 5}), locked) == ["spec"]
	doubts(object.union(object.remove(ks(home, {}), ["metadata"]), {"metadata": 5}), locked) == ["metadata"]
	every spec in [{}, {"serviceAccountName": "${SA}"}] {
		doubts(ks({"namespace": 5}, spec), locked) == ["metadata/namespace"]
	}
}

test_without_a_namespace_it_matters_whether_an_account_is_enforced if {
	doubts(ks({}, {}), locked) == ["metadata/namespace"]
	doubts(ks({}, {}), [controller([])]) == []
}

test_one_controller_that_enforces_an_account_is_enough if {
	args := ["--default-service-account=$(ACCOUNT)"]
	vague := object.union(controller(args), {"metadata": {"name": "kustomize-controller-2"}})
	judged(ks(home, {}), array.concat(locked, [vague])) == [1, 0, 0]
}

test_other_objects_without_a_namespace if {
	not control.subject with input as object.remove(controller([]), ["metadata"])
}

test_without_a_namespace_and_a_controller_somebody_has_to_look if {
	judged(ks({}, {}), []) == [0, 0, 1]
	judged(ks({}, named), []) == [0, 0, 0]
}
