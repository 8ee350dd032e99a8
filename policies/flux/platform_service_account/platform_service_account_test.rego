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
