package lib.facts

import data.lib.workload

# The service accounts that Flux controllers run as, with their annotations, where they are in the inventory.
controller_accounts := fact if {
	fact := data.inventory.facts.controller_accounts
} else := sort([account |
	used := {[record.namespace, account_name(record.service_account)] | some record in controllers}
	some obj in namespaced("", "ServiceAccount")
	[workload.namespace_of(obj), workload.name_of(obj)] in used
	account := {
		"namespace": workload.namespace_of(obj),
		"name": workload.name_of(obj),
		"annotations": _annotations(obj),
	}
])

# What a pod runs as where it names no account.
account_name(name) := "default" if {
	name == ""
} else := name

_annotations(obj) := {key: text |
	is_object(obj.metadata.annotations)
	some key, text in obj.metadata.annotations
	is_string(text)
}
