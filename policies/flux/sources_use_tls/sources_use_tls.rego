# METADATA
# title: Sources use TLS
# description: |
#   No source is fetched and no notification is sent in plain text: the URL of a GitRepository, HelmRepository or
#   OCIRepository, the endpoint of a Bucket (that of its token service, too) and the address of a Provider do not
#   begin with `http://`, and no OCIRepository, HelmRepository, Bucket or ImageRepository sets `insecure: true`. An
#   address inside the cluster gives a warning. Where the address of a Provider is in its Secret, a person looks. An
#   HTTP proxy is allowed: TLS goes through it.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/components/source/ocirepositories/#insecure
#     description: OCIRepository, Insecure
#   - ref: https://fluxcd.io/flux/components/source/helmrepositories/#insecure
#     description: HelmRepository, Insecure
#   - ref: https://fluxcd.io/flux/components/source/buckets/#insecure
#     description: Bucket, Insecure
#   - ref: https://fluxcd.io/flux/components/notification/providers/#address
#     description: Provider, Address
# custom:
#   id: FX-EXT-01
#   severity: high
#   profiles: [base]
#   assessment: automated
#   modes: [git, render, dump, admission]
#   kinds:
#     - source.toolkit.fluxcd.io/GitRepository
#     - source.toolkit.fluxcd.io/OCIRepository
#     - source.toolkit.fluxcd.io/HelmRepository
#     - source.toolkit.fluxcd.io/Bucket
#     - image.toolkit.fluxcd.io/ImageRepository
#     - notification.toolkit.fluxcd.io/Provider
#   reads: []
#   origin: extension (whoever sits between Flux and a plain text source decides what is applied to the cluster)
#   rationale: |
#     Flux applies what it fetches, as a rule with the permissions of a cluster admin. Over plain HTTP anybody on the
#     way can put other manifests, charts or tags in their place, and reads the credentials of the source along the
#     way. Events that go to a plain address carry the token of the chat or Git provider. `insecure: true` does the
#     same for registries and buckets; on an OCIRepository without `certSecretRef` it also accepts every certificate
#     of a server that does speak TLS.
#   audit: |
#     ```sh
#     kubectl get gitrepositories,helmrepositories,ocirepositories,buckets -A -o json | jq -r \
#       '.items[] | select((.spec.url // .spec.endpoint // "" | test("^http://"; "i")) or .spec.insecure == true) | "\(.kind) \(.metadata.namespace)/\(.metadata.name)"'
#     kubectl get imagerepositories -A -o json | jq -r '.items[] | select(.spec.insecure == true) | "\(.metadata.namespace)/\(.metadata.name)"'
#     kubectl get providers.notification.toolkit.fluxcd.io -A -o json | jq -r \
#       '.items[] | "\(.metadata.namespace)/\(.metadata.name): \(.spec.address // "address in Secret \(.spec.secretRef.name)")"'
#     ```
#
#     For a Provider whose address is in a Secret, look at the beginning of that value only:
#     `kubectl get secret -n <namespace> <name> -o jsonpath='{.data.address}' | base64 -d | cut -c1-8`.
#     Pass: the first two commands print nothing, and every address begins with `https://`. Inside the cluster, to
#     `localhost` or a Service, plain HTTP is a matter of how far you trust the cluster's network.
#   remediation: |
#     Serve the source by TLS and drop `insecure`. A private certificate authority goes into a Secret with `ca.crt`:
#
#     ```yaml
#     apiVersion: source.toolkit.fluxcd.io/v1
#     kind: OCIRepository
#     metadata:
#       name: apps
#       namespace: flux-system
#     spec:
#       interval: 10m
#       url: oci://registry.example.com/fleet/apps
#       certSecretRef:
#         name: registry-ca
#     ```
#
#     HelmRepository, Bucket, ImageRepository and Provider take `certSecretRef`, too. A GitRepository reads `ca.crt`
#     from the Secret of its `secretRef`, or uses `ssh://`.
#   since: 0.1.0
#   params:
#     clusterDomain:
#       type: string
#       default: cluster.local
#       description: The DNS domain of the cluster, to tell Services from hosts outside
package flux.sources_use_tls

import data.lib.flux
import data.lib.node
import data.lib.result
import data.lib.toolkit
import data.lib.url

subject if places[toolkit.kind]

# Where each kind has an address.
places := {
	"GitRepository": [["url"]],
	"OCIRepository": [["url"]],
	"HelmRepository": [["url"]],
	"Bucket": [["endpoint"], ["sts", "endpoint"]],
	"ImageRepository": [],
	"Provider": [["address"]],
}

addresses := [toolkit.field(keys, "reference") | some keys in places[toolkit.kind]]

violation contains result.at(one.path, "the connection is not protected by TLS") if {
	some one in plain
	not near(one.host)
}

warn contains result.at(one.path, "the connection is not protected by TLS, if only inside the cluster") if {
	some one in plain
	near(one.host)
}

violation contains result.fixed(insecure.path, "insecure allows connections without TLS", node.fix(insecure, false)) if {
	insecure.value == true
	not idle
	not blind
}

violation contains result.fixed(insecure.path, msg, node.fix(insecure, false)) if {
	insecure.value == true
	blind
	msg := "insecure allows connections without TLS, and accepts any certificate where there is TLS"
}

warn contains result.fixed(insecure.path, msg, node.fix(insecure, false)) if {
	insecure.value == true
	idle
	msg := "insecure has no effect on this type of repository, but will once it is an OCI one"
}

plain := [{"path": one.path, "host": parts.host} |
	some one in addresses
	one.state == "set"
	parts := url.parse(one.value)
	parts.scheme == "http"
]

near(host) if url.inside(host, flux.param("clusterDomain", "cluster.local"))

insecure := toolkit.field(["insecure"], "boolean") if toolkit.kind in {"OCIRepository", "HelmRepository", "Bucket", "ImageRepository"}

blind if {
	toolkit.kind == "OCIRepository"
	toolkit.field(["certSecretRef"], "object").state == "absent"
}

# A Helm repository without OCI ignores the field.
idle if {
	toolkit.kind == "HelmRepository"
	some one in addresses
	url.scheme(one.value) in {"http", "https"}
	toolkit.text(toolkit.field(["type"], "string")) in {"", "default"}
}

unknown contains finding if {
	subject
	some finding in toolkit.doubts(array.concat(addresses, [insecure | insecure.path]))
}

unknown contains result.at(one.path, "the address cannot be worked out") if {
	some one in addresses
	one.state == "set"
	node.contains_variable(one.value)
	not told(one.value)
}

unknown contains result.at(one.path, "the address names no protocol that flux speaks, or no host") if {
	some one in addresses
	one.state == "set"
	not node.contains_variable(one.value)
	not told(one.value)
}

unknown contains result.at(one.path, "the source has no url") if {
	toolkit.kind in repositories
	some one in addresses
	one.state == "absent"
}

repositories := {"GitRepository", "OCIRepository", "HelmRepository"}

# Whether TLS is used can be told from this text.
told(text) if url.scheme(text) in {"https", "oci", "ssh"}

told(text) if url.parse(text).scheme == "http"

told(text) if {
	not toolkit.kind in repositories
	not node.contains_variable(text)
	not startswith(lower(text), "http://")
}

manual contains result.at(one.path, "the address is in a Secret: look whether it begins with https") if {
	toolkit.kind == "Provider"
	some one in addresses
	toolkit.text(one) == ""
	toolkit.field(["secretRef"], "object").state != "absent"
}
