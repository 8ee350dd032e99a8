# METADATA
# title: References do not drift
# description: |
#   An OCIRepository names a digest, a range of versions or a tag other than `latest`, and a HelmChart or HelmRelease
#   that takes its chart from a HelmRepository names a version or a range. None at all, `latest` and ranges that take
#   every version give a warning. A GitRepository that follows a branch passes: its history says who changed what.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/components/source/ocirepositories/#reference
#     description: OCIRepository, Reference
#   - ref: https://fluxcd.io/flux/components/source/helmcharts/#version
#     description: HelmChart, Version
# custom:
#   id: FX-EXT-04
#   severity: low
#   profiles: [hard]
#   assessment: automated
#   modes: [git, render, dump, admission]
#   kinds:
#     - source.toolkit.fluxcd.io/OCIRepository
#     - source.toolkit.fluxcd.io/GitRepository
#     - source.toolkit.fluxcd.io/HelmChart
#     - helm.toolkit.fluxcd.io/HelmRelease
#   reads: []
#   origin: extension (what runs should be what was reviewed)
#   rationale: |
#     With `latest`, or without any version, whatever is pushed next is applied at the next interval: a major release
#     with other defaults, or something that another person put under that name. Nothing in Git says that it
#     happened, and reverting a commit does not bring the old version back. A digest cannot be pushed again; a
#     version can, but is so by mistake or malice only, and a range still leaves out what you have not looked at.
#   audit: |
#     ```sh
#     kubectl get ocirepositories -A -o json | jq -r '.items[] | "\(.metadata.namespace)/\(.metadata.name): \(.spec.ref)"'
#     kubectl get helmcharts -A -o json | jq -r \
#       '.items[] | select(.spec.sourceRef.kind == "HelmRepository") | "\(.metadata.namespace)/\(.metadata.name): \(.spec.version)"'
#     ```
#
#     Pass: no `null`, no `latest`, no `*`. Flux reads `digest` before `semver`, and that before `tag`.
#   remediation: |
#     ```yaml
#     apiVersion: source.toolkit.fluxcd.io/v1
#     kind: OCIRepository
#     metadata:
#       name: podinfo
#       namespace: apps
#     spec:
#       interval: 1h
#       url: oci://ghcr.io/stefanprodan/manifests/podinfo
#       ref:
#         tag: 6.9.0
#         digest: sha256:<digest of that tag>
#     ```
#
#     `crane digest` prints the digest, and Renovate keeps both up to date by pull requests. For a chart:
#
#     ```yaml
#     spec:
#       chart:
#         spec:
#           chart: podinfo
#           version: 6.9.0
#     ```
#
#     Where updates have to arrive without a commit, use a range such as `6.x`, and verify the signature.
#   since: 0.1.0
#   params: {}
package flux.immutable_references

import data.lib.result
import data.lib.toolkit

subject if toolkit.kind in {"GitRepository", "HelmChart", "HelmRelease", "OCIRepository"}

# What most releases have: a chart of a repository, in a version that begins like one.
plain if {
	toolkit.chart.sourceRef.kind == "HelmRepository"
	text := toolkit.chart.version
	is_string(text)
	text != ""
	contains("0123456789v=~^", substring(text, 0, 1))
	not contains(text, "${")
}

other if {
	subject
	not plain
}

warn contains finding if {
	other
	some finding in hints
}

unknown contains finding if {
	other
	some finding in toolkit.doubts(read)
}

# The fields of a reference to an OCI artifact, as far as they count: the first that is set decides.
fields := [one |
	toolkit.kind == "OCIRepository"
	some i, key in order
	count([1 | some before in array.slice(order, 0, i); not unset(before)]) == 0
	one := toolkit.field(["ref", key], "string")
]

order := ["digest", "semver", "tag"]

unset(key) if toolkit.text(toolkit.field(["ref", key], "string")) == ""

# Where a chart comes from, and its version.
source := toolkit.field(["sourceRef", "kind"], "string") if toolkit.kind == "HelmChart"

source := toolkit.field(["chart", "spec", "sourceRef", "kind"], "string") if templated

version := toolkit.field(["version"], "string") if toolkit.kind == "HelmChart"

version := toolkit.field(["chart", "spec", "version"], "string") if templated

templated if {
	toolkit.kind == "HelmRelease"
	toolkit.field(["chartRef"], "object").state == "absent"
}

hints contains result.at(last.path, "the artifact has neither digest nor version, so it follows the tag latest") if {
	unpinned
	toolkit.text(last) == ""
}

hints contains result.at(last.path, "the tag latest moves") if {
	unpinned
	last.value == "latest"
}

unpinned if count(fields) == count(order)

last := fields[count(fields) - 1]

hints contains result.at(ranged.path, "every version is taken") if {
	some ranged in fields
	ranged.path == ["spec", "ref", "semver"]
	everything(ranged.value)
}

hints contains result.at(version.path, "every version of the chart is taken") if {
	source.value == "HelmRepository"
	everything(version.value)
}

hints contains result.at(version.path, "the chart has no version, so the newest is taken") if {
	source.value == "HelmRepository"
	toolkit.text(version) == ""
}

everything(range) if {
	is_string(range)
	regex.match(`^\s*([*xX](\.[*xX]){0,2}|>=?\s*v?0(\.0){0,2})(-0)?\s*$`, range)
}

read := array.concat(
	array.concat(fields, [source | source.path]),
	array.concat([version | version.path; not source.value in {"Bucket", "GitRepository"}], [one |
		key := {"GitRepository": "ref", "HelmRelease": "chartRef"}[toolkit.kind]
		one := toolkit.field([key], "object")
	]),
)
