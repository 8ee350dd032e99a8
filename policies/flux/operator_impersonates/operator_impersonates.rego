# METADATA
# title: The Flux Operator impersonates tenants
# description: |
#   Every instance of the Flux Operator has a default service account, by `--default-service-account=<name>` or the
#   variable `DEFAULT_SERVICE_ACCOUNT`, that a ResourceSet without an account of its own is applied with. And every
#   ResourceSet in a tenant's namespace names `spec.serviceAccountName`; one that does not is a failure where the
#   operator enforces no account, or none is at hand, and a warning where it does.
# scope: package
# related_resources:
#   - ref: https://fluxoperator.dev/docs/crd/resourceset/#role-based-access-control
#     description: Flux Operator, ResourceSet, role-based access control
#   - ref: https://fluxcd.io/flux/security/best-practices/#multi-tenancy-lock-down
#     description: Flux security best practices, Multi-tenancy Lock-down
# custom:
#   id: FX-EXT-23
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
#     - fluxcd.controlplane.io/ResourceSet
#   reads: []
#   origin: extension (the lock-down of multi-tenancy, for the operator that applies ResourceSets)
#   rationale: |
#     The operator's own account is bound to cluster-admin, and what it installs lets everybody with the role `edit` in
#     a namespace create ResourceSets there. A ResourceSet is a template of arbitrary objects. Without impersonation
#     whoever may write one owns the cluster, however well the Flux controllers are locked down.
#   audit: |
#     ```sh
#     kubectl get deploy -A -o json | jq -r '.items[] | . as $d | .spec.template.spec.containers[]
#       | select(.image | test("/flux-operator[:@]")) | "\($d.metadata.namespace)/\($d.metadata.name): \(.args) \([.env[]? | select(.name == "DEFAULT_SERVICE_ACCOUNT")])"'
#     kubectl get resourcesets -A -o json | jq -r \
#       '.items[] | select(.spec.serviceAccountName // "" == "") | "\(.metadata.namespace)/\(.metadata.name)"'
#     ```
#
#     Pass: each instance of the operator has a non-empty account (the variable wins over the argument, the last
#     argument over the ones before), and the second command prints no namespace of a tenant.
#   remediation: |
#     With the chart of the operator:
#
#     ```yaml
#     multitenancy:
#       enabled: true
#       defaultServiceAccount: flux-operator
#     ```
#
#     With other manifests:
#
#     ```yaml
#     patches:
#       - target:
#           kind: Deployment
#           name: flux-operator
#         patch: |
#           - op: add
#             path: /spec/template/spec/containers/0/args/-
#             value: --default-service-account=flux-operator
#     ```
#
#     Give the ResourceSets of the platform an account first that may do what they need. Tenants name theirs, bound in
#     their namespace only:
#
#     ```yaml
#     spec:
#       serviceAccountName: team-a
#     ```
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
package flux.operator_impersonates

import data.lib.argument
import data.lib.flags
import data.lib.flux
import data.lib.lockdown
import data.lib.node
import data.lib.result
import data.lib.tenants

subject if operator

subject if {
	resource_set
	tenants.concerned
}

operator if flags.record.component == "flux-operator"

# The operator's own account for those that name none.
flag := flags.get("default-service-account") if operator

# A variable of the environment counts instead of the argument.
fixes := [{"op": "add", "path": result.pointer(array.concat(flag.path, ["value"])), "value": "flux-operator"}] if {
	"env" in flag.path
} else := flags.append("--default-service-account=flux-operator") if operator

preset := flag.value if flag.state == "known"

violation contains result.full(flag.path, msg, argument.needs(flag.path), fixes) if {
	preset == ""
	msg := "resource sets without a service account are applied with the permissions of the operator"
}

violation contains result.full(flag.path, msg, argument.needs(flag.path), fixes) if {
	preset != ""
	not valid(preset)
	msg := sprintf("%v is no valid name of a service account", [preset])
}

unknown contains finding if {
	operator
	some finding in flags.undecided("default-service-account")
}

valid(name) if {
	is_string(name)
	regex.match(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`, name)
}

# ResourceSets of tenants.
resource_set if flux.kind_is("fluxcd.controlplane.io", "ResourceSet")

account := node.get(spec, ["serviceAccountName"], "string") if resource_set

spec := node.at(object.get(flux.object, "spec", null), ["spec"], "object", 0) if resource_set

lacking if account.state == "absent"

lacking if account.value == ""

settings := lockdown.settings("flux-operator", "default-service-account")

# Instances that leave the operator's own account, or none that could do otherwise.
bare := [setting.node |
	some setting in settings
	setting.state == "known"
	not valid(setting.value)
]

doubtful := lockdown.nodes(settings, "unknown", null)

unprotected if count(bare) > 0

unprotected if count(settings) == 0

violation contains result.related(account.path, msg, array.concat(why, bare)) if {
	lacking
	tenants.own
	unprotected
	msg := "no service account is named, so the operator applies it with its own permissions"
}

warn contains result.related(account.path, msg, array.concat(why, [setting.node | some setting in settings])) if {
	lacking
	tenants.own
	not unprotected
	count(doubtful) == 0
	msg := "no service account is named: it falls back to that of the operator's flag, and fails unless that is bound"
}

unknown contains result.related(account.path, msg, doubtful) if {
	lacking
	tenants.own
	not unprotected
	count(doubtful) > 0
	msg := "no service account is named, and it cannot be told whether the operator enforces one"
}

why := tenants.why(flux.namespace)

unknown contains finding if {
	resource_set
	tenants.concerned
	finding := node.doubt(account)
}

unknown contains finding if {
	lacking
	some finding in tenants.undecided
}

manual contains finding if {
	lacking
	some finding in tenants.open
}
