# METADATA
# title: Each tenant has its own key
# description: |
#   No key encrypts the files of two tenants, and no Secret with decryption keys holds one that another tenant's
#   Secret holds. Compared are the recipients in the `sops` stanzas of encrypted Secrets and ConfigMaps (age, PGP, AWS with role and
#   context, Google, Azure, Vault; key groups included), and the content of the Secrets that Kustomizations decrypt with. A key
#   shared with the platform fails; one shared with another tenant fails in the profile `hard` and is advice in `shared`,
#   because clusters of low isolation may have one key. In Git that holds, too, for a Kustomization that opens all that is
#   encrypted for tenants with one key and applies to several of them. Keys for recovery are named in the parameter
#   `recoveryRecipients`. Secrets of one name in two namespaces are not shared. In Git a creation rule of `.sops.yaml` that is the
#   first for the folders of two tenants gives a warning, and so do two rules that name one key for two tenants.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/best-practices/#secret-decryption-1
#     description: Flux security best practices, Secret Decryption on shared clusters
#   - ref: https://fluxcd.io/flux/components/kustomize/kustomizations/#decryption
#     description: Kustomization, decryption
# custom:
#   id: FX-KEK-01
#   severity: high
#   profiles: [shared]
#   assessment: partial
#   modes: [git, render, dump]
#   kinds:
#     - Secret
#     - ConfigMap
#     - kustomize.toolkit.fluxcd.io/Kustomization
#     - files.flux-audit/SopsConfig
#   reads:
#     - files.flux-audit/SopsConfig
#     - files.flux-audit/KustomizeFile
#     - files.flux-audit/EnvFile
#     - Secret
#     - ConfigMap
#     - Namespace
#     - kustomize.toolkit.fluxcd.io/Kustomization
#     - helm.toolkit.fluxcd.io/HelmRelease
#     - apps/Deployment
#     - apps/StatefulSet
#     - apps/DaemonSet
#     - apps/ReplicaSet
#     - batch/Job
#     - batch/CronJob
#     - PodTemplate
#     - Pod
#   origin: best-practices.md, Shared Cluster Multi-tenancy / Secret Decryption
#   rationale: |
#     kustomize-controller decrypts for whoever holds the key. A tenant whose key also opens another tenant's files needs
#     only to copy them into their own repository to get the plain values applied into their own namespace. With
#     a key for each tenant, encrypted files may be read by anybody, and the loss of one key is the loss of one tenant.
#   audit: |
#     ```sh
#     grep -rhoE 'age1[0-9a-z]+|fp: [0-9A-F]{40}|arn:aws:kms:[^ "]+|resource_id: .*' tenants/ | sort | uniq -c
#     kubectl get secrets -A -o json | jq -r \
#       '.items[] | .metadata as $m | .data // {} | to_entries[] | select(.key | test("\\.(agekey|asc)$|^sops\\.")) | "\(.value) \($m.namespace)/\($m.name)"' \
#       | sort | awk '$1 == key { print last, "and", $2 } { key = $1; last = $2 }'
#     ```
#
#     Pass: a recipient occurs in one tenant's folder only, those for recovery apart, and the second command, which shows no key, prints no pair of different tenants.
#   remediation: |
#     One rule for each tenant in `.sops.yaml`, with anchored paths, and no rule that catches everything:
#
#     ```yaml
#     creation_rules:
#       - path_regex: ^tenants/team-a/.*\.yaml$
#         encrypted_regex: ^(data|stringData)$
#         age: age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p
#       - path_regex: ^tenants/team-b/.*\.yaml$
#         encrypted_regex: ^(data|stringData)$
#         age: age1lggyhqrw2nlhcxprm67z43rta597azn8gknawjehu9d9dl0jq3yqqvfafg
#     ```
#
#     Then `sops updatekeys` on every file, and rotate the values: whoever had the old key may have read them. In the
#     cluster each tenant's Kustomizations name a Secret in their namespace:
#
#     ```yaml
#     spec:
#       decryption:
#         provider: sops
#         secretRef:
#           name: sops-age
#     ```
#   since: 0.1.0
#   params:
#     recoveryRecipients:
#       type: array
#       items: {type: string}
#       default: []
#       description: Recipients that every encrypted file may have, as sops writes them (age recipient, PGP fingerprint, key name).
#     tenantNamespaces:
#       type: array
#       items: {type: string}
#       default: []
#       description: Namespaces that belong to tenants besides those that labels mark.
#     inferTenants:
#       type: boolean
#       default: true
#       description: Whether in the profile `shared` a namespace with a Kustomization or HelmRelease counts as a tenant's.
#     platformNamespaces:
#       type: array
#       items: {type: string}
#       default: []
#       description: Namespaces of the platform team, which are never inferred to be a tenant's.
#     fluxNamespaces:
#       type: array
#       items: {type: string}
#       default: ["flux-system"]
#       description: Namespaces of Flux controllers, besides those where some are found
package flux.tenant_keys_separate

import data.lib.facts
import data.lib.flux
import data.lib.keks
import data.lib.patterns
import data.lib.result
import data.lib.shape
import data.lib.tenants

subject if {
	encrypted
	tenants.concerned
}

# One that decrypts, or of which that cannot be told.
subject if {
	applier
	not quiet
	tenants.concerned
}

# One that decrypts for tenants, wherever it stands.
subject if {
	served
	not quiet
}

subject if config

applier if flux.kind_is("kustomize.toolkit.fluxcd.io", "Kustomization")

# `.sops.yaml`
config if {
	flux.object.kind == "SopsConfig"
	flux.kind_is("files.flux-audit", "SopsConfig")
}

# SOPS marks what it encrypted.
encrypted if {
	flux.object.kind in {"ConfigMap", "Secret"}
	flux.kind_is("", flux.object.kind)
	not plain
}

plain if {
	is_object(flux.object)
	object.get(flux.object, "sops", null) == null
}

# Most objects neither are encrypted nor decrypt.
live if encrypted

live if config

live if {
	applier
	not quiet
}

quiet if {
	is_object(flux.object.spec)
	object.get(flux.object.spec, "decryption", null) == null
	not flux.object.metadata.annotations["flux-audit.internal/unknown-paths"]
}

violation contains finding if {
	live
	some ["violation", finding] in reports
}

warn contains finding if {
	live
	some ["warn", finding] in reports
}

unknown contains finding if {
	live
	some ["unknown", finding] in reports
}

manual contains finding if {
	live
	some ["manual", finding] in reports
}

ns := flux.namespace

owner := tenants.id(ns)

recovery := {value |
	some text in flux.param("recoveryRecipients", [])
	is_string(text)
	some value in [text, upper(text)]
}

# [path, uses of the same key by others]
common contains [recipient.path, others] if {
	encrypted
	tenants.own
	some recipient in keks.recipients(flux.object)
	not recipient.value in recovery
	others := [use | some use in facts.tenant_keys.recipients[recipient.id]; use.owner != owner]
	count(others) > 0
}

common contains [path, others] if {
	decrypts
	others := facts.tenant_keys.secrets[ns][secret_names[0]]
	count(others) > 0
	path := ["spec", "decryption", "secretRef", "name"]
}

# A Kustomization of a tenant that decrypts.
decrypts if {
	tenants.own
	decrypting
}

decrypting if {
	applier
	count(malformed) == 0
	flux.known(["spec", "decryption"])
	is_object(flux.object.spec.decryption)
}

secret_names := [name |
	name := flux.object.spec.decryption.secretRef.name
	is_string(name)
]

nodes(others) := array.concat(
	tenants.why(ns),
	array.concat(
		array.concat(own_secret, [{"path": ["metadata", "namespace"]}]),
		[node |
			some use in others
			some node in array.concat(tenants.why(use.namespace), [
				{"object": use.object, "path": use.path},
				{"object": use.object, "path": ["metadata", "namespace"]},
			])
		],
	),
)

# The own keys.
own_secret := [node |
	applier
	some name in secret_names
	some field in ["data", "stringData"]
	node := {"object": {"apiVersion": "v1", "kind": "Secret", "namespace": ns, "name": name}, "path": [field]}
]

platform(others) if {
	some use in others
	use.owner == ""
}

said(others) := "the key is the platform's, too" if {
	platform(others)
} else := sprintf("the key is also used by %v", [concat(", ", sort([name | some name in {use.owner | some use in others}]))])

reports contains [grade(others), result.related(path, said(others), nodes(others))] if {
	some [path, others] in common
}

grade(others) := "violation" if {
	severe(others)
} else := "warn"

severe(others) if platform(others)

severe(_) if flux.profile("hard")

# What it opens for tenants, where it applies to several.
served := facts.decryption.served[sprintf("%v/%v", [ns, flux.name_of(flux.object)])] if applier

# The keys that open all of it.
master_keys := {value | some value in served.recipients} - recovery

reports contains [grade([]), result.related(["spec", "decryption"], msg, related)] if {
	decrypting
	count(master_keys) > 0
	msg := sprintf("one key decrypts for %v", [concat(" and ", sort(object.keys(served.tenants)))])
	related := array.concat(
		[{"path": ["metadata", "name"]}, {"path": ["metadata", "namespace"]}],
		[node |
			some found in array.concat(served.encrypted, [{"object": object} | some object in served.tenants])
			some node in array.concat(
				tenants.why(found.object.namespace),
				[object.union(found, {"path": path}) | some path in [["sops"], ["metadata"]]],
			)
		],
	)
}

reports contains ["manual", result.at(["spec", "decryption"], msg)] if {
	decrypts
	count(comparable) == 0
	not owner in facts.tenant_keys.encrypts
	msg := "neither the keys nor encrypted objects of this tenant are among the objects given: look whether another tenant has the same key"
}

comparable := [name |
	some name in secret_names
	facts.tenant_keys.secrets[ns][name]
]

malformed := shape.check([
	[[["spec"]], "object"],
	[[["spec", "decryption"]], "object"],
	[[["spec", "decryption", "secretRef"]], "object"],
	[[["spec", "decryption", "secretRef", "name"]], "string"],
])

reports contains ["unknown", finding] if {
	subject
	applier
	some finding in malformed
}

reports contains ["unknown", result.at(["spec", "decryption"], "the decryption could not be worked out")] if {
	subject
	applier
	not flux.known(["spec", "decryption"])
}

reports contains ["unknown", result.at(path, "the recipients of the encrypted file cannot be read")] if {
	subject
	encrypted
	some path in keks.unreadable(flux.object)
}

matters if encrypted

matters if {
	applier
	is_object(flux.object.spec.decryption)
}

reports contains ["unknown", finding] if {
	matters
	some finding in tenants.undecided
}

reports contains ["manual", finding] if {
	matters
	some finding in tenants.open
}

creation_rules := rules if {
	config
	rules := flux.object.spec.creation_rules
	is_array(rules)
} else := []

# SOPS looks for the paths below the folder of its file.
home := concat("", [found | some found in regex.find_n(`^.*/`, flux.name_of(flux.object), 1)])

# Tenant → indexes of the rules that its folders come to: the first whose expression matches is taken.
rules_of := {tenant: {first |
	some folder in folders
	startswith(folder, home)
	file := sprintf("%v/secret.yaml", [trim_prefix(folder, home)])
	first := min([i | some i, rule in creation_rules; concerns(rule, file)])
} |
	some tenant, folders in facts.decryption.paths
}

concerns(rule, _) if {
	is_object(rule)
	object.get(rule, "path_regex", "") in {"", null}
}

concerns(rule, file) if patterns.matches("regexp", rule.path_regex, file)

reports contains ["warn", result.at(["spec", "creation_rules", i, "path_regex"], msg)] if {
	some i, _ in creation_rules
	sharers := sort([tenant | some tenant, indexes in rules_of; i in indexes])
	count(sharers) > 1
	msg := sprintf("the rule is the first for the folders of %v, so that one key encrypts them all", [concat(" and ", sharers)])
}

reports contains ["warn", result.at(["spec", "creation_rules", later], msg)] if {
	some tenant, indexes in rules_of
	some other, others in rules_of
	tenant != other
	some earlier in indexes
	some later in others
	earlier < later
	count((keys_in(creation_rules[earlier]) & keys_in(creation_rules[later])) - recovery) > 0
	msg := sprintf("a key of this rule is also that of the rule for %v", [tenant])
}

# The keys of a rule, those of its groups included.
keys_in(rule) := {key |
	some [_, value] in key_fields(rule)
	some text in spelt(value)
	some item in split(text, ",")
	key := trim_space(item)
	key != ""
}

# The fields of a rule and of its groups that name keys: [path below the rule, value].
key_fields(rule) := [[array.concat(path, [field]), value] |
	some [path, part] in array.concat([[[], rule]], [[["key_groups", i], group] |
		is_array(rule.key_groups)
		some i, group in rule.key_groups
	])
	some field in ["age", "pgp", "kms", "gcp_kms", "azure_keyvault", "azure_kv", "hc_vault", "hc_vault_transit_uri"]
	value := part[field]
]

spelt(value) := [value] if is_string(value)

spelt(value) := [text |
	some item in value
	text := in_words(item)
] if {
	is_array(value)
}

in_words(item) := item if is_string(item)

in_words(item) := concat(" ", [text | some text in item; is_string(text)]) if is_object(item)

reports contains ["unknown", result.at(path, "the keys cannot be read, so that it cannot be told who has them")] if {
	count(facts.decryption.paths) > 1
	some i, rule in creation_rules
	some [below, value] in key_fields(rule)
	value != null
	not legible(value)
	path := array.concat(["spec", "creation_rules", i], below)
}

legible(value) if is_string(value)

legible(value) if {
	texts := spelt(value)
	count(texts) == count(value)
}

reports contains ["unknown", result.at(["spec", "creation_rules", i, "path_regex"], "the expression cannot be read here, so that it cannot be told whose files it is for")] if {
	count(facts.decryption.paths) > 1
	some i, rule in creation_rules
	is_object(rule)
	text := object.get(rule, "path_regex", "")
	not text in {"", null}
	not patterns.regexp(text)
}

reports contains ["unknown", finding] if {
	config
	some finding in shape.check([
		[[["spec"]], "object"],
		[[["spec", "creation_rules"]], "array"],
		[[["spec", "creation_rules"], []], "object"],
		[[["spec", "creation_rules"], ["key_groups"]], "array"],
		[[["spec", "creation_rules"], ["key_groups"], []], "object"],
	])
}
