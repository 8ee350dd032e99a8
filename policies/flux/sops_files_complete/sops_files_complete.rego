# METADATA
# title: SOPS files are complete and usable by Flux
# description: |
#   An encrypted Secret or ConfigMap has a `sops` stanza with a MAC, a date and at least one recipient. In a Secret every
#   value under `data` and `stringData` is encrypted, empty ones apart: what a suffix or a regexp of SOPS leaves in plain text is
#   plain text all the same. Nothing below `metadata` is encrypted, since Flux cannot apply such an object. No more key
#   groups are demanded than there are. Files that were last encrypted longer ago than `sopsMaxAgeDays` give advice where
#   the host says what day it is. An encrypted dotenv file has no plain value.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/guides/mozilla-sops/
#     description: Flux guide, SOPS
#   - ref: https://fluxcd.io/flux/components/kustomize/kustomizations/#decryption
#     description: Kustomization, decryption
#   - ref: https://fluxcd.io/flux/security/best-practices/#secret-decryption
#     description: Flux security best practices, Secret Decryption
# custom:
#   id: FX-SEC-03
#   severity: high
#   profiles: [base]
#   assessment: automated
#   modes: [git, render]
#   kinds:
#     - Secret
#     - ConfigMap
#     - files.flux-audit/EnvFile
#   reads: []
#   origin: best-practices.md, Kustomize Controller / Secret Decryption
#   rationale: |
#     kustomize-controller takes an object for encrypted only where the stanza and its MAC are there. Half encrypted files are
#     the usual way for a password to end up in Git: a new key is added by hand, the review sees `sops:` and `ENC[`
#     elsewhere in the file and passes on. And a file that nobody can decrypt stops the whole Kustomization.
#   audit: |
#     ```sh
#     git grep -lE '^sops:|"sops":' -- '*.yaml' '*.yml' '*.json' | while read -r file; do
#       sops filestatus "$file" && sops decrypt "$file" >/dev/null || echo "broken: $file"
#     done
#     git grep -hE '^ {2}[A-Za-z0-9._-]+: ' -- $(git grep -l '^sops:' -- '*.yaml') | grep -v 'ENC\[' | cut -d: -f1 | sort | uniq -c
#     ```
#
#     Pass: nothing is broken, and the keys that the second command shows (it prints no values) are those of `metadata` and
#     `sops` only.
#   remediation: |
#     Encrypt again, with the values only, and rotate every value that stood there in plain text:
#
#     ```sh
#     sops encrypt --encrypted-regex '^(data|stringData)$' --in-place secret.yaml
#     ```
#
#     ```yaml
#     # .sops.yaml
#     creation_rules:
#       - path_regex: ^clusters/production/.*\.yaml$
#         encrypted_regex: ^(data|stringData)$
#         age: age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p
#     ```
#
#     `sops rotate --in-place` renews the data key; rotating the values themselves is up to you.
#   since: 0.1.0
#   redact: true
#   params:
#     sopsMaxAgeDays:
#       type: integer
#       default: 365
#       description: Days after which an encrypted file should have been rotated.
package flux.sops_files_complete

import data.lib.flux
import data.lib.keks
import data.lib.leaves as tree
import data.lib.node
import data.lib.result

kind := flux.object.kind if {
	flux.object.kind in {"ConfigMap", "Secret"}
	flux.kind_is("", flux.object.kind)
}

dotenv if flux.kind_is("files.flux-audit", "EnvFile")

subject if sealed

# What a tool could not encrypt for lack of the right type is no subject; the stanza or a ciphertext makes one.
sealed if {
	kind
	object.get(flux.object, "sops", null) != null
}

sealed if count(ciphers) > 0

sealed if {
	dotenv
	encrypted.state != "absent"
	encrypted.value != false
}

# [path, key, value] of what should be encrypted.
leaves := [[[field, key], key, value] |
	kind == "Secret"
	some field in ["data", "stringData"]
	is_object(flux.object[field])
	some key, value in flux.object[field]
]

ciphers := [path |
	some [path, _, value] in leaves
	ciphertext(value)
]

ciphertext(value) if {
	is_string(value)
	regex.match(cipher, value)
}

cipher := `^ENC\[AES256_GCM,data:[^,]*,iv:[^,]+,tag:[^,]+,type:(str|int|float|bool|bytes|comment)\]$`

stanza := node.at(top("sops"), ["sops"], "object", 0)

top(key) := object.get(flux.object, key, null)

mac := node.child(stanza, "mac", "reference")

date := node.child(stanza, "lastmodified", "reference")

threshold := node.child(stanza, "shamir_threshold", "integer")

groups := node.child(stanza, "key_groups", "array")

manifest if {
	kind
	sealed
}

violation contains result.related(mac.path, "the sops stanza has no MAC, so flux takes the object for a plain one", marks) if {
	manifest
	node.decided(mac)
	not filled(mac)
}

filled(one) if {
	one.state == "set"
	trim_space(one.value) != ""
}

# What else makes it an encrypted object.
marks := [{"path": path} | some path in array.concat([["sops"]], ciphers)]

violation contains result.related(["sops"], "the sops stanza names no recipient, so nobody can decrypt", marks) if {
	manifest
	stanza.state == "set"
	count(keks.unreadable(flux.object)) == 0
	count([1 | some recipient in keks.recipients(flux.object); recipient.value != ""]) == 0
}

violation contains result.related(date.path, "the sops stanza has no date of its last change, without which it cannot be decrypted", marks) if {
	manifest
	stanza.state == "set"
	node.decided(date)
	not dated(date)
}

dated(one) if {
	one.state == "set"
	regex.match(`^[0-9]{4}-[0-9]{2}-[0-9]{2}T`, one.value)
}

violation contains result.related(path, msg, marks) if {
	manifest
	some [path, key, value] in leaves
	bare(value)
	msg := sprintf("the value of %v is not encrypted%v", [key, why(key)])
}

# Neither encrypted nor empty.
bare(value) if {
	not value in {null, ""}
	not ciphertext(value)
}

why(key) := ": its suffix tells sops to leave it" if {
	some suffix in [object.get(stanza.value, "unencrypted_suffix", "_unencrypted")]
	is_string(suffix)
	suffix != ""
	endswith(key, suffix)
} else := ""

violation contains result.related(path, "the field is encrypted, so flux cannot apply the object", marks) if {
	manifest
	some [path, text] in tree.of(top("metadata"), ["metadata"]).texts
	ciphertext(text)
}

violation contains result.related(threshold.path, msg, array.concat(marks, [{"path": groups.path}])) if {
	manifest
	threshold.state == "set"
	node.decided(groups)
	have := max([1, count(groups.value)])
	threshold.value > have
	msg := sprintf("%v key groups are needed to decrypt, of which there are %v", [threshold.value, have])
}

warn contains result.at(date.path, msg) if {
	manifest
	date.state == "set"
	is_string(flux.params.now)
	limit := flux.param("sopsMaxAgeDays", 365)
	age := day(flux.params.now) - day(date.value)
	age > limit
	msg := sprintf("the file was last encrypted %v days ago: rotate what is in it", [age])
}

# Days since the beginning of the calendar; undefined for anything that is no date.
day(text) := total if {
	parts := regex.find_all_string_submatch_n(`^([1-9][0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T`, text, 1)[0]
	year := to_number(parts[1])
	month := to_number(trim_left(parts[2], "0"))
	full := year - count([1 | month < 3])
	leaps := (((full - (full % 4)) / 4) - ((full - (full % 100)) / 100)) + ((full - (full % 400)) / 400)
	total := (((365 * year) + leaps) + before[month]) + to_number(trim_left(parts[3], "0"))
}

# Days of the year before each month.
before := [0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334]

encrypted := node.get(file, ["encrypted"], "boolean")

entries := node.get(file, ["entries"], "object")

file := node.at(top("spec"), ["spec"], "object", 0)

violation contains result.related(array.concat(entries.path, [key]), msg, [{"path": encrypted.path}]) if {
	dotenv
	encrypted.value == true
	some key, value in entries.value
	not startswith(key, "sops_")
	bare(value)
	msg := sprintf("the value of %v is not encrypted", [key])
}

unknown contains finding if {
	manifest
	some one in [stanza, mac, date, threshold, groups]
	finding := node.doubt(one)
}

unknown contains result.at(path, "the recipients of the encrypted file cannot be read") if {
	manifest
	stanza.state == "set"
	some path in keks.unreadable(flux.object)
}

unknown contains result.at([field], "the field is not a map, so its meaning cannot be told") if {
	manifest
	kind == "Secret"
	some field in ["data", "stringData"]
	value := top(field)
	value != null
	not is_object(value)
}

unknown contains finding if {
	dotenv
	sealed
	some one in [encrypted, entries]
	finding := node.doubt(one)
}
