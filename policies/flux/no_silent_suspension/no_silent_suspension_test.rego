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

test_every_kind_of_flux_can_be_suspended if {
	every group, kinds in {
		"source": ["Bucket", "GitRepository", "HelmChart", "HelmRepository", "OCIRepository"],
		"kustomize": ["Kustomization"],
		"helm": ["HelmRelease"],
		"notification": ["Alert", "Provider", "Receiver"],
		"image": ["ImagePolicy", "ImageRepository", "ImageUpdateAutomation"],
	} {
		every kind in kinds {
			suspended := object_of(sprintf("%v.toolkit.fluxcd.io/v1", [group]), kind, {"spec": {"suspend": true}})
			judged(suspended) == {"fail spec suspend"}
			some finding in control.violation with input as suspended
			finding.details.fix == [{"op": "add", "path": "/spec/suspend", "value": false}]
		}
	}
}

# What kustomize-controller passes over.
passed := {
	"annotations": {"kustomize.toolkit.fluxcd.io/reconcile": "disabled"},
	"labels": {"kustomize.toolkit.fluxcd.io/ssa": "Ignore"},
}

test_every_kind_can_be_passed_over if {
	every group, kinds in {
		"admissionregistration.k8s.io/v1": [
			"MutatingWebhookConfiguration", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding",
			"ValidatingWebhookConfiguration",
		],
		"cilium.io/v2": ["CiliumClusterwideNetworkPolicy", "CiliumNetworkPolicy"],
		"fluxcd.controlplane.io/v1": ["FluxInstance", "ResourceSet", "ResourceSetInputProvider"],
		"helm.toolkit.fluxcd.io/v2": ["HelmRelease"],
		"kyverno.io/v1": ["ClusterPolicy", "Policy"],
		"networking.k8s.io/v1": ["NetworkPolicy"],
		"policies.kyverno.io/v1": ["ImageValidatingPolicy", "ValidatingPolicy"],
		"policy.sigstore.dev/v1beta1": ["ClusterImagePolicy"],
		"rbac.authorization.k8s.io/v1": ["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"],
		"source.extensions.fluxcd.io/v1beta1": ["ArtifactGenerator"],
		"templates.gatekeeper.sh/v1": ["ConstraintTemplate"],
	} {
		every kind in kinds {
			judged(object_of(group, kind, {"metadata": passed, "spec": {}})) == {
				"fail metadata annotations kustomize.toolkit.fluxcd.io/reconcile",
				"fail metadata labels kustomize.toolkit.fluxcd.io/ssa",
			}
		}
	}
}

test_each_mark_counts_in_annotations_and_labels if {
	every field in ["annotations", "labels"] {
		every mark, value in {"reconcile": "disabled", "ssa": "Ignore"} {
			key := sprintf("kustomize.toolkit.fluxcd.io/%v", [mark])
			marked := object.union(release({"interval": "1m"}), {"metadata": {field: {key: value}}})
			judged(marked) == {sprintf("fail metadata %v %v", [field, key])}
		}
	}
}

test_what_is_hidden_is_unknown if {
	every path, want in {
		"/spec/suspend": "unknown spec suspend",
		"/metadata/labels": "unknown metadata labels",
	} {
		hiding := {"metadata": {"annotations": {"flux-audit.internal/unknown-paths": path}}}
		want in judged(object.union(release({"interval": "1m"}), hiding))
	}
	judged(object.union(release({}), {"metadata": {"labels": "x"}})) == {"unknown metadata labels"}
}

test_namesakes_of_other_groups_are_not_meant if {
	every version, kind in {
		"kustomize.config.k8s.io/v1beta1": "Kustomization",
		"acme.example/v1": "FluxInstance",
		"flux.example/v1": "ArtifactGenerator",
		"helm.toolkit.fluxcd.io/v2": "Other",
	} {
		namesake := object_of(version, kind, {"metadata": passed, "spec": {"suspend": true}})
		not control.subject with input as namesake
		judged(namesake) == set()
	}
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

test_marks_of_both_sorts_are_reported if {
	every mark, value in {"kustomize.toolkit.fluxcd.io/reconcile": "disabled", "kustomize.toolkit.fluxcd.io/ssa": "Ignore"} {
		marked := object_of("kustomize.toolkit.fluxcd.io/v1", "Kustomization", {
			"metadata": {"labels": {mark: value}, "annotations": {mark: value}}, "spec": {},
		})
		judged(marked) == {sprintf("fail metadata %v %v", [sort, mark]) | some sort in ["labels", "annotations"]}
	}
}
