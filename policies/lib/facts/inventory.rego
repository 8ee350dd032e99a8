# The only rules that read the inventory object by object.
package lib.facts

import data.lib.workload

# An inventory is at hand.
available := data.inventory.facts.available if {
	is_boolean(data.inventory.facts.available)
} else if {
	is_object(data.inventory.namespace)
} else if {
	is_object(data.inventory.cluster)
} else := false

# Namespaced objects of one kind in any version; group "" is the core group.
namespaced(group, kind) := [obj |
	is_object(data.inventory.namespace)
	some versions in data.inventory.namespace
	is_object(versions)
	some version, kinds in versions
	is_object(kinds[kind])
	_of_group(version, group)
	some obj in kinds[kind]
	is_object(obj)
]

# Namespaces that hold objects of one kind in any version.
_namespaces_with(group, kind) := {ns |
	is_object(data.inventory.namespace)
	some ns, versions in data.inventory.namespace
	ns != ""
	is_object(versions)
	some version, kinds in versions
	is_object(kinds[kind])
	_of_group(version, group)
	count(kinds[kind]) > 0
}

# Cluster-scoped objects of one kind in any version.
clustered(group, kind) := [obj |
	is_object(data.inventory.cluster)
	some version, kinds in data.inventory.cluster
	is_object(kinds[kind])
	_of_group(version, group)
	some obj in kinds[kind]
	is_object(obj)
]

_of_group(version, "") if not contains(version, "/")

_of_group(version, group) if startswith(version, sprintf("%v/", [group]))

# Workloads that may run a Flux controller: most of a cluster's do not.
_workloads := [obj |
	some group, kinds in {
		"apps": ["DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"],
		"batch": ["CronJob", "Job"],
		"": ["Pod", "PodTemplate"],
	}
	some kind in kinds
	some obj in namespaced(group, kind)
	workload.plausible(obj)
	workload.template_path[workload.group_kind(obj)]
]
