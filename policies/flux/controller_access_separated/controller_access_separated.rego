# METADATA
# title: No other binding lifts the controllers
# description: |
#   Besides the bindings `crd-controller` and `cluster-reconciler`, which other controls judge, no binding gives
#   dangerous permissions to the service account of a Flux controller other than kustomize- and helm-controller:
#   neither by name, nor through a group of service accounts. Dangerous are everything, reading secrets, issuing
#   tokens, commands in pods, impersonation, escalation, writing or binding roles, changing namespaces or admission
#   control, approving certificates, kubelets and persistent volumes.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/#controller-permissions
#     description: Flux security documentation, Controller permissions
#   - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/#privilege-escalation-risks
#     description: Kubernetes, RBAC good practices, escalation risks
# custom:
#   id: FX-RBAC-04
#   severity: critical
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
#     - rbac.authorization.k8s.io/ClusterRole
#     - rbac.authorization.k8s.io/Role
#   origin: security.md, Controller permissions, the paragraph on access separation
#   rationale: |
#     Flux separates the controllers that apply manifests, which are cluster-admin, from those that take data from
#     outside. One more binding undoes that: a group that holds all service accounts of the namespace is enough to
#     make source-controller, which unpacks archives of strangers, cluster-admin too.
#   audit: |
#     ```sh
#     for c in source-controller notification-controller image-reflector-controller image-automation-controller source-watcher; do
#       echo "== $c"; kubectl auth can-i --list --as=system:serviceaccount:flux-system:$c \
#         --as-group=system:serviceaccounts --as-group=system:serviceaccounts:flux-system --as-group=system:authenticated
#     done
#     ```
#
#     Pass: the lists hold what `crd-controller` and Kubernetes' discovery roles give, and nothing else of weight.
#     Repeat it in namespaces with RoleBindings that name these accounts or groups. The account of flux-operator is
#     cluster-admin by design and is none of them.
#   remediation: |
#     Delete the binding, or take the account or group out of it:
#
#     ```sh
#     kubectl get clusterrolebindings,rolebindings -A -o json | jq -r '.items[] | select(any(.subjects[]?;
#       (.namespace == "flux-system") or (.name | test("^system:(serviceaccounts(:flux-system)?|authenticated)$"))))
#       | "\(.kind) \(.metadata.namespace // "") \(.metadata.name) → \(.roleRef.name)"'
#     ```
#
#     What a controller needs for one registry or provider is a Role with the names of the objects, in their
#     namespace.
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
package flux.controller_access_separated

import data.lib.flux
import data.lib.rbac
import data.lib.result

subject if rbac.binding

violation contains result.related(["subjects", i], msg, nodes) if {
	some [i, key] in touching
	some permission in rbac.worst(rbac.dangerous)
	msg := sprintf("it gives %v to %v, and so to controllers that only fetch, notify or commit", [rbac.says(permission), rbac.title(key)])
	nodes := array.concat(rbac.given_nodes(permission), account_nodes(key))
}

warn contains result.related(["subjects", i], msg, nodes) if {
	count(rbac.worst(rbac.dangerous)) == 0
	some [i, key] in touching
	some permission in rbac.worst(rbac.limited)
	msg := sprintf("it gives %v to %v, and so to controllers that only fetch, notify or commit", [rbac.says(permission), rbac.title(key)])
	nodes := array.concat(rbac.given_nodes(permission), account_nodes(key))
}

unknown contains finding if {
	count(touching) > 0
	count(rbac.worst(rbac.dangerous)) == 0
	some finding in rbac.role_doubts
}

unknown contains finding if {
	judged
	vague
	some finding in rbac.doubts
}

manual contains finding if {
	count(touching) > 0
	some finding in rbac.role_open
}

judged if {
	subject
	not rbac.reconciler
	not rbac.of_controllers
}

# Subjects that are, or hold, an account that must not be lifted.
touching := [[i, key] |
	judged
	some [i, key] in rbac.binding.subjects
	rbac.definite(key)
	touches(key)
]

touches(key) if {
	key[0] == "account"
	rbac.flux_account(key[1], key[2])
	not rbac.applier_account(key[1], key[2])
}

touches(key) if {
	key[0] == "namespace"
	key[1] in flux.namespaces
}

touches(key) if key[0] == "all"

account_nodes(key) := rbac.account_nodes(key[1], key[2]) if {
	key[0] == "account"
} else := []

# Whom it binds would matter.
vague if count(rbac.worst(rbac.dangerous)) > 0

vague if count(rbac.role_doubts) > 0
