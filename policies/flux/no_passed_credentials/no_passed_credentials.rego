# METADATA
# title: Helm credentials stay with their repository
# description: |
#   No HelmRepository sets `passCredentials: true`, which sends the repository's credentials to whatever other host
#   the index names for a chart.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/components/source/helmrepositories/#pass-credentials
#     description: HelmRepository, Pass credentials
# custom:
#   id: FX-EXT-21
#   severity: medium
#   profiles: [base]
#   assessment: automated
#   modes: [git, render, dump, admission]
#   kinds: [source.toolkit.fluxcd.io/HelmRepository]
#   reads: []
#   origin: extension (a setting that gives credentials to third parties)
#   rationale: |
#     The index of a Helm repository gives a URL for each chart, and that may lead to another host. Flux drops the
#     credentials there unless `passCredentials` is set. With it, whoever can change the index, or one entry in it,
#     only needs to name a host of their own to be sent the user name and password of the repository.
#   audit: |
#     ```sh
#     kubectl get helmrepositories -A -o json | jq -r \
#       '.items[] | select(.spec.passCredentials == true) | "\(.metadata.namespace)/\(.metadata.name): \(.spec.url)"'
#     ```
#
#     Pass: no output. Where a repository needs it because its charts are on a second host of the same owner, write
#     down which host that is and who may write the index.
#   remediation: |
#     ```yaml
#     apiVersion: source.toolkit.fluxcd.io/v1
#     kind: HelmRepository
#     metadata:
#       name: charts
#       namespace: apps
#     spec:
#       interval: 1h
#       url: https://charts.example.com
#       secretRef:
#         name: charts-credentials
#       passCredentials: false
#     ```
#
#     Serve index and charts from one host, or as OCI artifacts, where there is no index. If you cannot, use
#     credentials that may do nothing but read these charts.
#   since: 0.1.0
#   params: {}
package flux.no_passed_credentials

import data.lib.node
import data.lib.result
import data.lib.toolkit

subject if toolkit.kind == "HelmRepository"

passed := toolkit.field(["passCredentials"], "boolean")

warn contains result.fixed(passed.path, "the credentials go to every host that the index names", node.fix(passed, false)) if {
	subject
	passed.value == true
}

unknown contains finding if {
	subject
	some finding in toolkit.doubts([passed])
}
