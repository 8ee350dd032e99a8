# Objects for tests about several controllers.
package lib.refs_sample_test

# A controller's Deployment. Keys of `with_these`: name, namespace, tag or image, args, env, mounts, labels (of the
# object), pod_labels, annotations, pod (further fields of the pod), containers (further ones).
controller(component, with_these) := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {
		"name": object.get(with_these, "name", component),
		"namespace": object.get(with_these, "namespace", "flux-system"),
		"labels": object.get(with_these, "labels", signs),
		"annotations": object.get(with_these, "annotations", {}),
	},
	"spec": {"template": {
		"metadata": {"labels": object.get(with_these, "pod_labels", object.union(signs, {"app": object.get(with_these, "name", component)}))},
		"spec": object.union(
			{"containers": array.concat([container(component, with_these)], object.get(with_these, "containers", []))},
			object.get(with_these, "pod", {}),
		),
	}},
} if {
	signs := {"app.kubernetes.io/component": component, "app.kubernetes.io/part-of": "flux"}
}

container(component, with_these) := {
	"name": "manager",
	"image": object.get(with_these, "image", sprintf("ghcr.io/fluxcd/%v:%v", [component, tag])),
	"args": object.get(with_these, "args", []),
	"env": object.get(with_these, "env", []),
	"volumeMounts": object.get(with_these, "mounts", []),
} if {
	tag := object.get(with_these, "tag", object.get(tags, component, "v1.0.0"))
}

# The tags of Flux 2.9.4.
tags := {
	"source-controller": "v1.9.4",
	"kustomize-controller": "v1.9.4",
	"helm-controller": "v1.6.3",
	"notification-controller": "v1.9.3",
	"source-watcher": "v2.2.3",
}

service(name, selector) := {
	"apiVersion": "v1",
	"kind": "Service",
	"metadata": {"name": name, "namespace": "flux-system"},
	"spec": {"selector": selector},
}

# The inventory that holds these namespaced objects.
inventory(objects) := {"namespace": {ns: of_namespace |
	some ns in {obj.metadata.namespace | some obj in objects}
	of_namespace := {version: of_version |
		some version in {obj.apiVersion | some obj in objects; obj.metadata.namespace == ns}
		of_version := {kind: of_kind |
			some kind in {obj.kind | some obj in objects; obj.metadata.namespace == ns; obj.apiVersion == version}
			of_kind := {obj.metadata.name: obj |
				some obj in objects
				obj.metadata.namespace == ns
				obj.kind == kind
			}
		}
	}
}}

review(obj, params) := {"review": {"object": obj}, "parameters": params}

paths(findings) := {path |
	some finding in findings
	path := concat("/", [sprintf("%v", [segment]) | some segment in finding.details.path])
}

image := "spec/template/spec/containers/0/image"

args := "spec/template/spec/containers/0/args"

arg(index) := sprintf("%v/%v", [args, index])
