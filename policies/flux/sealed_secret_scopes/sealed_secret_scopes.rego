# METADATA
# title: SealedSecret scopes are strict
# description: |
#   A SealedSecret is sealed for its own name and namespace (scope strict). The scope is read from its own annotations, as
#   the controller does when it unseals: `sealedsecrets.bitnami.com/cluster-wide: "true"` fails, and wins over
#   `sealedsecrets.bitnami.com/namespace-wide: "true"`, which is advice. Only the exact text `true` counts. Annotations
#   in the template that say another scope are advice, because they mislead.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/best-practices/#secret-decryption-1
#     description: Flux security best practices, Secret Decryption on shared clusters
#   - ref: https://github.com/bitnami-labs/sealed-secrets#scopes
#     description: Sealed Secrets, scopes
# custom:
#   id: FX-KEK-03
#   severity: high
#   profiles: [shared]
#   assessment: automated
#   modes: [git, render, dump, admission]
#   kinds: [bitnami.com/SealedSecret]
#   reads: []
#   origin: best-practices.md, Shared Cluster Multi-tenancy / Secret Decryption
#   rationale: |
#     A strict SealedSecret is worthless to anybody else: copied into another namespace, or renamed, it does not unseal.
#     A cluster-wide one unseals anywhere. Every tenant who can read the repository, or the object, copies it
#     into their own namespace and reads the plain Secret there; the encryption then protects against nobody on the
#     cluster. A namespace-wide one can be renamed, which matters where names decide who may read.
#   audit: |
#     ```sh
#     kubectl get sealedsecrets -A -o json | jq -r \
#       '.items[] | select(.metadata.annotations // {} | keys | any(startswith("sealedsecrets.bitnami.com/") and endswith("-wide"))) | "\(.metadata.namespace)/\(.metadata.name): \(.metadata.annotations)"'
#     ```
#
#     Pass: no line with the value `true`. The same objects in Git count, whether or not they are applied.
#   remediation: |
#     Seal the value again, for one name and namespace, and rotate it where others could have unsealed it:
#
#     ```sh
#     kubeseal --scope strict --namespace team-a --name db < db-secret.yaml > db-sealed.yaml
#     ```
#
#     Taking off the annotation alone breaks the object: the scope is part of what was encrypted.
#   since: 0.1.0
#   params: {}
package flux.sealed_secret_scopes

import data.lib.flux
import data.lib.result
import data.lib.shape

subject if flux.kind_is("bitnami.com", "SealedSecret")

own := ["metadata", "annotations"]

template := ["spec", "template", "metadata", "annotations"]

cluster := "sealedsecrets.bitnami.com/cluster-wide"

namespace := "sealedsecrets.bitnami.com/namespace-wide"

annotation(place, name) := object.get(flux.object, array.concat(place, [name]), null)

scope(place) := "cluster-wide" if {
	annotation(place, cluster) == "true"
} else := "namespace-wide" if {
	annotation(place, namespace) == "true"
} else := "strict"

readable if {
	subject
	flux.known(own)
	count(malformed) == 0
}

violation contains result.at(array.concat(own, [cluster]), "the secret unseals in every namespace") if {
	readable
	scope(own) == "cluster-wide"
}

warn contains result.at(array.concat(own, [namespace]), "the secret unseals under every name in its namespace") if {
	readable
	scope(own) == "namespace-wide"
}

warn contains result.at(array.concat(template, [name]), msg) if {
	readable
	scope(template) != scope(own)
	some name in [cluster, namespace]
	annotation(template, name) != null
	msg := sprintf("the template says that the scope is %v, but it is %v", [scope(template), scope(own)])
}

malformed := shape.check([
	[[["metadata"]], "object"],
	[[own], "strings"],
	[[["spec"]], "object"],
	[[["spec", "template"]], "object"],
	[[["spec", "template", "metadata"]], "object"],
	[[template], "strings"],
])

unknown contains finding if {
	subject
	some finding in malformed
}

unknown contains result.at(own, "the scope could not be worked out") if {
	subject
	not flux.known(own)
}
