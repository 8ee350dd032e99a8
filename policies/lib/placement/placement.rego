# Where pods may run: what a pod template demands of nodes, what it tolerates, and which taints keep others away.
package lib.placement

import data.lib.flux
import data.lib.selector
import data.lib.shape
import data.lib.tenants
import data.lib.workload

# Labels that every cluster sets by itself; they set no nodes apart.
generic(key) if {
	key in {
		"beta.kubernetes.io/arch", "beta.kubernetes.io/instance-type", "beta.kubernetes.io/os",
		"kubernetes.io/arch", "kubernetes.io/os", "node.kubernetes.io/instance-type",
	}
}

generic(key) if {
	is_string(key)
	regex.match(`^(failure-domain\.beta\.kubernetes\.io|topology\.[a-z0-9.-]+)/`, key)
}

# Tolerations that many pods have or get, and taints of passing conditions.
common(key) if {
	is_string(key)
	regex.match(`^(node\.kubernetes\.io/.*|CriticalAddonsOnly)$`, key)
}

# The pod spec of a workload; {} where there is none.
spec(obj) := found if {
	found := workload.template(obj).spec
	is_object(found)
} else := {}

_list(obj, key) := found if {
	found := obj[key]
	is_array(found)
} else := []

# The alternatives of what the nodes must be like: lists of requirements about labels that set nodes apart. No
# alternative is the one without requirements.
alternatives(obj) := [array.concat(_selected(obj), requirements) |
	some term in _terms(obj)
	requirements := [requirement |
		some field in ["matchExpressions", "matchFields"]
		some raw in _list(term, field)
		requirement := _requirement(raw)
	]
]

# The field of a term's requirements about the name of the node.
_selected(obj) := array.concat(
	[{"key": key, "operator": "in", "values": [value]} |
		labels := spec(obj).nodeSelector
		is_object(labels)
		some key, value in labels
		not generic(key)
	],
	[{"key": "metadata.name", "operator": "in", "values": [name]} |
		name := spec(obj).nodeName
		is_string(name)
		workload.group_kind(obj) != "Pod"
	],
)

_terms(obj) := terms if {
	terms := spec(obj).affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms
	is_array(terms)
	count(terms) > 0
} else := [{}]

# Comparisons count as the demand that the label is there.
_requirement(raw) := {"key": raw.key, "operator": _operators[raw.operator], "values": values} if {
	is_string(raw.key)
	not generic(raw.key)
	values := _list(raw, "values")
}

_operators := {"In": "in", "NotIn": "notin", "Exists": "exists", "DoesNotExist": "absent", "Gt": "exists", "Lt": "exists"}

# Every alternative demands a label that sets nodes apart.
bound(obj) if {
	count([1 | some requirements in alternatives(obj); not _positive(requirements)]) == 0
}

_positive(requirements) if {
	some requirement in requirements
	requirement.operator in {"in", "exists"}
}

# A preference for such a label, which the scheduler may pass over: index of the first in the list.
preferred(obj) := min([i |
	some i, term in _list(spec(obj).affinity.nodeAffinity, "preferredDuringSchedulingIgnoredDuringExecution")
	some raw in _list(term.preference, "matchExpressions")
	_requirement(raw)
])

# Nodes that satisfy one of the alternatives.
fits(obj, node) if {
	some requirements in alternatives(obj)
	selector.matches({"error": "", "requirements": requirements}, node.labels)
}

tolerations(obj) := {i: found |
	some i, found in _list(spec(obj), "tolerations")
	is_object(found)
}

# It tolerates every taint there is.
boundless(toleration) if {
	_text(toleration, "key", "") == ""
	_text(toleration, "operator", "Equal") == "Exists"
	_text(toleration, "effect", "") != "PreferNoSchedule"
}

tolerates(toleration, _) if boundless(toleration)

tolerates(toleration, taint) if {
	_text(toleration, "key", "") == taint.key
	_text(toleration, "effect", taint.effect) in {"", taint.effect}
	_worth(toleration, taint)
}

_worth(toleration, _) if _text(toleration, "operator", "Equal") == "Exists"

_worth(toleration, taint) if {
	_text(toleration, "operator", "Equal") == "Equal"
	_text(toleration, "value", "") == taint.value
}

_text(obj, key, preset) := value if {
	value := obj[key]
	is_string(value)
} else := preset

# A toleration as the taint that it is for; a value that it leaves open is null.
meant(toleration) := {"key": key, "value": value, "effect": _text(toleration, "effect", "")} if {
	key := _text(toleration, "key", "")
	key != ""
	not common(key)
	value := _meant_value(toleration)
}

_meant_value(toleration) := null if {
	_text(toleration, "operator", "Equal") == "Exists"
} else := _text(toleration, "value", "")

# The toleration admits pods where that taint is meant to keep others away.
trespasses(toleration, taint) if {
	_text(toleration, "key", "") == taint.key
	_meant_value(toleration) in {null, taint.value}
}

trespasses(toleration, taint) if {
	_text(toleration, "key", "") == taint.key
	taint.value == null
}

# A Node in short: its labels that set it apart (with its name as a field) and the taints that keep pods away.
# Labels are null where the Node cannot be read.
node(obj) := {"name": name, "labels": object.union(labels, {"metadata.name": name}), "taints": taints} if {
	name := workload.name_of(obj)
	all_labels := _or(object.get(obj.metadata, "labels", null), {})
	is_object(all_labels)
	count([1 | some value in all_labels; not is_string(value)]) == 0
	labels := {key: value | some key, value in all_labels; not generic(key)}
	all_taints := _or(object.get(_node_spec(obj), "taints", null), [])
	is_array(all_taints)
	count([1 | some taint in all_taints; not _keyed(taint)]) == 0
	taints := [{"key": taint.key, "value": _text(taint, "value", ""), "effect": taint.effect} |
		some taint in all_taints
		taint.effect in {"NoExecute", "NoSchedule"}
	]
} else := {"name": workload.name_of(obj), "labels": null, "taints": []}

_keyed(taint) if is_string(taint.key)

_or(value, preset) := preset if {
	value == null
} else := value

_node_spec(obj) := obj.spec if is_object(obj.spec)

_node_spec(obj) := {} if not obj.spec

# Path of the pod spec of the object under review.
pod_path := array.concat(workload.template_path[workload.group_kind(flux.object)], ["spec"]) if {
	flux.object.kind in {"CronJob", "DaemonSet", "Deployment", "Job", "Pod", "PodTemplate", "ReplicaSet", "StatefulSet"}
}

# The object under review makes pods in a tenant's namespace, or where it cannot be told whose it is. What a
# workload made is judged with the workload.
tenant_workload if {
	pod_path
	not flux.controller
	not _made(flux.object)
	tenants.concerned
}

_made(obj) if {
	is_array(obj.metadata.ownerReferences)
	some owner in obj.metadata.ownerReferences
	owner.controller == true
	owner.kind in {"CronJob", "DaemonSet", "Deployment", "Job", "ReplicaSet", "StatefulSet"}
}

# Where the object under review demands the label: its place in nodeSelector, or the alternatives.
selected_at(obj, key) := array.concat(pod_path, ["nodeSelector", key]) if {
	is_string(spec(obj).nodeSelector[key])
} else := array.concat(pod_path, ["affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms"])

# The pods ask for nothing.
unplaced if {
	found := object.get(flux.object, pod_path, null)
	is_object(found)
	object.get(found, "affinity", null) == null
	object.get(found, "nodeName", null) == null
	object.get(found, "nodeSelector", null) == null
	object.get(found, "runtimeClassName", null) == null
	object.get(found, "tolerations", null) == null
}

# Findings where the placement of the object under review cannot be read.
doubts contains finding if {
	pod := pod_path
	not unplaced
	required := array.concat(pod, ["affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution"])
	terms := array.concat(required, ["nodeSelectorTerms"])
	some finding in shape.check([
		[[pod], "object"],
		[[array.concat(pod, ["nodeSelector"])], "strings"],
		[[array.concat(pod, ["nodeName"])], "string"],
		[[array.concat(pod, ["runtimeClassName"])], "string"],
		[[array.concat(pod, ["affinity"])], "object"],
		[[array.concat(pod, ["affinity", "nodeAffinity"])], "object"],
		[[required], "object"],
		[[terms], "array"],
		[[terms, []], "object"],
		[[terms, ["matchExpressions"]], "array"],
		[[terms, ["matchExpressions"], []], "object"],
		[[terms, ["matchExpressions"], ["key"]], "string"],
		[[terms, ["matchExpressions"], ["operator"]], "string"],
		[[terms, ["matchExpressions"], ["values"]], "array"],
		[[array.concat(pod, ["tolerations"])], "array"],
		[[array.concat(pod, ["tolerations"]), []], "object"],
		[[array.concat(pod, ["tolerations"]), ["key"]], "string"],
		[[array.concat(pod, ["tolerations"]), ["operator"]], "string"],
		[[array.concat(pod, ["tolerations"]), ["value"]], "string"],
		[[array.concat(pod, ["tolerations"]), ["effect"]], "string"],
	])
}
