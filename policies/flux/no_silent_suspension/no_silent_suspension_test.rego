package flux.no_silent_suspension_test

import data.flux.no_silent_suspension as control

object_of(version, kind, more) := object.union({"apiVersion": version, "kind": kind, "metadata": {"name": "apps"}}, more)

role(metadata) := object_of("rbac.authorization.k8s.io/v1", "ClusterRole", {"metadata": metadata})

release(spec) := object_of("helm.toolkit.fluxcd.io/v2", "HelmRelease", {"spec": spec})

judged(obj) := {sprintf("%v %v", [kind, concat(" ", finding.details.path)]) |
	some kind, found in {"fail": failures, "unknown": doubts}
	some finding in found
} if {
	failures := control.violation with input as obj
	doubts := control.unknown with input as obj
}

test_suspend if {
	judged(release({})) == set()
	judged(release({"suspend": false})) == set()
	judged(release({"suspend": null})) == set()
	judged(release({"suspend": true})) == {"fail spec suspend"}
	judged(release({"suspend": "true"})) == {"unknown spec suspend"}
	judged(release("x")) == {"unknown spec"}
	judged(object_of("rbac.authorization.k8s.io/v1", "Role", {"spec": {"suspend": true}})) == set()
}

test_annotations if {
	every value in ["disabled", "Disabled", "DISABLED"] {
		judged(role({"annotations": {"kustomize.toolkit.fluxcd.io/reconcile": value}})) == {"fail metadata annotations kustomize.toolkit.fluxcd.io/reconcile"}
	}
	judged(role({"labels": {"kustomize.toolkit.fluxcd.io/ssa": "Ignore"}})) == {"fail metadata labels kustomize.toolkit.fluxcd.io/ssa"}
	judged(role({"annotations": {"kustomize.toolkit.fluxcd.io/ssa": "Merge", "kustomize.toolkit.fluxcd.io/reconcile": "enabled"}})) == set()
	judged(role({"annotations": {"kustomize.toolkit.fluxcd.io/ssa": true}})) == {"unknown metadata annotations kustomize.toolkit.fluxcd.io/ssa"}
	judged(role({"annotations": {"kustomize.toolkit.fluxcd.io/ssa": "${SSA}"}})) == {"unknown metadata annotations kustomize.toolkit.fluxcd.io/ssa"}
	judged(role({"annotations": []})) == {"unknown metadata annotations"}
	some finding in control.violation with input as role({"labels": {"kustomize.toolkit.fluxcd.io/ssa": "Ignore"}})
	finding.details.fix == [{"op": "remove", "path": "/metadata/labels/kustomize.toolkit.fluxcd.io~1ssa"}]
}

test_operator if {
	judged(role({
		"labels": {"app.kubernetes.io/managed-by": "flux-operator"},
		"annotations": {"kustomize.toolkit.fluxcd.io/ssa": "Ignore"},
	})) == set()
	instance := object_of("fluxcd.controlplane.io/v1", "FluxInstance", {"metadata": {
		"labels": {"app.kubernetes.io/managed-by": "flux-operator"},
		"annotations": {"fluxcd.controlplane.io/reconcile": "disabled"},
	}})
	judged(instance) == {"fail metadata annotations fluxcd.controlplane.io/reconcile"}
	generator := object_of("source.extensions.fluxcd.io/v1beta1", "ArtifactGenerator", {"metadata": {"annotations": {"source.extensions.fluxcd.io/reconcile": "Disabled"}}})
	judged(generator) == {"fail metadata annotations source.extensions.fluxcd.io/reconcile"}
}

test_other_objects if {
	every other in [
		object_of("v1", "ConfigMap", {"metadata": {"annotations": {"kustomize.toolkit.fluxcd.io/ssa": "Ignore"}}}),
		object_of("networking.k8s.io/v1", "Ingress", {}),
		object_of("fluxcd.controlplane.io/v1", "FluxReport", {}),
		object_of("source.extensions.fluxcd.io/v1beta1", "Other", {}),
		{"apiVersion": "v1", "kind": 5},
	] {
		not control.subject with input as other
		judged(other) == set()
	}
	control.subject with input as role({})
}

test_marks_that_say_nothing if {
	every labels in [null, {}, {"app": "x"}] {
		obj := {
			"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization",
			"metadata": {"name": "a", "namespace": "b", "labels": labels}, "spec": {"suspend": false},
		}
		count(control.violation) == 0 with input as obj
		count(control.unknown) == 0 with input as obj
	}
}
