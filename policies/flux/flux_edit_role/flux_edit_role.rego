# METADATA
# title: The edit role of Flux writes Flux objects only, and viewers lack it
# description: |
#   The ClusterRole `flux-edit` (with any suffix) allows reading and writing on the API groups of Flux and of its
#   operator and nothing else, and is not added to the role `view`. In the profile `shared` it warns where the role
#   is added to `edit` or `admin` although the lock-down of the controllers is incomplete.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/#controller-permissions
#     description: Flux security documentation, Controller permissions
#   - ref: https://fluxcd.io/flux/installation/configuration/multitenancy/
#     description: Flux multi-tenancy lockdown
# custom:
#   id: FX-RBAC-06
#   severity: medium
#   profiles: [base]
#   assessment: automated
#   modes: [git, render, dump, admission]
#   kinds: [rbac.authorization.k8s.io/ClusterRole]
#   reads: []
#   origin: security.md, Controller permissions, item 5
#   rationale: |
#     Whoever may create a Kustomization or HelmRelease has what the controller has that applies it: cluster-admin,
#     unless the controllers enforce a service account and refuse references to other namespaces. So the role must
#     not reach viewers, and on a shared cluster every editor of a namespace who has it depends on that lock-down.
#   audit: |
#     ```sh
#     kubectl get clusterroles -o json | jq '.items[] | select(.metadata.name | test("^flux-edit(-|$)")) | {name: .metadata.name, labels: .metadata.labels, rules}'
#     ```
#
#     Pass: the groups are those of Flux or `fluxcd.controlplane.io`; the verbs are create, delete, deletecollection,
#     patch, update, or read; there is no label `rbac.authorization.k8s.io/aggregate-to-view: "true"`. On a shared
#     cluster check the flags `--no-cross-namespace-refs` and `--default-service-account` of all controllers, too.
#   remediation: |
#     ```yaml
#     patches:
#       - target:
#           kind: ClusterRole
#           name: flux-edit.*
#         patch: |
#           - op: remove
#             path: /metadata/labels/rbac.authorization.k8s.io~1aggregate-to-view
#     ```
#
#     Where tenants shall not manage Flux objects at all, remove both roles:
#
#     ```yaml
#     patches:
#       - target:
#           kind: ClusterRole
#           name: (flux-view|flux-edit).*
#         patch: |
#           apiVersion: rbac.authorization.k8s.io/v1
#           kind: ClusterRole
#           metadata:
#             name: all
#           $patch: delete
#     ```
#
#     The flux2 chart leaves the labels out with `rbac.createAggregation: false`.
#   since: 0.1.0
#   params: {}
package flux.flux_edit_role

import data.lib.flux
import data.lib.lockdown
import data.lib.rbac
import data.lib.result
import data.lib.workload

subject if rbac.role_named("flux-edit")

violation contains result.at(path, msg) if {
	subject
	some place in rbac.rules
	some [path, verb] in rbac.items(place, "verbs")
	not verb in {"get", "list", "watch", "create", "delete", "deletecollection", "patch", "update"}
	msg := sprintf("it allows %v, which upstream does not", [verb])
}

violation contains finding if {
	subject
	some finding in rbac.beyond_flux
}

violation contains result.at(rbac.aggregate_labels.view[0], "whoever may view gets write access to the objects of flux") if {
	subject
	rbac.aggregate_labels.view[1] == "true"
}

warn contains result.related(spread[0], msg, gaps) if {
	count(gaps) > 0
	msg := "editors of a namespace may create what controllers apply with their own account or fetch from other namespaces"
}

unknown contains finding if {
	subject
	some finding in rbac.unreadable
}

unknown contains result.related(spread[0], "whether the controllers are locked down cannot be told", doubtful) if {
	count(gaps) == 0
	count(doubtful) > 0
}

manual contains result.at(spread[0], "editors of a namespace get this role, and no controllers are at hand whose lock-down could be checked") if {
	spread
	count(settings) == 0
}

# On a shared cluster, the first label that gives the role to editors of a namespace.
spread := labels[0] if {
	subject
	flux.profile("shared")
	labels := [label |
		some role in ["edit", "admin"]
		label := rbac.aggregate_labels[role]
		label[1] == "true"
	]
}

# Flags that should be set: [value that leaves a gap, setting].
settings := [[wanted[1], setting] |
	spread
	some wanted in array.concat(
		[["default-service-account", "", component] | some component in ["helm-controller", "kustomize-controller"]],
		[["no-cross-namespace-refs", false, component] | some component in workload.components],
	)
	some setting in lockdown.settings(wanted[2], wanted[0])
]

gaps := [setting.node | some [gap, setting] in settings; setting.value == gap]

doubtful := [setting.node | some [_, setting] in settings; setting.state == "unknown"]
