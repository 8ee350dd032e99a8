# METADATA
# title: No credentials in source URLs
# description: |
#   The address of a source, an image repository, a notification provider or a FluxInstance's sync holds no password, no
#   token in the place of the user, and no secret query parameter (`token=`, `sig=`, `access_token=`,
#   `X-Amz-Signature=` and their like). `ssh://git@host` names a user, which is no secret. A user without a password passes,
#   unless it looks like a token. The key in the address of a Sentry provider gives a warning.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/components/source/gitrepositories/#secret-reference
#     description: GitRepository, Secret reference
#   - ref: https://fluxcd.io/flux/components/source/buckets/#secret-reference
#     description: Bucket, Secret reference
#   - ref: https://fluxcd.io/flux/components/notification/providers/#address
#     description: Provider, Address
# custom:
#   id: FX-SEC-05
#   severity: critical
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
#     - fluxcd.controlplane.io/FluxInstance
#   reads: []
#   origin: best-practices.md, Kustomize Controller / Secret Decryption (no plain credentials in sources, nor in the addresses of sources)
#   rationale: |
#     Everybody who may read the object reads its address: the roles `view` and `edit` cover Flux's kinds, but not
#     Secrets. The address is also repeated where nobody expects a secret: in conditions, events, alerts, logs and
#     metrics, and in the history of the repository that the object came from.
#   audit: |
#     ```sh
#     kubectl get gitrepositories,helmrepositories,ocirepositories,buckets,imagerepositories -A -o json | jq -r \
#       '.items[] | select((.spec.url // .spec.endpoint // .spec.image // "") | test("://[^/?#]*:[^/?#]*@|://[A-Za-z0-9_-]{20,}@|[?&](token|sig|access_token|x-amz-signature)="; "i"))
#       | "\(.kind) \(.metadata.namespace)/\(.metadata.name)"'
#     kubectl get providers.notification.toolkit.fluxcd.io -A -o json | jq -r \
#       '.items[] | select(.spec.address // "" | test("@|[?&;]")) | "\(.metadata.namespace)/\(.metadata.name)"'
#     ```
#
#     Look at each object that is printed (the commands print no address). Pass: no password, no token, no signature. The same for
#     `spec.sync.url` of the FluxInstance.
#   remediation: |
#     Revoke the credential first: it is in the history and in logs. Then put a new one into a Secret that is
#     encrypted in Git, and take it out of the address:
#
#     ```yaml
#     apiVersion: source.toolkit.fluxcd.io/v1
#     kind: GitRepository
#     metadata:
#       name: apps
#       namespace: flux-system
#     spec:
#       interval: 5m
#       url: https://git.example.com/acme/apps
#       secretRef:
#         name: apps-credentials   # keys username and password
#     ```
#
#     A Bucket reads an Azure SAS from the key `sasKey` of its Secret, and a Provider its whole address from the key
#     `address`. A FluxInstance names the Secret in `spec.sync.pullSecret`.
#   since: 0.1.0
#   redact: true
#   params: {}
package flux.no_credentials_in_urls

import data.lib.flux
import data.lib.node
import data.lib.result
import data.lib.url
import data.lib.workload

subject if count(places) > 0

# Where each kind has addresses, by keys below spec.
places := fields[workload.group_kind(flux.object)]

fields := {
	"source.toolkit.fluxcd.io/GitRepository": [["url"]],
	"source.toolkit.fluxcd.io/OCIRepository": [["url"]],
	"source.toolkit.fluxcd.io/HelmRepository": [["url"]],
	"source.toolkit.fluxcd.io/Bucket": [["endpoint"], ["sts", "endpoint"]],
	"image.toolkit.fluxcd.io/ImageRepository": [["image"]],
	"notification.toolkit.fluxcd.io/Provider": [["address"], ["proxy"]],
	"fluxcd.controlplane.io/FluxInstance": [["sync", "url"]],
}

# Most addresses have nothing but a host and a path.
plain if {
	places == [["url"]]
	text := flux.object.spec.url
	is_string(text)
	regex.match(`^[a-z]+://(git@)?[0-9A-Za-z._:/~+-]+$`, text)
	not node.veils
}

addresses := [] if {
	plain
} else := [node.get(spec, keys, "reference") | some keys in places]

spec := node.at(raw, ["spec"], "object", 0)

raw := object.get(flux.object, "spec", null) if {
	is_object(flux.object)
} else := null

# [node, parts of its URL]
given := [[one, parts] |
	some one in addresses
	one.state == "set"
	parts := url.parse(one.value)
]

violation contains result.at(one.path, "the address holds a password") if {
	some [one, parts] in given
	regex.match(`^[^:]*:.`, parts.user)
	not node.contains_variable(parts.user)
}

violation contains result.at(one.path, "the address holds a token in the place of the user") if {
	some [one, parts] in given
	regex.match(token, parts.user)
	not dsn
}

warn contains result.at(one.path, "the address holds the key of the project: whoever reads it may send events") if {
	some [one, parts] in given
	regex.match(token, parts.user)
	dsn
}

# A user with no password that no person would be called.
token := `^[0-9A-Za-z_%-]{20,}:?$|^(gh[pousr]_|github_pat_|glpat-)`

dsn if flux.object.spec.type == "sentry"

violation contains result.at(one.path, "the address holds a secret parameter") if {
	some one in addresses
	one.state == "set"
	regex.match(secret, one.value)
}

secret := concat("", [
	`(?i)[?&;](token|sig|access_token|private_token|x-amz-signature|x-amz-security-token|x-goog-signature|api_?key|`,
	`password|client_secret|sharedaccesskey|sharedaccesssignature|accountkey)=[^&;\s$]`,
])

# What is no URL: a registry, a host, or one that nobody can read.
violation contains result.at(one.path, "the address holds a password") if {
	some one in unread
	regex.match(`^[^/?#\s:@]*:[^/?#\s@]+@`, one.value)
	not pinned(one.value)
}

unread := [one |
	some one in addresses
	one.state == "set"
	not url.parse(one.value)
	not node.contains_variable(one.value)
]

# An image by its digest.
pinned(text) if regex.match(`@[0-9A-Za-z+._-]+:[0-9A-Fa-f]{32,}$`, text)

unknown contains finding if {
	some one in addresses
	finding := node.doubt(one)
}

unknown contains result.at(one.path, "the address holds a variable, so that it cannot be told whether there are credentials in it") if {
	some one in addresses
	one.state == "set"
	node.contains_variable(one.value)
}

unknown contains result.at(one.path, "the address cannot be read, so that it cannot be told whether there are credentials in it") if {
	some one in unread
	regex.match(`^[^@]*://.*@`, one.value)
}
