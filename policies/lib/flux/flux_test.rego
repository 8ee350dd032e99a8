package lib.flux_test

import data.lib.flux

_review(obj, params) := {"review": {"object": obj}, "parameters": params}

_deployment(name, namespace, image) := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {"name": name, "namespace": namespace},
	"spec": {"template": {"spec": {"containers": [{"name": "manager", "image": image}]}}},
}

_helm := _deployment("helm-controller", "flux-system", "ghcr.io/fluxcd/helm-controller:v1.6.3")

test_object_of_a_review if {
	flux.object == _helm with input as _review(_helm, {})
	flux.params == {"a": 1} with input as _review(_helm, {"a": 1})
	flux.params == {} with input as _review(_helm, 5)
}

test_bare_object if {
	flux.object == _helm with input as _helm
	flux.params == {} with input as _helm
	hidden := object.union(_helm, {"review": {"object": {}}, "parameters": {"a": 1}})
	flux.object == hidden with input as hidden
	flux.params == {} with input as hidden
}

test_param if {
	params := {"text": "a", "number": 1, "flag": false, "list": [1], "map": {"a": 1}}
	got := [flux.param("text", ""), flux.param("number", 0), flux.param("flag", true), flux.param("list", []), flux.param("map", {})] with input as _review({}, params)
	got == ["a", 1, false, [1], {"a": 1}]
	wrong := [flux.param("text", 0), flux.param("number", ""), flux.param("flag", []), flux.param("list", {}), flux.param("none", 5)] with input as _review({}, params)
	wrong == [0, "", [], {}, 5]
}

test_mode_and_profiles if {
	flux.mode == "admission" with input as _helm
	flux.mode == "git" with input as _review({}, {"mode": "git"})
	flux.profiles == ["base"] with input as _helm
	flux.profiles == ["base", "hard"] with input as _review({}, {"profiles": ["hard"]})
	flux.profile("base") with input as _review({}, {"profiles": ["hard"]})
	flux.profile("hard") with input as _review({}, {"profiles": ["hard"]})
	not flux.profile("shared") with input as _helm
}

test_kind if {
	flux.kind_is("apps", "Deployment") with input as _helm
	not flux.kind_is("", "Deployment") with input as _helm
	not flux.kind_is("apps", "Job") with input as _helm
	flux.kind_is("", "Pod") with input as {"apiVersion": "v1", "kind": "Pod"}
	[flux.name_of(_helm), flux.namespace_of(_helm)] == ["helm-controller", "flux-system"]
}

test_controller if {
	flux.controller == {
		"component": "helm-controller",
		"group_kind": "apps/Deployment",
		"namespace": "flux-system",
		"name": "helm-controller",
		"template": ["spec", "template"],
		"pod": ["spec", "template", "spec"],
		"container": 0,
		"owned": false,
	} with input as _helm
	flux.component == "helm-controller" with input as _helm
	not flux.operator with input as _helm
	not flux.controller with input as _deployment("x", "flux-system", "x")
}

test_operator if {
	obj := _deployment("flux-operator", "x", "ghcr.io/controlplaneio-fluxcd/flux-operator:v0.58.1")
	flux.operator.component == "flux-operator" with input as obj
	not flux.controller with input as obj
}

_weak(namespace) := _deployment("helm-controller-s1", namespace, "registry.corp/hc:v1")

test_the_name_counts_in_flux_namespaces_only if {
	flux.component == "helm-controller" with input as _weak("flux-system")
	not flux.component with input as _weak("apps")
	flux.component == "helm-controller" with input as _review(_weak("apps"), {"fluxNamespaces": ["apps"]})
	not flux.component with input as _review(_weak("flux-system"), {"fluxNamespaces": ["apps"]})
	inventory := {"namespace": {"apps": {"apps/v1": {"Deployment": {"helm-controller": object.union(_helm, {"metadata": {"namespace": "apps"}})}}}}}
	flux.component == "helm-controller" with input as _weak("apps") with data.inventory as inventory
}

_app(namespace) := {
	"apiVersion": "apps/v1", "kind": "Deployment",
	"metadata": {"name": "x", "namespace": namespace},
	"spec": {"template": {"metadata": {"labels": {"app": "helm-controller"}}, "spec": {"containers": [{"name": "c", "image": "x"}]}}},
}

test_the_app_label_without_manager_counts_in_flux_namespaces_only if {
	flux.component == "helm-controller" with input as _app("flux-system")
	not flux.component with input as _app("apps")
}

test_namespaces if {
	flux.namespaces == {"flux-system"} with input as {"apiVersion": "v1", "kind": "Pod"}
	flux.namespaces == {"flux-system", "gitops"} with input as object.union(_helm, {"metadata": {"namespace": "gitops"}})
	flux.namespaces == {"a", "b"} with input as _review({}, {"fluxNamespaces": ["a"]}) with data.inventory as {"facts": {"flux_namespaces": ["b"]}}
}

test_image_before_labels if {
	labelled := object.union(_helm, {"metadata": {"labels": {"app.kubernetes.io/part-of": "flux", "app.kubernetes.io/component": "source-watcher"}}})
	flux.component == "helm-controller" with input as labelled
}

test_owned_workloads_have_no_component if {
	replicas := object.union(_helm, {"kind": "ReplicaSet", "metadata": {"name": "helm-controller-abc", "ownerReferences": [{"kind": "Deployment", "name": "helm-controller", "controller": true}]}})
	inventory := {"namespace": {"flux-system": {"apps/v1": {"Deployment": {"helm-controller": _helm}, "ReplicaSet": {"helm-controller-abc": replicas}}}}}
	flux.controller.owned with input as replicas with data.inventory as inventory
	not flux.component with input as replicas with data.inventory as inventory
	flux.component == "helm-controller" with input as replicas
	flux.component == "helm-controller" with input as _helm with data.inventory as inventory
}

test_known if {
	obj := {"kind": "X", "metadata": {"annotations": {"flux-audit.internal/unknown-paths": "/spec/a~1b,/spec/list/1, /data"}}}
	every path in [["spec", "a/b"], ["spec", "a/b", 0, "x"], ["spec", "list", 1], ["data", "x"]] {
		not flux.known(path) with input as obj
	}
	every path in [["spec"], ["spec", "list"], ["spec", "list", 10], ["spec", "a"], ["dat"]] {
		flux.known(path) with input as obj
	}
	flux.known(["spec"]) with input as {"kind": "X", "metadata": {"annotations": {"flux-audit.internal/unknown-paths": 5}}}
	not flux.known(["spec"]) with input as {"kind": "X", "metadata": {"annotations": {"flux-audit.internal/unknown-paths": ""}}}
}
