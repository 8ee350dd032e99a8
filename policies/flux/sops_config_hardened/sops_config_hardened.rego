# METADATA
# title: SOPS provider configuration is hardened
# description: |
#   The creation rules in `.sops.yaml` are tied to folders: a rule for files of every folder fails, one whose path is not
#   anchored gives advice. What they encrypt is `data` and `stringData`, never `metadata`, `kind` or `apiVersion`. PGP keys are
#   named by full fingerprints, and the MAC covers the whole file. No private key lies in the same repository. A
#   repository with Kustomizations that decrypt and without a `.sops.yaml` is for a person to look at.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/best-practices/#secret-decryption-1
#     description: Flux security best practices, Secret Decryption on shared clusters
#   - ref: https://getsops.io/docs/#using-sops-yaml-conf-to-select-kms-pgp-and-age-for-new-files
#     description: SOPS, creation rules
#   - ref: https://fluxcd.io/flux/guides/mozilla-sops/
#     description: Flux guide, SOPS
# custom:
#   id: FX-KEK-02
#   severity: medium
#   profiles: [shared]
#   assessment: partial
#   modes: [git]
#   kinds:
#     - files.flux-audit/SopsConfig
#     - kustomize.toolkit.fluxcd.io/Kustomization
#   reads:
#     - kustomize.toolkit.fluxcd.io/Kustomization
#     - helm.toolkit.fluxcd.io/HelmRelease
#     - Namespace
#     - Secret
#     - ConfigMap
#     - files.flux-audit/KustomizeFile
#     - files.flux-audit/EnvFile
#     - files.flux-audit/SopsConfig
#     - apps/Deployment
#     - apps/StatefulSet
#     - apps/DaemonSet
#     - apps/ReplicaSet
#     - batch/Job
#     - batch/CronJob
#     - PodTemplate
#     - Pod
#   origin: best-practices.md, Shared Cluster Multi-tenancy / Secret Decryption (hardened provider configuration)
#   rationale: |
#     Nobody remembers which key belongs to which folder: the file decides it each time somebody runs `sops encrypt`. A rule
#     that catches everything gives a new tenant's secrets to the key of another, without any error. A regexp that
#     leaves `data` out writes the password in plain text under a stanza that looks encrypted. And a private key beside
#     the files that it opens makes the encryption decoration.
#   audit: |
#     ```sh
#     git ls-files '*.sops.yaml' '*.sops.yml' | xargs -r cat
#     git grep -lE 'AGE-SECRET-KEY-1|BEGIN PGP PRIVATE KEY'
#     ```
#
#     Pass: each rule has a `path_regex` that begins with `^` and the folder of one owner, and an `encrypted_regex` that matches
#     `data` and `stringData` and nothing above them; fingerprints have 40 digits; the second command prints nothing. Then look
#     at the keys themselves: no DSA, no age key on a shared disk, rotation as agreed.
#   remediation: |
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
#     A private key that was committed is lost: make a new one, `sops updatekeys` every file, rotate every value, then take it
#     out of the repository.
#   since: 0.1.0
#   params: {}
package flux.sops_config_hardened

import data.lib.facts
import data.lib.flux
import data.lib.node
import data.lib.patterns
import data.lib.result

config if {
	flux.object.kind == "SopsConfig"
	flux.kind_is("files.flux-audit", "SopsConfig")
}

subject if config

subject if decrypts

# A Kustomization that decrypts what rules have encrypted.
decrypts if {
	flux.object.kind == "Kustomization"
	is_object(flux.object.spec)
	object.get(flux.object.spec, "decryption", null) != null
	flux.kind_is("kustomize.toolkit.fluxcd.io", "Kustomization")
}

manual contains result.at(["spec", "decryption"], "no .sops.yaml is at hand: look by which rules files are encrypted") if {
	decrypts
	not facts.decryption.configs
}

spec := node.at(object.get(flux.object, "spec", null), ["spec"], "object", 0) if config

status := node.at(object.get(flux.object, "status", null), ["status"], "object", 0) if config

list := node.child(spec, "creation_rules", "array")

rules := node.items(list, "object")

path_of(rule) := node.child(rule, "path_regex", "reference")

# Files in a folder that nobody has.
strangers := [concat("/", ["qzxw", name]) | some name in [
	"secret.yaml", "secrets.yaml", "secret.yml", "secret.sops.yaml", "secret.enc.yaml", "kvjq/secret.yaml",
	"secrets/kvjq.yaml", "kvjq/secrets/kvjq.yaml", "kvjq/kvjq.sops.yaml", ".env", "values.yaml", "kvjq.json",
]]

catches_all(path) if path.state == "absent"

catches_all(path) if path.value == ""

catches_all(path) if {
	path.state == "set"
	count([1 | some name in strangers; patterns.matches("regexp", path.value, name)]) > 0
}

violation contains result.at(path.path, "the rule is for files of every folder, whoever owns them") if {
	some rule in rules
	path := path_of(rule)
	catches_all(path)
}

warn contains result.at(path.path, "the path is not anchored, so that the folder's name may stand anywhere") if {
	some rule in rules
	path := path_of(rule)
	path.state == "set"
	patterns.regexp(path.value)
	not catches_all(path)
	not regex.match(`^(\(\?i\))?\^`, path.value)
}

encrypting(rule) := node.child(rule, "encrypted_regex", "reference")

sparing(rule) := node.child(rule, "unencrypted_regex", "reference")

values := ["data", "stringData"]

described := ["apiVersion", "kind", "metadata"]

violation contains result.at(choice.path, msg) if {
	some rule in rules
	choice := encrypting(rule)
	chosen(choice)
	left := [name | some name in values; not patterns.matches("regexp", choice.value, name)]
	count(left) > 0
	msg := sprintf("%v stays in plain text", [concat(" and ", left)])
}

violation contains result.at(choice.path, msg) if {
	some rule in rules
	choice := encrypting(rule)
	chosen(choice)
	hidden := [name | some name in described; patterns.matches("regexp", choice.value, name)]
	count(hidden) > 0
	msg := sprintf("%v is encrypted, so flux cannot apply the object", [concat(" and ", hidden)])
}

violation contains result.at(choice.path, msg) if {
	some rule in rules
	choice := sparing(rule)
	chosen(choice)
	left := [name | some name in values; patterns.matches("regexp", choice.value, name)]
	count(left) > 0
	msg := sprintf("%v stays in plain text", [concat(" and ", left)])
}

violation contains result.at(choice.path, msg) if {
	some rule in rules
	choice := sparing(rule)
	chosen(choice)
	hidden := [name | some name in described; not patterns.matches("regexp", choice.value, name)]
	count(hidden) > 0
	msg := sprintf("%v is encrypted, so flux cannot apply the object", [concat(" and ", hidden)])
}

chosen(choice) if {
	choice.state == "set"
	patterns.regexp(choice.value)
}

violation contains result.at(choice.path, "only keys with this suffix are encrypted, and data is none of them") if {
	some rule in rules
	choice := node.child(rule, "encrypted_suffix", "reference")
	choice.state == "set"
	choice.value != ""
}

warn contains result.at(encrypting(rule).path, "the rule does not say what to encrypt, so sops encrypts the metadata of an object, too") if {
	some rule in rules
	count([1 | some field in ["encrypted_regex", "encrypted_suffix", "unencrypted_regex"]; node.child(rule, field, "any").state != "absent"]) == 0
}

warn contains result.at(choice.path, "the MAC covers encrypted values only, so that the others can be changed unnoticed") if {
	some rule in rules
	choice := node.child(rule, "mac_only_encrypted", "boolean")
	choice.value == true
}

# Every place where keys of PGP are named: in one text, or in a list.
fingerprints := [one |
	some rule in rules
	some one in array.concat(listed(node.child(rule, "pgp", "any")), [fp |
		some group in node.items(node.child(rule, "key_groups", "array"), "object")
		some fp in listed(node.child(group, "pgp", "any"))
	])
]

listed(keys) := [keys] if {
	is_string(keys.value)
} else := node.items(keys, "reference") if {
	is_array(keys.value)
} else := []

violation contains result.at(one.path, "a key of PGP is not named by its full fingerprint") if {
	some one in fingerprints
	one.state == "set"
	some fingerprint in split(one.value, ",")
	short(regex.replace(fingerprint, `\s`, ""))
}

short(fingerprint) if {
	fingerprint != ""
	not regex.match(`^(0[xX])?([0-9A-Fa-f]{40}|[0-9A-Fa-f]{64})$`, fingerprint)
}

keys_at_hand := node.child(status, "privateKeys", "array")

violation contains result.at(one.path, msg) if {
	some one in node.items(keys_at_hand, "object")
	msg := sprintf("a private key lies in the same repository: %v", [object.get(one.value, "path", "its path is not known")])
}

warn contains result.at(list.path, "there are no rules, so that whoever encrypts a file chooses its keys") if {
	config
	list.state == "absent"
}

warn contains result.at(list.path, "there are no rules, so that whoever encrypts a file chooses its keys") if {
	list.state == "set"
	count(list.value) == 0
}

unknown contains finding if {
	some one in array.concat([list, keys_at_hand], array.concat(rules, fingerprints))
	finding := node.doubt(one)
}

unknown contains finding if {
	some rule in rules
	rule.state == "set"
	some [field, type] in [["mac_only_encrypted", "boolean"], ["key_groups", "array"], ["encrypted_suffix", "reference"]]
	finding := node.doubt(node.child(rule, field, type))
}

unknown contains finding if {
	some rule in rules
	rule.state == "set"
	some one in [path_of(rule), encrypting(rule), sparing(rule)]
	finding := node.doubt(one)
}

unknown contains result.at(one.path, "the regexp cannot be read here, so that it cannot be told what it matches") if {
	some rule in rules
	some one in [path_of(rule), encrypting(rule), sparing(rule)]
	one.state == "set"
	not patterns.regexp(one.value)
}

unknown contains result.at(keys.path, "the keys are neither text nor a list, so they cannot be read") if {
	some rule in rules
	keys := node.child(rule, "pgp", "any")
	keys.state == "set"
	value := keys.value
	not is_string(value)
	not is_array(value)
}

unknown contains result.at(["status", "privateKeys"], "it is not known whether private keys lie in the same repository") if {
	keys_at_hand.state == "absent"
}
