# METADATA
# title: No plaintext Secret manifests in sources
# description: |
#   No Secret in Git holds plain values, and no `secretGenerator` of a kustomization makes one from plain literals or from
#   files that SOPS did not encrypt. Base64 is no encryption. Not counted are empty values, placeholders (`${VAR}`, `$(VAR)`,
#   `<…>`, `REPLACE_ME`, `op://…`) and public material (certificates, public keys, keys of hosts). A live Secret is always
#   plain, so the control looks at sources only; findings name keys and never values.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/best-practices/#secret-decryption
#     description: Flux security best practices, Secret Decryption
#   - ref: https://fluxcd.io/flux/security/secrets-management/
#     description: Flux, secrets management
#   - ref: https://fluxcd.io/flux/components/kustomize/kustomizations/#decrypting-kustomize-secret-generators
#     description: Kustomization, secret generators
# custom:
#   id: FX-SEC-02
#   severity: critical
#   profiles: [base]
#   assessment: automated
#   modes: [git, render]
#   kinds:
#     - Secret
#     - files.flux-audit/KustomizeFile
#   reads: []
#   origin: best-practices.md, Kustomize Controller / Secret Decryption
#   rationale: |
#     Whoever may read the repository reads the password: every clone, fork, build agent and backup keeps it, and so
#     does the history after the file is gone. Sources are read far more widely than Secrets of a cluster.
#   audit: |
#     ```sh
#     git grep -lE '^kind: Secret$' -- '*.yaml' '*.yml' | xargs grep -LE '^sops:|"sops":'
#     git grep -nE 'secretGenerator:' -- '*kustomization.y*ml'
#     ```
#
#     Look at what each file of the first list has under `data` and `stringData`, and at the files and literals that the
#     generators of the second name. Pass: placeholders, certificates and public keys at most. A Secret named `flux-system` does not
#     belong into Git either: `flux bootstrap` writes it to the cluster only.
#   remediation: |
#     Encrypt the file, then rotate the value, since the old one stays in the history:
#
#     ```sh
#     sops encrypt --encrypted-regex '^(data|stringData)$' --in-place secret.yaml
#     ```
#
#     ```yaml
#     # The Kustomization that applies it
#     spec:
#       decryption:
#         provider: sops
#         secretRef:
#           name: sops-age
#     ```
#
#     Or keep the value out of Git: an ExternalSecret, a SealedSecret, a CSI driver. A `secretGenerator` reads encrypted
#     files (`files:`, `envs:`), never `literals:`.
#   since: 0.1.0
#   redact: true
#   params: {}
package flux.no_plaintext_secrets

import data.lib.flux
import data.lib.kustomizations
import data.lib.plaintext
import data.lib.result
import data.lib.shape

secret if {
	flux.object.kind == "Secret"
	flux.kind_is("", "Secret")
}

subject if secret

subject if kustomizations.subject

# SOPS encrypted the object; whether all of it is another control's question.
sealed if {
	mac := flux.object.sops.mac
	is_string(mac)
	trim_space(mac) != ""
}

# [path, key, "plain", "template" or "fine"]
judged contains [[field, key], key, verdict(key, text)] if {
	secret
	not sealed
	some field in ["data", "stringData"]
	is_object(flux.object[field])
	some key, value in flux.object[field]
	is_string(value)
	text := decoded(field, value)
}

# Base64, unless the text itself says what it is.
decoded(field, text) := base64.decode(packed) if {
	field == "data"
	not plaintext.placeholder(text)
	not plaintext.template(text)
	packed := regex.replace(text, `\s`, "")
	regex.match(`^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$`, packed)
} else := text

verdict(key, text) := "fine" if {
	plaintext.placeholder(text)
} else := "fine" if {
	plaintext.encrypted(text)
} else := "template" if {
	plaintext.template(text)
} else := "fine" if {
	plaintext.public(key, text)
} else := "plain"

generators := list if {
	kustomizations.subject
	list := flux.object.spec.secretGenerator
	is_array(list)
} else := []

# [path, entry] of one list of each generator.
entries(field) := [[["spec", "secretGenerator", i, field, j], entry] |
	some i, generator in generators
	is_object(generator)
	is_array(generator[field])
	some j, entry in generator[field]
	is_string(entry)
]

judged contains [path, key, verdict(key, text)] if {
	some [path, entry] in entries("literals")
	key := kustomizations.key_of(entry)
	text := trim(kustomizations.path_of(entry), `"'`)
}

judged contains [path, key, told(key, file)] if {
	some [path, entry] in entries("files")
	key := kustomizations.key_of(entry)
	file := kustomizations.path_of(entry)
}

judged contains [path, entry, told("", entry)] if {
	some [path, entry] in array.concat(entries("envs"), single)
}

single := [[["spec", "secretGenerator", i, "env"], generator.env] |
	some i, generator in generators
	is_object(generator)
	is_string(generator.env)
]

# What is known of a file without its content.
told(key, path) := "fine" if {
	kustomizations.about(path).encrypted
} else := "fine" if {
	plaintext.published(key)
} else := "content" if {
	regex.match(`\.(crt|pem|cer|asc)$`, key)
} else := "plain" if {
	kustomizations.about(path).found
} else := "missing"

violation contains result.at(path, msg) if {
	some [path, key, "plain"] in judged
	msg := sprintf("%v is in plain text", [key])
}

unknown contains result.at(path, msg) if {
	some [path, key, cause] in judged
	msg := replace(doubts[cause], "%v", key)
}

doubts := {
	"template": "%v is a template, so that it cannot be told what will stand there",
	"content": "%v may hold a certificate, or its key: it cannot be told without its content",
	"missing": "%v is not at hand, so that it cannot be told whether it is encrypted",
}

unknown contains result.at([field, key], "the value is not text, so that it cannot be told what it holds") if {
	secret
	not sealed
	some field in ["data", "stringData"]
	is_object(flux.object[field])
	some key, value in flux.object[field]
	value != null
	not is_string(value)
}

unknown contains finding if {
	secret
	not sealed
	some finding in shape.check([[[["data"]], "object"], [[["stringData"]], "object"]])
}

unknown contains result.at([field], "the values could not be worked out") if {
	secret
	flux.object.metadata.annotations["flux-audit.internal/unknown-paths"]
	some field in ["data", "stringData"]
	not flux.known([field])
}

unknown contains finding if {
	kustomizations.subject
	list := ["spec", "secretGenerator"]
	some finding in shape.check([
		[[["spec"]], "object"],
		[[list], "array"],
		[[list, []], "object"],
		[[list, ["literals"]], "array"],
		[[list, ["literals"], []], "string"],
		[[list, ["files"]], "array"],
		[[list, ["files"], []], "string"],
		[[list, ["envs"]], "array"],
		[[list, ["envs"], []], "string"],
		[[list, ["env"]], "string"],
	])
}
