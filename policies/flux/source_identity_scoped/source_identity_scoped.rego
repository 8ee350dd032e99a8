# METADATA
# title: Tenant sources do not use the controllers' identity
# description: |
#   A source, image repository or notification provider in a tenant's namespace that authenticates with a cloud provider names a
#   service account of its own. Without one the controller's identity is used: advice, and a failure where the
#   controller really has such an identity although accounts of objects are enabled and no default account is set
#   (FX-MT-08). Access with a Secret is never impersonated either, which leaves a person to review who may read
#   that Secret; it is always in the object's own namespace.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/best-practices/#multi-tenancy-lock-down
#     description: Flux security best practices, Multi-tenancy Lock-down
#   - ref: https://fluxcd.io/flux/installation/configuration/workload-identity/
#     description: Flux workload identity
# custom:
#   id: FX-RBAC-10
#   severity: medium
#   profiles: [shared]
#   assessment: partial
#   modes: [git, render, dump]
#   kinds:
#     - source.toolkit.fluxcd.io/GitRepository
#     - source.toolkit.fluxcd.io/OCIRepository
#     - source.toolkit.fluxcd.io/HelmRepository
#     - source.toolkit.fluxcd.io/Bucket
#     - image.toolkit.fluxcd.io/ImageRepository
#     - notification.toolkit.fluxcd.io/Provider
#   reads:
#     - ServiceAccount
#     - Namespace
#     - kustomize.toolkit.fluxcd.io/Kustomization
#     - helm.toolkit.fluxcd.io/HelmRelease
#     - apps/Deployment
#     - apps/StatefulSet
#     - apps/DaemonSet
#     - apps/ReplicaSet
#     - batch/Job
#     - batch/CronJob
#     - PodTemplate
#     - Pod
#   origin: security.md of 2022, Controller permissions, footnote 2 (impersonation does not cover sources)
#   rationale: |
#     Impersonation bounds what a tenant applies, not what source-, image-reflector- and notification-controller fetch and send
#     for them. Whoever may create an OCIRepository with `provider: aws` pulls whatever the controller's role may pull, other
#     tenants' images and charts included. With an account per object the cloud's own policies part the tenants.
#   audit: |
#     ```sh
#     kubectl get gitrepositories,ocirepositories,helmrepositories,buckets,imagerepositories,providers.notification.toolkit.fluxcd.io -A -o json | jq -r \
#       '.items[] | "\(.kind) \(.metadata.namespace)/\(.metadata.name): provider \(.spec.provider // .spec.type) account \(.spec.serviceAccountName) secret \(.spec.secretRef.name)"'
#     kubectl get serviceaccounts -n flux-system -o json | jq -r '.items[] | "\(.metadata.name): \(.metadata.annotations)"'
#     ```
#
#     Pass: each object of a tenant with a cloud provider has an account, or the controllers have no cloud identity; and for
#     each Secret it is known who may read it: `kubectl auth can-i get secrets -n <namespace> --as=<subject>`.
#   remediation: |
#     ```yaml
#     apiVersion: source.toolkit.fluxcd.io/v1
#     kind: OCIRepository
#     metadata:
#       name: web
#       namespace: team-a
#     spec:
#       interval: 5m
#       url: oci://111122223333.dkr.ecr.eu-central-1.amazonaws.com/team-a/web
#       provider: aws
#       serviceAccountName: team-a
#     ```
#
#     That needs the feature gate ObjectLevelWorkloadIdentity (Flux 2.6), which the Flux Operator sets with
#     `spec.cluster.objectLevelWorkloadIdentity: true`. Start the controllers with `--default-service-account=default` as well
#     (`multitenantWorkloadIdentity`), and take the role off their own accounts. A HelmRepository has no such field: use an
#     OCIRepository with `chartRef` in its place.
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
package flux.source_identity_scoped

import data.lib.facts
import data.lib.flags
import data.lib.flux
import data.lib.lockdown
import data.lib.result
import data.lib.shape
import data.lib.tenants

subject if {
	component
	tenants.concerned
}

component := "source-controller" if {
	some kind in ["Bucket", "GitRepository", "HelmRepository", "OCIRepository"]
	flux.kind_is("source.toolkit.fluxcd.io", kind)
}

component := "image-reflector-controller" if flux.kind_is("image.toolkit.fluxcd.io", "ImageRepository")

component := "notification-controller" if flux.kind_is("notification.toolkit.fluxcd.io", "Provider")

# Where the object says what it authenticates with, and what of that is a cloud.
place := ["spec", "type"] if {
	component == "notification-controller"
} else := ["spec", "provider"]

clouds := {"azuredevops", "azureeventhub", "googlepubsub"} if {
	component == "notification-controller"
} else := {"aws", "azure", "gcp"}

malformed := shape.check([
	[[["spec"]], "object"],
	[[place], "string"],
	[[["spec", "serviceAccountName"]], "string"],
	[[["spec", "secretRef"]], "object"],
])

sound if {
	subject
	count(malformed) == 0
	count(veiled) == 0
}

veiled := [path |
	some path in [place, ["spec", "serviceAccountName"], ["spec", "secretRef"]]
	not flux.known(path)
]

# It authenticates with a cloud and names no account.
borrowed if {
	sound
	value := object.get(flux.object, place, null)
	value in clouds
	object.get(flux.object, ["spec", "serviceAccountName"], null) in {"", null}
	not own_secret
}

# Providers of notifications use their Secret where they have one.
own_secret if {
	component == "notification-controller"
	secret
}

secret if is_object(flux.object.spec.secretRef)

# How each instance treats objects without an account: [state, nodes].
states := [[state(gate, flag), nodes] |
	some record in facts.controllers
	record.component == component
	gate := flags.gate_of(record, "ObjectLevelWorkloadIdentity")
	flag := flags.get_of(record, "default-service-account")
	nodes := [{"object": lockdown.reference(record), "path": path} | some path in [gate.path, flag.path]]
]

state(gate, flag) := "guarded" if {
	gate.value == true
	is_string(flag.value)
	flag.value != ""
} else := "open" if {
	gate.value == true
	flag.state == "known"
} else := "closed" if {
	gate.state == "known"
	not gate.value
} else := "unknown"

those(wanted) := [node |
	some [found, nodes] in states
	found == wanted
	some node in nodes
]

# Every instance falls back to an account of the tenant.
guarded if {
	count(states) > 0
	count([1 | some [found, _] in states; found != "guarded"]) == 0
}

identities := lockdown.identities(component)

exposed if {
	count(those("open")) > 0
	count(identities) > 0
}

why := tenants.why(flux.namespace)

violation contains result.related(place, msg, nodes) if {
	borrowed
	tenants.own
	exposed
	msg := "no service account is named, so the cloud identity of the controller is used"
	nodes := array.concat(array.concat(why, identities), those("open"))
}

warn contains result.related(place, "no service account is named: a cloud identity of the controller would be used", why) if {
	borrowed
	tenants.own
	not exposed
	not guarded
	not unclear
}

# Whether the controller's identity is kept from tenants matters, and cannot be told.
unclear if {
	count(those("unknown")) > 0
	count(identities) > 0
}

unknown contains result.related(place, msg, nodes) if {
	borrowed
	tenants.own
	not exposed
	unclear
	msg := "no service account is named, and it cannot be told whether the controller's cloud identity is used"
	nodes := array.concat(identities, those("unknown"))
}

manual contains result.at(["spec", "secretRef"], "review who may read the Secret that gives access") if {
	sound
	tenants.own
	secret
	not borrowed
}

unknown contains finding if {
	subject
	some finding in malformed
}

unknown contains result.at(path, "the field could not be worked out") if {
	subject
	some path in veiled
}

matters if borrowed

matters if {
	sound
	secret
}

unknown contains finding if {
	matters
	some finding in tenants.undecided
}

manual contains finding if {
	matters
	some finding in tenants.open
}
