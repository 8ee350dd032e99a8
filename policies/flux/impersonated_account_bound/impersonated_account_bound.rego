# METADATA
# title: Impersonated accounts exist and are bound
# description: |
#   The service account that a Kustomization or HelmRelease is applied as, by its own field or by the controller's
#   default, exists in the object's namespace and is bound to something. Objects that are applied to another cluster
#   (`kubeConfig`) are not judged.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/#controller-permissions
#     description: Flux security documentation, Controller permissions
#   - ref: https://fluxcd.io/flux/components/kustomize/kustomizations/#role-based-access-control
#     description: Kustomization, role-based access control
# custom:
#   id: FX-RBAC-08
#   severity: medium
#   profiles: [shared]
#   assessment: automated
#   modes: [git, render, dump, admission]
#   kinds:
#     - kustomize.toolkit.fluxcd.io/Kustomization
#     - helm.toolkit.fluxcd.io/HelmRelease
#   reads:
#     - apps/Deployment
#     - apps/StatefulSet
#     - apps/DaemonSet
#     - apps/ReplicaSet
#     - batch/Job
#     - batch/CronJob
#     - PodTemplate
#     - Pod
#     - ServiceAccount
#     - rbac.authorization.k8s.io/ClusterRoleBinding
#     - rbac.authorization.k8s.io/RoleBinding
#   origin: security.md, Controller permissions, the paragraph on soft multi-tenancy
#   rationale: |
#     Impersonation of an account that is bound to nothing fails, and the object stops being reconciled: security
#     fixes and rotated secrets no longer arrive. A binding that names the account in another namespace by mistake
#     also gives its rights to somebody else, or to whoever creates an account of that name there.
#   audit: |
#     ```sh
#     kubectl get kustomizations.kustomize.toolkit.fluxcd.io,helmreleases.helm.toolkit.fluxcd.io -A -o json | jq -r \
#       '.items[] | select(.spec.kubeConfig == null and .spec.serviceAccountName != null) | "\(.metadata.namespace) \(.spec.serviceAccountName)"' |
#       sort -u | while read ns sa; do
#         kubectl get sa -n "$ns" "$sa" -o name
#         kubectl get rolebindings,clusterrolebindings -A -o json | jq -r --arg ns "$ns" --arg sa "$sa" \
#           '.items[] | select(any(.subjects[]?; .name == $sa and .namespace == $ns)) | .metadata.name'
#       done
#     ```
#
#     Pass: each account is found, with at least one binding. Where the field is absent the account is the
#     controller's `--default-service-account`, if it has one.
#   remediation: |
#     Create the account and bind it in its namespace. `flux create tenant` writes both:
#
#     ```sh
#     flux create tenant team-a --with-namespace=team-a --export
#     ```
#
#     In a RoleBinding every subject needs its `namespace`, and for the account of the same namespace it is that:
#
#     ```yaml
#     subjects:
#       - kind: ServiceAccount
#         name: team-a
#         namespace: team-a
#     ```
#   since: 0.1.0
#   params: {}
package flux.impersonated_account_bound

import data.lib.facts
import data.lib.flux
import data.lib.lockdown
import data.lib.rbac
import data.lib.result
import data.lib.shape

subject if controller

controller := name if {
	[group, name] := controllers[flux.object.kind]
	group == flux.own_group
}

# By the kind that it applies: the group, and the controller.
controllers := {
	"HelmRelease": ["helm.toolkit.fluxcd.io", "helm-controller"],
	"Kustomization": ["kustomize.toolkit.fluxcd.io", "kustomize-controller"],
}

path := ["spec", "serviceAccountName"]

violation contains finding if some ["violation", finding] in reports

warn contains finding if some ["warn", finding] in reports

unknown contains finding if {
	not ordinary
	some finding in doubts
}

manual contains finding if some ["manual", finding] in reports

manual contains result.at(path, "no controller is at hand that would tell the account it falls back to") if {
	not ordinary
	fallen_back
	count(settings) == 0
}

ns := flux.namespace

reports contains ["violation", result.related(path, msg, account.nodes)] if {
	flux.mode == "dump"
	missing
	msg := sprintf("there is no service account %v in its namespace", [account.name])
}

reports contains ["violation", result.related(path, msg, nodes)] if {
	misspelt
	msg := sprintf("the service account %v is bound to nothing, and a RoleBinding here names one of another namespace", [account.name])
	nodes := array.concat(array.concat(account.nodes, [{"path": ["metadata", "namespace"]}]), [{"object": object, "path": place} |
		some stray in strays
		object := rbac.reference("RoleBinding", ns, stray[0])
		some place in [["subjects", stray[1]], ["metadata", "namespace"]]
	])
}

reports contains ["warn", result.related(path, msg, account.nodes)] if {
	unbound
	proven
	msg := sprintf("the service account %v is bound to nothing, so that nothing can be applied", [account.name])
}

doubts contains finding if {
	subject
	some finding in malformed
}

doubts contains result.at(path, "the service account cannot be worked out") if {
	applied_here
	unsure
}

doubts contains result.related(path, "the account that the controller falls back to cannot be told", doubtful) if {
	fallen_back
	count(doubtful) > 0
}

doubts contains result.related(path, "instances of the controller fall back to different accounts", nodes) if {
	fallen_back
	count(doubtful) == 0
	count(values) > 1
	nodes := [setting.node | some setting in settings]
}

doubts contains result.at(["metadata", "namespace"], "no namespace is given, so that the account cannot be looked up") if {
	ns == ""
	applied_here
	account
}

reports contains ["manual", result.at(path, msg)] if {
	flux.mode != "dump"
	missing
	msg := sprintf("the service account %v is not at hand: look whether it exists in the namespace, and is bound", [account.name])
}

reports contains ["manual", result.at(path, msg)] if {
	unbound
	not proven
	msg := sprintf("no binding of the service account %v is at hand: look whether there is one", [account.name])
}

malformed := set() if {
	is_string(flux.object.metadata.namespace)
	is_object(flux.object.spec)
	object.get(flux.object.spec, "kubeConfig", null) == null
	object.get(flux.object.spec, "serviceAccountName", null) == null
} else := shape.check([
	[[["metadata"]], "object"],
	[[["metadata", "namespace"]], "string"],
	[[["spec"]], "object"],
	[[["spec", "kubeConfig"]], "object"],
	[[path], "string"],
])

# The account of the usual object: it is named, all is well-typed, and nothing is left open.
ordinary := name if {
	name := flux.object.spec.serviceAccountName
	is_string(name)
	name != ""
	not contains(name, "${")
	object.get(flux.object.spec, "kubeConfig", null) == null
	is_string(flux.object.metadata.namespace)
	flux.object.metadata.namespace != ""
	not flux.object.metadata.annotations["flux-audit.internal/unknown-paths"]
	subject
}

applied_here if {
	subject
	count(malformed) == 0
	not remote
}

remote if flux.object.spec.kubeConfig != null

missing if {
	settled
	not exists
	not misspelt
}

# The account that the object itself names.
own := name if {
	name := flux.object.spec.serviceAccountName
	is_string(name)
} else := ""

fallen_back if {
	applied_here
	own == ""
	flux.known(path)
}

settings := lockdown.settings(controller, "default-service-account")

doubtful := lockdown.nodes(settings, "unknown", null)

values := {setting.value | some setting in settings; setting.state == "known"}

# The account that it is applied as, and the nodes that say so; undefined where it is the controller's own, or
# cannot be told.
account := {"name": ordinary, "nodes": []} if {
	ordinary
} else := {"name": own, "nodes": []} if {
	own != ""
} else := {"name": value, "nodes": [setting.node | some setting in settings]} if {
	count(doubtful) == 0
	count(values) == 1
	some value in values
	is_string(value)
	value != ""
}

unsure if {
	flux.object.metadata.annotations["flux-audit.internal/unknown-paths"]
	not flux.known(path)
}

unsure if contains(account.name, "${")

settled if ordinary

settled if {
	not ordinary
	applied_here
	account
	not unsure
	ns != ""
}

exists if at_hand

# Every namespace has it.
exists if account.name == "default"

at_hand if account.name in facts.account_names[ns]

unbound if {
	settled
	exists
	not misspelt
	not rbac.bound(ns, account.name)
}

# That no binding is at hand says that there is none: all are in a dump, and where the account is its bindings are.
proven if flux.mode == "dump"

proven if at_hand

misspelt if {
	facts.rbac_strays[ns]
	settled
	count(strays) > 0
	not rbac.bound(ns, account.name)
}

# RoleBindings in the namespace for an account of the same name elsewhere.
strays := [stray | some stray in facts.rbac_strays[ns]; stray[3] == account.name]
