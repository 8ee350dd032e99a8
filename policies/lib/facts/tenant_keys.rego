package lib.facts

import data.lib.keks

# Who encrypts and decrypts with what. Owners are tenants' ids, "" stands for the platform.
# recipients: id of a key that several owners use → [{"owner", "namespace", "object", "path"}], one for each owner;
# secrets: namespace → name of every Secret that holds keys which can be compared → the same for the other owners
# that have one of these keys; encrypts: owners with encrypted objects at hand, sorted. Never a key itself.
tenant_keys := fact if {
	fact := data.inventory.facts.tenant_keys
} else := {
	"recipients": {id: [use[2] | some i, use in _sops_uses; use[0] == id; not _continued(i, use)] |
		some id in _shared_recipients
	},
	"secrets": {ns: found |
		some ns, objects in _core("Secret")
		owner := _key_owner(ns)
		found := {name: _sharers(owner, keys) |
			some name, obj in objects
			keys := {material[1] | some material in keks.material(obj)}
			count(keys) > 0
		}
		count(found) > 0
	},
	"encrypts": sort([owner | some owner in {use[1] | some use in _sops_uses}]),
}

# [id of the key, owner, use], sorted.
_sops_uses := sort([[recipient.id, owner, use] |
	is_object(data.inventory.namespace)
	some ns, versions in data.inventory.namespace
	owner := _key_owner(ns)
	is_object(versions)
	some version, kinds in versions
	is_object(kinds)
	some kind, objects in kinds
	is_object(objects)
	some name, obj in objects
	is_object(obj.sops)
	some recipient in keks.recipients(obj)
	object := {"apiVersion": version, "kind": kind, "namespace": ns, "name": name}
	use := {"owner": owner, "namespace": ns, "object": object, "path": recipient.path}
])

# [key, owner, use], sorted.
_key_uses := sort([[material[1], owner, use] |
	some ns, objects in _core("Secret")
	owner := _key_owner(ns)
	some name, obj in objects
	some material in keks.material(obj)
	object := {"apiVersion": "v1", "kind": "Secret", "namespace": ns, "name": name}
	use := {"owner": owner, "namespace": ns, "object": object, "path": material[0]}
])

# Undefined for a namespace of which nobody knows whose it is.
_key_owner(ns) := owner if {
	owner := tenants[ns].id
} else := "" if {
	ns in _untenanted
}

# In a sorted list equal keys are neighbours.
_shared_by_several(uses) := {use[0] |
	some i, use in uses
	next := uses[i + 1]
	next[0] == use[0]
	next[1] != use[1]
}

# The one before is a use of the same key by the same owner.
_continued(i, use) if {
	i > 0
	before := _sops_uses[i - 1]
	before[0] == use[0]
	before[1] == use[1]
}

_shared_recipients := _shared_by_several(_sops_uses)

_shared_keys := _shared_by_several(_key_uses)

_sharers(owner, keys) := [] if {
	count(keys & _shared_keys) == 0
} else := sort([other | some other in {use[2] | some use in _key_uses; use[0] in keys; use[1] != owner}])
