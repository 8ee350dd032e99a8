# Who belongs to the platform team, by the parameters platformSubjects and platformNamespaces.
package lib.platform

import data.lib.facts
import data.lib.flux
import data.lib.rbac

subjects := {name | some name in flux.param("platformSubjects", [])}

namespaces := {"kube-node-lease", "kube-public", "kube-system"} | {ns | some ns in flux.param("platformNamespaces", [])}

# A subject of a binding (lib.rbac) that platformSubjects names.
named(key) if {
	key[0] == "account"
	sprintf("system:serviceaccount:%v:%v", [key[1], key[2]]) in subjects
}

named(key) if {
	key[0] in {"group", "user"}
	key[1] in subjects
}

# One that is no tenant's: the platform's, Kubernetes' own or Flux's.
trusted(key) if named(key)

trusted(key) if {
	key[0] == "account"
	key[1] in namespaces
}

trusted(key) if _of_flux(key)

trusted(key) if {
	key[0] == "namespace"
	key[1] in (namespaces | flux.namespaces)
}

trusted(key) if {
	key[0] in {"group", "user"}
	startswith(key[1], "system:")
	not key[1] in {"system:anonymous", "system:unauthenticated"}
}

# One through whom the platform has its access: named by the parameter, or Flux's.
access(key) if named(key)

access(key) if _of_flux(key)

_of_flux(key) if {
	key[0] == "account"
	rbac.flux_account(key[1], key[2])
}

# flux-operator
_of_flux(key) if {
	key[0] == "account"
	key[1] in flux.namespaces
	key[2] == "flux-operator"
}

_of_flux(key) if {
	key[0] == "account"
	some record in facts.operators
	record.namespace == key[1]
	facts.account_name(record.service_account) == key[2]
}
