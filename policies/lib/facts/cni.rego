package lib.facts

import data.lib.images
import data.lib.workload

# Signs of what enforces network policies, outside of the namespaces of tenants and of Flux, sorted. The stance is
# "on"; "off" for a plugin that leaves policies alone; "never" where they are switched off; "maybe" where the
# version or a flag that is not to be seen decides; "odd" where a setting cannot be read.
network_plugins := fact if {
	fact := data.inventory.facts.network_plugins
} else := sort([sign | some sign in ((_plugin_agents | _cilium_settings) | _k3s_settings)])

_plugin_agents := {sign |
	some obj in _agents
	workload.namespace_of(obj) in _platform_namespaces
	object.get(obj, ["status", "desiredNumberScheduled"], 1) != 0
	some token in _tokens(obj)
	some stance, names in _plugins
	token in names
	sign := _sign(obj, ["spec"], _stance(stance, obj), token)
}

# DaemonSets; where a dump has none, the Pods of some.
_agents := namespaced("apps", "DaemonSet") if {
	count(namespaced("apps", "DaemonSet")) > 0
} else := [obj |
	some obj in namespaced("", "Pod")
	some owner in workload.owners(obj)
	owner[0] == "DaemonSet"
]

_platform_namespaces := {ns |
	some ns, _ in data.inventory.namespace
	not tenants[ns]
	not ns in _flux_homes
}

_plugins := {
	"on": {
		"anetd", "antrea-agent", "antrea-agent-ubuntu", "azure-npm", "calico-node", "canal", "cilium", "cilium-agent",
		"kube-network-policies", "kube-ovn-cni", "mirrored-calico-node", "ovnkube-node", "sdn", "weave-net", "weave-npc",
	},
	"eks": {"aws-eks-nodeagent", "aws-network-policy-agent"},
	"router": {"kube-router"},
	"maybe": {"kindnet", "kindnet-cni", "kindnetd"},
	"off": {"amazon-k8s-cni", "aws-node", "bridge", "flannel", "kube-flannel", "kube-flannel-ds", "mirrored-flannel"},
}

# The names by which an agent may be known: its own, and those of its containers and images.
_tokens(obj) := {workload.name_of(obj)} | {token |
	some container in workload.containers(obj)
	some token in [container.name, images.parse(container.image).basename]
}

_stance("eks", obj) := "on" if {
	regex.match(`^--enable-network-policy(=true)?$`, _argument(obj, "--enable-network-policy"))
} else := "off"

_stance("router", obj) := "never" if {
	regex.match(`^--run-firewall=(false|0|f|F|FALSE|False)$`, _argument(obj, "--run-firewall"))
} else := "on"

_stance(stance, _) := stance if stance in {"on", "maybe", "off"}

# The last argument that begins so, of any container; "" for none.
_argument(obj, prefix) := found[count(found) - 1] if {
	found := [text |
		some container in workload.containers(obj)
		some key in ["command", "args"]
		is_array(container[key])
		some text in container[key]
		is_string(text)
		startswith(text, prefix)
	]
	count(found) > 0
} else := ""

_cilium_settings := {sign |
	some obj in namespaced("", "ConfigMap")
	workload.name_of(obj) == "cilium-config"
	workload.namespace_of(obj) in _platform_namespaces
	is_object(obj.data)
	some key, off in {"enable-policy": "never", "enable-k8s-networkpolicy": "false"}
	value := obj.data[key]
	stance := _setting(value, off)
	sign := _sign(obj, ["data", key], stance, "cilium")
}

_setting(value, off) := "never" if value == off

_setting(value, _) := "odd" if not is_string(value)

# k3s has its enforcer inside; a flag takes it out. The first node of each stance speaks for all.
_k3s_settings := {sign |
	some stance in ["maybe", "never"]
	found := [obj |
		some obj in clustered("", "Node")
		text := obj.metadata.annotations["k3s.io/node-args"]
		_k3s(text) == stance
	]
	count(found) > 0
	sign := _sign(found[0], ["metadata", "annotations", "k3s.io/node-args"], stance, "k3s")
}

_k3s(text) := "never" if {
	is_string(text)
	contains(text, "--disable-network-policy")
} else := "maybe"

_sign(obj, path, stance, what) := {
	"object": {
		"apiVersion": obj.apiVersion,
		"kind": obj.kind,
		"namespace": workload.namespace_of(obj),
		"name": workload.name_of(obj),
	},
	"path": path,
	"stance": stance,
	"what": what,
}
