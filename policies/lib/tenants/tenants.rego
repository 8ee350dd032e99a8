# Which namespaces belong to tenants, and what that means for the object under review.
#
# A namespace is a tenant's by a label, by the parameter tenantNamespaces, or, in the profile `shared` and unless
# the parameter inferTenants forbids it, because a Kustomization or HelmRelease stands in it.
package lib.tenants

import data.lib.facts
import data.lib.flux
import data.lib.result
import data.lib.shape
import data.lib.workload

# Tenant of a namespace; undefined where it is none's.
id(ns) := _of(ns).id

has(ns) if _of(ns)

# The nodes without which it would not be a tenant's.
why(ns) := nodes if {
	nodes := _of(ns).why
} else := []

# All namespaces of one tenant, as far as they are known.
namespaces(tenant) := {ns | some ns, record in facts.tenants; record.id == tenant} | {ns |
	ns := flux.namespace
	id(ns) == tenant
}

# The object under review stands in a tenant's namespace.
own if _of(_home)

_home := flux.namespace

# It does, or that cannot be told. What is known to be nobody's tenant's is no subject of a control about tenants.
concerned if {
	own
} else if {
	count(undecided) > 0
} else if {
	count(open) > 0
}

# Ready `unknown` findings: whose the namespace is should be told by what is at hand, and is not.
undecided contains finding if {
	not _placed
	some finding in _malformed
}

_placed if is_string(flux.object.metadata.namespace)

undecided contains result.at(["metadata", "namespace"], "no namespace is given, so it cannot be told whose it is") if {
	_home == ""
	count(_malformed) == 0
}

_malformed := shape.check([[[["metadata"]], "object"], [[["metadata", "namespace"]], "string"]])

undecided contains result.at(["metadata", "namespace"], "the namespace could not be worked out") if {
	flux.object.metadata.annotations["flux-audit.internal/unknown-paths"]
	not flux.known(["metadata", "namespace"])
}

undecided contains result.related(["metadata", "namespace"], msg, [{"object": object, "path": ["metadata", "labels"]}]) if {
	count(facts.unreadable_namespaces) > 0
	not own
	ns := _home
	ns in facts.unreadable_namespaces
	msg := "the labels of the namespace cannot be read, so it cannot be told whether it is a tenant's"
	object := {"apiVersion": "v1", "kind": "Namespace", "namespace": "", "name": ns}
}

# Ready `manual` findings: whose the namespace is stands elsewhere.
open contains result.at(["metadata", "namespace"], msg) if {
	not own
	ns := _home
	ns != ""
	not ns in _platform
	not _seen(ns)
	msg := "whether the namespace is a tenant's is told by its labels, which are not at hand, or by the parameter tenantNamespaces"
}

_platform := flux.namespaces | exempt

_seen(ns) if ns in facts.unmarked_namespaces

_seen(ns) if ns in facts.unreadable_namespaces

_seen(_) if {
	facts.available
	flux.mode == "dump"
}

_of(ns) := record if {
	record := facts.tenants[ns]
} else := {"id": ns, "why": []} if {
	ns == _home
	_infers
}

# The object under review by itself makes its namespace a tenant's.
_infers if {
	applier
	inferring
	_home != ""
	not _home in _platform
}

applier if appliers[flux.object.kind] == flux.own_group

# What a tenant deploys with: kind and group.
appliers := {"HelmRelease": "helm.toolkit.fluxcd.io", "Kustomization": "kustomize.toolkit.fluxcd.io"}

inferring if {
	flux.profile("shared")
	flux.param("inferTenants", true)
}

# Namespaces that are never inferred to be a tenant's, besides those where controllers of Flux are found.
exempt := {"kube-system", "kube-public", "kube-node-lease"} | {ns |
	some name, preset in {"fluxNamespaces": ["flux-system"], "platformNamespaces": []}
	some ns in flux.param(name, preset)
}

# The tenant that a Namespace's labels name: {"id", "path" of the label}; undefined where they name none.
mark(obj) := {"id": _id(obj, value), "path": ["metadata", "labels", "toolkit.fluxcd.io/tenant"]} if {
	value := obj.metadata.labels["toolkit.fluxcd.io/tenant"]
	value != null
} else := {"id": workload.name_of(obj), "path": ["metadata", "labels", "toolkit.fluxcd.io/role"]} if {
	obj.metadata.labels["toolkit.fluxcd.io/role"] == "tenant"
}

_id(obj, value) := value if {
	is_string(value)
	value != ""
} else := workload.name_of(obj)

# The labels of a Namespace are what labels are, so that an absent one is really absent.
readable(obj) if not _odd(obj)

_odd(obj) if not is_object(obj)

_odd(obj) if {
	metadata := obj.metadata
	metadata != null
	not is_object(metadata)
}

_odd(obj) if {
	labels := obj.metadata.labels
	labels != null
	not is_object(labels)
}

_odd(obj) if {
	role := obj.metadata.labels["toolkit.fluxcd.io/role"]
	role != null
	not is_string(role)
}
