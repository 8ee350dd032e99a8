# METADATA
# title: A default service account is enforced
# description: |
#   Every instance of kustomize- and helm-controller is started with `--default-service-account=<name>`, a valid
#   service account name. Whether the account has permissions is another control's question. The control decides on
#   each controller alone; where the inventory is at hand it also warns about instances with different names and
#   about a name that Flux's own controllers use.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/best-practices/#multi-tenancy-lock-down
#     description: Flux security best practices, Multi-tenancy Lock-down
#   - ref: https://fluxcd.io/flux/components/kustomize/kustomizations/#enforcing-impersonation
#     description: Kustomization, Enforcing impersonation
# custom:
#   id: FX-MT-02
#   severity: critical
#   profiles: [shared]
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
#   reads: []
#   origin: best-practices.md, Shared Cluster Multi-tenancy / Multi-tenancy Lock-down
#   rationale: |
#     A Kustomization or HelmRelease without `spec.serviceAccountName` is applied with the controller's own account,
#     which is cluster-admin by default. So every tenant who may create one is cluster-admin. With the flag such an
#     object impersonates the named account of its own namespace, and applies what that account may apply: by default
#     nothing.
#   audit: |
#     Read the arguments of every instance, shards included. Select by component: the label `app` of a shard
#     carries a suffix, so a selector on it misses shards.
#
#     ```sh
#     kubectl get deploy,sts,ds -A -l app.kubernetes.io/component=kustomize-controller -o json | jq -r \
#       '.items[] | "\(.metadata.namespace)/\(.metadata.name): \(.spec.template.spec.containers[] | select(.name == "manager") | [.command, .args])"'
#     ```
#
#     Repeat it for `helm-controller`. Pass: the last `--default-service-account` of each instance has a value that
#     is a valid name. `--default-service-account=` is off. Quotes inside the YAML string become part of the name.
#     `--default-service-account` without `=` takes the next item as its name, whatever that is.
#
#     On source-, notification-, image-reflector- and image-automation-controller the flag of the same name means the
#     account for workload identity; that is no impersonation and another control.
#   remediation: |
#     Give the platform's own Kustomizations an explicit `spec.serviceAccountName` first (the `flux-system` one uses
#     `kustomize-controller`), else they lose their permissions. Then:
#
#     ```yaml
#     patches:
#       - target:
#           kind: Deployment
#           name: "(kustomize-controller|helm-controller)"
#         patch: |
#           - op: add
#             path: /spec/template/spec/containers/0/args/-
#             value: --default-service-account=default
#       - target:
#           kind: Kustomization
#           name: flux-system
#         patch: |
#           - op: add
#             path: /spec/serviceAccountName
#             value: kustomize-controller
#     ```
#
#     With the Flux Operator:
#
#     ```yaml
#     spec:
#       cluster:
#         multitenant: true
#         tenantDefaultServiceAccount: default
#     ```
#
#     With the flux2 chart:
#
#     ```yaml
#     multitenancy:
#       enabled: true
#       defaultServiceAccount: default
#     ```
#
#     Bind no role to that account in tenant namespaces; tenants name their own account in each object.
#   since: 0.1.0
#   params: {}
package flux.default_service_account

import data.lib.argument
import data.lib.facts
import data.lib.flags
import data.lib.flux
import data.lib.result
import data.lib.workload

appliers := {"helm-controller", "kustomize-controller"}

subject if flux.component in appliers

flag := flags.get("default-service-account")

# The account that the controller falls back to; undefined where that cannot be told.
account := flag.value if {
	subject
	flag.state == "known"
	is_string(flag.value)
}

fix := flags.append("--default-service-account=default")

violation contains result.full(flag.path, "no default service account is enforced", nodes, fix) if account == ""

violation contains result.full(flag.path, msg, nodes, fix) if {
	account != ""
	not valid(account)
	msg := sprintf("%v is no valid name of a service account", [account])
}

nodes := argument.needs(flag.path)

valid(name) if {
	count(name) <= 253
	regex.match(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`, name)
}

warn contains result.at(flag.path, msg) if {
	account in (workload.components | {"flux-operator", "source-watcher-controller"})
	msg := sprintf("%v is the name of an account of flux itself", [account])
}

warn contains result.related(flag.path, msg, [node]) if {
	some record in facts.controllers
	record.service_account == account
	node := {"object": reference(record), "path": array.concat(record.pod, ["serviceAccountName"])}
	msg := sprintf("%v is the account that %v %v/%v runs as", [account, record.kind, record.namespace, record.name])
}

warn contains result.related(flag.path, "other instances enforce another default service account", others) if {
	valid(account)
	others := [{"object": reference(record), "path": other.path} |
		some record in facts.controllers
		record.component in appliers
		other := flags.get_of(record, "default-service-account")
		other.state == "known"
		is_string(other.value)
		not other.value in {"", account}
	]
	count(others) > 0
}

reference(record) := {
	"apiVersion": record.apiVersion,
	"kind": record.kind,
	"namespace": record.namespace,
	"name": record.name,
}

unknown contains finding if {
	subject
	some finding in flags.undecided("default-service-account")
}
