# The keys that encrypt what tenants store in Git.
package lib.keks

# The recipients in an object's `sops` stanza: [{"id": what tells one key from another, "value": as written, "path"}].
recipients(obj) := [{"id": id, "value": value, "path": path} |
	is_object(obj)
	some [place, group] in _groups(obj)
	some sort, fields in _fields
	items := group[sort]
	is_array(items)
	some i, item in items
	is_object(item)
	is_string(item[fields[0]])
	some value in _listed(sort, item[fields[0]])
	path := array.concat(place, [sort, i, fields[0]])
	id := sprintf("%v %v", [sort, concat(" ", array.concat([value], _further(item, fields)))])
]

# The stanza itself and its key groups: [path, map].
_groups(obj) := array.concat(
	[[["sops"], obj.sops] | is_object(obj.sops)],
	[[["sops", "key_groups", i], group] |
		is_array(obj.sops.key_groups)
		some i, group in obj.sops.key_groups
		is_object(group)
	],
)

# For each sort of key the field that names it, and those that narrow it.
_fields := {
	"age": ["recipient"],
	"azure_kv": ["name", "vault_url", "vaultUrl"],
	"gcp_kms": ["resource_id"],
	"hc_vault": ["key_name", "vault_address", "engine_path"],
	"kms": ["arn", "role", "context"],
	"pgp": ["fp"],
}

_listed("age", text) := [value | some part in split(text, ","); value := trim_space(part); value != ""]

_listed("pgp", text) := [upper(text)]

_listed(sort, text) := [text] if not sort in {"age", "pgp"}

_further(item, fields) := [text |
	some i, field in fields
	i > 0
	value := item[field]
	some text in _texts(value)
]

_texts(value) := [value] if is_string(value)

# An encryption context.
_texts(value) := [concat(",", sort([sprintf("%v=%v", [key, text]) | some key, text in value]))] if is_object(value)

# Findings-ready problems of a stanza: paths where it cannot be read.
unreadable(obj) := array.concat(
	[["sops"] | not is_object(object.get(obj, "sops", null))],
	[path |
		some [place, group] in _groups(obj)
		some sort, fields in _fields
		path := array.concat(place, [sort])
		group[sort] != null
		not _sound(group[sort], fields[0])
	],
)

_sound(items, field) if {
	is_array(items)
	count([1 | some item in items; not _named(item, field)]) == 0
}

_named(item, field) if {
	is_object(item)
	is_string(item[field])
}

# What the entries of a Secret decrypt with, as Flux names them: secret, only to be compared. [entry's path, text]
material(secret) := [[[field, key], text] |
	is_object(secret)
	not secret.sops
	some field in ["data", "stringData"]
	is_object(secret[field])
	some key, value in secret[field]
	is_string(value)
	regex.match(`\.(agekey|asc)$|^sops\.`, key)
	some text in _material(key, _plain(field, value))
]

_material(key, text) := regex.find_n(`AGE-SECRET-KEY-[0-9A-Z-]+`, text, -1) if {
	endswith(key, ".agekey")
} else := [trim_space(text) | contains(text, "PRIVATE KEY")] if {
	endswith(key, ".asc")
} else := [trim_space(text) | trim_space(text) != ""]

_plain("stringData", text) := text

_plain("data", text) := base64.decode(packed) if {
	packed := replace(text, "\n", "")
	regex.match(`^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$`, packed)
}
