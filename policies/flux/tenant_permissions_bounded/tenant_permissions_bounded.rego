# METADATA
# title: Nobody but the platform may take its access away
# description: |
#   Users, groups and service accounts that are not the platform's, Kubernetes' or Flux's are not cluster-admin by a
#   ClusterRoleBinding and cannot get there: they may not write cluster roles, escalate, bind or impersonate, change
#   or delete namespaces, custom resource definitions, nodes or admission control, write Flux objects or read secrets
#   in all namespaces, nor do such things in the namespaces of Flux and of the platform. And the platform's own
#   account is still bound to cluster-admin.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/best-practices/#additional-best-practices-for-tenant-dedicated-cluster-multi-tenancy
#     description: Flux security best practices, Tenant Dedicated Cluster Multi-tenancy
#   - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
#     description: Kubernetes, RBAC good practices
# custom:
#   id: FX-TDC-02
#   severity: high
#   profiles: [dedicated, shared]
#   assessment: automated
#   modes: [git, render, dump, admission]
#   kinds:
#     - rbac.authorization.k8s.io/ClusterRoleBinding
#     - rbac.authorization.k8s.io/RoleBinding
#     - rbac.authorization.k8s.io/ClusterRole
#   reads:
#     - apps/Deployment
#     - apps/StatefulSet
#     - apps/DaemonSet
#     - apps/ReplicaSet
#     - batch/Job
#     - batch/CronJob
#     - PodTemplate
#     - Pod
#     - rbac.authorization.k8s.io/ClusterRole
#     - rbac.authorization.k8s.io/Role
#     - rbac.authorization.k8s.io/ClusterRoleBinding
#   origin: best-practices.md, Tenant Dedicated Cluster Multi-tenancy, second point of the audit procedure
#   rationale: |
#     In a cluster that a management cluster provisions for a tenant, the tenant's administrators work beside the
#     platform's. One who may write cluster role bindings, or do what leads there, can remove the platform's account:
#     remote applies fail, and neither fixes nor policies arrive any more. Secrets in the namespace of Flux hold the
#     credentials of the sources.
#   audit: |
#     ```sh
#     kubectl get clusterrolebindings -o json | jq -r \
#       '.items[] | "\(.metadata.name) → \(.roleRef.name): \([.subjects[]? | "\(.kind):\(.namespace // "")/\(.name)"])"'
#     kubectl get rolebindings -n flux-system -o wide
#     kubectl auth can-i --list --as=<a user of the tenant>
#     ```
#
#     Pass: outside of the platform, Flux and `system:` names nobody has `cluster-admin`, `admin` or `edit` in the
#     whole cluster or in the namespaces of Flux and the platform, nor a role with the permissions named above. The
#     account in the kubeconfig that the management cluster uses is bound to `cluster-admin`. What a
#     component of the platform needs (an operator that writes webhooks, say) belongs into `platformSubjects` or runs
#     in one of `platformNamespaces`.
#   remediation: |
#     Bind tenants by RoleBindings in their own namespaces:
#
#     ```yaml
#     apiVersion: rbac.authorization.k8s.io/v1
#     kind: RoleBinding
#     metadata:
#       name: team-a-admins
#       namespace: team-a
#     roleRef:
#       apiGroup: rbac.authorization.k8s.io
#       kind: ClusterRole
#       name: admin
#     subjects:
#       - kind: Group
#         apiGroup: rbac.authorization.k8s.io
#         name: team-a-admins
#     ```
#
#     and give what they need of the whole cluster in a ClusterRole with explicit groups, resources and verbs. Name
#     the platform's own subjects in the configuration:
#
#     ```yaml
#     params:
#       platformSubjects: [platform-admins, "system:serviceaccount:platform:management"]
#       platformNamespaces: [platform]
#     ```
#   since: 0.1.0
#   params:
#     platformSubjects:
#       type: array
#       items: {type: string}
#       default: []
#       description: "Users, groups and service accounts (system:serviceaccount:namespace:name) of the platform team and of the management cluster."
#     platformNamespaces:
#       type: array
#       items: {type: string}
#       default: []
#       description: Namespaces of the platform team, which are never inferred to be a tenant's.
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
package flux.tenant_permissions_bounded

import data.lib.facts
import data.lib.flux
import data.lib.platform
import data.lib.rbac
import data.lib.result

subject if rbac.binding

subject if anchor

# The ClusterRole that the platform's account has to be bound to: what is missing is reported there.
anchor if {
	flux.kind_is("rbac.authorization.k8s.io", "ClusterRole")
	flux.name_of(flux.object) == "cluster-admin"
}

violation contains result.related(["subjects", i], msg, nodes(permission)) if {
	some permission in rbac.worst(excessive)
	some [i, key] in judged
	msg := sprintf("%v it gives %v to %v", [where, rbac.says(permission), rbac.title(key)])
}

violation contains result.at(["metadata", "name"], "none of the platform's subjects is bound to cluster-admin") if {
	anchor
	count(platform.subjects) > 0
	count(holders) == 0
	flux.mode == "dump"
}

warn contains result.related(["subjects", i], msg, nodes(permission)) if {
	count(rbac.worst(excessive)) == 0
	some permission in rbac.worst(array.concat(wildcards, [sprintf("!%v", [name]) | some name in excessive]))
	some [i, key] in judged
	msg := sprintf("%v it gives %v to %v", [where, rbac.says(permission), rbac.title(key)])
}

unknown contains finding if {
	count(judged) > 0
	count(rbac.worst(excessive)) == 0
	some finding in rbac.role_doubts
}

unknown contains finding if {
	somewhere
	vague
	some finding in rbac.doubts
}

manual contains result.at(["metadata", "name"], msg) if {
	anchor
	flux.profile("dedicated")
	count(platform.subjects) == 0
	msg := "look whether the account of the management cluster is bound, and name it in the parameter platformSubjects"
}

vague if count(rbac.worst(excessive)) > 0

vague if count(rbac.role_doubts) > 0

# Where the binding matters.
where := "in all namespaces" if {
	rbac.binding.kind == "ClusterRoleBinding"
} else := "in a namespace of flux" if {
	rbac.binding.namespace in flux.namespaces
} else := "in a namespace of the platform" if {
	rbac.binding.namespace in platform.namespaces
}

# It matters, or may.
somewhere if where

somewhere if rbac.binding.namespace == ""

somewhere if not flux.known(["metadata", "namespace"])

nodes(permission) := array.concat(rbac.given_nodes(permission), [{"path": ["metadata", "namespace"]} | rbac.binding.kind == "RoleBinding"])

judged := [[i, key] |
	where
	some [i, key] in rbac.binding.subjects
	rbac.definite(key)
	not platform.trusted(key)
]

excessive := [
	"escalate", "bind", "impersonate", "clusterroles", "roles", "namespaces", "relabel", "crds", "admission", "nodes",
	"secrets", "flux",
]

wildcards := ["wildcard"]

holders := [1 |
	some grant in facts.rbac_grants[""]
	rbac.permissions(grant.role, "").admin
	some found in grant.subjects
	platform.named(found[1])
]
