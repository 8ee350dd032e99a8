# Image verification in the policy under review, in whichever engine's words: which images it speaks of, and
# whose signatures it takes.
package lib.verification

import data.lib.flux
import data.lib.images
import data.lib.node
import data.lib.patterns
import data.lib.signers
import data.lib.workload

# Kinds of policies, by engine.
engines := {
	"kyverno.io/ClusterPolicy": "kyverno",
	"kyverno.io/Policy": "kyverno",
	"policies.kyverno.io/ImageValidatingPolicy": "cel",
	"policies.kyverno.io/NamespacedImageValidatingPolicy": "cel",
	"policy.sigstore.dev/ClusterImagePolicy": "sigstore",
	"config.ratify.deislabs.io/Verifier": "ratify",
	"config.ratify.deislabs.io/NamespacedVerifier": "ratify",
}

# How each engine reads the globs of images.
sorts := {"kyverno": "wildcard", "cel": "gobwas", "sigstore": "path", "ratify": "wildcard"}

engine := engines[workload.group_kind(flux.object)]

# A unit of verification: its node, the nodes of its image patterns and of those left out, whether it takes
# every image, and the sets of entries that have to be fulfilled together, `need` entries of each.
units := found if {
	found := _units(engine)
} else := []

_units("kyverno") := [unit |
	some rule in node.items(_rules, "object")
	some base in node.items(node.child(rule, "verifyImages", "array"), "object")
	attestors := node.child(base, "attestors", "array")
	unit := {
		"base": base,
		"signers": attestors,
		"images": node.items(node.child(base, "imageReferences", "array"), "string"),
		"skips": node.items(node.child(base, "skipImageReferences", "array"), "string"),
		"every": false,
		"attests": count(node.items(node.child(base, "attestations", "array"), "any")) > 0,
		"sets": [_kyverno_set(set) | some set in node.items(attestors, "object")],
		"nodes": [attestors, node.child(base, "imageReferences", "array"), node.child(base, "skipImageReferences", "array")],
	}
]

_units("cel") := [{
	"base": spec,
	"signers": attestors,
	"images": [node.child(reference, "glob", "string") | some reference in references],
	"skips": [],
	"every": count(references) == 0,
	"attests": false,
	"sets": [_set(attestors, [entry |
		some attestor in node.items(attestors, "object")
		some entry in _attestor(attestor)
	]) |
		count(node.items(attestors, "any")) > 0
	],
	"nodes": array.concat([attestors, node.child(spec, "matchImageReferences", "array")], references),
}] if {
	attestors := node.child(spec, "attestors", "array")
	references := node.items(node.child(spec, "matchImageReferences", "array"), "object")
}

_units("sigstore") := [{
	"base": spec,
	"signers": authorities,
	"images": [node.child(image, "glob", "string") | some image in node.items(node.child(spec, "images", "array"), "object")],
	"skips": [],
	"every": false,
	"attests": false,
	"sets": [_set(authorities, [entry |
		some authority in node.items(authorities, "object")
		some entry in _authority(authority, _absent)
	]) |
		count(node.items(authorities, "any")) > 0
	],
	"nodes": [authorities, node.child(spec, "images", "array")],
}] if {
	authorities := node.child(spec, "authorities", "array")
}

_units("ratify") := [unit |
	policies := node.get(spec, ["parameters", "trustPolicies"], "array")
	some base in node.items(policies, "object")
	keyless := node.child(base, "keyless", "object")
	unit := {
		"base": base,
		"signers": keyless,
		"images": node.items(node.child(base, "scopes", "array"), "string"),
		"skips": [],
		"every": false,
		"attests": false,
		"sets": [_set(keyless, [_ratify(base, keyless)])],
		"nodes": [node.child(base, "scopes", "array"), keyless],
	}
]

spec := node.at(object.get(flux.object, "spec", null), ["spec"], "object", 0)

_rules := node.child(spec, "rules", "array")

_absent := {"state": "absent", "path": [], "value": {}, "above": 0}

_set(at, entries) := {"path": at.path, "need": 1, "count": _absent, "entries": entries}

_kyverno_set(set) := {"path": set.path, "need": _need(wanted, entries), "count": wanted, "entries": entries} if {
	wanted := node.child(set, "count", "integer")
	list := node.child(set, "entries", "array")
	entries := array.concat([_doubtful(list) | not node.decided(list)], [_kyverno(entry) | some entry in node.items(list, "object")])
}

_need(wanted, entries) := wanted.value if {
	wanted.state == "set"
} else := count(entries)

_kyverno(entry) := _keyless(keyless, _wild, node.get(keyless, ["rekor", "ignoreTlog"], "boolean"), _names) if {
	keyless := node.child(entry, "keyless", "object")
	keyless.state != "absent"
} else := _other(node.child(entry, "keys", "object"), "key", node.get(entry, ["keys", "rekor", "ignoreTlog"], "boolean")) if {
	node.child(entry, "keys", "object").state != "absent"
} else := _other(entry, "key", _absent) if {
	node.child(entry, "certificates", "any").state == "set"
} else := _other(entry, "nested", _absent) if {
	node.child(entry, "attestor", "any").state == "set"
} else := _other(entry, "none", _absent)

# What an attestor is used for stands in the expressions.
_attestor(base) := _authority(cosign, node.get(cosign, ["ctlog", "insecureIgnoreTlog"], "boolean")) if {
	cosign := node.child(base, "cosign", "object")
	name := node.child(base, "name", "string")
	count([1 |
		some text in expressions
		contains(text, "verifyImageSignatures")
		contains(text, sprintf("attestors.%v", [name.value]))
	]) > 0
} else := [_other(base, "attestation", _absent)]

# The CEL expressions that validate.
expressions := [expression.value |
	some validation in node.items(node.child(spec, "validations", "array"), "object")
	expression := node.child(validation, "expression", "string")
	expression.state == "set"
]

# An authority of policy-controller, or an attestor of Kyverno's CEL policies: one entry for each identity.
_authority(base, log) := [_doubtful(base)] if {
	not node.decided(base)
} else := [_other(base, "attestation", log)] if {
	count(node.items(node.child(base, "attestations", "array"), "any")) > 0
} else := _identities(keyless, log) if {
	keyless := node.child(base, "keyless", "object")
	keyless.state != "absent"
} else := [_other(base, "static", log)] if {
	node.get(base, ["static", "action"], "string").value == "pass"
} else := [_other(base, "key", log)] if {
	count([1 | some name in ["key", "certificate"]; node.child(base, name, "any").state == "set"]) > 0
} else := [] if {
	count([1 | some name in ["static", "notary"]; node.child(base, name, "any").state == "set"]) > 0
} else := [_other(base, "key", log)] if {
	base.state == "absent"
} else := [_other(base, "none", log)]

_identities(keyless, log) := [_doubtful(list)] if {
	list := node.child(keyless, "identities", "array")
	not node.decided(list)
} else := [_keyless(identity, "exact", log, _names) | some identity in found] if {
	found := node.items(node.child(keyless, "identities", "array"), "object")
	count(found) > 0
} else := [_keyless(node.at(null, array.concat(keyless.path, ["identities"]), "object", 0), "exact", log, _names)]

_ratify(base, keyless) := _keyless(keyless, "exact", _absent, _ratified) if {
	keyless.state != "absent"
} else := _other(base, "key", _absent)

_wild := "wildcard"

_names := ["issuer", "issuerRegExp", "subject", "subjectRegExp"]

_ratified := ["certificateOIDCIssuer", "certificateOIDCIssuerRegExp", "certificateIdentity", "certificateIdentityRegExp"]

_other(at, how, log) := {"path": at.path, "how": how, "issuer": [], "subject": [], "log": log, "nodes": [at, log], "names": _names}

_doubtful(at) := _other(at, "doubtful", _absent)

_keyless(at, sort, log, names) := {
	"path": at.path,
	"how": how,
	"issuer": _given([["exact", given[0]], ["regexp", given[1]]]),
	"subject": _given([[sort, given[2]], ["regexp", given[3]]]),
	"log": log,
	"nodes": array.concat([at, log], given),
	"names": names,
} if {
	given := [node.child(at, name, "string") | some name in names]
	how := _how([one | some one in given; not node.decided(one)])
}

_how(doubts) := "keyless" if {
	count(doubts) == 0
} else := "doubtful"

# [sort, text, path] of the constraints that are there.
_given(pairs) := [[pair[0], pair[1].value, pair[1].path] |
	some pair in pairs
	pair[1].state == "set"
	pair[1].value != ""
]

# What the entry's signer is: a verdict of lib.signers, or how it verifies instead.
issuer_of(entry) := signers.issuer(_constraints(entry.issuer))

subject_of(entry, orgs) := signers.subject(_constraints(entry.subject), orgs)

_constraints(given) := [[one[0], one[1]] | some one in given]

issuer_path(entry) := entry.issuer[0][2] if {
	count(entry.issuer) > 0
} else := array.concat(entry.path, [entry.names[0]])

subject_path(entry) := entry.subject[0][2] if {
	count(entry.subject) > 0
} else := array.concat(entry.path, [entry.names[2]])

# Anybody's signature is enough for the entry.
open(entry, _) if entry.how in {"none", "static"}

open(entry, orgs) if {
	entry.how == "keyless"
	some verdict in [issuer_of(entry), subject_of(entry, orgs)]
	verdict in {"open", "missing"}
}

# Anybody's signatures are enough for the unit: no set of entries stops them.
weak(unit, orgs) if {
	count([1 | some set in unit.sets; count([1 | some entry in set.entries; open(entry, orgs)]) < set.need]) == 0
}

# The organisations whose Flux images the unit speaks of.
orgs_of(unit) := {org |
	some home in homes
	_speaks(unit, home)
	some org in home.orgs
}

# One of its patterns names Flux.
specific(unit) if {
	some image in unit.images
	image.state == "set"
	_names_flux(image.value)
}

_names_flux(text) if contains(lower(text), "flux")

_names_flux(text) if {
	some home in homes
	startswith(text, sprintf("%v/", [home.prefix]))
}

_speaks(unit, home) if {
	unit.every
	home.prefix
}

_speaks(unit, home) if {
	some image in unit.images
	image.state == "set"
	startswith(image.value, sprintf("%v/", [home.prefix]))
}

_speaks(unit, home) if {
	some image in unit.images
	image.state == "set"
	some component in workload.components
	ref := sprintf("%v/%v:v1.9.4", [home.prefix, component])
	patterns.matches(sorts[engine], image.value, ref)
	count([1 | some skip in unit.skips; patterns.matches(sorts[engine], skip.value, ref)]) == 0
}

# Where Flux images are kept, as the engine spells it, and who signs them there.
homes := [{"prefix": prefix, "orgs": orgs} |
	some given in array.concat(
		[[text, false] | some text in images.trusted_registries],
		[[text, true] | some text in flux.param("mirrors", [])],
	)
	is_string(given[0])
	prefix := _spelt(trim_right(given[0], "/"))
	orgs := _signing(given)
]

_signing(given) := {"fluxcd", "controlplaneio-fluxcd"} if {
	given[1]
} else := {"controlplaneio-fluxcd"} if {
	contains(given[0], "controlplaneio-fluxcd")
} else := {"fluxcd"} if {
	given[0] in {"ghcr.io/fluxcd", "docker.io/fluxcd"}
} else := {"fluxcd", "controlplaneio-fluxcd"}

_spelt(prefix) := sprintf("index.%v", [prefix]) if {
	engine == "sigstore"
	startswith(prefix, "docker.io/")
} else := prefix

# Nodes that keep the images of a unit from being told.
murky(unit) := array.concat(
	[one | some one in array.concat(unit.nodes, unit.skips); not node.decided(one)],
	[one | some one in unit.images; _murky(one)],
)

_murky(one) if not node.decided(one)

_murky(one) if {
	one.state == "set"
	not patterns.readable(sorts[engine], one.value)
}

_murky(one) if {
	one.state == "set"
	contains(one.value, "{{")
}

# An image reference of a CEL policy is an expression.
_murky(one) if {
	engine == "cel"
	one.state == "absent"
}

# Nodes above the units that cannot be read.
skeleton := [one |
	engine
	some one in array.concat([spec], array.concat(_lists, _bases))
	not node.decided(one)
]

_lists := array.concat(
	[_rules | engine == "kyverno"],
	[node.get(spec, ["parameters", "trustPolicies"], "array") | engine == "ratify"],
)

_bases := [one |
	some list in _lists
	some base in node.items(list, "object")
	some one in array.concat([base], [found |
		engine == "kyverno"
		verify := node.child(base, "verifyImages", "array")
		some found in array.concat([verify], node.items(verify, "object"))
	])
]
