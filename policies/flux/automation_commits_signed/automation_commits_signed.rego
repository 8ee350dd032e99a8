# METADATA
# title: Image automation signs its commits
# description: |
#   Every ImageUpdateAutomation names a Secret with a signing key in `spec.git.commit.signingKey.secretRef`.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/components/image/imageupdateautomations/#signing-key
#     description: Image update automations, signing key
#   - ref: https://fluxcd.io/flux/components/source/gitrepositories/#verification
#     description: Git repositories, verification
# custom:
#   id: FX-EXT-10
#   severity: low
#   profiles: [hard]
#   assessment: automated
#   modes: [git, render, dump, admission]
#   kinds: [image.toolkit.fluxcd.io/ImageUpdateAutomation]
#   reads: []
#   origin: extension (commits that nobody signed cannot be verified by the source that reads them)
#   rationale: |
#     The author of a commit is text that anybody can set. An unsigned commit by the automation looks like one that a
#     stolen deploy key pushed, and as long as the automation does not sign, neither a branch rule that asks for signed
#     commits nor `spec.verify` of the GitRepository can be switched on: both would stop the automation's own commits.
#   audit: |
#     ```sh
#     kubectl get imageupdateautomations -A -o json | jq -r \
#       '.items[] | "\(.metadata.namespace)/\(.metadata.name): \(.spec.git.commit.signingKey.secretRef.name // "unsigned")"'
#     git log --show-signature -5 --author=fluxcdbot
#     ```
#
#     Pass: no line says unsigned, and the commits in the repository carry a good signature of that key.
#   remediation: |
#     Make a key for the automation alone, and keep its public half where the repository is verified:
#
#     ```yaml
#     spec:
#       git:
#         commit:
#           author:
#             name: fluxcdbot
#             email: fluxcdbot@example.com
#           signingKey:
#             secretRef:
#               name: image-automation-signing # git.asc, and passphrase where the key has one
#     ```
#
#     Then let the source insist on it:
#
#     ```yaml
#     apiVersion: source.toolkit.fluxcd.io/v1
#     kind: GitRepository
#     spec:
#       verify:
#         mode: HEAD
#         secretRef:
#           name: trusted-authors
#     ```
#   since: 0.1.0
#   params: {}
package flux.automation_commits_signed

import data.lib.flux
import data.lib.node
import data.lib.result
import data.lib.toolkit

subject if flux.kind_is("image.toolkit.fluxcd.io", "ImageUpdateAutomation")

key := toolkit.field(["git", "commit", "signingKey"], "object") if subject

secret := node.get(key, ["secretRef", "name"], "reference")

missing if secret.state == "absent"

missing if secret.value == ""

violation contains result.at(key.path, "commits are not signed") if key.state == "absent"

violation contains result.at(secret.path, "the signing key names no secret") if {
	key.state == "set"
	missing
}

unknown contains finding if finding := node.doubt(secret)
