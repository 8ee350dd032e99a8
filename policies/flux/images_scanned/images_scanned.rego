# METADATA
# title: Controller images are scanned for CVEs
# description: |
#   For the image of each Flux controller there is a scanner's report of the very tag or digest that is deployed: a
#   VulnerabilityReport or ClusterVulnerabilityReport of the Trivy operator. Critical findings in it give advice, no
#   failure. In Git a CI workflow that runs Trivy or Grype on the component's image counts.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/#scanning-for-cves
#     description: Flux security documentation, Scanning for CVEs
#   - ref: https://aquasecurity.github.io/trivy-operator/latest/docs/crds/vulnerability-report/
#     description: Trivy operator, VulnerabilityReport
# custom:
#   id: FX-SC-09
#   severity: medium
#   profiles: [base]
#   assessment: partial
#   modes: [git, render, dump]
#   kinds:
#     - apps/Deployment
#     - apps/StatefulSet
#     - apps/DaemonSet
#     - apps/ReplicaSet
#     - batch/Job
#     - batch/CronJob
#     - PodTemplate
#     - Pod
#   reads:
#     - aquasecurity.github.io/VulnerabilityReport
#     - aquasecurity.github.io/ClusterVulnerabilityReport
#     - files.flux-audit/Workflow
#     - apps/Deployment
#     - apps/StatefulSet
#     - apps/DaemonSet
#     - apps/ReplicaSet
#     - batch/Job
#     - batch/CronJob
#     - PodTemplate
#     - Pod
#   origin: security.md, Scanning for CVEs
#   rationale: |
#     The controllers parse archives, charts and repositories that others write, with permissions for the whole
#     cluster, so that a hole in one of their libraries matters more than elsewhere. A scanner has to read both the
#     packages of the base image and the Go modules in the binary, and it has to look at the image that runs now,
#     not at last month's.
#   audit: |
#     ```sh
#     kubectl get vulnerabilityreports -A -o json | jq -r \
#       '.items[].report | select(.artifact.repository | test("fluxcd/")) | "\(.artifact.repository):\(.artifact.tag) \(.artifact.digest) critical=\(.summary.criticalCount)"'
#     trivy image --severity CRITICAL ghcr.io/fluxcd/source-controller:v1.9.4
#     ```
#
#     Pass: a report for each image that is deployed, from a scanner that reads Alpine packages and Go modules, and not
#     older than its policy allows. Assess critical findings before acting: many are not reachable in the controllers,
#     and the maintainers publish what is. Do not report a scanner's output upstream; upgrade to the newest patch instead.
#   remediation: |
#     ```yaml
#     apiVersion: helm.toolkit.fluxcd.io/v2
#     kind: HelmRelease
#     metadata:
#       name: trivy-operator
#       namespace: trivy-system
#     spec:
#       interval: 1h
#       chart:
#         spec:
#           chart: trivy-operator
#           sourceRef:
#             kind: HelmRepository
#             name: aqua
#       values:
#         excludeNamespaces: ""
#         operator:
#           vulnerabilityScannerEnabled: true
#     ```
#
#     Or scan in the pipeline that upgrades Flux, before the new version is merged.
#   since: 0.1.0
#   params: {}
package flux.images_scanned

import data.lib.facts
import data.lib.flux
import data.lib.refs
import data.lib.result
import data.lib.shape

subject if flux.component

warn contains result.related(used.path, msg, nodes) if {
	some used in refs.all
	subject
	bad := [report | some report in about(used); is_number(report.critical); report.critical > 0]
	count(bad) > 0
	msg := sprintf("the scanner found %v critical vulnerabilities in this image: see which of them matter here", [max([report.critical | some report in bad])])
	nodes := [{"object": report.object, "path": ["report"]} | some report in bad]
}

unknown contains finding if {
	subject
	some finding in (refs.undecided | shape.recognition)
}

unknown contains result.related(used.path, "the number of critical vulnerabilities in the report cannot be read", nodes) if {
	some used in refs.all
	subject
	nodes := [{"object": report.object, "path": ["report"]} | some report in about(used); report.critical == null]
	count(nodes) > 0
}

manual contains result.at(used.path, "no report of a scanner on this image is at hand") if {
	some used in refs.all
	subject
	count(about(used)) == 0
	not used.component in facts.scanned_in_ci
}

# Reports on exactly this image.
about(used) := [report |
	some report in facts.scan_reports
	report.registry == used.image.registry
	report.path == used.image.path
	same(report, used.image)
]

same(report, image) if {
	image.digest != ""
	report.digest == image.digest
}

same(report, image) if {
	count([1 | some digest in [image.digest, report.digest]; digest == ""]) > 0
	image.tag != ""
	report.tag == image.tag
}
