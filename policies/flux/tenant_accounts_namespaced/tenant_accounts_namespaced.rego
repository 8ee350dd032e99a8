# METADATA
# title: Service accounts of tenants are confined to their namespaces
# description: |
#   No ClusterRoleBinding gives cluster-admin or other dangerous permissions to a service account of a tenant, and no
#   RoleBinding gives one anything in a namespace of another tenant or of Flux. An account is a tenant's by the label
#   `toolkit.fluxcd.io/tenant`, or because a Kustomization or HelmRelease in a tenant's namespace names it. A
#   RoleBinding to cluster-admin in the tenant's own namespace is what `flux create tenant` makes, and passes; in the
#   profile `hard` it is a warning.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/#controller-permissions
#     description: Flux security documentation, Controller permissions
#   - ref: https://fluxcd.io/flux/security/best-practices/#multi-tenancy-lock-down
#     description: Flux security best practices, Multi-tenancy Lock-down
# custom:
#   id: FX-MT-06
#   severity: critical
#   profiles: [shared]
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
#     - Namespace
#     - ServiceAccount
#     - kustomize.toolkit.fluxcd.io/Kustomization
#     - helm.toolkit.fluxcd.io/HelmRelease
#     - rbac.authorization.k8s.io/ClusterRole
#     - rbac.authorization.k8s.io/Role
#   origin: security.md, Controller permissions, the paragraph on soft multi-tenancy; best-practices.md, Multi-tenancy Lock-down
#   rationale: |
#     Impersonation confines a tenant to what its account may do. Bound by a ClusterRoleBinding to cluster-admin the
#     account may do everything everywhere, and whoever can push to the tenant's repository owns the cluster. Rights
#     that lead further (reading all secrets, issuing tokens, writing roles, changing admission control) end at the
#     same place, and so does any right in the namespace of Flux.
#   audit: |
#     List the accounts of tenants, then everything that binds them or their groups:
#
#     ```sh
#     kubectl get sa -A -l toolkit.fluxcd.io/tenant
#     kubectl get kustomizations.kustomize.toolkit.fluxcd.io,helmreleases.helm.toolkit.fluxcd.io -A -o json | jq -r \
#       '.items[] | "\(.metadata.namespace)/\(.spec.serviceAccountName)"' | sort -u
#     kubectl get clusterrolebindings,rolebindings -A -o json | jq -r \
#       '.items[] | "\(.kind) \(.metadata.namespace // "") → \(.roleRef.kind)/\(.roleRef.name): \([.subjects[]? | "\(.kind):\(.namespace // "")/\(.name)"])"'
#     ```
#
#     Pass: the accounts, the groups `system:serviceaccounts:<their namespace>`, `system:serviceaccounts` and
#     `system:authenticated` are in no ClusterRoleBinding with more than harmless reads, and in RoleBindings of their
#     own namespaces only.
#   remediation: |
#     Make a RoleBinding of it, in each namespace of the tenant:
#
#     ```yaml
#     apiVersion: rbac.authorization.k8s.io/v1
#     kind: RoleBinding
#     metadata:
#       name: team-a-reconciler
#       namespace: team-a
#     roleRef:
#       apiGroup: rbac.authorization.k8s.io
#       kind: ClusterRole
#       name: admin
#     subjects:
#       - kind: ServiceAccount
#         name: team-a
#         namespace: team-a
#     ```
#
#     What a tenant needs of cluster-wide objects (custom resource definitions, say) the platform applies for it.
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
package flux.tenant_accounts_namespaced

import data.lib.facts
import data.lib.flux
import data.lib.rbac
import data.lib.result
import data.lib.tenants

subject if rbac.binding

violation contains result.related(["subjects", i], msg, nodes) if {
	some [i, key, account] in clusterwide
	some permission in rbac.worst(rbac.dangerous)
	msg := sprintf("in all namespaces it gives %v to %v%v", [rbac.says(permission), rbac.title(key), whose(key, account)])
	nodes := array.concat(rbac.given_nodes(permission), account.why)
}

violation contains result.related(["subjects", i], msg, nodes) if {
	some [i, key, account] in intruding
	rbac.definite(key)
	msg := sprintf("in a namespace of %v it binds %v%v", [owner, rbac.title(key), whose(key, account)])
	nodes := array.concat(
		array.concat([{"path": ["metadata", "namespace"]}], account.why),
		array.concat(tenants.why(account.namespace), tenants.why(rbac.binding.namespace)),
	)
}

warn contains result.related(["subjects", i], msg, nodes) if {
	count(rbac.worst(rbac.dangerous)) == 0
	some [i, key, account] in clusterwide
	some permission in rbac.worst(rbac.limited)
	msg := sprintf("in all namespaces it gives %v to %v%v", [rbac.says(permission), rbac.title(key), whose(key, account)])
	nodes := array.concat(rbac.given_nodes(permission), account.why)
}

warn contains result.related(["roleRef"], msg, account.why) if {
	flux.profile("hard")
	rbac.binding.kind == "RoleBinding"
	rbac.given.admin
	owned := [account |
		some [_, _, account] in concerned
		not foreign(account)
	]
	account := owned[0]
	msg := "the tenant is admin of the namespace, and may change its roles, quotas and network policies"
}

unknown contains finding if {
	count(clusterwide) > 0
	count(rbac.worst(rbac.dangerous)) == 0
	some finding in rbac.role_doubts
}

unknown contains finding if {
	matters
	some finding in rbac.doubts
}

# Whom it binds would matter.
matters if {
	rbac.binding.kind == "ClusterRoleBinding"
	count(rbac.worst(rbac.dangerous)) + count(rbac.role_doubts) > 0
}

matters if {
	rbac.binding.kind == "RoleBinding"
	owner
}

matters if {
	rbac.binding.kind == "RoleBinding"
	not flux.known(["metadata", "namespace"])
}

matters if {
	rbac.binding.kind == "RoleBinding"
	rbac.binding.namespace == ""
}

# [index of a subject, whom it names, an account of a tenant that is among them].
concerned := [[i, key, object.union(account, {"namespace": ns, "name": name})] |
	some [i, key] in rbac.binding.subjects
	some ns in possible(key)
	some name, account in facts.tenant_accounts[ns]
	rbac.includes(key, ns, name)
	not rbac.flux_account(ns, name)
]

possible(key) := [ns | some ns, _ in facts.tenant_accounts] if {
	key[0] == "all"
} else := [ns |
	key[0] in {"account", "namespace"}
	ns := key[1]
]

clusterwide := [found |
	rbac.binding.kind == "ClusterRoleBinding"
	some found in first(concerned)
]

intruding := [found |
	rbac.binding.kind == "RoleBinding"
	owner
	some found in first([entry | some entry in concerned; foreign(entry[2])])
]

# One account of each subject is enough to say it.
first(list) := [of_subject[0] |
	some i in {entry[0] | some entry in list}
	of_subject := [entry | some entry in list; entry[0] == i]
]

# The namespace of the binding belongs to somebody else than the account.
foreign(account) if {
	account.namespace != rbac.binding.namespace
	rbac.binding.namespace in flux.namespaces
}

foreign(account) if {
	account.namespace != rbac.binding.namespace
	not same_tenant(account)
}

same_tenant(account) if tenant(account) == tenants.id(rbac.binding.namespace)

tenant(account) := id if {
	id := tenants.id(account.namespace)
} else := account.tenant

owner := "flux" if {
	rbac.binding.namespace in flux.namespaces
} else := sprintf("tenant %v", [id]) if {
	id := tenants.id(rbac.binding.namespace)
}

whose(key, account) := sprintf(" of tenant %v", [tenant(account)]) if {
	key[0] in {"account", "namespace"}
} else := sprintf(", in which is %v/%v of tenant %v", [account.namespace, account.name, tenant(account)])
