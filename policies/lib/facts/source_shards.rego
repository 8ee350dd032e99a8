package lib.facts

import data.lib.sharding

# namespace → version → kind → name of every source → its labels that decide about its shard; null where they
# are ill-typed.
source_shards := fact if {
	fact := data.inventory.facts.source_shards
} else := {ns: found |
	is_object(data.inventory.namespace)
	some ns, versions in data.inventory.namespace
	is_object(versions)
	found := {version: _shards_of_kinds(kinds) |
		some version, kinds in versions
		_of_group(version, "source.toolkit.fluxcd.io")
		is_object(kinds)
	}
	count(found) > 0
}

_shards_of_kinds(kinds) := {kind: {name: _shard_of(obj) | some name, obj in objects} |
	some kind, objects in kinds
	is_object(objects)
}

_shard_of(obj) := found if {
	is_object(obj)
	found := sharding.shard(object.get(obj, ["metadata", "labels"], null))
} else := null

# namespace → component → the distinct labels about shards that its objects carry, sorted; null where they are
# ill-typed.
shards_in_use := fact if {
	fact := data.inventory.facts.shards_in_use
} else := {ns: found |
	is_object(data.inventory.namespace)
	some ns, versions in data.inventory.namespace
	is_object(versions)
	found := {component: sort([shard | some shard in shards]) |
		some component, list in sharding.reconciled
		shards := _shards_of(versions, list)
		count(shards) > 0
	}
	count(found) > 0
}

_shards_of(versions, list) := {shard |
	some [group, names] in list
	some version, kinds in versions
	_of_group(version, group)
	is_object(kinds)
	some kind in names
	is_object(kinds[kind])
	some obj in kinds[kind]
	shard := _shard_of(obj)
}
