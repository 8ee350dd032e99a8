# METADATA
# title: Targets of tenant appliers stay inside the tenant
# description: |
#   `spec.targetNamespace` and `spec.storageNamespace` of a Kustomization or HelmRelease in a tenant's namespace name
#   that namespace or another one of the same tenant. Anything else gives advice, as does `install.createNamespace`:
#   in the end the permissions of the impersonated account decide. Namespaces of one tenant carry the same
#   value of the label `toolkit.fluxcd.io/tenant`. Where the labels of the target are not at hand, and where the object
#   is applied to another cluster, a person has to look.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/components/kustomize/kustomizations/#target-namespace
#     description: Kustomization, target namespace
#   - ref: https://fluxcd.io/flux/components/helm/helmreleases/#target-namespace
#     description: HelmRelease, target namespace
# custom:
#   id: FX-MT-09
#   severity: medium
#   profiles: [shared]
#   assessment: automated
#   modes: [git, render, dump, admission]
#   kinds:
#     - kustomize.toolkit.fluxcd.io/Kustomization
#     - helm.toolkit.fluxcd.io/HelmRelease
#   reads: []
#   origin: extension (the security pages bound what a tenant may read; these fields decide where a tenant writes)
#   rationale: |
#     These fields move everything that a source contains into the named namespace, and the Secret with a release's values
#     too. Without impersonation that is a way into any namespace. With it, an account that happens to be bound in
#     two namespaces makes them one, without a word in the tenant's own manifests. An account that may create
#     namespaces is cluster-wide by nature.
#   audit: |
#     ```sh
#     kubectl get kustomizations.kustomize.toolkit.fluxcd.io,helmreleases -A -o json | jq -r \
#       '.items[] | select(.spec.targetNamespace or .spec.storageNamespace or .spec.install.createNamespace) | "\(.kind) \(.metadata.namespace)/\(.metadata.name): target \(.spec.targetNamespace) storage \(.spec.storageNamespace) creates \(.spec.install.createNamespace)"'
#     kubectl get namespaces -L toolkit.fluxcd.io/tenant
#     ```
#
#     Pass: every namespace in the first list has the tenant of the object's own namespace in the second list, and
#     nothing creates namespaces.
#   remediation: |
#     Let the object live where it deploys, and drop the field; or label both namespaces as one tenant's, if they are:
#
#     ```sh
#     kubectl label namespace team-a-web toolkit.fluxcd.io/tenant=team-a
#     ```
#
#     Create the tenant's namespaces in the platform's repository, together with their quotas and network policies, and
#     leave `install.createNamespace` out:
#
#     ```yaml
#     apiVersion: helm.toolkit.fluxcd.io/v2
#     kind: HelmRelease
#     metadata:
#       name: web
#       namespace: team-a-web
#     spec:
#       serviceAccountName: team-a
#       install:
#         createNamespace: false
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
package flux.tenant_target_namespaces

import data.lib.facts
import data.lib.flux
import data.lib.result
import data.lib.shape
import data.lib.tenants

subject if {
	tenants.applier
	tenants.concerned
}

own := flux.namespace

# [path, namespace] of what leads out of the object's own namespace.
targets contains [path, ns] if {
	subject
	some field in ["storageNamespace", "targetNamespace"]
	path := ["spec", field]
	flux.known(path)
	ns := object.get(flux.object, path, null)
	is_string(ns)
	ns != ""
	not home(ns)
}

# The object's own namespace, unless that may be another one.
home(ns) if {
	ns == own
	flux.known(["metadata", "namespace"])
}

elsewhere if is_object(flux.object.spec.kubeConfig)

# Most objects name no namespace that they apply to, and create none.
live if {
	tenants.applier
	not quiet
}

quiet if {
	spec := flux.object.spec
	is_object(spec)
	object.get(spec, "targetNamespace", null) == null
	object.get(spec, "storageNamespace", null) == null
	is_object(object.get(spec, "install", {}))
	object.get(spec, ["install", "createNamespace"], null) == null
	is_object(object.get(spec, "kubeConfig", {}))
	not flux.object.metadata.annotations["flux-audit.internal/unknown-paths"]
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

# [path, namespace] of what leads out of the tenant, or may.
foreign contains [path, ns] if {
	some [path, ns] in targets
	tenants.own
	not elsewhere
	not ns in tenants.namespaces(tenants.id(own))
	not contains(ns, "${")
}

reports contains ["warn", result.related(path, msg, tenants.why(own))] if {
	some [path, ns] in foreign
	decided(ns)
	msg := sprintf("the namespace %v is not known to belong to this tenant", [ns])
}

reports contains ["warn", result.related(path, "it creates namespaces", tenants.why(own))] if {
	creates
	tenants.own
	path := ["spec", "install", "createNamespace"]
}

creates if {
	subject
	flux.object.spec.install.createNamespace == true
}

# Whose the namespace is can be told.
decided(ns) if tenants.has(ns)

decided(ns) if ns in (flux.namespaces | tenants.exempt)

decided(ns) if ns in facts.unmarked_namespaces

decided(_) if {
	facts.available
	flux.mode == "dump"
}

reports contains ["manual", result.at(path, msg)] if {
	some [path, ns] in foreign
	not decided(ns)
	msg := sprintf("whether the namespace %v belongs to this tenant is told by its labels, which are not at hand", [ns])
}

reports contains ["manual", result.at(path, "whether the namespace belongs to this tenant is known in the cluster that the object is applied to")] if {
	some [path, _] in targets
	tenants.own
	elsewhere
}

reports contains ["manual", finding] if {
	matters
	some finding in tenants.open
}

reports contains ["unknown", finding] if {
	matters
	some finding in tenants.undecided
}

matters if count(targets) > 0

matters if creates

reports contains ["unknown", result.at(path, "the namespace holds a variable")] if {
	some [path, ns] in targets
	contains(ns, "${")
}

reports contains ["unknown", result.at(["spec", field], "the field could not be worked out")] if {
	subject
	some field in ["storageNamespace", "targetNamespace", "install"]
	not flux.known(["spec", field])
}

reports contains ["unknown", finding] if {
	subject
	some finding in shape.check([
		[[["spec"]], "object"],
		[[["spec", "targetNamespace"]], "string"],
		[[["spec", "storageNamespace"]], "string"],
		[[["spec", "kubeConfig"]], "object"],
		[[["spec", "install"]], "object"],
		[[["spec", "install", "createNamespace"]], "boolean"],
	])
}
