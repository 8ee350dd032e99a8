# METADATA
# title: The role of all controllers is bound to Flux's accounts only
# description: |
#   Every binding to the ClusterRole `crd-controller` (with any suffix) names service accounts of Flux controllers
#   and nothing else: no user, no group, no account of a tenant. It warns of a controller whose account is bound
#   nowhere.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/#controller-permissions
#     description: Flux security documentation, Controller permissions
# custom:
#   id: FX-RBAC-02
#   severity: high
#   profiles: [base]
#   assessment: automated
#   modes: [git, render, dump, admission]
#   kinds:
#     - rbac.authorization.k8s.io/ClusterRoleBinding
#     - rbac.authorization.k8s.io/RoleBinding
#   reads:
#     - apps/Deployment
#     - apps/StatefulSet
#     - apps/DaemonSet
#     - apps/ReplicaSet
#     - batch/Job
#     - batch/CronJob
#     - PodTemplate
#     - Pod
#     - rbac.authorization.k8s.io/ClusterRoleBinding
#     - rbac.authorization.k8s.io/RoleBinding
#   origin: security.md, Controller permissions, item 2
#   rationale: |
#     The role reads all secrets, issues tokens of service accounts and changes every object of Flux. Whoever has it
#     can take the token of an account with more rights, kustomize-controller's for one, and is cluster-admin. Bound
#     by a RoleBinding it does the same within that namespace.
#   audit: |
#     ```sh
#     kubectl get clusterrolebindings,rolebindings -A -o json | jq -r \
#       '.items[] | select(.roleRef.name | startswith("crd-controller")) | "\(.kind) \(.metadata.namespace // "")/\(.metadata.name): \(.subjects)"'
#     ```
#
#     Pass: each subject is a service account in a namespace of Flux that a controller runs as. The manifests list
#     all components, installed or not; that is right. Each installed controller's account is listed.
#   remediation: |
#     Remove the other subjects:
#
#     ```yaml
#     patches:
#       - target:
#           kind: ClusterRoleBinding
#           name: crd-controller.*
#         patch: |
#           - op: remove
#             path: /subjects/7
#     ```
#
#     with the index of the subject in question, or delete a RoleBinding that should not be. Users that look after
#     Flux objects get the roles `view` or `edit` in the namespaces concerned, into which Flux's own roles aggregate.
#     Name an account that a controller of yours really runs as in the parameter `fluxAccounts`.
#   since: 0.1.0
#   params:
#     fluxAccounts:
#       type: array
#       items: {type: string}
#       default: []
#       description: Service accounts of Flux besides those that its controllers are found to use, as namespace/name.
#     fluxNamespaces:
#       type: array
#       items: {type: string}
#       default: ["flux-system"]
#       description: Namespaces of Flux controllers, besides those where some are found
package flux.crd_controller_subjects

import data.lib.facts
import data.lib.flux
import data.lib.lockdown
import data.lib.rbac
import data.lib.result

subject if {
	rbac.binding
	rbac.of_controllers
}

subject if {
	rbac.binding.kind == "ClusterRoleBinding"
	named
}

named if regex.match(`^crd-controller(-.+)?$`, flux.name_of(flux.object))

violation contains result.related(["subjects", i], msg, nodes) if {
	subject
	some [i, key] in rbac.binding.subjects
	rbac.definite(key)
	not of_flux(key)
	msg := sprintf("it binds %v, which is no account of a flux controller", [rbac.title(key)])
}

warn contains result.related(["subjects"], msg, [{"object": lockdown.reference(record), "path": record.pod}]) if {
	rbac.binding.kind == "ClusterRoleBinding"
	subject
	some record in facts.controllers
	account := facts.account_name(record.service_account)
	not lists(record.namespace, account)
	not rbac.bound(record.namespace, account)
	msg := sprintf("%v %v/%v runs as %v, which is bound to nothing", [record.kind, record.namespace, record.name, account])
}

unknown contains finding if {
	subject
	some finding in rbac.doubts
}

of_flux(key) if {
	key[0] == "account"
	rbac.flux_account(key[1], key[2])
}

lists(ns, account) if account in listed[ns]

# Namespaces of the accounts that it binds → their names.
listed := {ns: {key[2] | some [_, key] in rbac.binding.subjects; key[0] == "account"; key[1] == ns} |
	some ns in {key[1] | some [_, key] in rbac.binding.subjects; key[0] == "account"}
}

nodes := [] if {
	named
} else := [{"path": ["roleRef"]}]
