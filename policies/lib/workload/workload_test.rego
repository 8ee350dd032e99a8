package lib.workload_test

import data.lib.workload

_pod(image, name) := {"containers": [{"name": name, "image": image}]}

_deployment(image) := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {"name": "x"},
	"spec": {"template": {"spec": _pod(image, "c")}},
}

_component(image) := workload.strong(workload.signs(_deployment(image)))

test_every_component_by_its_image if {
	count(workload.components) == 7
	every c in workload.components {
		_component(sprintf("ghcr.io/fluxcd/%v:v1.0.0", [c])) == c
		_component(sprintf("localhost:5000/%v@sha256:00", [c])) == c
		_component(sprintf("docker.io/bitnami/fluxcd-%v:1", [c])) == c
		_component(sprintf("cgr.dev/chainguard/flux-%v:latest", [c])) == c
		_component(sprintf("rancher/mirrored-fluxcd-%v:v1", [c])) == c
	}
}

test_other_images if {
	every image in ["ghcr.io/fluxcd/flux-cli:v2", "ghcr.io/fluxcd/helm-controller/x:v1", "helm-controllers", "x/not-helm-controller", 5] {
		not _component(image)
	}
}

test_k3s_has_its_own_helm_controller if {
	every image in ["rancher/helm-controller:v0.15", "docker.io/rancher/helm-controller", "ghcr.io/k3s-io/helm-controller:v0.16"] {
		not _component(image)
		labelled := json.patch(_deployment(image), [{"op": "add", "path": "/metadata/labels", "value": {
			"app.kubernetes.io/component": "helm-controller",
			"app.kubernetes.io/part-of": "flux",
		}}])
		workload.strong(workload.signs(labelled)) == "helm-controller"
		workload.signs(labelled).image == [[0, "helm-controller"]]
	}
	_component("ghcr.io/k3s-io-not/helm-controller:v0.16") == "helm-controller"
}

test_every_kind_and_its_template if {
	kinds := {
		["apps/v1", "Deployment"]: {"spec": {"template": {"spec": 1}}},
		["apps/v1", "StatefulSet"]: {"spec": {"template": {"spec": 1}}},
		["apps/v1beta1", "DaemonSet"]: {"spec": {"template": {"spec": 1}}},
		["apps/v1", "ReplicaSet"]: {"spec": {"template": {"spec": 1}}},
		["batch/v1", "Job"]: {"spec": {"template": {"spec": 1}}},
		["batch/v1", "CronJob"]: {"spec": {"jobTemplate": {"spec": {"template": {"spec": 1}}}}},
		["v1", "PodTemplate"]: {"template": {"spec": 1}},
		["v1", "Pod"]: {"spec": 1},
	}
	every kind, body in kinds {
		obj := object.union({"apiVersion": kind[0], "kind": kind[1]}, body)
		workload.template(obj).spec == 1
		path := array.concat(workload.template_path[workload.group_kind(obj)], ["spec"])
		object.get(obj, path, 0) == 1
	}
	not workload.template({"apiVersion": "v1", "kind": "Service", "spec": {"template": {}}})
	not workload.signs({"apiVersion": "example.org/v1", "kind": "Deployment", "spec": {"template": {}}})
}

test_group if {
	workload.group({"apiVersion": "apps/v1"}) == "apps"
	workload.group({"apiVersion": "v1"}) == ""
	not workload.group({"apiVersion": 5})
	not workload.group_kind({"apiVersion": "v1", "kind": {}})
	workload.group_kind({"apiVersion": "v1", "kind": "Pod"}) == "Pod"
}

test_names if {
	obj := {"metadata": {"name": "a", "namespace": "b"}}
	[workload.name_of(obj), workload.namespace_of(obj)] == ["a", "b"]
	every bad in [{}, {"metadata": 5}, {"metadata": {"name": 5, "namespace": []}}, null] {
		[workload.name_of(bad), workload.namespace_of(bad)] == ["", ""]
	}
}

_labels(c) := {"app.kubernetes.io/component": c, "app.kubernetes.io/part-of": "flux"}

test_labels_on_the_workload_or_the_template if {
	plain := _deployment("x")
	on_workload := json.patch(plain, [{"op": "add", "path": "/metadata/labels", "value": _labels("source-watcher")}])
	on_template := json.patch(plain, [{"op": "add", "path": "/spec/template/metadata", "value": {"labels": _labels("source-watcher")}}])
	every obj in [on_workload, on_template] {
		workload.strong(workload.signs(obj)) == "source-watcher"
	}
	every labels in [_labels("x"), object.union(_labels("source-watcher"), {"app.kubernetes.io/part-of": "x"}), {"app.kubernetes.io/component": "source-watcher"}] {
		not workload.strong(workload.signs(json.patch(plain, [{"op": "add", "path": "/metadata/labels", "value": labels}])))
	}
}

test_image_before_labels if {
	obj := json.patch(_deployment("ghcr.io/fluxcd/helm-controller:v1"), [{"op": "add", "path": "/metadata/labels", "value": _labels("source-watcher")}])
	workload.strong(workload.signs(obj)) == "helm-controller"
}

test_plausible if {
	plain := _deployment("example.com/app:v1")
	not workload.plausible(plain)
	labels := {"labels": {"app.kubernetes.io/part-of": "flux"}}
	workload.plausible(object.union(plain, {"metadata": labels}))
	workload.plausible(object.union(plain, {"spec": {"template": {"metadata": labels}}}))
	workload.plausible(object.union(plain, {"metadata": {"name": "helm-controller-shard1"}}))
	workload.plausible(object.union(plain, {"spec": {"template": {"metadata": {"labels": {"app": "source-watcher"}}}}}))
	every value in [5, null, ["helm-controller"], "some-controller"] {
		not workload.plausible(object.union(plain, {"metadata": {"name": value}}))
	}
	every image in ["ghcr.io/fluxcd/helm-controller:v1", "x/flux-source-controller", "controlplaneio-fluxcd/flux-operator@sha256:a"] {
		workload.plausible(_deployment(image))
	}
	flux := {"spec": _pod("ghcr.io/fluxcd/helm-controller:v1", "c")}
	every kind, body in {
		"CronJob": {"spec": {"jobTemplate": {"spec": {"template": flux}}}},
		"DaemonSet": {"spec": {"template": flux}},
		"Pod": flux,
		"PodTemplate": {"template": flux},
	} {
		workload.plausible(object.union({"kind": kind}, body))
		not workload.plausible(object.union({"kind": sprintf("%vs", [kind])}, body))
	}
}

_app(app, container) := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {"name": "x"},
	"spec": {"template": {"metadata": {"labels": {"app": app}}, "spec": _pod("x", container)}},
}

test_app_label if {
	every app in ["kustomize-controller", "kustomize-controller-shard1"] {
		workload.strong(workload.signs(_app(app, "manager"))) == "kustomize-controller"
		not workload.strong(workload.signs(_app(app, "c")))
		workload.weak(workload.signs(_app(app, "c"))) == "kustomize-controller"
	}
	every app in ["kustomize-controllers", "my-kustomize-controller", 5] {
		not workload.weak(workload.signs(_app(app, "manager")))
	}
}

test_name if {
	named := json.patch(_deployment("x"), [
		{"op": "replace", "path": "/metadata/name", "value": "source-controller-s1"},
		{"op": "replace", "path": "/spec/template/spec/containers/0/name", "value": "manager"},
	])
	not workload.strong(workload.signs(named))
	workload.weak(workload.signs(named)) == "source-controller"
	other := json.patch(named, [{"op": "replace", "path": "/spec/template/spec/containers/0/name", "value": "c"}])
	not workload.weak(workload.signs(other))
}

test_the_controllers_container if {
	image := workload.signs({"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "manager"}, {"image": "a/helm-controller"}]}})
	workload.container(image, "helm-controller") == 1
	manager := workload.signs({"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "a"}, {"name": "manager"}]}})
	workload.container(manager, "helm-controller") == 1
	only := workload.signs({"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "a"}]}})
	workload.container(only, "helm-controller") == 0
	none := workload.signs({"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"name": "a"}, {"name": "b"}]}})
	workload.container(none, "helm-controller") == null
	workload.signs({"apiVersion": "v1", "kind": "Pod", "spec": {"containers": 5}}).size == 0
}

test_the_operator if {
	found := workload.operator_signs(_deployment("ghcr.io/controlplaneio-fluxcd/flux-operator:v0.58.1"))
	found.image == [[0, "flux-operator"]]
	workload.container(found, "flux-operator") == 0
	workload.operator_signs(_deployment("x")).image == []
}

test_owners if {
	obj := {
		"apiVersion": "v1", "kind": "Pod",
		"metadata": {
			"labels": {"pod-template-hash": "abc"},
			"ownerReferences": [{"kind": "ReplicaSet", "name": "x-abc", "controller": true}, {"kind": "Job", "name": "y"}, 5],
		},
	}
	workload.owners(obj) == {["ReplicaSet", "x-abc"], ["Deployment", "x"]}
	workload.owners(json.patch(obj, [{"op": "remove", "path": "/metadata/labels"}])) == {["ReplicaSet", "x-abc"]}
	workload.owners(json.patch(obj, [{"op": "replace", "path": "/kind", "value": "Service"}])) == set()
}
