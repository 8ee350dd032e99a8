package lib.facts_pods_test

import data.lib.facts
import data.lib.pods_sample_test as sample

cluster(group_version, kind, name, obj) := {"cluster": {group_version: {kind: {name: obj}}}}

test_template_containers if {
	facts.template_containers == {"flux-system/ReplicaSet/helm-controller-7d9": ["manager"]} with data.inventory as sample.inventory
	facts.template_containers == {} with data.inventory as {}
	facts.template_containers == {"a/b/c": ["d"]} with data.inventory as {"facts": {"template_containers": {"a/b/c": ["d"]}}}
}

test_no_openshift if {
	facts.openshift == false with data.inventory as sample.inventory
	facts.openshift == false with data.inventory as {}
}

test_supplied if {
	facts.openshift == true with data.inventory as {"facts": {"openshift": true}}
	facts.openshift == false with data.inventory as {"facts": {"openshift": false}}
}

test_constraints if facts.openshift == true with data.inventory as cluster(
	"security.openshift.io/v1", "SecurityContextConstraints", "nonroot",
	{"kind": "SecurityContextConstraints"},
)

test_role if facts.openshift == true with data.inventory as cluster(
	"rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "flux-scc",
	{"kind": "ClusterRoleBinding", "metadata": {"name": "flux-scc"}},
)

flux(ns, group_version, kind, spec) := object.union(sample.inventory, {"namespace": {ns: {group_version: {kind: {"flux": {
	"kind": kind,
	"metadata": {"name": "flux", "namespace": ns},
	"spec": spec,
}}}}}})

instance(ns) := flux(ns, "fluxcd.controlplane.io/v1", "FluxInstance", {"cluster": {"type": "openshift"}})

release(ns) := flux(ns, "helm.toolkit.fluxcd.io/v2", "HelmRelease", {
	"chart": {"spec": {"chart": "flux2"}},
	"values": {"distro": {"openshift": true}},
})

test_instance if {
	facts.openshift == true with data.inventory as instance("flux-system")
	facts.openshift == false with data.inventory as instance("tenant")
}

test_release if {
	facts.openshift == true with data.inventory as release("flux-system")
	facts.openshift == false with data.inventory as release("tenant")
}
