# METADATA
# title: Concurrency and limits are bounded
# description: |
#   Each controller has a memory limit and at most `maxConcurrent` workers. This is advice: what fits depends on the
#   cluster's size.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/best-practices/#resource-isolation
#     description: Flux security best practices, Resource Isolation
#   - ref: https://fluxcd.io/flux/installation/configuration/vertical-scaling/
#     description: Flux vertical scaling
# custom:
#   id: FX-RES-07
#   severity: info
#   profiles: [shared]
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
#   reads: []
#   origin: best-practices.md, Shared Cluster Multi-tenancy / Resource Isolation (workers by --concurrent); the limits are an extension
#   rationale: |
#     All tenants share the controllers' queues. A controller without a memory limit can take the node's memory when one
#     tenant applies something huge, and the kernel then picks what dies. Very many workers hide a noisy tenant until
#     the API server suffers, and multiply peak memory.
#   audit: |
#     ```sh
#     kubectl get deploy,sts,ds -A -l app.kubernetes.io/part-of=flux -o json | jq -r \
#       '.items[] | .metadata.name as $n | .spec.template.spec.containers[] | select(.name == "manager")
#        | "\($n): limits \(.resources.limits) \([.args[]? | select(startswith("--concurrent"))])"'
#     ```
#
#     Pass: each has a memory limit, and `--concurrent` is 50 or less.
#   remediation: |
#     ```yaml
#     patches:
#       - target:
#           kind: Deployment
#           name: kustomize-controller
#         patch: |
#           apiVersion: apps/v1
#           kind: Deployment
#           metadata:
#             name: all
#           spec:
#             template:
#               spec:
#                 containers:
#                   - name: manager
#                     resources:
#                       limits:
#                         memory: 2Gi
#       - target:
#           kind: Deployment
#           name: kustomize-controller
#         patch: |
#           - op: add
#             path: /spec/template/spec/containers/0/args/-
#             value: --concurrent=20
#     ```
#
#     With the Flux Operator, `spec.cluster.size` (small, medium, large) sets both. With the flux2 chart:
#     `kustomizeController.resources.limits.memory` and `kustomizeController.container.additionalArgs`. If one instance
#     is not enough, add shards instead of workers.
#   since: 0.1.0
#   params:
#     maxConcurrent:
#       type: integer
#       minimum: 1
#       default: 50
#       description: The highest value of --concurrent that passes.
package flux.bounded_resources

import data.lib.flags
import data.lib.flux
import data.lib.node
import data.lib.pods
import data.lib.result

subject if flux.component

most := flux.param("maxConcurrent", 50)

flag := flags.get("concurrent")

warn contains result.fixed(flag.path, msg, fix) if {
	subject
	flag.state == "known"
	is_number(flag.value)
	flag.value > most
	msg := sprintf("%v workers are more than %v", [flag.value, most])
	fix := flags.append(sprintf("--concurrent=%v", [most]))
}

unknown contains finding if {
	subject
	some finding in flags.undecided("concurrent")
}

container := item if {
	subject
	some item in node.items(node.child(pods.spec, "containers", "array"), "object")
	item.path == array.concat(flux.controller.pod, ["containers", flux.controller.container])
}

# The limits that bound the controller: its own, and the pod's.
limits := [node.get(parent, ["resources", "limits", "memory"], "any") | some parent in [container, pods.spec]]

# A quantity of nothing is no limit, and so is none.
unlimited(limit) if limit.state == "absent"

unlimited(limit) if regex.match(`^\+?(0+\.?0*|\.0+)([eE][+-]?[0-9]+|[numkMGTPE]|[KMGTPE]i)?$`, text(limit))

text(limit) := value if {
	limit.state == "set"
	value := sprintf("%v", [limit.value])
}

quantity(limit) if regex.match(`^\+?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+|[numkMGTPE]|[KMGTPE]i)?$`, text(limit))

warn contains result.at(limits[0].path, "the controller has no memory limit") if {
	subject
	count(limits) == 2
	count([1 | some limit in limits; not unlimited(limit)]) == 0
}

unknown contains finding if {
	subject
	some limit in limits
	finding := node.doubt(limit)
}

unknown contains result.at(limit.path, "the limit is no quantity") if {
	subject
	some limit in limits
	text(limit)
	not quantity(limit)
}
