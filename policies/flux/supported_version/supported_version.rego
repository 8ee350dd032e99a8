# METADATA
# title: The Flux version is supported and current
# description: |
#   The tag of each controller's image belongs to one of the last three Flux minor releases, and to the newest
#   patch of its minor. An older patch gives advice, an older minor fails. Vendor suffixes (`v1.9.4-fips`) are cut
#   off. A tag that moves (`latest`), none, and a digest alone are `unknown`. So is another tag that tells nothing,
#   unless a version label does, or the operator reports the version in the cluster. The known releases are data that
#   come with the tool; where `now` is given and they are more than 120 days old, a pass becomes advice to update
#   the tool.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/#scanning-for-cves
#     description: Flux security documentation, Scanning for CVEs
#   - ref: https://fluxcd.io/flux/releases/#supported-releases
#     description: Flux supported releases
# custom:
#   id: FX-SC-10
#   severity: high
#   profiles: [base]
#   assessment: partial
#   modes: [git, render, dump, admission]
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
#     - fluxcd.controlplane.io/FluxInstance
#     - fluxcd.controlplane.io/FluxReport
#   origin: security.md, Scanning for CVEs (keep Flux up to date)
#   rationale: |
#     Fixes for vulnerabilities in Flux, its Go modules and its base image reach users only as new releases, and only
#     the last three minor releases get them. Older controllers keep every hole that was found since.
#   audit: |
#     `flux version` prints the distribution and the controllers. Without the CLI read the tags:
#
#     ```sh
#     kubectl get deploy,sts,ds,po -A -l app.kubernetes.io/part-of=flux -o json | jq -r \
#       '.items[] | . as $o | (.spec.template.spec // .spec).containers[] | "\($o.kind) \($o.metadata.namespace)/\($o.metadata.name): \(.image)"'
#     ```
#
#     Map each tag to its Flux release with the release notes of flux2 (source-controller v1.9.x is Flux 2.9, but
#     helm-controller v1.6.x is Flux 2.9 too). Pass: every controller belongs to a supported minor and to its newest
#     patch.
#   remediation: |
#     Upgrade all controllers together. With bootstrap, upgrade the CLI and run `flux bootstrap` again, or commit a new
#     `gotk-components.yaml`:
#
#     ```sh
#     flux install --export > clusters/production/flux-system/gotk-components.yaml
#     ```
#
#     With the Flux Operator, follow a minor:
#
#     ```yaml
#     spec:
#       distribution:
#         version: "2.9.x"
#     ```
#
#     With the flux2 chart, upgrade to the chart whose appVersion is the release. Read the release notes for removed
#     APIs before skipping minors, and run `flux migrate` where they ask for it.
#   since: 0.1.0
#   params:
#     fluxReleases:
#       type: object
#       default: {}
#       description: "Flux releases newer than this tool knows: {asOf, staleAfter, releases: [{version, date, controllers: {component: version}}]}, dates as YYYY-MM-DD"
package flux.supported_version

import data.lib.facts
import data.lib.flux
import data.lib.refs
import data.lib.releases
import data.lib.result
import data.lib.shape
import data.lib.workload

subject if flux.component

violation contains finding if {
	subject
	some ["violation", finding] in reports
}

warn contains finding if {
	subject
	some ["warn", finding] in reports
}

unknown contains finding if {
	subject
	some ["unknown", finding] in reports
}

reports contains ["violation", result.related(found.path, msg, found.related)] if {
	some found in standings
	found.standing == "ancient"
	msg := sprintf("the version is older than Flux 2.0; the newest is %v", [releases.latest])
}

reports contains ["violation", result.related(found.path, msg, found.related)] if {
	some found in standings
	outdated(found)
	msg := sprintf("the version belongs to Flux 2.%v, which gets no fixes any more; the newest is %v", [found.minor, releases.latest])
}

reports contains ["warn", result.related(found.path, msg, found.related)] if {
	some found in standings
	found.standing == "behind"
	not outdated(found)
	msg := sprintf("the version is not that of the newest patch of Flux 2.%v", [found.minor])
}

reports contains ["warn", result.related(found.path, msg, found.related)] if {
	some found in standings
	found.standing == "ahead"
	not outdated(found)
	msg := sprintf("the version is newer than the releases known here, which end with %v", [releases.latest])
}

reports contains ["warn", result.related(found.path, msg, found.related)] if {
	some found in standings
	found.standing == "current"
	not outdated(found)
	stale
	msg := sprintf("the version was current on %v, but what is known of releases is too old to say so today", [releases.as_of])
}

reports contains ["unknown", result.at(used.path, "the tag does not tell the version of Flux")] if {
	subject
	some used in refs.all
	not releases.standing(used.component, used.image.tag)
	count(told(used)) == 0
}

reports contains ["unknown", finding] if {
	subject
	some finding in (refs.undecided | shape.recognition)
}

outdated(found) if {
	found.standing != "ancient"
	found.minor < releases.supported_from
}

# Dates of one form compare as text. Without `now` no age is judged.
stale if {
	today := flux.param("now", "")
	regex.match(`^[0-9]{4}-[0-9]{2}-[0-9]{2}`, today)
	substring(today, 0, 10) > releases.stale_after
}

# Where each image stands among the releases, and by which node.
standings contains object.union(standing, {"path": used.path, "related": []}) if {
	subject
	some used in refs.all
	standing := releases.standing(used.component, used.image.tag)
}

standings contains found if {
	subject
	some used in refs.all
	not releases.standing(used.component, used.image.tag)
	some found in told(used)
}

# A tag that could be anything is explained by the version label, else by what the operator reports. A tag
# that moves, and none at all, are not: what they name today may not be what was installed.
told(used) := labelled if {
	telling(used.image.tag)
	count(labelled) > 0
} else := reported if {
	telling(used.image.tag)
} else := set()

telling(tag) if {
	tag != ""
	not regex.match(`^(latest|main|master|rc|preview)([-.].*)?$`, tag)
}

labelled contains object.union(standing, {"path": path, "related": []}) if {
	some path in [
		["metadata", "labels", "app.kubernetes.io/version"],
		array.concat(flux.controller.template, ["metadata", "labels", "app.kubernetes.io/version"]),
	]
	version := object.get(flux.object, path, null)
	is_string(version)
	standing := releases.flux_standing(version)
}

reported contains object.union(standing, {"path": path, "related": nodes}) if {
	some report in facts.reported_versions
	report.object.namespace == workload.namespace_of(flux.object)
	standing := releases.flux_standing(report.version)
	path := array.concat(flux.controller.pod, ["containers", flux.controller.container, "image"])
	nodes := [
		{"object": report.object, "path": report.path},
		{"object": report.object, "path": ["metadata", "namespace"]},
		{"path": ["metadata", "namespace"]},
	]
}
