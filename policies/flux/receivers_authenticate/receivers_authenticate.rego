# METADATA
# title: Receivers authenticate their callers
# description: |
#   Each Receiver is of a type whose caller notification-controller checks: by a signature (`generic-hmac`, `github`,
#   `bitbucket`, `nexus`), by a shared token in a header (`gitlab`, `harbor`) or by an OIDC token (`generic-oidc`,
#   `gcr`). The types `generic`, `quay`, `dockerhub`, `acr` and `cdevents` have no such check and give a warning: their
#   only secret is the path of the URL. A resource with the name `*` gives a warning, too.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/components/notification/receivers/#type
#     description: Receiver, Type
#   - ref: https://fluxcd.io/flux/guides/webhook-receivers/
#     description: Setup Webhook Receivers
# custom:
#   id: FX-EXT-08
#   severity: medium
#   profiles: [base]
#   assessment: automated
#   modes: [git, render, dump, admission]
#   kinds: [notification.toolkit.fluxcd.io/Receiver]
#   reads: []
#   origin: extension (a Receiver is usually reachable from the internet)
#   rationale: |
#     A call to a Receiver makes Flux reconcile the named resources at once. The path of the URL is derived from the
#     Secret's token and does not change until that does; it ends up in the logs of proxies and load balancers, in
#     the settings of the calling service and in shell histories. Where the path is all there is, whoever has read it
#     once can make the controllers fetch and apply as often as they like, and use up the rate limits of the Git host
#     or registry. A name of `*` lets one call reach every object of that kind in the namespace.
#   audit: |
#     ```sh
#     kubectl get receivers -A -o json | jq -r \
#       '.items[] | "\(.metadata.namespace)/\(.metadata.name): \(.spec.type) \([.spec.resources[] | "\(.kind)/\(.name)"])"'
#     ```
#
#     Pass: every type is one of `generic-hmac`, `generic-oidc`, `github` (Gitea and Forgejo sign the same way),
#     `gitlab`, `bitbucket`, `harbor`, `nexus` and `gcr`, and every resource is named.
#   remediation: |
#     Where you write the caller yourself, in a pipeline for instance, use `generic-hmac`: the caller sends
#     `X-Signature: sha256=<HMAC of the body>` with the token of the Secret as its key.
#
#     ```yaml
#     apiVersion: notification.toolkit.fluxcd.io/v1
#     kind: Receiver
#     metadata:
#       name: pipeline
#       namespace: flux-system
#     spec:
#       type: generic-hmac
#       secretRef:
#         name: receiver-token
#       resources:
#         - apiVersion: source.toolkit.fluxcd.io/v1
#           kind: GitRepository
#           name: fleet
#     ```
#
#     Registries such as Docker Hub, Quay and ACR cannot sign their calls. Let a pipeline step call instead, or limit
#     the addresses that may reach the ingress and its rate, treat the URL as a password, and change the token now
#     and then. Replace `*` by the names that the caller has something to say about, or narrow it by `matchLabels`.
#   since: 0.1.0
#   params: {}
package flux.receivers_authenticate

import data.lib.node
import data.lib.result
import data.lib.toolkit

subject if toolkit.kind == "Receiver"

type := toolkit.field(["type"], "string")

resources := toolkit.field(["resources"], "array")

names := [node.child(item, "name", "string") | some item in node.items(resources, "object")]

warn contains result.at(type.path, sprintf("callers of the type %v are not authenticated: the URL is all they need", [type.value])) if {
	subject
	type.value in {"acr", "cdevents", "dockerhub", "generic", "quay"}
}

warn contains result.at(name.path, "a call reaches every resource of this kind") if {
	subject
	some name in names
	name.value == "*"
}

unknown contains finding if {
	subject
	some finding in toolkit.doubts(array.concat([type, resources], names))
}

unknown contains result.at(type.path, "the type of receiver is not known, so neither is how it authenticates callers") if {
	subject
	not toolkit.text(type) in known
	node.decided(type)
}

known := {
	"acr", "bitbucket", "cdevents", "dockerhub", "gcr", "generic", "generic-hmac", "generic-oidc", "github", "gitlab",
	"harbor", "nexus", "quay",
}
