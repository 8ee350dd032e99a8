# METADATA
# title: Artifacts are verified by signature
# description: |
#   Each OCIRepository and GitRepository has `spec.verify`, and each HelmChart and HelmRelease that takes its chart from
#   a HelmRepository verifies that. A chart from a GitRepository is as verified as that. A HelmRelease with a
#   `chartRef` fails where the OCIRepository it names is not verified; where that is not at hand, a person looks. Flux
#   verifies no charts of HTTP repositories and no buckets. Who is accepted as signer is another control's question.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/components/source/ocirepositories/#verification
#     description: OCIRepository, Verification
#   - ref: https://fluxcd.io/flux/components/source/gitrepositories/#verification
#     description: GitRepository, Verification
#   - ref: https://fluxcd.io/flux/components/source/helmcharts/#verification
#     description: HelmChart, Verification
# custom:
#   id: FX-EXT-02
#   severity: medium
#   profiles: [hard]
#   assessment: automated
#   modes: [git, render, dump, admission]
#   kinds:
#     - source.toolkit.fluxcd.io/GitRepository
#     - source.toolkit.fluxcd.io/OCIRepository
#     - source.toolkit.fluxcd.io/HelmChart
#     - helm.toolkit.fluxcd.io/HelmRelease
#   reads: []
#   origin: extension (the security pages ask for verified Flux images; the same holds for what Flux applies)
#   rationale: |
#     TLS proves that an artifact came from the registry or Git host, not that your pipeline or your people made it. With
#     the credentials of a registry, or write access to a repository, anybody can publish what Flux then applies.
#     With `verify`, source-controller drops an artifact or a commit without a signature by a key or an identity that
#     you named, and goes on serving the last one that had it.
#   audit: |
#     ```sh
#     kubectl get gitrepositories,ocirepositories,helmcharts -A -o json | jq -r \
#       '.items[] | select(.spec.verify == null) | "\(.kind) \(.metadata.namespace)/\(.metadata.name): \(.spec.url // .spec.sourceRef)"'
#     kubectl get helmreleases -A -o json | jq -r \
#       '.items[] | "\(.metadata.namespace)/\(.metadata.name): \(.spec.chartRef // .spec.chart.spec.sourceRef) \(.spec.chart.spec.verify)"'
#     ```
#
#     Pass: the first command prints nothing but charts from a verified GitRepository, and each `chartRef` leads to a
#     verified OCIRepository or HelmChart. For a bucket, and an ExternalArtifact, find out who may write it, and
#     whether what it is made of was verified. `flux get sources oci -A` shows in the condition `SourceVerified`
#     whether verification works.
#   remediation: |
#     Sign artifacts in the pipeline (`cosign sign` after `flux push artifact` or `helm push`), and name the identity:
#
#     ```yaml
#     apiVersion: source.toolkit.fluxcd.io/v1
#     kind: OCIRepository
#     metadata:
#       name: apps
#       namespace: flux-system
#     spec:
#       interval: 10m
#       url: oci://ghcr.io/acme/fleet/apps
#       ref:
#         semver: 1.x
#       verify:
#         provider: cosign
#         matchOIDCIdentity:
#           - issuer: ^https://token\.actions\.githubusercontent\.com$
#             subject: ^https://github\.com/acme/fleet/\.github/workflows/release\.yaml@refs/tags/v.*$
#     ```
#
#     A HelmRelease takes the same block under `spec.chart.spec.verify`. A GitRepository verifies commits and tags with
#     the public keys in a Secret:
#
#     ```yaml
#     spec:
#       verify:
#         mode: HEAD
#         secretRef:
#           name: trusted-signers
#     ```
#
#     Move charts from HTTP repositories to OCI ones, or mirror them there and sign the mirror.
#   since: 0.1.0
#   params: {}
package flux.artifacts_verified

import data.lib.facts
import data.lib.flux
import data.lib.node
import data.lib.result
import data.lib.toolkit

subject if toolkit.kind in {"GitRepository", "HelmChart", "HelmRelease", "OCIRepository"}

# The usual fault needs no closer look: a chart of a repository that is named by texts, and no verification.
plain if {
	chart := toolkit.chart
	chart.sourceRef.kind == "HelmRepository"
	object.get(chart, "verify", null) == null
	readable(object.get(chart.sourceRef, "name", ""))
	readable(object.get(chart.sourceRef, "namespace", ""))
}

readable(text) if {
	is_string(text)
	not contains(text, "${")
}

other if {
	subject
	not plain
}

# The place that `verify` belongs to; a release with a chartRef has none of its own.
verify := toolkit.field(["verify"], "object") if toolkit.kind in {"GitRepository", "HelmChart", "OCIRepository"}

verify := toolkit.field(["chart", "spec", "verify"], "object") if templated

# Where the chart comes from.
source(key) := toolkit.field(["sourceRef", key], "string") if toolkit.kind == "HelmChart"

source(key) := toolkit.field(["chart", "spec", "sourceRef", key], "string") if templated

reference := toolkit.field(["chartRef"], "object") if toolkit.kind == "HelmRelease"

target(key) := node.child(reference, key, "string") if reference.state == "set"

templated if {
	reference.state == "absent"
	toolkit.field(["chart"], "object").state != "absent"
}

violation contains result.at(["spec", "chart", "spec", "verify"], fault) if plain

violation contains finding if {
	other
	some finding in faults
}

warn contains finding if {
	other
	some finding in hints
}

unknown contains finding if {
	other
	some finding in doubts
}

manual contains finding if {
	other
	some finding in reviews
}

fault := "what is fetched is not verified by its signature"

faults contains result.at(verify.path, fault) if {
	verify.state == "absent"
	judged
}

judged if toolkit.kind in {"GitRepository", "OCIRepository"}

judged if source("kind").value == "HelmRepository"

faults contains result.related(target("name").path, "the source of the chart is not verified by its signature", [found_node]) if {
	some found in targets
	found.kind == "OCIRepository"
	found.state == "unverified"
	found_node := {"object": reference_to(found), "path": ["spec", "verify"]}
}

hints contains result.related(verify.path, "flux cannot verify charts of an HTTP repository and will refuse this one", [found_node]) if {
	verify.state == "set"
	source("kind").value == "HelmRepository"
	some found in at_hand("HelmRepository", source("namespace"), source("name"))
	found.state == "http"
	found_node := {"object": reference_to(found), "path": ["spec", "url"]}
}

doubts contains finding if {
	some finding in toolkit.doubts(nodes)
}

doubts contains result.related(target("name").path, "it cannot be told whether the source of the chart is verified", [found_node]) if {
	some found in targets
	found.kind == "OCIRepository"
	not found.state in {"unverified", "verified"}
	found_node := {"object": reference_to(found), "path": ["spec", "verify"]}
}

doubts contains result.at(source("kind").path, "the chart names no kind of source that flux makes charts from") if {
	node.decided(source("kind"))
	not toolkit.text(source("kind")) in {"Bucket", "GitRepository", "HelmRepository"}
}

doubts contains result.at(target("kind").path, "the release names no kind of source that flux takes charts from") if {
	node.decided(target("kind"))
	not toolkit.text(target("kind")) in {"ExternalArtifact", "HelmChart", "OCIRepository"}
}

doubts contains result.at(["spec", "chart"], "the release names no chart") if {
	reference.state == "absent"
	not templated
}

reviews contains result.at(source("kind").path, "flux does not verify buckets: look who may write this one") if {
	source("kind").value == "Bucket"
}

reviews contains result.at(target("kind").path, "look what the external artifact is made of, and whether that was verified") if {
	target("kind").value == "ExternalArtifact"
}

reviews contains result.at(target("name").path, "the source of the chart is not at hand: look whether it is verified") if {
	target("kind").value in {"HelmChart", "OCIRepository"}
	node.decided(target("name"))
	count(targets) == 0
}

nodes := array.concat(
	array.concat([verify | verify.path], [reference | reference.path]),
	array.concat([one | some key in keys; one := source(key)], [one | some key in keys; one := target(key)]),
)

keys := ["kind", "namespace", "name"]

# What the chartRef leads to.
targets := at_hand(target("kind").value, target("namespace"), target("name"))

at_hand(kind, namespace, name) := [found |
	some found in facts.chart_sources
	found.kind == kind
	found.name == name.value
	found.namespace == place(toolkit.text(namespace))
]

# The namespace that a reference means.
place(given) := given if {
	given != ""
} else := flux.namespace

reference_to(found) := {key: found[key] | some key in ["apiVersion", "kind", "namespace", "name"]}
