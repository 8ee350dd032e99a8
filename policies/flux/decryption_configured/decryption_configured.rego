# METADATA
# title: Decryption is configured where encrypted manifests are
# description: |
#   A Kustomization under whose path SOPS-encrypted files lie has `spec.decryption`, generators' inputs included. Where it has one,
#   the provider is `sops` and there is a key: in a Secret of its namespace with entries that Flux knows, by a service account
#   for a cloud's key service (which needs the feature gate ObjectLevelWorkloadIdentity), or with the controller itself.
#   A Kustomization that applies no secrets, or SealedSecrets, ExternalSecrets and the like, needs no decryption. What comes
#   from a source that is not in the tree is for a person to look at.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/best-practices/#secret-decryption
#     description: Flux security best practices, Secret Decryption
#   - ref: https://fluxcd.io/flux/components/kustomize/kustomizations/#decryption
#     description: Kustomization, decryption
# custom:
#   id: FX-SEC-01
#   severity: high
#   profiles: [base]
#   assessment: partial
#   modes: [git, render, dump]
#   kinds: [kustomize.toolkit.fluxcd.io/Kustomization]
#   reads:
#     - kustomize.toolkit.fluxcd.io/Kustomization
#     - helm.toolkit.fluxcd.io/HelmRelease
#     - Namespace
#     - Secret
#     - ConfigMap
#     - ServiceAccount
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
#   origin: best-practices.md, Kustomize Controller / Secret Decryption
#   rationale: |
#     Without decryption Flux applies the ciphertext, or fails at the unknown field `sops`: the application does not get its
#     secret, and somebody under pressure commits the plain one. A decryption without a key fails the same way, for
#     everything in the Kustomization.
#   audit: |
#     ```sh
#     git grep -lE '^sops:|"sops":|^sops_mac=' | xargs -n1 dirname | sort -u
#     kubectl get kustomizations.kustomize.toolkit.fluxcd.io -A -o json | jq -r \
#       '.items[] | "\(.metadata.namespace)/\(.metadata.name) \(.spec.path) \(.spec.decryption)"'
#     kubectl get secret -n <namespace> <name> -o json | jq '.data | keys'
#     ```
#
#     Pass: every folder that the first command prints lies under the path of a Kustomization with `decryption`, provider `sops`, and
#     the Secret of each has a key that ends with `.agekey` or `.asc`, or is one of `sops.vault-token`, `sops.aws-kms`,
#     `sops.azure-kv`, `sops.gcp-kms`.
#   remediation: |
#     ```sh
#     kubectl create secret generic sops-age --namespace=flux-system --from-file=age.agekey=age.agekey
#     ```
#
#     ```yaml
#     spec:
#       decryption:
#         provider: sops
#         secretRef:
#           name: sops-age
#     ```
#
#     With a cloud's key service, no key has to be kept anywhere:
#
#     ```yaml
#     spec:
#       decryption:
#         provider: sops
#         serviceAccountName: apps-decryption   # needs --feature-gates=ObjectLevelWorkloadIdentity=true
#     ```
#   since: 0.1.0
#   params: {}
package flux.decryption_configured

import data.lib.facts
import data.lib.flags
import data.lib.flux
import data.lib.lockdown
import data.lib.node
import data.lib.result

subject if flux.kind_is("kustomize.toolkit.fluxcd.io", "Kustomization")

# Most Kustomizations decrypt nothing, and nothing under their path is encrypted.
quiet if {
	plain
	flux.mode != "git"
}

quiet if {
	plain
	facts.decryption.applied[key]
	not facts.decryption.encrypted[key]
}

plain if {
	is_object(flux.object.spec)
	object.get(flux.object.spec, "decryption", null) == null
	not node.veils
}

live if {
	not quiet
	subject
}

spec := node.at(raw, ["spec"], "object", 0) if live

raw := object.get(flux.object, "spec", null)

decryption := node.child(spec, "decryption", "object")

provider := node.child(decryption, "provider", "string")

secret := node.get(decryption, ["secretRef", "name"], "string")

account := node.child(decryption, "serviceAccountName", "string")

decrypts if decryption.state == "set"

# Its own key in the facts.
key := sprintf("%v/%v", [flux.namespace_of(flux.object), flux.name_of(flux.object)])

violation contains result.related(decryption.path, "encrypted files lie under the path, and nothing decrypts them", nodes) if {
	decryption.state == "absent"
	found := facts.decryption.encrypted[key]
	nodes := [
		found, object.union(found, {"path": ["metadata"]}),
		{"path": ["metadata", "name"]}, {"path": ["metadata", "namespace"]},
	]
}

violation contains result.fixed(provider.path, "the provider is not sops, which is the only one that flux has", node.fix(provider, "sops")) if {
	decrypts
	node.decided(provider)
	provider.value != "sops"
}

# Neither a Secret nor an account is named.
keyless if {
	decrypts
	empty(secret)
	empty(account)
}

empty(one) if one.state == "absent"

empty(one) if one.value == ""

controllers := [record | some record in facts.controllers; record.component == "kustomize-controller"]

# What the controllers decrypt with themselves.
fallbacks := [setting |
	some name in ["sops-age-secret", "default-decryption-service-account"]
	some setting in lockdown.settings("kustomize-controller", name)
]

supplied if {
	some setting in fallbacks
	setting.state == "known"
	is_string(setting.value)
	setting.value != ""
}

supplied if count(facts.decryption.given) > 0

supplied if count(lockdown.identities("kustomize-controller")) > 0

# What may supply them, as far as can be told.
doubtful := array.concat(lockdown.nodes(fallbacks, "unknown", null), facts.decryption.open)

violation contains result.at(decryption.path, "there is no key to decrypt with: no Secret, no service account, and the controller has none either") if {
	keyless
	count(controllers) > 0
	not supplied
	count(doubtful) == 0
}

unknown contains result.related(decryption.path, "neither a Secret nor a service account is named, and it cannot be told whether the controller has a key", doubtful) if {
	keyless
	not supplied
	count(doubtful) > 0
}

manual contains result.at(decryption.path, "neither a Secret nor a service account is named: look whether the controller, which is not at hand, has a key") if {
	keyless
	count(controllers) == 0
}

reference := sprintf("%v/%v", [flux.namespace_of(flux.object), secret.value]) if {
	secret.state == "set"
	secret.value != ""
}

# The entries of the Secret, where it is at hand.
held := facts.decryption.secrets[reference]

violation contains result.related(secret.path, "the Secret has no entry that flux takes for a key", nodes) if {
	is_array(held)
	count([1 | some name in held; usable(name)]) == 0
	object := {"apiVersion": "v1", "kind": "Secret", "namespace": flux.namespace_of(flux.object), "name": secret.value}
	nodes := [{"object": object, "path": ["metadata"]}, {"path": ["metadata", "namespace"]}]
}

usable(name) if regex.match(`\.(agekey|asc)$|^sops\.(vault-token|aws-kms|azure-kv|gcp-kms)$`, name)

unknown contains result.at(secret.path, "the entries of the Secret cannot be read") if {
	reference
	object.get(facts.decryption.secrets, reference, []) == null
}

violation contains result.related(secret.path, "there is no such Secret in the namespace", [{"path": ["metadata", "namespace"]}]) if {
	flux.mode == "dump"
	reference
	object.get(facts.decryption.secrets, reference, "none") == "none"
}

# [state, value, node] of the gate in each instance.
gates := [[gate.state, gate, {"object": lockdown.reference(record), "path": gate.path}] |
	account.state == "set"
	account.value != ""
	some record in controllers
	gate := flags.gate_of(record, "ObjectLevelWorkloadIdentity")
]

violation contains result.related(account.path, "a service account decrypts only with the feature gate ObjectLevelWorkloadIdentity, which is off", nodes) if {
	nodes := [place | some ["known", gate, place] in gates; gate.value != true]
	count(nodes) > 0
}

unknown contains result.related(account.path, "it cannot be told whether the feature gate ObjectLevelWorkloadIdentity is on", nodes) if {
	nodes := [place | some ["unknown", _, place] in gates]
	count(nodes) > 0
}

manual contains result.at(account.path, "a service account decrypts only with the feature gate ObjectLevelWorkloadIdentity of a controller that is not at hand") if {
	account.state == "set"
	account.value != ""
	count(controllers) == 0
}

manual contains result.at(["spec", "sourceRef"], "nothing that this Kustomization applies is at hand here: look in its source for encrypted files") if {
	flux.mode == "git"
	decryption.state == "absent"
	not facts.decryption.applied[key]
}

unknown contains finding if {
	some one in [decryption, provider, secret, account]
	finding := node.doubt(one)
}

unknown contains result.at(place, "the name is missing, so that it cannot be told what is applied with it") if {
	flux.mode == "git"
	decryption.state == "absent"
	some field in ["name", "namespace"]
	place := ["metadata", field]
	value := object.get(flux.object, place, null)
	not filled(value)
}

filled(value) if {
	is_string(value)
	value != ""
}
