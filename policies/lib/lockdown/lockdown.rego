# What the flags of all instances of a controller add up to, for controls about the objects that it reconciles.
package lib.lockdown

import data.lib.facts
import data.lib.flags

# A flag over all instances of a component (flux-operator is one, too): [{"state": "known" | "unknown",
# "value": null where unknown, "node": where it stands}]. Empty where no instance is at hand.
settings(component, name) := found if {
	name == "default-service-account"
	found := facts.default_accounts[component]
} else := told(component, name)

told(component, name) := [setting |
	some record in array.concat(facts.controllers, facts.operators)
	record.component == component
	flag := flags.get_of(record, name)
	setting := object.union(_told(flag), {"node": {"object": reference(record), "path": flag.path}})
]

# Nodes of the settings with this state; of the known ones those with this value.
nodes(list, state, value) := [setting.node |
	some setting in list
	setting.state == state
	setting.value == value
]

reference(record) := {
	"apiVersion": record.apiVersion,
	"kind": record.kind,
	"namespace": record.namespace,
	"name": record.name,
}

_told(flag) := {"state": "known", "value": flag.value} if {
	flag.state == "known"
} else := {"state": "unknown", "value": null}

# Nodes that give the instances of a component an identity at a cloud provider.
identities(component) := [node |
	some record in facts.controllers
	record.component == component
	some node in identity(record)
]

# The same for one record of data.lib.facts.controllers.
identity(record) := array.concat(_by_label(record), _by_account(record))

_by_label(record) := [{"object": reference(record), "path": path} |
	record.pod_labels["azure.workload.identity/use"] == "true"
	path := array.concat(record.template, ["metadata", "labels", "azure.workload.identity/use"])
]

_by_account(record) := [{"object": object, "path": ["metadata", "annotations", key]} |
	some account in facts.controller_accounts
	account.namespace == record.namespace
	account.name == facts.account_name(record.service_account)
	some key in ["azure.workload.identity/client-id", "eks.amazonaws.com/role-arn", "iam.gke.io/gcp-service-account"]
	account.annotations[key] != ""
	object := {"apiVersion": "v1", "kind": "ServiceAccount", "namespace": account.namespace, "name": account.name}
]
