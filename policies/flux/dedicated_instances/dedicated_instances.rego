# METADATA
# title: Dedicated instances exist for critical tenants
# description: |
#   Critical tenants do not share their controllers with everybody: source-, kustomize- and helm-controller have
#   instances whose selectors exclude each other, and each tenant named in the parameter `criticalTenants` has objects that
#   one of the shards selects. Without that parameter several instances pass, and a single one is for a
#   person to judge: whether a tenant is critical is no fact of the cluster.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/best-practices/#resource-isolation
#     description: Flux security best practices, Resource Isolation
#   - ref: https://fluxcd.io/flux/installation/configuration/sharding/
#     description: Flux sharding
# custom:
#   id: FX-RES-01
#   severity: medium
#   profiles: [shared]
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
#     - source.toolkit.fluxcd.io/GitRepository
#     - source.toolkit.fluxcd.io/OCIRepository
#     - source.toolkit.fluxcd.io/HelmRepository
#     - source.toolkit.fluxcd.io/HelmChart
#     - source.toolkit.fluxcd.io/Bucket
#     - image.toolkit.fluxcd.io/ImageRepository
#     - image.toolkit.fluxcd.io/ImagePolicy
#     - image.toolkit.fluxcd.io/ImageUpdateAutomation
#     - source.extensions.fluxcd.io/ArtifactGenerator
#     - Namespace
#     - kustomize.toolkit.fluxcd.io/Kustomization
#     - helm.toolkit.fluxcd.io/HelmRelease
#     - apps/Deployment
#     - apps/StatefulSet
#     - apps/DaemonSet
#     - apps/ReplicaSet
#     - batch/Job
#     - batch/CronJob
#     - PodTemplate
#     - Pod
#   origin: best-practices.md, Shared Cluster Multi-tenancy / Resource Isolation
#   rationale: |
#     All tenants of an instance wait in one queue and share its memory. A tenant with a thousand releases, or one
#     whose repository makes the controller run out of memory, delays everybody's changes, security updates included.
#     An instance of its own keeps a tenant's queue free of the others, and allows other limits and permissions.
#   audit: |
#     Ask which tenants may not wait for others. Then:
#
#     ```sh
#     kubectl get deploy,sts,ds -A -l app.kubernetes.io/part-of=flux -o json | jq -r \
#       '.items[] | "\(.metadata.labels["app.kubernetes.io/component"]) \(.metadata.name): \([.spec.template.spec.containers[] | .args[]? | select(startswith("--watch-label-selector"))])"'
#     kubectl get kustomizations.kustomize.toolkit.fluxcd.io,helmreleases,gitrepositories -n <tenant> -L sharding.fluxcd.io/key
#     ```
#
#     Pass: the objects of each such tenant carry a key that an instance of its own selects; or it was decided, and
#     written down, that no tenant needs that.
#   remediation: |
#     Add a shard for the tenant:
#
#     ```yaml
#     apiVersion: fluxcd.controlplane.io/v1
#     kind: FluxInstance
#     metadata:
#       name: flux
#       namespace: flux-system
#     spec:
#       sharding:
#         key: sharding.fluxcd.io/key
#         shards: [gold]
#     ```
#
#     and label the tenant's objects, for example where the platform applies them:
#
#     ```yaml
#     spec:
#       commonMetadata:
#         labels:
#           sharding.fluxcd.io/key: gold
#     ```
#
#     Without the Flux Operator render the controllers once more with a name suffix and
#     `--watch-label-selector=sharding.fluxcd.io/key=gold`, and give the first set `!sharding.fluxcd.io/key`. Name the tenants in
#     the parameter `criticalTenants`, so that this control keeps watch.
#   since: 0.1.0
#   params:
#     criticalTenants:
#       type: array
#       items: {type: string}
#       default: []
#       description: Tenants (the value of their label, else the namespace) that need controllers of their own.
#     tenantNamespaces:
#       type: array
#       items: {type: string}
#       default: []
#       description: Namespaces that belong to tenants besides those that labels mark.
#     inferTenants:
#       type: boolean
#       default: true
#       description: Whether in the profile `shared` a namespace with a Kustomization or HelmRelease counts as a tenant's.
#     platformNamespaces:
#       type: array
#       items: {type: string}
#       default: []
#       description: Namespaces of the platform team, which are never inferred to be a tenant's.
#     fluxNamespaces:
#       type: array
#       items: {type: string}
#       default: ["flux-system"]
#       description: Namespaces of Flux controllers, besides those where some are found
package flux.dedicated_instances

import data.lib.facts
import data.lib.flux
import data.lib.lanes
import data.lib.result
import data.lib.selector
import data.lib.sharding
import data.lib.tenants

subject if flux.component in {"helm-controller", "kustomize-controller", "source-controller"}

told if {
	subject
	lanes.own.state == "known"
}

critical := {tenant |
	some tenant in flux.param("criticalTenants", [])
	is_string(tenant)
}

# The instance is open to everybody.
shared if {
	told
	not lanes.sharded(lanes.own)
}

# Other instances that take nothing of what this one takes.
disjoint := [lane |
	told
	some lane in lanes.others
	lane.state == "known"
	not rivals(lane)
]

rivals(lane) if {
	lanes.meet(lanes.own, lane)
	selector.overlap(lanes.own.selector, lane.selector)
}

# [namespace, labels about shards] of the tenant's objects for the component under review.
uses(tenant) := [[ns, shard] |
	some ns in spaces(tenant)
	some shard in facts.shards_in_use[ns][flux.component]
]

spaces(tenant) := {ns | some ns, record in facts.tenants; record.id == tenant}

served(tenant) if {
	some [ns, shard] in uses(tenant)
	is_object(shard)
	some lane in sharding.lanes_of(flux.component)
	lanes.sharded(lane)
	sharding.takes(lane, ns, shard)
}

# Whether it is served cannot be told.
doubtful(tenant) if {
	some [_, shard] in uses(tenant)
	shard == null
}

doubtful(_) if {
	some lane in sharding.lanes_of(flux.component)
	lane.state == "unknown"
}

neglected contains tenant if {
	shared
	some tenant in critical
	count(uses(tenant)) > 0
	not served(tenant)
}

violation contains result.related(lanes.own.path, msg, nodes) if {
	some tenant in neglected
	not doubtful(tenant)
	msg := sprintf("the critical tenant %v has no instance of its own", [tenant])
	nodes := array.concat(
		sharding.nodes(sharding.lanes_of(flux.component)),
		[node | some ns in spaces(tenant); some node in tenants.why(ns)],
	)
}

unknown contains result.related(lanes.own.path, msg, nodes) if {
	some tenant in neglected
	doubtful(tenant)
	msg := sprintf("whether the critical tenant %v has an instance of its own cannot be told", [tenant])
	nodes := sharding.nodes([lane | some lane in sharding.lanes_of(flux.component); lane.state == "unknown"])
}

unknown contains finding if {
	subject
	not told
	some finding in lanes.undecided
}

manual contains result.at(lanes.own.path, "one instance serves everybody: decide whether some tenant needs an instance of its own") if {
	told
	count(critical) == 0
	count(disjoint) == 0
}

manual contains result.at(lanes.own.path, msg) if {
	shared
	some tenant in critical
	count([ns | some ns in spaces(tenant); facts.shards_in_use[ns]]) == 0
	msg := sprintf("no object of the critical tenant %v is among those given", [tenant])
}
