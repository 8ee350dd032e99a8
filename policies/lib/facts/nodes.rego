package lib.facts

import data.lib.flux
import data.lib.placement
import data.lib.workload

# Every Node with the labels that set it apart and the taints that keep pods away, sorted.
nodes := fact if {
	fact := data.inventory.facts.nodes
} else := sort([node | some obj in clustered("", "Node"); node := placement.node(obj)])

# What sets the nodes of Flux apart as far as the controllers' templates tell: {"taints": what they tolerate,
# "labels": what they demand}, each with the controller that says so.
flux_placement := fact if {
	fact := data.inventory.facts.flux_placement
} else := {
	"taints": sort([object.union(taint, {"object": source[0], "path": path}) |
		some source in _placed
		some i, toleration in placement.tolerations(source[1])
		taint := placement.meant(toleration)
		path := array.concat(source[2], ["tolerations", i])
	]),
	"labels": sort([{"key": requirement.key, "values": requirement.values, "object": source[0], "path": source[2]} |
		some source in _placed
		some requirements in placement.alternatives(source[1])
		some requirement in requirements
		requirement.operator == "in"
	]),
}

# [identity, object, path of the pod] of each controller whose owner is not at hand.
_placed := [[identity, obj, base.pod] |
	some obj in _workloads
	base := flux.controller_of(obj)
	not base.owned
	identity := {"apiVersion": obj.apiVersion, "kind": obj.kind, "namespace": base.namespace, "name": base.name}
]

# The tolerations of tenants' workloads, DaemonSets apart, without those that many have; sorted.
tenant_tolerations := fact if {
	fact := data.inventory.facts.tenant_tolerations
} else := sort([toleration |
	some toleration in {found |
		some obj in _tenant_workloads
		some found in placement.tolerations(obj)
		not _daemon(obj)
		not _common(found)
	}
])

_common(toleration) if placement.common(toleration.key)

# Node → {"flux": the pods of Flux there, "tenants": {namespace: a tenant's pod there}}, for each node on which
# Flux runs.
flux_hosts := fact if {
	fact := data.inventory.facts.flux_hosts
} else := {host: {"flux": sort(pods), "tenants": guests} |
	some host in {obj.spec.nodeName | some obj in _flux_pods}
	pods := [pod |
		some obj in _flux_pods
		obj.spec.nodeName == host
		pod := {
			"namespace": workload.namespace_of(obj),
			"name": workload.name_of(obj),
			"component": flux.component_of(obj),
		}
	]
	those := [[workload.namespace_of(obj), workload.name_of(obj)] | some obj in _tenant_pods; obj.spec.nodeName == host]
	guests := {ns: first |
		some ns in {pod[0] | some pod in those}
		first := min([pod[1] | some pod in those; pod[0] == ns])
	}
}

# "namespace/name" of a tenant's pod → the pod of another tenant on its node: each tenant on a shared node has
# one of its pods here. Only under the parameter crossTenantIsolation.
shared_hosts := fact if {
	fact := data.inventory.facts.shared_hosts
} else := object.union(
	{sprintf("%v/%v", [pod[2], pod[3]]): other | some [other, pod] in _neighbours},
	{sprintf("%v/%v", [pod[2], pod[3]]): other | some [pod, other] in _neighbours},
)

# Of [node, tenant, namespace, pod] in order, those that differ in the tenant alone.
_neighbours := [[pod, other] |
	some i, pod in _lodgers
	other := _lodgers[i + 1]
	other[0] == pod[0]
	other[1] != pod[1]
]

_lodgers := sort([[obj.spec.nodeName, tenants[ns].id, ns, workload.name_of(obj)] |
	flux.param("crossTenantIsolation", false)
	some obj in _tenant_pods
	ns := workload.namespace_of(obj)
])

_flux_pods := [obj |
	some ns in _flux_homes
	some obj in data.inventory.namespace[ns].v1.Pod
	_running(obj)
	flux.component_of(obj)
]

_tenant_pods := [obj |
	some obj in _tenant_workloads
	_running(obj)
	not _daemon(obj)
]

_tenant_workloads := [obj |
	some ns, _ in tenants
	versions := data.inventory.namespace[ns]
	is_object(versions)
	some version, kinds in versions
	is_object(kinds)
	some kind, names in kinds
	kind in workload.kinds
	workload.template_path[workload.group_kind({"apiVersion": version, "kind": kind})]
	is_object(names)
	some obj in names
	is_object(obj)
]

# A Pod that stands on a node.
_running(obj) if {
	obj.kind == "Pod"
	is_string(obj.spec.nodeName)
	not _finished(obj)
}

_finished(obj) if obj.status.phase in {"Failed", "Succeeded"}

_daemon(obj) if obj.kind == "DaemonSet"

_daemon(obj) if {
	some owner in workload.owners(obj)
	owner[0] == "DaemonSet"
}
