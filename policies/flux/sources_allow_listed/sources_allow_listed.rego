# METADATA
# title: Sources come from an allow-list
# description: |
#   Every GitRepository, OCIRepository, HelmRepository, Bucket and ImageRepository leads to, or below, one of the places
#   in the parameter `allowedSources`. Scheme, host and port have to be equal, and the path has to go on at a slash.
#   Without a list the control passes where an admission policy with a list of its own is enforced for that kind of
#   source and namespace (`source.policy.fluxcd.controlplane.io`, or Kyverno's `verify-flux-sources`); else a person
#   looks.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/best-practices/#multi-tenancy-lock-down
#     description: Flux security best practices, Multi-tenancy Lock-down
#   - ref: https://kyverno.io/policies/flux/verify-flux-sources/verify-flux-sources/
#     description: Kyverno, Verify Flux Sources
# custom:
#   id: FX-EXT-05
#   severity: medium
#   profiles: [shared]
#   assessment: automated
#   modes: [git, render, dump, admission]
#   kinds:
#     - source.toolkit.fluxcd.io/GitRepository
#     - source.toolkit.fluxcd.io/OCIRepository
#     - source.toolkit.fluxcd.io/HelmRepository
#     - source.toolkit.fluxcd.io/Bucket
#     - image.toolkit.fluxcd.io/ImageRepository
#   reads: []
#   origin: extension (tenants may create sources; no flag of Flux limits where those lead)
#   rationale: |
#     A tenant who may create a source can have the cluster fetch manifests, charts and image tags from anywhere: past
#     the reviews of your Git host, from an account that was left behind, or from an address that only the cluster's
#     network reaches. A list of organisations and registries keeps what is applied inside the places that you
#     control.
#   audit: |
#     ```sh
#     kubectl get gitrepositories,ocirepositories,helmrepositories,buckets,imagerepositories -A -o json | jq -r \
#       '.items[] | "\(.kind) \(.metadata.namespace)/\(.metadata.name): \(.spec.url // .spec.image // (.spec.endpoint + "/" + .spec.bucketName))"'
#     kubectl get validatingadmissionpolicies,validatingadmissionpolicybindings
#     ```
#
#     Pass: every address is on your list, or an admission policy refuses the others. Look at what the policy leaves
#     out: exempted namespaces, warnings instead of denials, and kinds (Kyverno's sample has no OCIRepository).
#   remediation: |
#     Write the list into the configuration:
#
#     ```yaml
#     params:
#       allowedSources:
#         - https://github.com/acme
#         - ssh://git@github.com/acme
#         - oci://ghcr.io/acme
#         - ghcr.io/acme
#         - https://s3.eu-west-1.amazonaws.com/acme-configs
#     ```
#
#     A registry can be written with or without `oci://`, and holds for OCI sources as for images; a bucket is its
#     endpoint followed by its name. `.git` at the end belongs to the name. Then have the cluster refuse the others:
#
#     ```yaml
#     apiVersion: admissionregistration.k8s.io/v1
#     kind: ValidatingAdmissionPolicy
#     metadata:
#       name: source.policy.fluxcd.controlplane.io
#     spec:
#       failurePolicy: Fail
#       matchConstraints:
#         resourceRules:
#           - apiGroups: [source.toolkit.fluxcd.io]
#             apiVersions: ["*"]
#             operations: [CREATE, UPDATE]
#             resources: [gitrepositories, ocirepositories, helmrepositories]
#       validations:
#         - expression: >-
#             ['https://github.com/acme/', 'ssh://git@github.com/acme/', 'oci://ghcr.io/acme/']
#             .exists(prefix, object.spec.url.startsWith(prefix))
#           message: the source is not on the list
#     ---
#     apiVersion: admissionregistration.k8s.io/v1
#     kind: ValidatingAdmissionPolicyBinding
#     metadata:
#       name: source.policy.fluxcd.controlplane.io
#     spec:
#       policyName: source.policy.fluxcd.controlplane.io
#       validationActions: [Deny]
#     ```
#   since: 0.1.0
#   params:
#     allowedSources:
#       type: array
#       items: {type: string}
#       default: []
#       description: Places that sources may lead to, each a URL or a registry with the beginning of a path
package flux.sources_allow_listed

import data.lib.admission
import data.lib.facts
import data.lib.flux
import data.lib.node
import data.lib.result
import data.lib.toolkit
import data.lib.url

subject if keys[toolkit.kind]

keys := {
	"GitRepository": "url",
	"OCIRepository": "url",
	"HelmRepository": "url",
	"Bucket": "endpoint",
	"ImageRepository": "image",
}

allowed := flux.param("allowedSources", [])

address := toolkit.field([keys[toolkit.kind]], "string")

bucket := toolkit.field(["bucketName"], "string") if toolkit.kind == "Bucket"

insecure := toolkit.field(["insecure"], "boolean") if toolkit.kind == "Bucket"

# The whole address of the source.
text := address.value if {
	address.state == "set"
	toolkit.kind != "Bucket"
}

text := sprintf("%v/%v", [trim_right(endpoint, "/"), bucket.value]) if {
	address.state == "set"
	bucket.state == "set"
}

endpoint := address.value if {
	url.scheme(address.value)
} else := sprintf("http://%v", [address.value]) if {
	insecure.value == true
} else := sprintf("https://%v", [address.value]) if {
	node.decided(insecure)
}

place := url.located(text) if {
	subject
	count(allowed) > 0
}

violation contains result.related(address.path, "the source is outside the allowed places", nodes) if {
	place
	not listed
}

nodes := [{"path": bucket.path}, {"path": insecure.path}] if {
	toolkit.kind == "Bucket"
} else := []

listed if {
	some prefix in allowed
	is_string(prefix)
	url.below(place, prefix)
}

doubts := toolkit.doubts(array.concat([address], array.concat([bucket | bucket.path], [insecure | insecure.path])))

unknown contains finding if {
	subject
	count(allowed) > 0
	some finding in doubts
}

unknown contains result.at(address.path, "the address is incomplete or malformed, so where it leads cannot be told") if {
	subject
	count(allowed) > 0
	count(doubts) == 0
	not place
}

manual contains result.at(address.path, "no list of allowed sources is given: look whether this one belongs here") if {
	subject
	count(allowed) == 0
	not guarded
}

# An admission policy has a list, and refuses what is not on it.
guarded if admission.best(policies, flux.namespace) == "deny"

policies := [policy.rule |
	some policy in facts.source_policies
	policy.kind == toolkit.kind
]
