# Workloads and the signs of a Flux controller in them, from one object alone.
package lib.workload

import data.lib.images

components := {
	"source-controller", "kustomize-controller", "helm-controller", "notification-controller",
	"image-reflector-controller", "image-automation-controller", "source-watcher",
}

# Group of an apiVersion; "" for the core group, undefined where it is no text.
group(obj) := g if {
	g := _usual_groups[obj.apiVersion]
} else := g if {
	is_string(obj.apiVersion)
	parts := split(obj.apiVersion, "/")
	g := concat("/", array.slice(parts, 0, count(parts) - 1))
}

# To take each apiVersion apart is dear.
_usual_groups := {
	"apps/v1": "apps",
	"helm.toolkit.fluxcd.io/v2": "helm.toolkit.fluxcd.io",
	"kustomize.toolkit.fluxcd.io/v1": "kustomize.toolkit.fluxcd.io",
	"source.toolkit.fluxcd.io/v1": "source.toolkit.fluxcd.io",
	"v1": "",
}

# "apps/Deployment", and "Pod" for the core group.
group_kind(obj) := trim_prefix(sprintf("%v/%v", [group(obj), obj.kind]), "/") if is_string(obj.kind)

name_of(obj) := obj.metadata.name if {
	is_string(obj.metadata.name)
} else := ""

namespace_of(obj) := obj.metadata.namespace if {
	is_string(obj.metadata.namespace)
} else := ""

# Path of the pod template, by kind.
template_path := {
	"apps/Deployment": ["spec", "template"],
	"apps/StatefulSet": ["spec", "template"],
	"apps/DaemonSet": ["spec", "template"],
	"apps/ReplicaSet": ["spec", "template"],
	"batch/Job": ["spec", "template"],
	"batch/CronJob": ["spec", "jobTemplate", "spec", "template"],
	"PodTemplate": ["template"],
	"Pod": [],
}

# The pod template itself; undefined for what is no workload or has none.
template(obj) := obj.spec.template if {
	_homes[obj.kind] == group(obj)
} else := obj if {
	obj.kind == "Pod"
	group(obj) == ""
} else := obj.template if {
	obj.kind == "PodTemplate"
	group(obj) == ""
} else := obj.spec.jobTemplate.spec.template if {
	obj.kind == "CronJob"
	group(obj) == "batch"
}

# The groups of the kinds with a template in their spec.
_homes := {"DaemonSet": "apps", "Deployment": "apps", "Job": "batch", "ReplicaSet": "apps", "StatefulSet": "apps"}

# Containers of the template; [] where there are none or the field is ill-typed.
containers(obj) := list if {
	list := template(obj).spec.containers
	is_array(list)
} else := []

# Kinds that have a pod template, or are one.
kinds := {"CronJob", "DaemonSet", "Deployment", "Job", "Pod", "PodTemplate", "ReplicaSet", "StatefulSet"}

# Whether the object can be a Flux controller or the operator at all: cheap, and true wherever there is a sign.
plausible(obj) if {
	obj.kind in kinds
	_hinted(obj)
}

_hinted(obj) if _names_component(obj.metadata.name)

_hinted(obj) if obj.metadata.labels["app.kubernetes.io/part-of"] == "flux"

_hinted(obj) if _hinting(_shaped(obj))

# The pod template, going by the kind alone.
_shaped(obj) := obj.spec.template if {
	obj.kind in {"DaemonSet", "Deployment", "Job", "ReplicaSet", "StatefulSet"}
} else := obj if {
	obj.kind == "Pod"
} else := obj.spec.jobTemplate.spec.template if {
	obj.kind == "CronJob"
} else := obj.template

_hinting(pod) if _names_component(pod.metadata.labels.app)

_hinting(pod) if pod.metadata.labels["app.kubernetes.io/part-of"] == "flux"

_hinting(pod) if {
	is_array(pod.spec.containers)
	some declared in pod.spec.containers
	_names_component(declared.image)
}

# A regular expression is dear: it is for names that hold what most of them end in.
_names_component(text) if {
	is_string(text)
	contains(text, "-controller")
	regex.match(`(source|kustomize|helm|notification|image-reflector|image-automation)-controller`, text)
}

_names_component(text) if {
	is_string(text)
	contains(text, "source-watcher")
}

_names_component(text) if {
	is_string(text)
	contains(text, "flux-operator")
}

# What the object alone says: the component by each signal, before any knowledge of namespaces.
# image: [[container index, component]…]; label: components named by both labels; app: by the
# template's `app` label; name: by the object's name; manager: indexes of containers named so.
signs(obj) := {
	"image": _by_image(obj),
	"label": _by_label(obj),
	"app": [c | some c in _prefixed(template(obj).metadata.labels.app)],
	"name": [c | some c in _prefixed(obj.metadata.name)],
	"manager": [i | some i, c in containers(obj); c.name == "manager"],
	"size": count(containers(obj)),
} if {
	template_path[group_kind(obj)]
}

# The component where the object proves it alone, without its namespace.
strong(found) := found.image[0][1]

strong(found) := found.label[0] if count(found.image) == 0

strong(found) := found.app[0] if {
	count(found.image) == 0
	count(found.label) == 0
	count(found.manager) > 0
}

# The component where the object stands in a Flux namespace.
weak(found) := found.app[0] if {
	count(found.image) == 0
	count(found.label) == 0
}

weak(found) := found.name[0] if {
	count(found.image) == 0
	count(found.label) == 0
	count(found.app) == 0
	count(found.manager) > 0
}

# Index of the controller's container; null where it cannot be told.
container(found, component) := found.image[0][0] if {
	found.image[0][1] == component
} else := found.manager[0] if {
	count(found.manager) > 0
} else := 0 if {
	found.size == 1
} else := null

_by_image(obj) := [[i, c] |
	labels := _by_label(obj)
	some i, declared in containers(obj)
	some c in _from_image(declared.image, labels)
]

# A set of at most one component.
_from_image(ref, labels) := {c |
	parts := images.parse(ref)
	some c in components
	parts.basename in {c, sprintf("fluxcd-%v", [c]), sprintf("flux-%v", [c]), sprintf("mirrored-fluxcd-%v", [c])}
	not _foreign(parts, labels)
}

# k3s has a helm-controller of its own.
_foreign(parts, labels) if {
	parts.basename in components
	regex.match(`^(rancher|k3s-io)/`, parts.path)
	count(labels) == 0
}

_by_label(obj) := array.concat(
	[c | some c in _from_labels(obj.metadata.labels)],
	[c | some c in _from_labels(template(obj).metadata.labels)],
)

_from_labels(labels) := {c |
	labels["app.kubernetes.io/part-of"] == "flux"
	c := labels["app.kubernetes.io/component"]
	c in components
}

# The component that a text is, or begins with and a hyphen: a set of at most one.
_prefixed(text) := {c |
	is_string(text)
	some c in components
	startswith(sprintf("%v-", [text]), sprintf("%v-", [c]))
}

# The flux-operator binary is no Flux controller, but its flags matter.
operator_signs(obj) := {
	"image": [[i, "flux-operator"] |
		some i, declared in containers(obj)
		images.parse(declared.image).basename == "flux-operator"
	],
	"manager": [],
	"size": count(containers(obj)),
} if {
	template_path[group_kind(obj)]
}

# The controlling owner of a ReplicaSet or Pod: kind and name, and by its template hash the Deployment
# behind a ReplicaSet that is not at hand.
owners(obj) := direct | behind if {
	refs := [ref |
		group_kind(obj) in {"Pod", "apps/ReplicaSet"}
		is_array(obj.metadata.ownerReferences)
		some ref in obj.metadata.ownerReferences
		ref.controller == true
		is_string(ref.kind)
		is_string(ref.name)
	]
	direct := {[ref.kind, ref.name] | some ref in refs}
	behind := {["Deployment", trim_suffix(ref.name, suffix)] |
		some ref in refs
		ref.kind == "ReplicaSet"
		hash := obj.metadata.labels["pod-template-hash"]
		is_string(hash)
		hash != ""
		suffix := sprintf("-%v", [hash])
		endswith(ref.name, suffix)
	}
}
