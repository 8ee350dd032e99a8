# METADATA
# title: The default service account has no privileges
# description: |
#   The account that kustomize- and helm-controller fall back to (`--default-service-account`) is bound in no tenant's
#   namespace to anything cluster-wide but Kubernetes' discovery roles, neither by name nor through a group of
#   service accounts. Where it is the account `default`, any RoleBinding is a warning; an account with a name of its
#   own may be bound in its namespace on purpose.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/best-practices/#multi-tenancy-lock-down
#     description: Flux security best practices, Multi-tenancy Lock-down
# custom:
#   id: FX-MT-03
#   severity: high
#   profiles: [shared]
#   assessment: partial
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
#     - kustomize.toolkit.fluxcd.io/Kustomization
#     - helm.toolkit.fluxcd.io/HelmRelease
#     - rbac.authorization.k8s.io/ClusterRole
#     - rbac.authorization.k8s.io/Role
#   origin: best-practices.md, Multi-tenancy Lock-down, the note on the default service account
#   rationale: |
#     The fallback is there so that an object without an account applies nothing. Each right of that account is
#     what a tenant gets by leaving the field out. The account `default` is also what every pod of the namespace
#     runs as that names no other, so that any container of the tenant has its rights.
#   audit: |
#     Read the flag from kustomize- and helm-controller (FX-MT-02), then for each namespace of a tenant:
#
#     ```sh
#     kubectl auth can-i --list -n team-a --as=system:serviceaccount:team-a:default \
#       --as-group=system:serviceaccounts --as-group=system:serviceaccounts:team-a --as-group=system:authenticated
#     ```
#
#     Pass: only the self-reviews and the discovery URLs that Kubernetes gives to everybody.
#   remediation: |
#     Delete the binding, and name an account in each Kustomization and HelmRelease instead:
#
#     ```yaml
#     apiVersion: v1
#     kind: ServiceAccount
#     metadata:
#       name: team-a
#       namespace: team-a
#     ---
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
#     with `serviceAccountName: team-a`. Where tenants shall not need the field, let the controllers fall back to an
#     account that no pod runs as by itself (`--default-service-account=flux`, or `tenantDefaultServiceAccount: flux`
#     in a FluxInstance) and bind that one by RoleBindings.
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
package flux.default_account_unprivileged

import data.lib.facts
import data.lib.lockdown
import data.lib.rbac
import data.lib.result
import data.lib.tenants

subject if rbac.binding

violation contains result.related(["subjects", i], msg, nodes) if {
	clusterwide
	some [i, key, ns] in touched
	some name in fallbacks(key)
	msg := sprintf("in all namespaces it binds %v, and so the account %v that controllers fall back to for tenants", [rbac.title(key), name])
	nodes := because(name, ns)
}

warn contains result.related(["subjects", i], msg, nodes) if {
	rbac.binding.kind == "RoleBinding"
	some [i, key, ns] in touched
	some name in fallbacks(key)
	name == "default"
	msg := sprintf("it binds %v, and so the default account, which controllers fall back to for tenants and pods run as", [rbac.title(key)])
	nodes := because(name, ns)
}

unknown contains result.related(["subjects", i], msg, doubtful) if {
	count(doubtful) > 0
	some [i, key, _] in suspicious
	count(fallbacks(key)) == 0
	msg := "the account that controllers fall back to cannot be told, and this may be it"
}

unknown contains finding if {
	count(values) + count(doubtful) > 0
	count(facts.tenants) > 0
	grants_more
	some finding in rbac.doubts
}

manual contains result.at(["subjects", i], msg) if {
	count(settings) == 0
	some [i, _, _] in suspicious
	msg := "no kustomize- or helm-controller is at hand: look whether this is the account that they fall back to"
}

settings := [setting |
	some component in ["helm-controller", "kustomize-controller"]
	some setting in lockdown.settings(component, "default-service-account")
]

values := {setting.value |
	some setting in settings
	is_string(setting.value)
	setting.value != ""
}

doubtful := [setting.node | some setting in settings; setting.state == "unknown"]

# [index, whom, namespace of a tenant] of subjects that name, or hold, an account of a tenant's namespace.
touched := [[i, key, ns] |
	some [i, key] in rbac.binding.subjects
	some ns in reach(key)
]

reach(key) := [key[1]] if {
	key[0] in {"account", "namespace"}
	tenants.has(key[1])
} else := array.slice(sort([ns | some ns, _ in facts.tenants]), 0, 1) if {
	key[0] == "all"
	matters
} else := []

# OpenShift binds harmless roles to everybody.
matters if not facts.openshift

matters if not rbac.permissions(rbac.binding.role, rbac.binding.namespace)

matters if count(rbac.permissions(rbac.binding.role, rbac.binding.namespace)) > 0

# The names among those that controllers fall back to that the subject holds.
fallbacks(key) := {name | some name in values; name == key[2]} if {
	key[0] == "account"
} else := values

suspicious := [found |
	grants_more
	some found in touched
	likely(found[1])
]

likely(_) if clusterwide

likely(key) if key[0] != "account"

likely(key) if key[2] == "default"

clusterwide if {
	rbac.binding.kind == "ClusterRoleBinding"
	grants_more
}

grants_more if not discovery

discovery if {
	rbac.binding.role[0] == "ClusterRole"
	rbac.binding.role[1] in {"system:basic-user", "system:discovery", "system:public-info-viewer", "system:service-account-issuer-discovery"}
}

because(name, ns) := array.concat(
	array.concat([{"path": ["roleRef"]}], lockdown.nodes(settings, "known", name)),
	tenants.why(ns),
)
