# METADATA
# title: Tenant kubeconfigs are safe
# description: |
#   What a Kustomization or HelmRelease in a tenant's namespace uses in `spec.kubeConfig` neither runs commands, nor skips
#   TLS verification, nor talks plain HTTP, nor reads the controller's file system. `exec` and
#   `insecure-skip-tls-verify` are advice as long as the controller ignores them, and failures where it is started with
#   `--insecure-kubeconfig-exec` or `--insecure-kubeconfig-tls`. A ConfigMap that names no service account
#   connects with the controller's cloud identity: advice, unless the controller has a default account for it.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/components/kustomize/kustomizations/#kubeconfig-remote-clusters
#     description: Kustomization, kubeconfig
#   - ref: https://fluxcd.io/flux/components/helm/helmreleases/#kubeconfig-remote-clusters
#     description: HelmRelease, kubeconfig
#   - ref: https://fluxcd.io/flux/security/best-practices/#helm-controller
#     description: Flux security best practices, the flags that allow exec and insecure TLS
# custom:
#   id: FX-MT-10
#   severity: high
#   profiles: [shared]
#   assessment: partial
#   modes: [git, render, dump]
#   kinds:
#     - kustomize.toolkit.fluxcd.io/Kustomization
#     - helm.toolkit.fluxcd.io/HelmRelease
#   reads:
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
#   origin: extension of best-practices.md, Helm Controller and Kustomize Controller / Start-up flags
#   rationale: |
#     The tenant writes the kubeconfig, and the controller reads it. A command in it would run in the controller's pod, with
#     the controller's account and network; a file path in it reads the pod's file system. Without TLS, or without
#     verification, whoever stands between the clusters gets the token and may answer in the API server's
#     place. With a cloud provider and no account of its own, every tenant reaches whatever cluster the controller reaches.
#   audit: |
#     ```sh
#     kubectl get kustomizations.kustomize.toolkit.fluxcd.io,helmreleases -A -o json | jq -r \
#       '.items[] | select(.spec.kubeConfig) | "\(.kind) \(.metadata.namespace)/\(.metadata.name): \(.spec.kubeConfig)"'
#     kubectl get secret -n <namespace> <name> -o jsonpath='{.data.value}' | base64 -d | \
#       grep -nE 'exec:|insecure-skip-tls-verify|server:|tokenFile|client-certificate:|client-key:|certificate-authority:'
#     ```
#
#     Pass: each `server` is `https`, and none of the other lines is there. `value.yaml`, or what `secretRef.key` says, may
#     take the place of `value`. For a `configMapRef`, `data.serviceAccountName` names an account of the tenant.
#   remediation: |
#     Use a kubeconfig with a CA and a token, or let the cloud provider say who the tenant is:
#
#     ```yaml
#     apiVersion: v1
#     kind: ConfigMap
#     metadata:
#       name: production
#       namespace: team-a
#     data:
#       provider: aws
#       cluster: arn:aws:eks:eu-central-1:111122223333:cluster/production
#       serviceAccountName: team-a
#     ---
#     apiVersion: kustomize.toolkit.fluxcd.io/v1
#     kind: Kustomization
#     metadata:
#       name: apps
#       namespace: team-a
#     spec:
#       kubeConfig:
#         configMapRef:
#           name: production
#     ```
#
#     As a safety net start kustomize- and helm-controller with `--default-kubeconfig-service-account` (Flux 2.7, needs the
#     feature gate ObjectLevelWorkloadIdentity), and never with the two `--insecure-kubeconfig-` flags.
#   since: 0.1.0
#   params:
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
package flux.tenant_kubeconfigs

import data.lib.facts
import data.lib.flux
import data.lib.lockdown
import data.lib.result
import data.lib.shape
import data.lib.tenants

subject if {
	tenants.applier
	tenants.concerned
}

path := ["spec", "kubeConfig"]

malformed := shape.check([
	[[["spec"]], "object"],
	[[path], "object"],
	[[["spec", "kubeConfig", "secretRef"]], "object"],
	[[["spec", "kubeConfig", "secretRef", "name"]], "string"],
	[[["spec", "kubeConfig", "secretRef", "key"]], "string"],
	[[["spec", "kubeConfig", "configMapRef"]], "object"],
	[[["spec", "kubeConfig", "configMapRef", "name"]], "string"],
])

# The object uses a kubeconfig that can be told.
remote if {
	subject
	flux.known(path)
	count(malformed) == 0
	is_object(flux.object.spec.kubeConfig)
}

judged if {
	remote
	tenants.own
}

ns := flux.namespace

# The Secret, where the object names one: [name]. Its name stands at `place`.
secret_names := [name |
	judged
	name := flux.object.spec.kubeConfig.secretRef.name
	is_string(name)
	name != ""
	not contains(name, "${")
]

config_names := [name |
	judged
	name := flux.object.spec.kubeConfig.configMapRef.name
	is_string(name)
	name != ""
	not contains(name, "${")
]

place := array.concat(path, ["secretRef", "name"])

config_place := array.concat(path, ["configMapRef", "name"])

keys := facts.kubeconfigs.secrets[ns][secret_names[0]]

# The key that holds the kubeconfig: the first of those that may and that the Secret has.
used := [key |
	some key in candidates
	keys[key]
]

candidates := [key] if {
	key := flux.object.spec.kubeConfig.secretRef.key
	is_string(key)
	key != ""
} else := ["value", "value.yaml"]

traits := {trait |
	some trait in keys[used[0]]
}

# The content and what makes the namespace a tenant's.
nodes := array.concat(tenants.why(ns), [{"object": secret, "path": [field, used[0]]} | some field in ["data", "stringData"]])

# Most objects use no kubeconfig: there is nothing to say about them.
live if {
	tenants.applier
	not quiet
}

quiet if {
	is_object(flux.object.spec)
	object.get(flux.object.spec, "kubeConfig", null) == null
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

secret := {"apiVersion": "v1", "kind": "Secret", "namespace": ns, "name": secret_names[0]}

reports contains ["violation", result.related(place, "the kubeconfig talks to the cluster without TLS", nodes)] if "http" in traits

reports contains ["warn", result.related(place, "the kubeconfig names files of the controller's pod", nodes)] if "files" in traits

# What the controller ignores unless a flag says otherwise: trait, flag, and what it is.
tolerated := [[settings, what] |
	some [trait, flag, what] in [
		["exec", "insecure-kubeconfig-exec", "runs a command"],
		["tls", "insecure-kubeconfig-tls", "skips TLS verification"],
	]
	trait in traits
	settings := lockdown.settings(component, flag)
]

component := "helm-controller" if {
	flux.kind_is("helm.toolkit.fluxcd.io", "HelmRelease")
} else := "kustomize-controller"

reports contains ["violation", result.related(place, msg, array.concat(nodes, allowing))] if {
	some [settings, what] in tolerated
	allowing := lockdown.nodes(settings, "known", true)
	count(allowing) > 0
	msg := sprintf("the kubeconfig %v, and the controller allows it", [what])
}

reports contains ["unknown", result.related(place, msg, array.concat(nodes, doubtful))] if {
	some [settings, what] in tolerated
	count(lockdown.nodes(settings, "known", true)) == 0
	doubtful := lockdown.nodes(settings, "unknown", null)
	count(doubtful) > 0
	msg := sprintf("the kubeconfig %v, and it cannot be told whether the controller allows it", [what])
}

reports contains ["warn", result.related(place, msg, nodes)] if {
	some [settings, what] in tolerated
	count(lockdown.nodes(settings, "known", true)) == 0
	count(lockdown.nodes(settings, "unknown", null)) == 0
	msg := sprintf("the kubeconfig %v, which the controller ignores by default", [what])
}

reports contains ["unknown", result.related(place, "the kubeconfig is written in a way that cannot be judged", nodes)] if "opaque" in traits

reports contains ["manual", result.at(place, "look into the Secret: its kubeconfig cannot be read here")] if {
	count(secret_names) > 0
	unread
}

unread if count(used) == 0

unread if "hidden" in traits

config := facts.kubeconfigs.configs[ns][config_names[0]]

config_nodes := array.concat(tenants.why(ns), [{
	"object": {"apiVersion": "v1", "kind": "ConfigMap", "namespace": ns, "name": config_names[0]},
	"path": ["data"],
}])

reports contains ["warn", result.related(config_place, msg, config_nodes)] if {
	config.account == ""
	count(defaults) == 0
	msg := "the ConfigMap names no service account, so the controller's own identity connects"
}

# Instances that have a default account for it, or for which that cannot be told.
unset := array.concat(lockdown.nodes(default_accounts, "known", ""), lockdown.nodes(default_accounts, "known", null))

default_accounts := lockdown.settings(component, "default-kubeconfig-service-account")

defaults := [setting |
	count(unset) == 0
	some setting in default_accounts
]

reports contains ["unknown", result.related(config_place, "it cannot be told whether the controller has a default account", config_nodes)] if {
	config.account == ""
	some setting in defaults
	setting.state == "unknown"
}

reports contains ["unknown", result.related(config_place, "the ConfigMap names no provider that is known here", config_nodes)] if {
	provider := config.provider
	not provider in {"aws", "azure", "gcp", "generic"}
}

reports contains ["unknown", result.related(config_place, "the service account in the ConfigMap is not text", config_nodes)] if {
	config.account == null
}

reports contains ["manual", result.at(config_place, "look into the ConfigMap: it is not at hand")] if {
	count(config_names) > 0
	not config
}

reports contains ["unknown", result.at(path, "it cannot be told which Secret or ConfigMap holds the kubeconfig")] if {
	judged
	count(secret_names) == 0
	count(config_names) == 0
}

reports contains ["unknown", finding] if {
	subject
	some finding in malformed
}

reports contains ["unknown", result.at(path, "the kubeconfig could not be worked out")] if {
	subject
	not flux.known(path)
}

reports contains ["unknown", finding] if {
	remote
	some finding in tenants.undecided
}

reports contains ["manual", finding] if {
	remote
	some finding in tenants.open
}
