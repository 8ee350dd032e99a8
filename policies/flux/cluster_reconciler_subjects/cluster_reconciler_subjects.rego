# METADATA
# title: Only kustomize- and helm-controller are bound to cluster-admin
# description: |
#   The ClusterRoleBinding `cluster-reconciler` (with any suffix), and any other that makes the account of
#   kustomize- or helm-controller cluster-admin, binds nobody besides these two accounts. Fewer subjects, a lesser
#   role, or the impersonating variant of the flux2 chart pass: they are stricter.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/#controller-permissions
#     description: Flux security documentation, Controller permissions
# custom:
#   id: FX-RBAC-03
#   severity: critical
#   profiles: [base]
#   assessment: automated
#   modes: [git, render, dump, admission]
#   kinds: [rbac.authorization.k8s.io/ClusterRoleBinding]
#   reads: []
#   origin: security.md, Controller permissions, item 3
#   rationale: |
#     Two controllers apply what is in the sources, and need cluster-admin to do so for everybody. The others fetch,
#     notify or commit; they parse what strangers send (webhooks, archives, registry answers), so that a flaw in one
#     of them must not hand out the cluster. A user or group in this binding is cluster-admin by a name that nobody
#     looks at, because Flux's own manifests bring it.
#   audit: |
#     ```sh
#     kubectl get clusterrolebindings -o json | jq -r \
#       '.items[] | select(.metadata.name | startswith("cluster-reconciler")) | "\(.metadata.name) → \(.roleRef.name): \(.subjects)"'
#     ```
#
#     Pass: all subjects are the service accounts `kustomize-controller` and `helm-controller` in the namespace of
#     Flux. Read other bindings to `cluster-admin` that name one of these two accounts in the same way.
#   remediation: |
#     Drop every other subject. With `flux bootstrap` the binding comes from `gotk-components.yaml`: look for a patch
#     in `flux-system/kustomization.yaml` that adds to it, and remove that. This one restores the list:
#
#     ```yaml
#     patches:
#       - target:
#           kind: ClusterRoleBinding
#           name: cluster-reconciler.*
#         patch: |
#           - op: replace
#             path: /subjects
#             value:
#               - kind: ServiceAccount
#                 name: kustomize-controller
#                 namespace: flux-system
#               - kind: ServiceAccount
#                 name: helm-controller
#                 namespace: flux-system
#     ```
#
#     Under `spec.kustomize.patches` of a FluxInstance the same patch does it. What another account really needs
#     belongs into a binding of its own, to a role that allows just that.
#   since: 0.1.0
#   params:
#     fluxNamespaces:
#       type: array
#       items: {type: string}
#       default: ["flux-system"]
#       description: Namespaces of Flux controllers, besides those where some are found
package flux.cluster_reconciler_subjects

import data.lib.rbac
import data.lib.result

subject if rbac.reconciler

violation contains result.related(["subjects", i], msg, nodes) if {
	subject
	some [i, key] in rbac.binding.subjects
	rbac.definite(key)
	not applier(key)
	msg := sprintf("besides the accounts of kustomize- and helm-controller it binds %v", [rbac.title(key)])
}

unknown contains finding if {
	subject
	some finding in rbac.doubts
}

applier(key) if {
	key[0] == "account"
	rbac.applier_account(key[1], key[2])
}

# Without the usual name it is the role and an applier's account that make it this binding.
nodes := [] if {
	rbac.reconciler_named
} else := array.concat([{"path": ["roleRef"]}], [{"path": ["subjects", i]} |
	some [i, key] in rbac.binding.subjects
	applier(key)
])
