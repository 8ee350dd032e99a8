# Objects for tests about the network and nodes.
package lib.netpol_sample_test

import data.lib.refs_sample_test as sample

# The inventory that holds these objects; those without a namespace are cluster-scoped.
inventory(objects) := {
	"cluster": _nested([obj | some obj in objects; not obj.metadata.namespace]),
	"namespace": {ns: _nested([obj | some obj in objects; obj.metadata.namespace == ns]) |
		some ns in {obj.metadata.namespace | some obj in objects}
	},
}

_nested(objects) := {version: kinds |
	some version in {obj.apiVersion | some obj in objects}
	kinds := {kind: names |
		some kind in {obj.kind | some obj in objects; obj.apiVersion == version}
		names := {obj.metadata.name: obj | some obj in objects; obj.apiVersion == version; obj.kind == kind}
	}
}

policy(name, spec) := policy_in("flux-system", name, spec)

policy_in(ns, name, spec) := {
	"apiVersion": "networking.k8s.io/v1",
	"kind": "NetworkPolicy",
	"metadata": {"name": name, "namespace": ns},
	"spec": spec,
}

namespace(name, labels) := {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}

source(with_these) := serving("source-controller", [{"name": "http", "containerPort": 9090}], with_these)

notification := serving("notification-controller", [{"name": "http", "containerPort": 9090}, {"name": "http-webhook", "containerPort": 9292}], {})

# A controller whose container names its ports.
serving(component, ports, with_these) := object.union(made, {"spec": {"template": {"spec": {"containers": [container]}}}}) if {
	made := sample.controller(component, with_these)
	container := object.union(made.spec.template.spec.containers[0], {"ports": ports})
}

service(component, target) := service_of(component, component, target)

service_of(name, component, target) := object.union(sample.service(name, {"app": component}), {"spec": {"ports": [{"name": "http", "port": 80, "targetPort": target}]}})

pod(ns, name, owner, spec) := {
	"apiVersion": "v1", "kind": "Pod",
	"metadata": {"name": name, "namespace": ns, "ownerReferences": [{"kind": owner, "name": "x", "controller": true}]},
	"spec": spec,
}

workload(ns, kind, spec) := {
	"apiVersion": "apps/v1", "kind": kind,
	"metadata": {"name": "web", "namespace": ns},
	"spec": {"template": {"spec": object.union({"containers": [{"name": "web", "image": "web:1"}]}, spec)}},
}

# The placement of pods on a pool.
placed(pool) := {"nodeSelector": {"pool": pool}, "tolerations": [{"key": "pool", "value": pool}]}

required(terms) := {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": terms}}}

node(name, labels, taints) := {
	"apiVersion": "v1", "kind": "Node",
	"metadata": {"name": name, "labels": labels},
	"spec": {"taints": taints},
}
