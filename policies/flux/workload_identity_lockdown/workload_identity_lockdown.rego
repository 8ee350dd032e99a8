# METADATA
# title: Workload identity is locked down
# description: |
#   Where the feature gate `ObjectLevelWorkloadIdentity` is on, each controller has a default account for cloud
#   authentication: `--default-service-account` on source-, notification-, image-reflector- and
#   image-automation-controller, `--default-decryption-service-account` and `--default-kubeconfig-service-account`
#   on kustomize-controller, `--default-kubeconfig-service-account` on helm-controller. Where the gate is off, none of
#   these is set: the controller would exit. Releases before 2.7 have no such flags, and the control does not speak
#   of them. The control decides on each controller alone. With the gate off it also warns about a cloud identity of
#   the controller itself: by the pod's label always, by the service account's annotations where the inventory
#   is at hand.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/installation/configuration/workload-identity/
#     description: Flux workload identity
#   - ref: https://fluxcd.io/flux/installation/configuration/multitenancy/
#     description: Flux multi-tenancy lockdown
#   - ref: https://fluxcd.io/flux/security/best-practices/#multi-tenancy-lock-down
#     description: Flux security best practices, Multi-tenancy Lock-down
# custom:
#   id: FX-MT-08
#   severity: high
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
#   origin: extension (later edition of the best practices and the multi-tenancy page, Flux 2.7 and newer)
#   rationale: |
#     A source, provider or decryption without its own service account falls back to the controller's cloud
#     identity. In a shared cluster each tenant then pulls from registries and buckets, and decrypts with keys,
#     that only the platform was meant to reach. With default accounts the fallback is an account of the tenant's
#     own namespace, which the cloud provider trusts only if somebody has set that up.
#   audit: |
#     ```sh
#     kubectl get deploy,sts,ds -A -l app.kubernetes.io/part-of=flux -o json | jq -r \
#       '.items[] | "\(.metadata.name): \([.spec.template.spec.containers[] | select(.name == "manager") | .args[]? | select(test("feature-gates|service-account"))])"'
#     kubectl get sa -n flux-system -o json | jq -r '.items[] | "\(.metadata.name): \(.metadata.annotations // {} | keys)"'
#     ```
#
#     Pass: the gate is on, and each default account of that controller is set; or the gate is off, none is set, and
#     no controller's account or pod carries a cloud identity.
#   remediation: |
#     ```yaml
#     patches:
#       - target:
#           kind: Deployment
#           name: "(source-controller|notification-controller|image-reflector-controller|image-automation-controller)"
#         patch: |
#           - op: add
#             path: /spec/template/spec/containers/0/args/-
#             value: --feature-gates=ObjectLevelWorkloadIdentity=true
#           - op: add
#             path: /spec/template/spec/containers/0/args/-
#             value: --default-service-account=default
#       - target:
#           kind: Deployment
#           name: "(kustomize-controller|helm-controller)"
#         patch: |
#           - op: add
#             path: /spec/template/spec/containers/0/args/-
#             value: --feature-gates=ObjectLevelWorkloadIdentity=true
#           - op: add
#             path: /spec/template/spec/containers/0/args/-
#             value: --default-kubeconfig-service-account=default
#       - target:
#           kind: Deployment
#           name: kustomize-controller
#         patch: |
#           - op: add
#             path: /spec/template/spec/containers/0/args/-
#             value: --default-decryption-service-account=default
#     ```
#
#     With the Flux Operator:
#
#     ```yaml
#     spec:
#       cluster:
#         multitenant: true
#         objectLevelWorkloadIdentity: true
#         multitenantWorkloadIdentity: true
#     ```
#
#     With the flux2 chart, add the same arguments to `<component>.container.additionalArgs`. Then take the cloud
#     identity off the controllers' own service accounts and name an account on each object that needs one.
#   since: 0.1.0
#   params: {}
package flux.workload_identity_lockdown

import data.lib.argument
import data.lib.facts
import data.lib.flags
import data.lib.flux
import data.lib.images
import data.lib.releases
import data.lib.result
import data.lib.workload

# The default accounts that each controller has for cloud authentication.
defaults := {
	"helm-controller": ["default-kubeconfig-service-account"],
	"image-automation-controller": ["default-service-account"],
	"image-reflector-controller": ["default-service-account"],
	"kustomize-controller": ["default-decryption-service-account", "default-kubeconfig-service-account"],
	"notification-controller": ["default-service-account"],
	"source-controller": ["default-service-account"],
}

subject if {
	defaults[flux.component]
	not before
}

# The release is known, and older than the flags.
before if {
	image := images.parse(workload.containers(flux.object)[flux.controller.container].image)
	releases.minor(flux.component, image.tag) < 7
}

gate_name := "ObjectLevelWorkloadIdentity"

gate := flags.gate(gate_name)

# The default accounts of this controller: the flag's name and its state.
accounts := [[name, flag] |
	subject
	some name in defaults[flux.component]
	flag := flags.get(name)
	flag.state == "known"
]

violation contains result.full(flag.path, msg, nodes, fix) if {
	gate.state == "known"
	gate.value == true
	some [name, flag] in accounts
	not named(flag)
	nodes := related(flag)
	msg := sprintf("objects without an account use the cloud identity of the controller, as --%v is not set", [name])
	fix := flags.append(sprintf("--%v=default", [name]))
}

violation contains result.full(flag.path, msg, nodes, fix) if {
	gate.state == "known"
	gate.value != true
	some [name, flag] in accounts
	named(flag)
	nodes := related(flag)
	msg := sprintf("the controller exits: --%v needs the feature gate %v", [name, gate_name])
	fix := flags.append(sprintf("--feature-gates=%v=true", [gate_name]))
}

# What sets the gate, and what the two arguments mean.
related(flag) := [node |
	given := [gate.path | gate.set == true]
	gates := [{"path": path} | some path in given]
	behind := [need | some path in given; some need in argument.needs(path)]
	some node in array.concat(array.concat(gates, behind), argument.needs(flag.path))
]

named(flag) if {
	is_string(flag.value)
	flag.value != ""
}

named_account := object.get(flux.object, array.concat(flux.controller.pod, ["serviceAccountName"]), older) if {
	older := object.get(flux.object, array.concat(flux.controller.pod, ["serviceAccount"]), "")
}

closed if {
	subject
	gate.state == "known"
	gate.value != true
}

warn contains result.at(path, "tenants' objects use the cloud identity of this pod") if {
	closed
	key := "azure.workload.identity/use"
	workload.template(flux.object).metadata.labels[key] == "true"
	path := array.concat(flux.controller.template, ["metadata", "labels", key])
}

warn contains result.related(path, msg, [node]) if {
	closed
	path := array.concat(flux.controller.pod, ["serviceAccountName"])
	some account in facts.controller_accounts
	account.namespace == flux.controller.namespace
	account.name == facts.account_name(named_account)
	some key in ["azure.workload.identity/client-id", "eks.amazonaws.com/role-arn", "iam.gke.io/gcp-service-account"]
	account.annotations[key] != ""
	reference := {"apiVersion": "v1", "kind": "ServiceAccount", "namespace": account.namespace, "name": account.name}
	node := {"object": reference, "path": ["metadata", "annotations", key]}
	msg := sprintf("tenants' objects use the cloud identity that %v gives the service account", [key])
}

unknown contains finding if {
	subject
	some finding in flags.undecided_gate(gate_name)
}

unknown contains finding if {
	subject
	some name in defaults[flux.component]
	some finding in flags.undecided(name)
}
