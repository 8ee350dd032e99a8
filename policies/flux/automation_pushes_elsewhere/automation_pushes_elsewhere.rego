# METADATA
# title: Image automation does not push to the reconciled branch
# description: |
#   An ImageUpdateAutomation names a branch to push to, and it is neither the branch that it checks out nor one that a
#   GitRepository of the same repository follows for a Kustomization. And what the automation pushes with, the Secret
#   of its GitRepository, is not the one that Kustomizations are read with. Where this does not hold it is a warning.
#   The second half needs the GitRepositories and Kustomizations: where they are not at hand a person judges.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/components/image/imageupdateautomations/#push
#     description: Image update automations, push
#   - ref: https://fluxcd.io/flux/guides/image-update/#push-updates-to-a-different-branch
#     description: Flux guide to image updates, push to a different branch
# custom:
#   id: FX-EXT-09
#   severity: medium
#   profiles: [hard]
#   assessment: automated
#   modes: [git, render, dump, admission]
#   kinds: [image.toolkit.fluxcd.io/ImageUpdateAutomation]
#   reads:
#     - source.toolkit.fluxcd.io/GitRepository
#     - kustomize.toolkit.fluxcd.io/Kustomization
#   origin: extension (a push to the branch that the cluster follows is a deployment that nobody has reviewed)
#   rationale: |
#     Where the automation commits to the branch that the cluster applies, a new image in the registry, whoever put it
#     there, is running minutes later, and nobody has looked at the change. And the key that may push is then in the
#     cluster: who reads that Secret writes what the cluster applies. A branch of its own turns the update into a merge
#     request, and a key of its own, which may write there only, keeps the source read-only.
#   audit: |
#     ```sh
#     kubectl get imageupdateautomations -A -o json | jq -r '.items[] | "\(.metadata.namespace)/\(.metadata.name): \(.spec.sourceRef.name) checks out \(.spec.git.checkout.ref // "the branch of the source"), pushes to \(.spec.git.push.branch // "the same")"'
#     kubectl get gitrepositories -A -o json | jq -r '.items[] | "\(.metadata.namespace)/\(.metadata.name): \(.spec.url) \(.spec.ref // "master") \(.spec.secretRef.name // "no secret")"'
#     kubectl get kustomizations.kustomize.toolkit.fluxcd.io -A -o json | jq -r '.items[] | "\(.metadata.namespace)/\(.metadata.name) reads \(.spec.sourceRef.name)"'
#     ```
#
#     Pass: each automation pushes to a branch that no GitRepository with that URL follows, and its GitRepository shares
#     no Secret with one that a Kustomization reads. A push refspec alone does not help: the commits go to the
#     branch that was checked out as well.
#   remediation: |
#     Give the automation a GitRepository of its own, with a key that may push, and a branch of its own:
#
#     ```yaml
#     apiVersion: source.toolkit.fluxcd.io/v1
#     kind: GitRepository
#     metadata:
#       name: apps-automation
#       namespace: flux-system
#     spec:
#       interval: 30m
#       url: ssh://git@git.example.com/apps
#       ref:
#         branch: main
#       secretRef:
#         name: apps-push
#     ---
#     apiVersion: image.toolkit.fluxcd.io/v1
#     kind: ImageUpdateAutomation
#     metadata:
#       name: apps
#       namespace: flux-system
#     spec:
#       sourceRef:
#         kind: GitRepository
#         name: apps-automation
#       git:
#         push:
#           branch: flux-image-updates
#     ```
#
#     Let the Git host protect `main` against that key, and make the key of the other GitRepository read-only.
#   since: 0.1.0
#   params: {}
package flux.automation_pushes_elsewhere

import data.lib.facts
import data.lib.flux
import data.lib.node
import data.lib.result
import data.lib.toolkit

subject if flux.kind_is("image.toolkit.fluxcd.io", "ImageUpdateAutomation")

branch := toolkit.field(["git", "push", "branch"], "string") if subject

refspec := toolkit.field(["git", "push", "refspec"], "string") if subject

checkout := toolkit.field(["git", "checkout", "ref", "branch"], "string") if subject

source_ref := toolkit.field(["sourceRef"], "object") if subject

name := node.get(source_ref, ["name"], "string")

namespace := node.get(source_ref, ["namespace"], "string")

home := toolkit.text(namespace) if {
	toolkit.text(namespace) != ""
} else := flux.namespace if {
	toolkit.text(namespace) == ""
}

# The GitRepository that is checked out: none, or one.
own := [source |
	some source in facts.git_sources.sources
	source.object.namespace == home
	source.object.name == toolkit.text(name)
]

# GitRepositories of the same repository that a Kustomization reads.
followers := [source |
	some mine in own
	is_string(mine.repository)
	some source in facts.git_sources.sources
	source.repository == mine.repository
	source.read
]

# Where commits go besides the branch that is checked out: [node, branch].
targets := array.concat(
	[[branch, branch.value] | branch.state == "set"; branch.value != ""],
	[[refspec, trim_prefix(target, "refs/heads/")] |
		refspec.state == "set"
		parts := split(refspec.value, ":")
		target := parts[count(parts) - 1]
		startswith(target, "refs/heads/")
	],
)

unnamed if toolkit.text(branch) == ""

warn contains result.at(branch.path, "no branch to push to is named, so commits go to the one that is checked out") if unnamed

warn contains result.related(branch.path, "the branch to push to is the one that is checked out", [{"path": checkout.path}]) if {
	not unnamed
	branch.state == "set"
	checkout.value == branch.value
}

warn contains result.related(target.path, msg, [{"path": name.path}, {"object": source.object, "path": ["spec"]}]) if {
	some [target, text] in targets
	some source in array.concat(own, followers)
	text == source.branch
	msg := sprintf("GitRepository %v/%v follows the branch that is pushed to", [source.object.namespace, source.object.name])
}

warn contains result.related(name.path, msg, nodes) if {
	some mine in own
	is_string(mine.secret)
	mine.secret != ""
	some source in facts.git_sources.sources
	source.read
	source.object.namespace == mine.object.namespace
	source.secret == mine.secret
	msg := sprintf("commits are pushed with the secret that GitRepository %v/%v is read with", [source.object.namespace, source.object.name])
	nodes := [{"object": mine.object, "path": ["spec", "secretRef"]}, {"object": source.object, "path": ["spec", "secretRef"]}]
}

unknown contains finding if {
	subject
	some finding in toolkit.doubts([branch, refspec, checkout, name, namespace])
}

# What the judgement depends on and cannot be read.
unknown contains result.related(name.path, msg, [{"object": source.object, "path": ["spec"]}]) if {
	some source in array.concat(own, [other | some other in facts.git_sources.sources; other.read])
	null in {source.repository, source.branch, source.secret}
	concerned(source)
	msg := "what is pushed to cannot be told from what is reconciled: the url, ref or secret of a source cannot be read"
}

unknown contains result.related(name.path, msg, [{"object": broken, "path": ["spec", "sourceRef"]} | some broken in facts.git_sources.broken]) if {
	subject
	count(facts.git_sources.broken) > 0
	msg := "the source of a Kustomization cannot be read, so it cannot be told what is reconciled"
}

# The same repository or Secret, as far as it can be told.
concerned(source) if {
	some mine in own
	null in {mine.repository, source.repository}
}

concerned(source) if {
	some mine in own
	mine.repository == source.repository
}

concerned(source) if {
	some mine in own
	null in {mine.secret, source.secret}
	mine.object.namespace == source.object.namespace
}

manual contains result.at(name.path, "the repository that is pushed to, or what reads it, is not at hand") if {
	subject
	not whole
	count(warn) == 0
}

# The source and a Kustomization that reads its repository are at hand, or everything there is.
whole if {
	count(own) > 0
	count(followers) > 0
}

whole if {
	count(own) > 0
	flux.mode == "dump"
}
