# METADATA
# title: Platform Kustomizations keep an explicit privileged account
# description: |
#   Where kustomize-controller enforces a default service account, each Kustomization in a namespace of Flux names its own in
#   `spec.serviceAccountName`: `kustomize-controller` in the upstream lock-down. Without it the platform falls back to
#   the unprivileged account as tenants do, and nothing of the platform is applied any more.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/installation/configuration/multitenancy/
#     description: Flux multi-tenancy lock-down
#   - ref: https://fluxcd.io/flux/components/kustomize/kustomizations/#enforcing-impersonation
#     description: Kustomization, Enforcing impersonation
# custom:
#   id: FX-MT-07
#   severity: medium
#   profiles: [shared]
#   assessment: automated
#   modes: [git, render, dump]
#   kinds: [kustomize.toolkit.fluxcd.io/Kustomization]
#   reads:
#     - apps/Deployment
#     - apps/StatefulSet
#     - apps/DaemonSet
#     - apps/ReplicaSet
#     - batch/Job
#     - batch/CronJob
#     - PodTemplate
#     - Pod
#   origin: extension (multitenancy.md; the lock-down of best-practices.md stops the platform's own sync without it)
#   rationale: |
#     The lock-down turns "no account" into "no permissions". The Kustomization that applies Flux itself is an object like
#     any other: without an account it can no longer change roles, flags or policies, so that fixes, the lock-down's own
#     included, stop arriving. The usual cure under pressure is to switch the lock-down off, or to bind the default account.
#   audit: |
#     ```sh
#     kubectl get deploy -A -l app.kubernetes.io/component=kustomize-controller -o jsonpath='{.items[*].spec.template.spec.containers[*].args}'
#     kubectl get kustomizations.kustomize.toolkit.fluxcd.io -n flux-system \
#       -o custom-columns='NAME:.metadata.name,ACCOUNT:.spec.serviceAccountName,READY:.status.conditions[?(@.type=="Ready")].status'
#     ```
#
#     Pass: the first command shows no `--default-service-account`, or every Kustomization in the namespaces of Flux has an
#     account. In Git the field often stands in a patch of `flux-system/kustomization.yaml`.
#   remediation: |
#     In `flux-system/kustomization.yaml`, beside the lock-down:
#
#     ```yaml
#     patches:
#       - target:
#           kind: Kustomization
#           name: flux-system
#         patch: |
#           - op: add
#             path: /spec/serviceAccountName
#             value: kustomize-controller
#     ```
#
#     Write the field into each further Kustomization of the platform. The Flux Operator sets it on its sync with
#     `spec.cluster.multitenant: true`.
#   since: 0.1.0
#   params:
#     fluxNamespaces:
#       type: array
#       items: {type: string}
#       default: ["flux-system"]
#       description: Namespaces of Flux controllers, besides those where some are found
package flux.platform_service_account

import data.lib.flux
import data.lib.lockdown
import data.lib.node
import data.lib.result
import data.lib.shape

applier if flux.kind_is("kustomize.toolkit.fluxcd.io", "Kustomization")

subject if {
	applier
	flux.namespace in flux.namespaces
}

# Whose it is cannot be told.
subject if {
	applier
	flux.namespace == ""
}

path := ["spec", "serviceAccountName"]

# Where an account is named there is nothing to say.
quiet if {
	name := flux.object.spec.serviceAccountName
	is_string(name)
	name != ""
	not contains(name, "${")
	not node.veils
}

live if {
	not quiet
	subject
}

malformed := shape.check([
	[[["metadata"]], "object"],
	[[["metadata", "namespace"]], "string"],
	[[["spec"]], "object"],
	[[path], "string"],
])

lacking if {
	live
	count(malformed) == 0
	flux.known(path)
	not named
}

named if {
	is_object(flux.object.spec)
	object.get(flux.object.spec, "serviceAccountName", "") != ""
	object.get(flux.object.spec, "serviceAccountName", null) != null
}

settings := lockdown.settings("kustomize-controller", "default-service-account")

enforced := [setting |
	some setting in settings
	setting.state == "known"
	setting.value != ""
]

doubtful := lockdown.nodes(settings, "unknown", null)

placed if flux.namespace != ""

violation contains result.full(path, msg, nodes, fix) if {
	lacking
	placed
	count(enforced) > 0
	msg := sprintf("no service account is named, so the platform is applied with the permissions of the account %v", [concat(" or ", sort([name | some name in {setting.value | some setting in enforced}]))])
	nodes := array.concat([setting.node | some setting in enforced], [{"path": ["metadata", "namespace"]}])
	fix := [{"op": "add", "path": "/spec/serviceAccountName", "value": "kustomize-controller"}]
}

unknown contains result.related(path, "no service account is named, and it cannot be told whether the controller enforces one", doubtful) if {
	lacking
	count(enforced) == 0
	count(doubtful) > 0
}

unknown contains result.at(["metadata", "namespace"], "no namespace is given, so it cannot be told whether this is the platform's") if {
	lacking
	not placed
	count(enforced) > 0
}

unknown contains finding if {
	live
	some finding in malformed
}

unknown contains result.at(path, "the service account could not be worked out") if {
	live
	not flux.known(path)
}

unknown contains result.at(path, "the name of the service account holds a variable") if {
	live
	count(malformed) == 0
	contains(object.get(flux.object, path, ""), "${")
}

manual contains result.at(path, "no service account is named, and no kustomize-controller is at hand: look whether it enforces one") if {
	lacking
	count(settings) == 0
}
