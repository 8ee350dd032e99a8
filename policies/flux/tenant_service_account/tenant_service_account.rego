# METADATA
# title: Tenant appliers name a service account
# description: |
#   Each Kustomization, HelmRelease and ResourceSet in a tenant's namespace has `spec.serviceAccountName`. Without it
#   the object is applied with the controller's own permissions, unless every instance of the controller enforces a
#   default account: then it is advice, because the object falls back to that account and fails until somebody binds
#   it. Where no controller is among the objects given (a tenant's own repository, admission) an object
#   without an account fails.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/best-practices/#multi-tenancy-lock-down
#     description: Flux security best practices, Multi-tenancy Lock-down
#   - ref: https://fluxcd.io/flux/components/kustomize/kustomizations/#service-account-reference
#     description: Kustomization, service account reference
#   - ref: https://fluxcd.io/flux/components/helm/helmreleases/#service-account-reference
#     description: HelmRelease, service account reference
# custom:
#   id: FX-MT-04
#   severity: high
#   profiles: [shared]
#   assessment: automated
#   modes: [git, render, dump, admission]
#   kinds:
#     - kustomize.toolkit.fluxcd.io/Kustomization
#     - helm.toolkit.fluxcd.io/HelmRelease
#     - fluxcd.controlplane.io/ResourceSet
#   reads: []
#   origin: best-practices.md, Shared Cluster Multi-tenancy / Multi-tenancy Lock-down; ResourceSet is an extension
#   rationale: |
#     kustomize-controller, helm-controller and the Flux Operator run as cluster-admin by default. An object that names
#     no account is applied with that, so who may create one in a namespace of their own owns the cluster. A
#     named account bounds the object to what the platform team bound the account to, and the account
#     is visible in the object, whatever flags the controllers have.
#   audit: |
#     ```sh
#     kubectl get kustomizations.kustomize.toolkit.fluxcd.io,helmreleases -A -o json | jq -r \
#       '.items[] | select(.spec.serviceAccountName // "" == "") | "\(.kind) \(.metadata.namespace)/\(.metadata.name)"'
#     ```
#
#     On clusters with the Flux Operator do the same for `resourcesets`. Pass: no line belongs to a tenant's namespace.
#     An object with `spec.kubeConfig` counts too: the account is then impersonated on the remote cluster.
#   remediation: |
#     ```yaml
#     spec:
#       serviceAccountName: team-a
#     ```
#
#     The account lives in the object's own namespace. `flux create tenant team-a --with-namespace=team-a` makes it
#     together with a RoleBinding that is limited to that namespace:
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
#       name: edit
#     subjects:
#       - kind: ServiceAccount
#         name: team-a
#         namespace: team-a
#     ```
#
#     As a safety net start the controllers with `--default-service-account=default`, and give that account nothing.
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
package flux.tenant_service_account

import data.lib.flux
import data.lib.lockdown
import data.lib.result
import data.lib.shape
import data.lib.tenants

subject if {
	controller
	tenants.concerned
}

# The controller that applies the object.
controller := name if {
	[group, name] := controllers[flux.object.kind]
	group == flux.own_group
}

# By the kind that it applies: the group, and the controller.
controllers := {
	"HelmRelease": ["helm.toolkit.fluxcd.io", "helm-controller"],
	"Kustomization": ["kustomize.toolkit.fluxcd.io", "kustomize-controller"],
	"ResourceSet": ["fluxcd.controlplane.io", "flux-operator"],
}

path := ["spec", "serviceAccountName"]

malformed := set() if {
	is_object(flux.object.spec)
	object.get(flux.object.spec, "serviceAccountName", null) == null
} else := shape.check([[[["spec"]], "object"], [[path], "string"]])

# No account is named.
lacking if {
	subject
	not named
	count(malformed) == 0
	flux.known(path)
}

named if {
	is_string(flux.object.spec.serviceAccountName)
	flux.object.spec.serviceAccountName != ""
}

strings := {text |
	text := flux.object.spec.serviceAccountName
	is_string(text)
}

settings := lockdown.settings(controller, "default-service-account")

unset := lockdown.nodes(settings, "known", "")

doubtful := lockdown.nodes(settings, "unknown", null)

invalid := [setting.node |
	some setting in settings
	setting.state == "known"
	setting.value != ""
	not valid(setting.value)
]

valid(name) if {
	is_string(name)
	regex.match(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`, name)
}

# Where an account is named there is nothing to say.
live if {
	not quiet
	controller
}

quiet if {
	name := flux.object.spec.serviceAccountName
	is_string(name)
	name != ""
	not contains(name, "${")
	not flux.object.metadata.annotations["flux-audit.internal/unknown-paths"]
}

violation contains finding if {
	live
	some ["violation", finding] in reports
}

warn contains finding if {
	live
	some ["warn", finding] in reports
}

unknown contains finding if {
	live
	some ["unknown", finding] in reports
}

manual contains finding if {
	live
	some ["manual", finding] in reports
}

bad := array.concat(unset, invalid)

reports contains ["violation", result.related(path, msg, nodes)] if {
	lacking
	tenants.own
	exposed
	msg := sprintf("no service account is named, so it is applied with %v", [power])
	nodes := array.concat(tenants.why(flux.namespace), unset)
}

reports contains ["violation", result.related(path, msg, nodes)] if {
	lacking
	tenants.own
	count(unset) == 0
	count(invalid) > 0
	msg := "no service account is named, and the controller's default is no valid name of one"
	nodes := array.concat(tenants.why(flux.namespace), invalid)
}

# The controller's own account is used, as far as it can be told.
exposed if count(unset) > 0

exposed if count(settings) == 0

power := "everything that its kubeconfig may do" if {
	is_object(flux.object.spec.kubeConfig)
} else := "the controller's own permissions"

reports contains ["warn", result.related(path, msg, array.concat(why, nodes))] if {
	lacking
	tenants.own
	count(settings) > 0
	count(bad) == 0
	count(doubtful) == 0
	names := {setting.value | some setting in settings}
	msg := sprintf("no service account is named: it falls back to the account %v, and fails unless that is bound", [concat(" or ", sort([name | some name in names]))])
	nodes := [setting.node | some setting in settings]
	why := tenants.why(flux.namespace)
}

reports contains ["unknown", result.related(path, msg, doubtful)] if {
	lacking
	tenants.own
	count(doubtful) > 0
	count(bad) == 0
	msg := "no service account is named, and it cannot be told whether the controller enforces one"
}

reports contains ["unknown", finding] if {
	subject
	some finding in malformed
}

reports contains ["unknown", result.at(path, "the service account could not be worked out")] if {
	flux.object.metadata.annotations["flux-audit.internal/unknown-paths"]
	subject
	not flux.known(path)
}

reports contains ["unknown", result.at(path, "the name of the service account holds a variable")] if {
	subject
	some text in strings
	contains(text, "${")
}

reports contains ["unknown", finding] if {
	lacking
	some finding in tenants.undecided
}

reports contains ["manual", finding] if {
	lacking
	some finding in tenants.open
}
