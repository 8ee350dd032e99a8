# METADATA
# title: Each controller has a service account of its own
# description: |
#   Every Flux controller names a service account that is its component's and not the namespace's default, and no
#   other workload in the namespaces of Flux runs as the account of kustomize- or helm-controller. It warns of
#   long-lived tokens of these two accounts.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/#controller-permissions
#     description: Flux security documentation, Controller permissions
#   - ref: https://kubernetes.io/docs/concepts/security/service-accounts/
#     description: Kubernetes, service accounts
# custom:
#   id: FX-RBAC-07
#   severity: medium
#   profiles: [base]
#   assessment: automated
#   modes: [git, render, dump, admission]
#   kinds:
#     - apps/Deployment
#     - apps/StatefulSet
#     - apps/DaemonSet
#     - apps/ReplicaSet
#     - batch/Job
#     - batch/CronJob
#     - PodTemplate
#     - Pod
#     - Secret
#   reads: []
#   origin: security.md, Controller permissions, the paragraph on access separation
#   rationale: |
#     Permissions are bound to accounts, so that controllers that share one share its permissions. A cron job that
#     borrows the account of kustomize-controller, because it "needs some access", is cluster-admin with whatever
#     image it runs. A token in a Secret never expires and works from anywhere.
#   audit: |
#     ```sh
#     kubectl get deploy,sts,ds,cronjobs,jobs,pods -n flux-system -o json | jq -r \
#       '.items[] | "\(.kind)/\(.metadata.name): \((.spec.template.spec // .spec.jobTemplate.spec.template.spec // .spec).serviceAccountName)"'
#     kubectl get secrets -n flux-system --field-selector type=kubernetes.io/service-account-token
#     ```
#
#     Pass: each controller has the account named like its component (the flux2 chart says
#     `source-watcher-controller`); an instance for tenants or a shard may have one with a suffix. Nothing but
#     kustomize- and helm-controller has their accounts, and the second command lists no token of theirs.
#   remediation: |
#     Restore the account of a controller:
#
#     ```yaml
#     patches:
#       - target:
#           kind: Deployment
#           name: source-controller
#         patch: |
#           - op: add
#             path: /spec/template/spec/serviceAccountName
#             value: source-controller
#     ```
#
#     Give other workloads an account of their own with a Role that allows what they do, better in another
#     namespace. Delete the Secret with a token; `kubectl create token` issues one that expires.
#   since: 0.1.0
#   params:
#     fluxNamespaces:
#       type: array
#       items: {type: string}
#       default: ["flux-system"]
#       description: Namespaces of Flux controllers, besides those where some are found
package flux.dedicated_service_accounts

import data.lib.flux
import data.lib.lockdown
import data.lib.rbac
import data.lib.result
import data.lib.shape
import data.lib.workload

subject if flux.component

subject if foreign

subject if token

# A workload beside the controllers.
foreign if {
	template
	flux.namespace in flux.namespaces
	not flux.controller
}

token if {
	flux.kind_is("", "Secret")
	flux.object.type == "kubernetes.io/service-account-token"
	flux.namespace in flux.namespaces
}

template := workload.template_path[workload.group_kind(flux.object)]

# [path, name] of the account, "" where none is named. The older field counts only without the newer.
account := found[0] if {
	count(malformed) == 0
	found := array.concat(
		[[place(field), name] |
			some field in ["serviceAccountName", "serviceAccount"]
			name := workload.template(flux.object).spec[field]
			is_string(name)
			name != ""
		],
		[[place("serviceAccountName"), ""]],
	)
}

malformed := shape.check([[[place(field)], "string"] | some field in ["serviceAccountName", "serviceAccount"]])

place(field) := array.concat(template, ["spec", field])

violation contains result.at(account[0], msg) if {
	flux.component
	account[1] in {"", "default"}
	msg := "it runs as the default account of the namespace, like every pod that names none"
}

violation contains result.at(account[0], msg) if {
	flux.component
	account[1] in others
	msg := sprintf("it runs as %v, the account of another part of flux", [account[1]])
}

violation contains result.related(account[0], msg, nodes) if {
	flux.component
	not account[1] in others
	account[1] != "default"
	sharing := [record |
		some record in rbac.users(flux.namespace, account[1])
		record.component != flux.component
	]
	count(sharing) > 0
	msg := sprintf("%v runs as the same account", [sharing[0].component])
	nodes := [{"object": lockdown.reference(record), "path": path} |
		some record in sharing
		some path in [array.concat(record.pod, ["serviceAccountName"]), ["metadata", "namespace"]]
	]
}

violation contains result.related(account[0], msg, nodes) if {
	foreign
	rbac.applier_account(flux.namespace, account[1])
	msg := sprintf("it is no controller and runs as %v, which is cluster-admin", [account[1]])
	nodes := array.concat([{"path": ["metadata", "namespace"]}], evidence)
}

warn contains result.at(account[0], msg) if {
	flux.component
	not account[1] in ((others | own) | {"", "default"})
	not startswith(account[1], sprintf("%v-", [flux.component]))
	msg := sprintf("the account %v is not named after the component", [account[1]])
}

warn contains result.related(account[0], msg, nodes) if {
	foreign
	rbac.flux_account(flux.namespace, account[1])
	not rbac.applier_account(flux.namespace, account[1])
	msg := sprintf("it is no controller and runs as %v, the account of one", [account[1]])
	nodes := array.concat([{"path": ["metadata", "namespace"]}], evidence)
}

warn contains result.at(["metadata", "annotations", annotation], msg) if {
	token
	name := flux.object.metadata.annotations[annotation]
	rbac.applier_account(flux.namespace, name)
	msg := sprintf("it holds a token of %v that does not expire", [name])
}

unknown contains finding if {
	subject
	template
	some finding in (shape.recognition | shape.check([[[place("serviceAccount")], "string"]]))
}

unknown contains result.at(account[0], "the service account cannot be worked out") if {
	subject
	unsure
}

unknown contains finding if {
	token
	some finding in shape.check([[[["metadata"]], "object"], [[["metadata", "annotations"]], "strings"]])
}

unsure if not flux.known(place("serviceAccountName"))

unsure if contains(account[1], "${")

annotation := "kubernetes.io/service-account.name"

own contains flux.component

own contains "source-watcher-controller" if flux.component == "source-watcher"

# Accounts of other components, and of the operator.
others := (workload.components | {"source-watcher-controller", "flux-operator"}) - own

evidence := rbac.account_nodes(flux.namespace, account[1])
