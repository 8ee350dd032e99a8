package lib.facts

import data.lib.flux
import data.lib.workload

# "namespace/Kind/name" of every workload but Pods that runs a controller → the names of the containers
# in its template.
template_containers := fact if {
	fact := data.inventory.facts.template_containers
} else := {key: names |
	some obj in _workloads
	obj.kind != "Pod"
	flux.component_of(obj)
	key := sprintf("%v/%v/%v", [workload.namespace_of(obj), obj.kind, workload.name_of(obj)])
	names := sort([container.name |
		some field in ["containers", "initContainers"]
		list := workload.template(obj).spec[field]
		is_array(list)
		some container in list
		is_string(container.name)
	])
}

# The cluster shows that it is OpenShift, where security context constraints fill in security contexts.
# Objects that a tenant may own count in the namespaces of Flux only.
openshift := fact if {
	fact := data.inventory.facts.openshift
} else if {
	count(clustered("security.openshift.io", "SecurityContextConstraints")) > 0
} else if {
	some kind in ["ClusterRole", "ClusterRoleBinding"]
	some obj in clustered("rbac.authorization.k8s.io", kind)
	startswith(workload.name_of(obj), "flux-scc")
} else if {
	some obj in namespaced("fluxcd.controlplane.io", "FluxInstance")
	workload.namespace_of(obj) in flux_namespaces
	obj.spec.cluster.type == "openshift"
} else if {
	some obj in namespaced("helm.toolkit.fluxcd.io", "HelmRelease")
	obj.spec.chart.spec.chart == "flux2"
	workload.namespace_of(obj) in flux_namespaces
	obj.spec.values.distro.openshift == true
} else := false
