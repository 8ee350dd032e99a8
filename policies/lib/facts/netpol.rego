package lib.facts

import data.lib.flags
import data.lib.flux
import data.lib.netpol as network
import data.lib.workload

# NetworkPolicies in the namespaces of Flux and of tenants, sorted.
network_policies := fact if {
	fact := data.inventory.facts.network_policies
} else := sort([policy |
	some obj in namespaced("networking.k8s.io", "NetworkPolicy")
	workload.namespace_of(obj) in _policed
	policy := network.policy(obj)
])

# Policies of other kinds that may admit or refuse connections to the pods of Flux or of tenants; their
# meaning is not worked out. A cluster-wide one has the namespace "".
foreign_policies := fact if {
	fact := data.inventory.facts.foreign_policies
} else := sort([policy |
	some obj in array.concat(_foreign_global, _foreign_local)
	not network.egress_only(obj)
	policy := network.identity(obj)
])

_foreign_global := [obj |
	some [group, kind] in _foreign_kinds[0]
	some obj in clustered(group, kind)
]

_foreign_local := [obj |
	some [group, kind] in _foreign_kinds[1]
	some obj in namespaced(group, kind)
	workload.namespace_of(obj) in _policed
]

_foreign_kinds := [
	[
		["cilium.io", "CiliumClusterwideNetworkPolicy"],
		["crd.projectcalico.org", "GlobalNetworkPolicy"],
		["projectcalico.org", "GlobalNetworkPolicy"],
		["policy.networking.k8s.io", "AdminNetworkPolicy"],
		["policy.networking.k8s.io", "BaselineAdminNetworkPolicy"],
	],
	[
		["cilium.io", "CiliumNetworkPolicy"],
		["crd.projectcalico.org", "NetworkPolicy"],
		["projectcalico.org", "NetworkPolicy"],
	],
]

_flux_homes := {ns | some ns in flux.param("fluxNamespaces", ["flux-system"])} | {ns | some ns in flux_namespaces}

_policed := _flux_homes | {ns | some ns, _ in tenants}

# Name → labels of every Namespace, the label with its name included; null where they cannot be read.
namespace_labels := fact if {
	fact := data.inventory.facts.namespace_labels
} else := {name: network.namespace_labels(obj) |
	some obj in clustered("", "Namespace")
	name := workload.name_of(obj)
}

# Controllers that serve something over the network, sorted.
endpoints := fact if {
	fact := data.inventory.facts.endpoints
} else := sort([endpoint |
	some obj in _workloads
	base := flux.controller_of(obj)
	network.serving[base.component]
	not base.owned
	endpoint := network.endpoint(obj, object.union(base, {
		"minor": flags.minor_of(obj, base),
		"flags": flags.of(obj, base),
	}))
])

# Services in the namespaces of Flux, sorted.
flux_services := fact if {
	fact := data.inventory.facts.flux_services
} else := sort([service |
	some obj in namespaced("", "Service")
	workload.namespace_of(obj) in _flux_homes
	service := network.service(obj)
])

# Gateways, as far as routes to Flux need them, sorted.
gateways := fact if {
	fact := data.inventory.facts.gateways
} else := sort([gateway |
	some obj in namespaced("gateway.networking.k8s.io", "Gateway")
	gateway := object.union(network.identity(obj), {"listeners": network.listeners(obj)})
])
