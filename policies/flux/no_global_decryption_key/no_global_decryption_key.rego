# METADATA
# title: No cluster-global decryption fallback for tenants
# description: |
#   kustomize-controller holds nothing of its own to decrypt with: no `--sops-age-secret`, no credentials for Vault or a cloud
#   in its environment, no mounted GPG home, no cloud identity of its service account or pod. Each of them fails in
#   the profile `hard` and is advice in `shared`. What concerns a cloud is settled by `--default-decryption-service-account`: then
#   Kustomizations without an account of their own use one of the tenant's. What those accounts may
#   decrypt stands in the cloud's own policies, for a person to review.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/components/kustomize/kustomizations/#controller-global-decryption
#     description: Kustomization, controller global decryption
#   - ref: https://fluxcd.io/flux/security/best-practices/#secret-decryption-1
#     description: Flux security best practices, Secret Decryption on shared clusters
# custom:
#   id: FX-KEK-04
#   severity: high
#   profiles: [shared]
#   assessment: automated
#   modes: [git, render, dump]
#   kinds:
#     - apps/Deployment
#     - apps/StatefulSet
#     - apps/DaemonSet
#     - apps/ReplicaSet
#     - batch/Job
#     - batch/CronJob
#     - PodTemplate
#     - Pod
#   reads:
#     - ServiceAccount
#     - apps/Deployment
#     - apps/StatefulSet
#     - apps/DaemonSet
#     - apps/ReplicaSet
#     - batch/Job
#     - batch/CronJob
#     - PodTemplate
#     - Pod
#   origin: best-practices.md, Shared Cluster Multi-tenancy / Secret Decryption (access controls to keys)
#   rationale: |
#     A Kustomization with `spec.decryption` and no key of its own is decrypted with what the controller has. Any tenant can
#     write one, and put another tenant's encrypted file into their own source: the plain values are then applied into
#     their own namespace. The key that was meant as a convenience is everybody's.
#   audit: |
#     ```sh
#     kubectl get deploy,sts,ds -A -l app.kubernetes.io/component=kustomize-controller -o json | jq -r \
#       '.items[] | "\(.metadata.namespace)/\(.metadata.name): \([.spec.template.spec.containers[] | (.args[]? | select(contains("decryption") or contains("sops"))), .env[]?.name, .envFrom, .volumeMounts[]?.mountPath])"'
#     kubectl get serviceaccount -n flux-system kustomize-controller -o jsonpath='{.metadata.annotations}'
#     ```
#
#     Pass: no `--sops-age-secret`, none of `VAULT_TOKEN`, `AWS_…`, `AZURE_CLIENT_SECRET`, `GOOGLE_APPLICATION_CREDENTIALS`, no
#     mount for GPG, no annotation that gives a role; or, for the clouds, a `--default-decryption-service-account`. An empty
#     `--sops-vault-configmap` is right: it turns the feature off. Then read the key policies of the provider: each
#     tenant's account may use that tenant's key only.
#   remediation: |
#     Give each tenant a Secret or an account, and take the global key away:
#
#     ```yaml
#     apiVersion: kustomize.toolkit.fluxcd.io/v1
#     kind: Kustomization
#     metadata:
#       name: apps
#       namespace: team-a
#     spec:
#       decryption:
#         provider: sops
#         serviceAccountName: team-a   # a cloud's key service
#         # or, for age and PGP:
#         # secretRef:
#         #   name: sops-age
#     ```
#
#     For clouds, from Flux 2.7 on:
#
#     ```yaml
#     patches:
#       - target:
#           kind: Deployment
#           name: kustomize-controller
#         patch: |
#           - op: add
#             path: /spec/template/spec/containers/0/args/-
#             value: --feature-gates=ObjectLevelWorkloadIdentity=true
#           - op: add
#             path: /spec/template/spec/containers/0/args/-
#             value: --default-decryption-service-account=default
#     ```
#
#     The Flux Operator sets both with `spec.cluster.multitenantWorkloadIdentity: true`.
#   since: 0.1.0
#   params: {}
package flux.no_global_decryption_key

import data.lib.argument
import data.lib.facts
import data.lib.flags
import data.lib.flux
import data.lib.lockdown
import data.lib.result
import data.lib.shape
import data.lib.workload

subject if flux.component == "kustomize-controller"

age := flags.get("sops-age-secret")

default_account := flags.get("default-decryption-service-account")

# Kustomizations without an account use one of the tenant's, not the controller's.
settled if {
	default_account.state == "known"
	is_string(default_account.value)
	default_account.value != ""
}

container := workload.containers(flux.object)[flux.controller.container]

place := array.concat(flux.controller.pod, ["containers", flux.controller.container]) if {
	is_number(flux.controller.container)
}

# What the controller could decrypt with: [path, what, nodes].
global contains [age.path, "every tenant can decrypt with the age key of --sops-age-secret", argument.needs(age.path)] if {
	subject
	age.state == "known"
	is_string(age.value)
	age.value != ""
}

global contains [path, msg, []] if {
	some [path, name] in credentials
	not regex.match(cloud, name)
	msg := sprintf("every tenant can decrypt with what %v gives the controller", [name])
}

global contains [path, msg, nodes] if {
	not settled
	some [path, name] in credentials
	regex.match(cloud, name)
	msg := sprintf("every tenant can decrypt with what %v gives the controller", [name])
	nodes := [{"path": default_account.path}]
}

global contains [path, "every tenant can decrypt with the GPG home that is mounted here", [{"path": array.concat(flux.controller.pod, ["volumes"])}, {"path": array.concat(place, ["env"])}]] if {
	subject
	is_array(container.volumeMounts)
	some i, mount in container.volumeMounts
	gpg(mount)
	path := array.concat(place, ["volumeMounts", i])
}

global contains [path, "every tenant can decrypt with the controller's identity at a cloud provider", nodes] if {
	subject
	not settled
	count(identity) > 0
	path := array.concat(flux.controller.pod, ["serviceAccountName"])
	nodes := array.concat(
		[{"path": default_account.path}, {"path": ["metadata", "namespace"]}],
		[found |
			some node in identity
			some found in [node, {"object": node.object, "path": ["metadata", "namespace"]}]
		],
	)
}

identity := [node |
	some record in facts.controllers
	record.component == flux.component
	record.namespace == flux.controller.namespace
	record.group_kind == flux.controller.group_kind
	record.name == flux.controller.name
	some node in lockdown.identity(record)
]

# [path, name] of variables that hold credentials.
credentials contains [path, entry.name] if {
	subject
	is_array(container.env)
	some i, entry in container.env
	is_string(entry.name)
	regex.match(holding, entry.name)
	not regex.match(harmless, entry.name)
	not emptied(entry)
	path := array.concat(place, ["env", i])
}

holding := `^(VAULT_TOKEN|SOPS_AGE_KEY.*|AWS_.*|AZURE_(CLIENT_SECRET|CLIENT_CERTIFICATE_PATH|PASSWORD)|GOOGLE_(APPLICATION_)?CREDENTIALS)$`

# What says only where a cloud is.
harmless := `^AWS_((DEFAULT_)?REGION|STS_REGIONAL_ENDPOINTS|CA_BUNDLE|EC2_METADATA_DISABLED|MAX_ATTEMPTS|RETRY_MODE|ENDPOINT_URL.*|USE_.*)$`

cloud := `^(AWS|AZURE|GOOGLE)_`

emptied(entry) if {
	object.get(entry, "valueFrom", null) == null
	object.get(entry, "value", null) in {"", null}
}

# A mount that brings something, at GPG's home.
gpg(mount) if {
	is_string(mount.mountPath)
	at_home(mount.mountPath)
	not brings_nothing(mount)
}

at_home(path) if regex.match(`gnupg|gpg`, path)

at_home(path) if {
	is_array(container.env)
	some entry in container.env
	entry.name == "GNUPGHOME"
	is_string(entry.value)
	startswith(sprintf("%v/", [trim_right(entry.value, "/")]), sprintf("%v/", [trim_right(path, "/")]))
}

brings_nothing(mount) if {
	volumes := workload.template(flux.object).spec.volumes
	is_array(volumes)
	some volume in volumes
	volume.name == mount.name
	is_object(volume.emptyDir)
}

severe if flux.profile("hard")

violation contains result.full(path, msg, nodes, fix(path)) if {
	severe
	some [path, msg, nodes] in global
}

warn contains result.full(path, msg, nodes, fix(path)) if {
	not severe
	some [path, msg, nodes] in global
}

# The last value of the flag wins.
fix(path) := flags.append("--sops-age-secret=") if {
	path == age.path
} else := []

unknown contains finding if {
	subject
	some name in ["sops-age-secret", "default-decryption-service-account"]
	some finding in flags.undecided(name)
}

unknown contains result.at(array.concat(place, ["envFrom"]), "the environment may hold credentials that are defined elsewhere") if {
	subject
	is_array(container.envFrom)
	count(container.envFrom) > 0
}

unknown contains result.at(array.concat(place, [field]), "the field could not be worked out") if {
	subject
	some field in ["env", "volumeMounts"]
	not flux.known(array.concat(place, [field]))
}

unknown contains finding if {
	subject
	mounts := array.concat(place, ["volumeMounts"])
	volumes := array.concat(flux.controller.pod, ["volumes"])
	some finding in shape.check([
		[[mounts], "array"],
		[[mounts, []], "object"],
		[[mounts, ["mountPath"]], "string"],
		[[mounts, ["name"]], "string"],
		[[volumes], "array"],
		[[volumes, []], "object"],
	])
}

manual contains result.at(default_account.path, "review what the accounts of the tenants may decrypt in the policies of the cloud provider") if {
	subject
	settled
}
