# METADATA
# title: A narrowed watch scope leaves nobody unserved
# description: |
#   A controller with `--watch-all-namespaces=false` reconciles its own namespace only. Where tenants live in other
#   namespaces that no instance of that component serves, their objects are never reconciled: a warning. Watching
#   all namespaces is Flux's default and passes. The control reads the flag from the controller alone; who else is
#   there needs the inventory, and without it, or where it is not the whole cluster, a narrowed controller is
#   for a person to judge.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/components/kustomize/options/
#     description: kustomize-controller options
#   - ref: https://fluxcd.io/flux/installation/configuration/multitenancy/
#     description: Flux multi-tenancy lockdown
# custom:
#   id: FX-EXT-19
#   severity: info
#   profiles: [hard]
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
#   origin: extension (the scope of the watch decides whose objects Flux serves; the security pages do not mention it)
#   rationale: |
#     A controller for one namespace needs fewer permissions and reads fewer Secrets, which is worth having where one
#     team owns the cluster's Flux. The price is silence: objects elsewhere get no status, no event and no
#     reconciliation, and a tenant whose alerts or policies depend on them notices late.
#   audit: |
#     ```sh
#     kubectl get deploy,sts,ds -A -l app.kubernetes.io/part-of=flux -o json | jq -r \
#       '.items[] | "\(.metadata.namespace)/\(.metadata.name): \([.spec.template.spec.containers[] | select(.name == "manager") | .args[]? | select(startswith("--watch-"))])"'
#     flux get all -A
#     ```
#
#     Pass: every namespace with Flux objects has an instance of each controller that watches it.
#   remediation: |
#     Either watch all namespaces again (`--watch-all-namespaces=true`, the last value wins), or run an instance in each
#     namespace that needs one:
#
#     ```yaml
#     patches:
#       - target:
#           kind: Deployment
#           name: "(kustomize-controller|helm-controller)"
#         patch: |
#           - op: add
#             path: /spec/template/spec/containers/0/args/-
#             value: --watch-all-namespaces=true
#     ```
#
#     The same patch goes into `spec.kustomize.patches` of a FluxInstance; the flux2 chart has `watchAllNamespaces`.
#   since: 0.1.0
#   params: {}
package flux.narrow_watch_scope

import data.lib.facts
import data.lib.flags
import data.lib.flux
import data.lib.result

subject if flux.component

flag := flags.get("watch-all-namespaces")

narrow if {
	subject
	flag.state == "known"
	flag.value == false
}

# Another instance of the component watches all namespaces.
covered if {
	some record in facts.controllers
	record.component == flux.component
	flags.get_of(record, "watch-all-namespaces").value == true
}

served := {record.namespace |
	some record in facts.controllers
	record.component == flux.component
} | {flux.controller.namespace}

unserved := [ns |
	not covered
	some ns in facts.watched_namespaces[flux.component]
	not ns in served
]

warn contains result.fixed(flag.path, msg, fix) if {
	narrow
	count(unserved) > 0
	msg := sprintf("nobody serves these namespaces: %v", [concat(", ", unserved)])
	fix := flags.append("--watch-all-namespaces=true")
}

manual contains result.at(flag.path, "whether other namespaces go unserved needs the inventory of the whole cluster") if {
	narrow
	not whole
	count(unserved) == 0
}

whole if {
	facts.available
	flux.mode == "dump"
}

unknown contains finding if {
	subject
	some finding in flags.undecided("watch-all-namespaces")
}
