# METADATA
# title: All controllers belong to one Flux release
# description: |
#   The image tags of all controllers, shards included, are those of one Flux release. Different patches of one
#   minor, or minors next to each other, give advice; minors further apart fail. The control compares controllers
#   with each other, so it needs the inventory. Whether the release is current is another control's question.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/releases/
#     description: Flux releases
#   - ref: https://fluxcd.io/flux/security/#scanning-for-cves
#     description: Flux security documentation, Scanning for CVEs
# custom:
#   id: FX-SC-11
#   severity: medium
#   profiles: [base]
#   assessment: automated
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
#     - apps/Deployment
#     - apps/StatefulSet
#     - apps/DaemonSet
#     - apps/ReplicaSet
#     - batch/Job
#     - batch/CronJob
#     - PodTemplate
#     - Pod
#   origin: security.md, Scanning for CVEs; the release policy tells which versions belong together
#   rationale: |
#     Controllers are tested together as a release: APIs, artifact formats and feature gates of one are what the
#     others expect. A controller that an upgrade left behind serves old API versions and keeps old holes, while the
#     version that everybody looks at says all is well. Shards with a copied image tag are the usual case.
#   audit: |
#     `flux version` warns nothing, so compare tags with the component list of one release:
#
#     ```sh
#     kubectl get deploy,sts,ds,po -A -l app.kubernetes.io/part-of=flux -o json | jq -r \
#       '.items[] | . as $o | (.spec.template.spec // .spec).containers[] | "\($o.kind) \($o.metadata.namespace)/\($o.metadata.name): \(.image)"'
#     ```
#
#     Pass: one flux2 release lists all of these tags.
#   remediation: |
#     Upgrade all controllers together, and let shards take their image from the same base instead of a copy:
#
#     ```yaml
#     # shard1/kustomization.yaml
#     resources:
#       - ../flux-system/gotk-components.yaml
#     nameSuffix: -shard1
#     ```
#
#     Delete `images:` and chart `tag` overrides of single controllers. With the Flux Operator, one
#     `spec.distribution.version` governs all, shards in `spec.sharding` included.
#   since: 0.1.0
#   params:
#     fluxReleases:
#       type: object
#       default: {}
#       description: "Flux releases newer than this tool knows: {asOf, staleAfter, releases: [{version, date, controllers: {component: version}}]}, dates as YYYY-MM-DD"
package flux.coherent_release

import data.lib.facts
import data.lib.flux
import data.lib.refs
import data.lib.releases
import data.lib.result
import data.lib.shape

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

manual contains finding if {
	subject
	some ["manual", finding] in reports
}

reports contains ["violation", result.related(used.path, msg, nodes)] if {
	some used in mine
	far := [other | some other in theirs; apart_by(used, other) >= 2]
	count(far) > 0
	msg := sprintf("the image belongs to %v, but another controller to %v", [named(used), named(far[0])])
	nodes := [node(other) | some other in far]
}

reports contains ["warn", result.related(used.path, msg, nodes)] if {
	some used in mine
	near := [other | some other in theirs; apart_by(used, other) == 1]
	count(near) > 0
	msg := sprintf("the image belongs to %v, but another controller to %v", [named(used), named(near[0])])
	nodes := [node(other) | some other in near]
}

reports contains ["warn", result.related(used.path, msg, nodes)] if {
	some used in mine
	odd := [other | some other in theirs; unlike(used, other)]
	count(odd) > 0
	msg := sprintf("no patch of %v ships both this image and that of another controller", [named(used)])
	nodes := [node(other) | some other in odd]
}

reports contains ["unknown", result.at(used.path, "the tag does not tell the version of Flux")] if {
	subject
	facts.available
	some used in refs.all
	not releases.standing(used.component, used.image.tag)
}

reports contains ["unknown", finding] if {
	subject
	facts.available
	some finding in (refs.undecided | shape.recognition)
}

reports contains ["manual", result.at(flux.controller.pod, "the other controllers are known only from the inventory of the cluster")] if {
	subject
	not facts.available
}

# The images of the object under review, and those of all other controllers.
mine contains placed(used.component, used.image, {"path": used.path}) if {
	subject
	facts.available
	some used in refs.all
}

theirs contains placed(record.component, record.image, {"object": object_of(record), "path": path}) if {
	some record in facts.controllers
	releases.standing(record.component, record.image.tag)
	object_of(record) != own
	path := array.concat(record.path, ["image"])
}

own := {
	"apiVersion": flux.object.apiVersion,
	"kind": flux.object.kind,
	"namespace": flux.controller.namespace,
	"name": flux.controller.name,
}

object_of(record) := {
	"apiVersion": record.apiVersion,
	"kind": record.kind,
	"namespace": record.namespace,
	"name": record.name,
}

# With the Flux minor, and each Flux version that ships the image. What is older than 2.0 is far from all
# that is not.
placed(component, image, place) := object.union(place, {"minor": minor, "versions": versions}) if {
	found := releases.standing(component, image.tag)
	minor := count_from(found)
	versions := releases.versions(component, image.tag)
}

count_from(found) := -2 if {
	found.standing == "ancient"
} else := found.minor

apart_by(a, b) := max({a.minor - b.minor, b.minor - a.minor})

unlike(a, b) if {
	a.minor == b.minor
	a.minor >= 0
	count(a.versions & b.versions) == 0
}

named(image) := "a release before Flux 2.0" if {
	image.minor < 0
} else := sprintf("a release after Flux %v", [releases.latest]) if {
	image.minor > releases.latest_minor
} else := sprintf("Flux 2.%v", [image.minor])

node(other) := {"object": other.object, "path": other.path}
