# METADATA
# title: No plaintext credentials in Flux object fields
# description: |
#   No field that takes free text holds a credential: values and post renderers of a HelmRelease, substitutions and patches of a
#   Kustomization, patches of a FluxInstance, inputs and resources of a ResourceSet, the address of a Provider, ConfigMaps, and
#   in Git the literals and patches of kustomization files and dotenv files. What looks like a known token or a private
#   key fails under any name. A name such as `password` or `apiKey` with a value that is no placeholder, reference or path gives
#   a warning. Findings name keys and never values.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/best-practices/#secret-decryption
#     description: Flux security best practices, Secret Decryption
#   - ref: https://fluxcd.io/flux/components/helm/helmreleases/#values-references
#     description: HelmRelease, values from Secrets
#   - ref: https://fluxcd.io/flux/components/kustomize/kustomizations/#post-build-variable-substitution
#     description: Kustomization, variables from Secrets
# custom:
#   id: FX-SEC-04
#   severity: high
#   profiles: [base]
#   assessment: partial
#   modes: [git, render, dump, admission]
#   kinds:
#     - helm.toolkit.fluxcd.io/HelmRelease
#     - kustomize.toolkit.fluxcd.io/Kustomization
#     - notification.toolkit.fluxcd.io/Provider
#     - fluxcd.controlplane.io/FluxInstance
#     - fluxcd.controlplane.io/ResourceSet
#     - ConfigMap
#     - files.flux-audit/KustomizeFile
#     - files.flux-audit/EnvFile
#   reads: []
#   origin: best-practices.md, Kustomize Controller / Secret Decryption (no plain credentials in sources)
#   rationale: |
#     SOPS and its like protect Secrets. A password among the values of a HelmRelease is in Git for every reader, and in the
#     cluster for everybody who may read Flux's kinds, which the role `view` allows. Helm also writes it into the release.
#   audit: |
#     ```sh
#     git grep -nIE 'AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36}|glpat-|xox[abpr]-|AGE-SECRET-KEY-1|BEGIN ([A-Z]+ )?PRIVATE KEY' | cut -d: -f1,2
#     kubectl get helmreleases.helm.toolkit.fluxcd.io -A -o json | jq -r '.items[] | . as $o | .spec.values // {}
#       | paths(type == "string") | select(last | tostring | test("pass(word)?|token|secret|key$"; "i"))
#       | "\($o.metadata.namespace)/\($o.metadata.name): \(map(tostring) | join("."))"'
#     ```
#
#     The first command prints places, the second names. Pass: the first prints nothing, and whatever the second prints is
#     the name of a Secret, a path or a variable.
#   remediation: |
#     Revoke what was found, then read the new value from a Secret that is encrypted in Git:
#
#     ```yaml
#     apiVersion: helm.toolkit.fluxcd.io/v2
#     kind: HelmRelease
#     metadata:
#       name: database
#       namespace: apps
#     spec:
#       interval: 10m
#       chartRef:
#         kind: OCIRepository
#         name: database
#       valuesFrom:
#         - kind: Secret
#           name: database-values
#           valuesKey: password
#           targetPath: auth.password
#     ```
#
#     Better charts take the name of a Secret (`existingSecret`). In a Kustomization use `spec.postBuild.substituteFrom` with a Secret, in a
#     Provider `spec.secretRef`, in a ConfigMap nothing secret at all.
#   since: 0.1.0
#   redact: true
#   params: {}
package flux.no_credentials_in_fields

import data.lib.flux
import data.lib.kustomizations
import data.lib.leaves
import data.lib.node
import data.lib.plaintext
import data.lib.result
import data.lib.shape
import data.lib.workload

subject if count(fields) > 0

# Where the kind takes free text.
fields := [["spec", "values"], ["spec", "postRenderers"]] if {
	flux.object.kind == "HelmRelease"
	flux.own_group == "helm.toolkit.fluxcd.io"
} else := [["spec", "postBuild", "substitute"], ["spec", "patches"]] if {
	flux.object.kind == "Kustomization"
	flux.own_group == "kustomize.toolkit.fluxcd.io"
} else := [["data"]] if {
	flux.object.kind == "ConfigMap"
	flux.own_group == ""
} else := others[workload.group_kind(flux.object)] if {
	flux.object.kind in {"EnvFile", "FluxInstance", "KustomizeFile", "Provider", "ResourceSet"}
}

others := {
	"notification.toolkit.fluxcd.io/Provider": [["spec", "address"]],
	"fluxcd.controlplane.io/FluxInstance": [["spec", "kustomize", "patches"]],
	"fluxcd.controlplane.io/ResourceSet": [["spec", "inputs"], ["spec", "resources"], ["spec", "resourcesTemplate"]],
	"files.flux-audit/KustomizeFile": [
		["spec", "patches"], ["spec", "patchesStrategicMerge"], ["spec", "patchesJson6902"],
		["spec", "configMapGenerator"],
	],
	"files.flux-audit/EnvFile": [["spec", "entries"]],
}

# [path, value] of what there is to look at.
roots := [[path, value] |
	some path in fields
	value := object.get(flux.object, path, null)
	value != null
]

# Most objects hold nothing that even looks like one.
suspects := [[path, value] |
	some [path, value] in roots
	text := sprintf("%v", [value])
	regex.match(hint, lower(text))
	regex.match(trace, text)
	regex.match(trace, regex.replace(text, `existing[0-9A-Za-z]*Secret`, "x"))
]

# Words of which any trace holds one, in lower case: looked for at once, without the work of an expression. The long s,
# which has no other case, counts as an s there.
hint := `akia|ghp_|gho_|ghu_|ghs_|ghr_|github_pat_|glpat-|xox|eyj|hook|pass|secret|token|key|connection|credential|auth|ſ`

# What begins like a known form, or a telling name before a value: in JSON, YAML, an assignment, an environment.
trace := `AKIA|gh[pousr]_|github_pat_|glpat-|xox[abpr]-|AGE-SECRET-KEY-1|PRIVATE KEY|eyJ|hooks\.slack|/webhook|(?i:pass(?:word|wd|phrase)?|secret(?:key)?|token|(?:api|access|private)[-_]?key|connection[-_]?string|credentials?|auth)[\\"']*(?:\s*[:=]\s*[^\s{]|[\\"'\s,n]*value)`

quiet if {
	is_object(object.get(flux.object, "spec", {}))
	object.get(flux.object, "binaryData", null) == null
	not flux.object.metadata.annotations["flux-audit.internal/unknown-paths"]
	bare
}

# Nothing is there to look at, or nothing that looks like a credential.
bare if roots == []

bare if {
	count(roots) > 0
	odd == []
	suspects == []
}

odd := [path |
	some [path, value] in roots
	not readable(value)
]

live if {
	not quiet
	subject
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

found := [leaves.of(value, path) | some [path, value] in suspects]

# [path, name, text]: the name is the key that the text stands under.
texts := [[path, name, text] |
	some part in found
	some [path, leaf] in part.texts
	[name, text] := named(path, leaf)
]

# A generator's literal brings its own name.
named(path, leaf) := [kustomizations.key_of(leaf), trim(kustomizations.path_of(leaf), `"'`)] if {
	path[1] == "configMapGenerator"
	path[3] == "literals"
	contains(leaf, "=")
} else := [keys[count(keys) - 1], leaf] if {
	keys := [key | some key in path; is_string(key)]
}

# What is known by its form: what it is, and the form.
signs := {
	"an access key of AWS": `\bAKIA[0-9A-Z]{16}\b`,
	"a token of GitHub": `gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{20,}`,
	"a token of GitLab": `glpat-[A-Za-z0-9_-]{20,}`,
	"a token of Slack": `xox[abpr]-[A-Za-z0-9-]{10,}`,
	"a private key of age": `AGE-SECRET-KEY-1[0-9A-Z]{10,}`,
	"a private key": `-----BEGIN ([A-Z0-9]+ )*PRIVATE KEY`,
	"a JSON web token": `eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.`,
	"the address of a webhook, which is its password": concat("|", [
		`hooks\.slack\.com/(services|workflows|triggers)/T`,
		`discord(app)?\.com/api/webhooks/[0-9]+/[A-Za-z0-9_-]+`,
		`webhook\.office\.com/webhookb2/`,
	]),
}

any_sign := concat("|", [sign | some sign in signs])

known contains [path, what] if {
	some [path, _, text] in texts
	regex.match(any_sign, text)
	some what, sign in signs
	regex.match(sign, text)
}

known contains [["binaryData", key], what] if {
	some key, text in unpacked
	some what, sign in signs
	regex.match(sign, text)
}

# What the binary data of a ConfigMap hold, as far as it can be decoded.
unpacked := {key: text |
	some key, packed in binary
	is_string(packed)
	stripped := replace(packed, "\n", "")
	regex.match(`^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$`, stripped)
	text := base64.decode(stripped)
}

binary := flux.object.binaryData if {
	flux.kind_is("", "ConfigMap")
	is_object(flux.object.binaryData)
} else := {}

reports contains ["unknown", result.at(["binaryData", key], "the field is not base64, so it cannot be looked into")] if {
	some key, packed in binary
	not unpacked[key]
	text := sprintf("%v", [packed])
	not plaintext.encrypted(text)
}

reports contains ["unknown", finding] if {
	flux.kind_is("", "ConfigMap")
	some finding in shape.check([[[["binaryData"]], "object"]])
}

reports contains ["violation", result.at(path, sprintf("this looks like %v", [what]))] if {
	some [path, what] in known
}

# [path, name] of what is a credential by its name.
telling contains [path, name] if {
	some [path, name, text] in texts
	sensitive(name)
	line := trim_space(text)
	credible(line)
	not contains(line, "\n")
}

# The same inside of a patch or a file: names and values side by side.
telling contains [path, pair[1]] if {
	some [path, _, text] in texts
	regex.match(`[:=]`, text)
	document(path, text)
	some pattern in [
		concat(telling_ends, [`(?:^|[\s{,"'])([A-Za-z0-9_.-]*`, `)["']?\s*[:=][ \t]*["']?([^\s"',}#]+)`]),
		concat(telling_ends, [
			`name["']?\s*:\s*["']?([A-Za-z0-9_]*`,
			`)["']?\s*,?\s*["']?value["']?\s*:\s*["']?([^\s"',}]+)`,
		]),
	]
	some pair in regex.find_all_string_submatch_n(pattern, text, -1)
	sensitive(pair[1])
	credible(pair[2])
}

document(_, text) if contains(text, "\n")

document(path, _) if path[count(path) - 1] == "patch"

sensitive(name) if {
	regex.match(telling_names, name)
	not regex.match(referring_names, name)
}

telling_names := concat("", [telling_ends, "$"])

# With what telling names end: an expression that stands inside of others.
telling_ends := concat("", [
	"(?i:pass(?:word|wd|phrase)?|secret(?:key)?|token|(?:api|access|private)[-_]?key|client[-_]?secret|",
	"connection[-_]?string|credentials?|auth)",
])

# Names of what names a credential, or describes it.
referring_names := concat("", [
	"(secretName|secretRef|existingSecret|existing.*Secret|.*SecretKey(Ref|Name)?|",
	"tokenURL|tokenPath|.*Enabled|.*Name|.*Ref)$",
])

# Long enough, and neither a placeholder nor a path.
credible(text) if {
	count(text) >= 6
	not plaintext.placeholder(text)
	not plaintext.template(text)
	not regex.match(`^ENC\[|^\$[{(]|<<|^(~|\.{0,2})/\S*$`, text)
}

reports contains ["warn", result.at(path, sprintf("%v is a credential by its name, and in plain text", [name]))] if {
	some [path, name] in telling
	not [path, true] in {[place, true] | some [place, _] in known}
}

reports contains ["unknown", result.at(path, "the field lies too deep to be looked into")] if {
	some part in found
	some path in part.deeper
}

reports contains ["unknown", result.at(path, "the field holds neither text nor a map or list, so its meaning cannot be told")] if {
	some path in odd
}

readable(value) if is_object(value)

readable(value) if is_array(value)

readable(value) if is_string(value)

reports contains ["unknown", result.at(path, "the field could not be worked out")] if {
	node.veils
	some path in array.concat(fields, [["binaryData"]])
	not flux.known(path)
}

reports contains ["unknown", result.at(["spec"], "the field is not a map, so its meaning cannot be told")] if {
	subject
	value := object.get(flux.object, "spec", null)
	value != null
	not is_object(value)
}
