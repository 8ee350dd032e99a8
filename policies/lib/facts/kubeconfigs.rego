package lib.facts

import data.lib.kubeconfig
import data.lib.tenants as signs

# What Kustomizations and HelmReleases use as a kubeconfig: "secrets": namespace → name → key → traits (data.lib.kubeconfig)
# and "configs": namespace → name → {"provider", "account"}, "" where absent, null where ill-typed.
kubeconfigs := fact if {
	fact := data.inventory.facts.kubeconfigs
} else := {
	"secrets": {ns: found |
		some ns, objects in _core("Secret")
		found := {name: kubeconfig.traits(obj) |
			some name, obj in objects
			["secretRef", ns, name] in _kubeconfig_refs
		}
		count(found) > 0
	},
	"configs": {ns: found |
		some ns, objects in _core("ConfigMap")
		found := {name: {"provider": _text_in(obj, "provider"), "account": _text_in(obj, "serviceAccountName")} |
			some name, obj in objects
			["configMapRef", ns, name] in _kubeconfig_refs
		}
		count(found) > 0
	},
}

_core(kind) := {ns: versions.v1[kind] |
	is_object(data.inventory.namespace)
	some ns, versions in data.inventory.namespace
	is_object(versions.v1[kind])
}

_kubeconfig_refs contains [field, ns, name] if {
	is_object(data.inventory.namespace)
	some ns, versions in data.inventory.namespace
	is_object(versions)
	some version, kinds in versions
	some kind, group in signs.appliers
	is_object(kinds[kind])
	_of_group(version, group)
	some obj in kinds[kind]
	some field in ["configMapRef", "secretRef"]
	name := obj.spec.kubeConfig[field].name
	is_string(name)
}

_text_in(obj, key) := "" if {
	is_object(obj)
	object.get(obj, ["data", key], null) == null
} else := obj.data[key] if {
	is_string(obj.data[key])
} else := null
