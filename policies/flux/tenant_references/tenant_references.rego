# METADATA
# title: Tenant objects hold no cross-namespace references
# description: |
#   No Flux object in a tenant's namespace refers to another namespace. References that the controllers refuse under
#   `--no-cross-namespace-refs` fail: the sources of Kustomizations, HelmReleases, ImageUpdateAutomations and
#   ArtifactGenerators, `chartRef`, the event sources of Alerts, the resources of Receivers and the repository of an
#   ImagePolicy. References that no flag forbids give advice: `dependsOn`, `healthChecks`, the back reference of an
#   ExternalArtifact, and what a ResourceSet waits for or copies. In a namespace of the platform the first
#   sort gives advice, because it breaks once the flag is set; in a namespace of Flux itself neither counts.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/best-practices/#multi-tenancy-lock-down
#     description: Flux security best practices, Multi-tenancy Lock-down
#   - ref: https://fluxcd.io/flux/installation/configuration/multitenancy/
#     description: Flux multi-tenancy lockdown
# custom:
#   id: FX-MT-05
#   severity: high
#   profiles: [shared]
#   assessment: automated
#   modes: [git, render, dump, admission]
#   kinds:
#     - kustomize.toolkit.fluxcd.io/Kustomization
#     - helm.toolkit.fluxcd.io/HelmRelease
#     - notification.toolkit.fluxcd.io/Alert
#     - notification.toolkit.fluxcd.io/Receiver
#     - image.toolkit.fluxcd.io/ImagePolicy
#     - image.toolkit.fluxcd.io/ImageUpdateAutomation
#     - source.extensions.fluxcd.io/ArtifactGenerator
#     - source.toolkit.fluxcd.io/ExternalArtifact
#     - fluxcd.controlplane.io/ResourceSet
#     - fluxcd.controlplane.io/ResourceSetInputProvider
#   reads: []
#   origin: best-practices.md, Shared Cluster Multi-tenancy / Multi-tenancy Lock-down; the list of fields is from the APIs
#   rationale: |
#     The namespace is the boundary between tenants. Controllers read sources, charts and events with their own
#     permissions, not with the tenant's, so a reference into another namespace is answered although the tenant may read
#     nothing there: manifests of another team can be applied, or its events received. The flag stops that at
#     run time; without the reference nothing depends on the flag, and turning it on breaks nothing. `dependsOn` is
#     worth a look because a `readyExpr` evaluates the other object's spec and status, and the flag does not cover it.
#   audit: |
#     ```sh
#     kubectl get kustomizations.kustomize.toolkit.fluxcd.io,helmreleases,alerts,receivers,imagepolicies,imageupdateautomations -A -o json | jq -r '
#       .items[] | .metadata.namespace as $ns | . as $o
#       | [.spec.sourceRef, .spec.chartRef, .spec.chart.spec.sourceRef, .spec.imageRepositoryRef, .spec.eventSources[]?, .spec.resources[]?, .spec.dependsOn[]?, .spec.healthChecks[]?][]
#       | select(.namespace != null and .namespace != "" and .namespace != $ns)
#       | "\($o.kind) \($ns)/\($o.metadata.name) -> \(.namespace)/\(.name)"'
#     ```
#
#     Where source-watcher is installed, look at `spec.sources` of `artifactgenerators` likewise. Pass: no line begins in a
#     tenant's namespace. References to Secrets and ConfigMaps have no namespace and need no look.
#   remediation: |
#     Give the tenant a source of its own, and drop the namespace from the reference:
#
#     ```yaml
#     apiVersion: source.toolkit.fluxcd.io/v1
#     kind: GitRepository
#     metadata:
#       name: apps
#       namespace: team-a
#     spec:
#       interval: 5m
#       url: https://github.com/acme/team-a
#     ---
#     apiVersion: kustomize.toolkit.fluxcd.io/v1
#     kind: Kustomization
#     metadata:
#       name: apps
#       namespace: team-a
#     spec:
#       interval: 10m
#       prune: true
#       serviceAccountName: team-a
#       sourceRef:
#         kind: GitRepository
#         name: apps
#     ```
#
#     Alerts and Receivers go into the namespace that they speak of. Then start the controllers with
#     `--no-cross-namespace-refs=true`, or set `spec.cluster.multitenant: true` in the FluxInstance.
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
package flux.tenant_references

import data.lib.flux
import data.lib.result
import data.lib.shape
import data.lib.tenants

subject if count(fields) > 0

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

# Most objects name no namespace but their own.
live if {
	subject
	not quiet
}

quiet if {
	sound
	object.get(flux.object.spec, ["sourceRef", "namespace"], null) == null
	object.get(flux.object.spec, ["chart", "spec", "sourceRef", "namespace"], null) == null
	object.get(flux.object.spec, ["chartRef", "namespace"], null) == null
	not flux.object.metadata.annotations["flux-audit.internal/unknown-paths"]
}

# The usual form of the usual kinds, in which every field is of its type.
sound if {
	flux.object.kind == "Kustomization"
	spec := flux.object.spec
	is_object(spec)
	object.get(spec, "dependsOn", null) == null
	object.get(spec, "healthChecks", null) == null
	typed(object.get(spec, "sourceRef", null))
}

sound if {
	flux.object.kind == "HelmRelease"
	spec := flux.object.spec
	is_object(spec)
	object.get(spec, "dependsOn", null) == null
	typed(object.get(spec, "chartRef", null))
	is_object(spec.chart.spec)
	typed(object.get(spec.chart.spec, "sourceRef", null))
}

# A reference, or none.
typed(value) if value == null

typed(value) if {
	is_object(value)
	object.get(value, "namespace", null) == null
}

typed(value) if is_string(value.namespace)

# The fields of the object's kind that name a namespace, and whether --no-cross-namespace-refs governs them.
# A path has one joint at most: each item of the list there.
fields := list if {
	[group, list] := lists[flux.object.kind]
	group == flux.own_group
} else := []

lists := {
	"Alert": ["notification.toolkit.fluxcd.io", [[[["spec", "eventSources"], ["namespace"]], true]]],
	"ArtifactGenerator": ["source.extensions.fluxcd.io", [[[["spec", "sources"], ["namespace"]], true]]],
	"ExternalArtifact": ["source.toolkit.fluxcd.io", [[[["spec", "sourceRef", "namespace"]], false]]],
	"HelmRelease": ["helm.toolkit.fluxcd.io", [
		[[["spec", "chart", "spec", "sourceRef", "namespace"]], true],
		[[["spec", "chartRef", "namespace"]], true],
		[[["spec", "dependsOn"], ["namespace"]], false],
	]],
	"ImagePolicy": ["image.toolkit.fluxcd.io", [[[["spec", "imageRepositoryRef", "namespace"]], true]]],
	"ImageUpdateAutomation": ["image.toolkit.fluxcd.io", [[[["spec", "sourceRef", "namespace"]], true]]],
	"Kustomization": ["kustomize.toolkit.fluxcd.io", [
		[[["spec", "sourceRef", "namespace"]], true],
		[[["spec", "dependsOn"], ["namespace"]], false],
		[[["spec", "healthChecks"], ["namespace"]], false],
	]],
	"Receiver": ["notification.toolkit.fluxcd.io", [[[["spec", "resources"], ["namespace"]], true]]],
	"ResourceSet": ["fluxcd.controlplane.io", [
		[[["spec", "dependsOn"], ["namespace"]], false],
		[[["spec", "resources"], ["metadata", "annotations", "fluxcd.controlplane.io/copyFrom"]], false],
	]],
	"ResourceSetInputProvider": ["fluxcd.controlplane.io", [[[["spec", "dependsOn"], ["namespace"]], false]]],
}

# [path, namespace, governed] of each reference that is there.
references contains [path, target(path, text), governed] if {
	some [pieces, governed] in fields
	some [path, text] in found(pieces)
	is_string(text)
	text != ""
	flux.known(path)
}

# What is copied is written as namespace/name.
target(path, text) := split(text, "/")[0] if {
	path[count(path) - 1] == "fluxcd.controlplane.io/copyFrom"
} else := text

found(pieces) := [[pieces[0], object.get(flux.object, pieces[0], null)]] if {
	count(pieces) == 1
} else := [[path, object.get(item, pieces[1], null)] |
	items := object.get(flux.object, pieces[0], null)
	is_array(items)
	some i, item in items
	is_object(item)
	path := array.concat(array.concat(pieces[0], [i]), pieces[1])
]

own := flux.namespace

crossing contains [path, ns, governed] if {
	some [path, ns, governed] in references
	ns != own
	not variable(ns)
}

# Flux's variables are ${…}, those of a ResourceSet << … >>.
variable(text) if regex.match(`\$\{|<<`, text)

reports contains ["violation", result.related(path, msg, tenants.why(own))] if {
	some [path, ns, true] in crossing
	tenants.own
	msg := sprintf("it refers to the namespace %v", [ns])
}

reports contains ["warn", result.related(path, msg, tenants.why(own))] if {
	some [path, ns, false] in crossing
	tenants.own
	msg := sprintf("it refers to the namespace %v, and no flag of the controller forbids that", [ns])
}

reports contains ["warn", result.at(path, msg)] if {
	some [path, ns, true] in crossing
	not tenants.concerned
	not own in flux.namespaces
	msg := sprintf("it refers to the namespace %v, which is denied once cross-namespace references are disabled", [ns])
}

reports contains ["unknown", finding] if {
	count(crossing) > 0
	some finding in tenants.undecided
}

reports contains ["unknown", result.at(path, "the namespace that it refers to holds a variable")] if {
	tenants.concerned
	some [path, ns, _] in references
	variable(ns)
}

reports contains ["unknown", result.at(pieces[0], "the reference could not be worked out")] if {
	flux.object.metadata.annotations["flux-audit.internal/unknown-paths"]
	tenants.concerned
	some [pieces, _] in fields
	not flux.known(pieces[0])
}

reports contains ["unknown", result.at(path, "the template copies objects, and it cannot be told from which namespace")] if {
	flux.object.kind == "ResourceSet"
	flux.kind_is("fluxcd.controlplane.io", "ResourceSet")
	tenants.concerned
	path := ["spec", "resourcesTemplate"]
	text := object.get(flux.object, path, null)
	is_string(text)
	contains(text, "fluxcd.controlplane.io/copyFrom")
}

reports contains ["unknown", finding] if {
	not sound
	some [pieces, _] in fields
	some finding in shape.check(rows(pieces))
}

# Every node on the way to the field, and the field.
rows(pieces) := array.concat(
	array.concat(
		[[[array.slice(pieces[0], 0, n)], "object"] | some n in numbers.range(1, count(pieces[0])); n < count(pieces[0])],
		[[[pieces[0]], type] | type := {1: "string", 2: "array"}[count(pieces)]],
	),
	array.concat(
		[[[pieces[0], array.slice(pieces[1], 0, n)], "object"] | some n in numbers.range(0, count(pieces[1])); n < count(pieces[1])],
		[[pieces, "string"] | count(pieces) == 2],
	),
)

reports contains ["manual", finding] if {
	count(crossing) > 0
	some finding in tenants.open
}
