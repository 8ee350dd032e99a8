# Objects for the tests of everything that reads pods.
package lib.pods_sample_test

confined := {
	"allowPrivilegeEscalation": false,
	"readOnlyRootFilesystem": true,
	"runAsNonRoot": true,
	"capabilities": {"drop": ["ALL"]},
	"seccompProfile": {"type": "RuntimeDefault"},
}

manager(context) := {
	"name": "manager",
	"image": "ghcr.io/fluxcd/helm-controller:v1.6.3",
	"securityContext": context,
}

labels := {
	"app": "helm-controller",
	"app.kubernetes.io/component": "helm-controller",
	"app.kubernetes.io/part-of": "flux",
}

deployment(spec) := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {"name": "helm-controller", "namespace": "flux-system", "labels": labels},
	"spec": {"template": {"metadata": {"labels": labels}, "spec": spec}},
}

pod(spec) := {
	"apiVersion": "v1",
	"kind": "Pod",
	"metadata": {
		"name": "helm-controller-7d9-abc",
		"namespace": "flux-system",
		"labels": labels,
		"ownerReferences": [{"controller": true, "kind": "ReplicaSet", "name": "helm-controller-7d9"}],
	},
	"spec": spec,
}

# A deployment with one container and that security context.
with_context(context) := deployment({"containers": [manager(context)], "securityContext": {"fsGroup": 1337}})

# The same with the container's usual context, changed.
with_change(change) := with_context(object.union(confined, change))

# The inventory with the replica set that owns the pod.
inventory := {"namespace": {"flux-system": {"apps/v1": {"ReplicaSet": {"helm-controller-7d9": object.union(
	with_context(confined),
	{"kind": "ReplicaSet", "metadata": {"name": "helm-controller-7d9"}},
)}}}}}

containers := ["spec", "template", "spec", "containers", 0]

context_path(keys) := array.concat(array.concat(containers, ["securityContext"]), keys)

paths(findings) := {finding.details.path | some finding in findings}
