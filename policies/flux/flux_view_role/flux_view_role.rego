# METADATA
# title: The view role of Flux only reads Flux objects
# description: |
#   The ClusterRole `flux-view` (with any suffix), which Kubernetes adds to `view`, `edit` and `admin`, allows only
#   get, list and watch, and only on the API groups of Flux and of its operator.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/#controller-permissions
#     description: Flux security documentation, Controller permissions
#   - ref: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#aggregated-clusterroles
#     description: Kubernetes, aggregated ClusterRoles
# custom:
#   id: FX-RBAC-05
#   severity: medium
#   profiles: [base]
#   assessment: automated
#   modes: [git, render, dump, admission]
#   kinds: [rbac.authorization.k8s.io/ClusterRole]
#   reads: []
#   origin: security.md, Controller permissions, item 4
#   rationale: |
#     By its labels the role becomes part of `view`, which is given to people and accounts that shall look and not
#     touch, in any namespace. One write verb here, and every viewer may change what Flux deploys. One more group,
#     the core group say, and every viewer reads secrets.
#   audit: |
#     ```sh
#     kubectl get clusterroles -o json | jq '.items[] | select(.metadata.name | test("^flux-view(-|$)")) | {name: .metadata.name, labels: .metadata.labels, rules}'
#     ```
#
#     Pass: the verbs are among get, list and watch, the groups are those of Flux (`*.toolkit.fluxcd.io`,
#     `source.extensions.fluxcd.io`) or `fluxcd.controlplane.io`. Releases before 2.7 lack `source.extensions`.
#     Where the role is absent nothing is to be done.
#   remediation: |
#     Restore the upstream role; look for a patch in `flux-system/kustomization.yaml` or under
#     `spec.kustomize.patches` of the FluxInstance that changes it:
#
#     ```yaml
#     patches:
#       - target:
#           kind: ClusterRole
#           name: flux-view.*
#         patch: |
#           - op: replace
#             path: /rules/0/verbs
#             value: [get, list, watch]
#     ```
#
#     Further read access for a team is a role of its own, bound where the team needs it.
#   since: 0.1.0
#   params: {}
package flux.flux_view_role

import data.lib.rbac
import data.lib.result

subject if rbac.role_named("flux-view")

violation contains result.at(path, msg) if {
	subject
	some place in rbac.rules
	some [path, verb] in rbac.items(place, "verbs")
	not verb in {"get", "list", "watch"}
	msg := sprintf("it allows %v to whoever may view", [verb])
}

violation contains finding if {
	subject
	some finding in rbac.beyond_flux
}

warn contains result.at(label[0], "only the value true makes Kubernetes add the role to another") if {
	subject
	some label in rbac.aggregate_labels
	label[1] != "true"
}

unknown contains finding if {
	subject
	some finding in rbac.unreadable
}
