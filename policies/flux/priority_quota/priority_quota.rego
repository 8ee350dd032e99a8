# METADATA
# title: Controllers keep the system priority
# description: |
#   The controllers that Flux cannot do without (source, kustomize, helm and the source-watcher) have the priority class
#   `system-cluster-critical` or `system-node-critical`, and a ResourceQuota in their namespace admits pods of that
#   class. Another class is a warning. Whether the quota is there needs the inventory; only a dump of the cluster shows
#   that it is missing.
# scope: package
# related_resources:
#   - ref: https://kubernetes.io/docs/tasks/administer-cluster/guaranteed-scheduling-critical-addon-pods/
#     description: Kubernetes, guaranteed scheduling for critical add-on pods
#   - ref: https://kubernetes.io/docs/concepts/policy/resource-quotas/#limit-priority-class-consumption-by-default
#     description: Kubernetes, limit priority class consumption by default
# custom:
#   id: FX-EXT-22
#   severity: info
#   profiles: [hard]
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
#     - ResourceQuota
#   origin: extension (what the default manifests set, and patches and charts lose)
#   rationale: |
#     On a full node the kubelet evicts what has the lowest priority, and the scheduler makes room for what has a higher
#     one. Without the class any workload can push Flux out, and with it the way that fixes and the undoing of changes
#     reach the cluster. Clusters that reserve the system classes refuse pods that ask for one in a namespace without
#     a quota for it, so that after a restart the controllers are gone for good.
#   audit: |
#     ```sh
#     kubectl get deploy,sts -A -l app.kubernetes.io/part-of=flux -o json | jq -r \
#       '.items[] | "\(.metadata.namespace)/\(.metadata.name): \(.spec.template.spec.priorityClassName // "none")"'
#     kubectl get resourcequota -n flux-system -o json | jq -c '.items[] | [.metadata.name, .spec.hard.pods, .spec.scopeSelector]'
#     ```
#
#     Pass: source-controller, kustomize-controller, helm-controller and source-watcher have a system class, and a quota
#     in their namespace is scoped to PriorityClass with that class among its values.
#   remediation: |
#     ```yaml
#     patches:
#       - target:
#           kind: Deployment
#           name: "(source-controller|kustomize-controller|helm-controller|source-watcher)"
#         patch: |
#           - op: add
#             path: /spec/template/spec/priorityClassName
#             value: system-cluster-critical
#     ```
#
#     The flux2 chart has `priorityClassName` under each controller. And the quota of the default manifests:
#
#     ```yaml
#     apiVersion: v1
#     kind: ResourceQuota
#     metadata:
#       name: critical-pods
#       namespace: flux-system
#     spec:
#       hard:
#         pods: "1000"
#       scopeSelector:
#         matchExpressions:
#           - operator: In
#             scopeName: PriorityClass
#             values: [system-node-critical, system-cluster-critical]
#     ```
#   since: 0.1.0
#   params: {}
package flux.priority_quota

import data.lib.facts
import data.lib.flux
import data.lib.node
import data.lib.result
import data.lib.shape
import data.lib.workload

subject if flux.component in {"source-controller", "kustomize-controller", "helm-controller", "source-watcher"}

# The pod, whose absence makes every field of it absent.
raw := object.get(workload.template(flux.object), "spec", null) if {
	is_object(workload.template(flux.object))
} else := null

priority := node.get(pod, ["priorityClassName"], "string") if subject

pod := node.at(raw, flux.controller.pod, "object", 0)

unset if priority.state == "absent"

unset if priority.value == ""

# The class where it is one that only quotas admit.
class := priority.value if priority.value in {"system-cluster-critical", "system-node-critical"}

violation contains result.fixed(priority.path, "the controller has no priority class, so other workloads push it out", node.fix(priority, "system-cluster-critical")) if unset

warn contains result.at(priority.path, msg) if {
	priority.state == "set"
	not unset
	not class
	msg := sprintf("%v is no priority class of the system", [priority.value])
}

quotas := [quota |
	some quota in facts.priority_quotas
	quota.object.namespace == flux.controller.namespace
]

admitted if {
	class
	some quota in quotas
	is_array(quota.classes)
	class in quota.classes
}

broken := [quota.object | some quota in quotas; quota.classes == null]

violation contains result.related(priority.path, msg, [{"path": ["metadata", "namespace"]}]) if {
	class
	whole
	not admitted
	count(broken) == 0
	msg := sprintf("no resource quota of the namespace admits %v, so a cluster that reserves it would not start the pods", [class])
}

whole if {
	facts.available
	flux.mode == "dump"
}

unknown contains result.related(priority.path, msg, [{"object": quota, "path": ["spec", "scopeSelector"]} | some quota in broken]) if {
	class
	not admitted
	count(broken) > 0
	msg := "what a resource quota of the namespace admits cannot be read"
}

manual contains result.at(priority.path, "whether a resource quota admits the priority class is not at hand") if {
	class
	not whole
	not admitted
	count(broken) == 0
}

unknown contains finding if finding := node.doubt(priority)

unknown contains finding if {
	subject
	some finding in shape.recognition
}
