# METADATA
# title: Git submodules are not fetched unseen
# description: |
#   A GitRepository with `recurseSubmodules: true` gives a warning: it takes in the content of other repositories, and
#   fetches them with its own credentials. Included repositories (`spec.include`) are sources of the same namespace
#   that are judged themselves.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/components/source/gitrepositories/#recurse-submodules
#     description: GitRepository, Recurse submodules
#   - ref: https://fluxcd.io/flux/components/source/gitrepositories/#include
#     description: GitRepository, Include
# custom:
#   id: FX-EXT-20
#   severity: low
#   profiles: [hard]
#   assessment: automated
#   modes: [git, render, dump, admission]
#   kinds: [source.toolkit.fluxcd.io/GitRepository]
#   reads: []
#   origin: extension (content from repositories that no Flux object names)
#   rationale: |
#     The file `.gitmodules` in the repository says what else is fetched, so that whoever may push there decides which
#     hosts and repositories Flux reads from. It uses the credentials of the source for all of them, and no allow-list
#     of sources and no signature check sees those addresses.
#   audit: |
#     ```sh
#     kubectl get gitrepositories -A -o json | jq -r \
#       '.items[] | select(.spec.recurseSubmodules == true) | "\(.metadata.namespace)/\(.metadata.name): \(.spec.url)"'
#     ```
#
#     For each, read `.gitmodules` at the reference that Flux follows. Pass: no output, or every submodule is yours,
#     and its pinned commits are reviewed like the rest.
#   remediation: |
#     Make a source of each repository, and include it where its files are needed:
#
#     ```yaml
#     apiVersion: source.toolkit.fluxcd.io/v1
#     kind: GitRepository
#     metadata:
#       name: apps
#       namespace: flux-system
#     spec:
#       interval: 5m
#       url: ssh://git@github.com/acme/apps
#       ref:
#         branch: main
#       recurseSubmodules: false
#       include:
#         - repository:
#             name: shared
#           fromPath: ./deploy
#           toPath: ./shared
#     ```
#
#     Each of them then has its own credentials and signature check. Or publish the whole as one OCI artifact.
#   since: 0.1.0
#   params: {}
package flux.submodules_reviewed

import data.lib.node
import data.lib.result
import data.lib.toolkit

subject if toolkit.kind == "GitRepository"

recursive := toolkit.field(["recurseSubmodules"], "boolean")

warn contains result.fixed(recursive.path, "submodules are fetched with the credentials of this source", node.fix(recursive, false)) if {
	subject
	recursive.value == true
}

unknown contains finding if {
	subject
	some finding in toolkit.doubts([recursive])
}
