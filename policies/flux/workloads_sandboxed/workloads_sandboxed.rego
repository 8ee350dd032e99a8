# METADATA
# title: Untrusted workloads are sandboxed
# description: |
#   Where tenants share nodes with Flux, or may do so, each of their workloads names a RuntimeClass whose handler is a
#   sandbox (gVisor, Kata Containers, Firecracker) and no plain runtime such as runc, or a mutation policy gives every pod
#   one. Workloads of namespaces whose pods, as a dump of the cluster shows, share no node with Flux are left out.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/best-practices/#node-isolation
#     description: Flux security best practices, Node Isolation
#   - ref: https://kubernetes.io/docs/concepts/containers/runtime-class/
#     description: Kubernetes, RuntimeClass
# custom:
#   id: FX-NODE-04
#   severity: medium
#   profiles: [hard]
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
#     - apps/Deployment
#     - apps/StatefulSet
#     - apps/DaemonSet
#     - apps/ReplicaSet
#     - batch/Job
#     - batch/CronJob
#     - PodTemplate
#     - Pod
#     - Namespace
#     - node.k8s.io/RuntimeClass
#     - kyverno.io/ClusterPolicy
#     - mutations.gatekeeper.sh/Assign
#     - kustomize.toolkit.fluxcd.io/Kustomization
#     - helm.toolkit.fluxcd.io/HelmRelease
#   origin: best-practices.md, Shared Cluster Multi-tenancy / Node Isolation
#   rationale: |
#     Containers of a plain runtime call the node's kernel directly, and each flaw in that kernel is a way out, to the
#     Flux pods beside them. A sandbox puts a kernel of its own in between. It is the second best answer where nodes
#     have to be shared.
#   audit: |
#     ```sh
#     kubectl get runtimeclasses
#     kubectl get pods -n TENANT -o custom-columns=NAME:.metadata.name,NODE:.spec.nodeName,RUNTIME:.spec.runtimeClassName
#     kubectl get pods -n flux-system -o wide
#     ```
#
#     Pass: each pod of a tenant that runs on a node of the third list has a runtime class whose handler is `runsc`,
#     `kata` or the like, or the lists have no node in common (FX-NODE-02).
#   remediation: |
#     Install a sandbox on the nodes that are shared, and name it:
#
#     ```yaml
#     apiVersion: node.k8s.io/v1
#     kind: RuntimeClass
#     metadata:
#       name: gvisor
#     handler: runsc
#     ```
#
#     ```yaml
#     spec:
#       template:
#         spec:
#           runtimeClassName: gvisor
#     ```
#
#     A mutation keeps it out of the tenants' hands, for example with Kyverno:
#
#     ```yaml
#     apiVersion: kyverno.io/v1
#     kind: ClusterPolicy
#     metadata:
#       name: sandbox
#     spec:
#       rules:
#         - name: runtime-class
#           match:
#             any:
#               - resources:
#                   kinds: [Pod]
#                   namespaceSelector:
#                     matchExpressions:
#                       - key: toolkit.fluxcd.io/tenant
#                         operator: Exists
#           mutate:
#             patchStrategicMerge:
#               spec:
#                 runtimeClassName: gvisor
#     ```
#
#     (a policy for some namespaces only is reported for a person to judge).
#   since: 0.1.0
#   params:
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
#     crossTenantIsolation:
#       type: boolean
#       default: false
#       description: Whether tenants may not share nodes with each other either.
package flux.workloads_sandboxed

import data.lib.facts
import data.lib.flux
import data.lib.placement
import data.lib.result
import data.lib.shape
import data.lib.tenants

subject if {
	placement.tenant_workload
	not apart
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

reports contains ["warn", result.at(path, "the pods may share nodes with flux or other tenants, and name no runtime class, so no sandbox")] if {
	decided
	class == ""
	count(facts.runtime_injections) == 0
}

reports contains ["warn", result.related(path, msg, [{"object": runtime_class(class), "path": ["handler"]}])] if {
	decided
	handler := facts.runtime_classes[class]
	plain(handler)
	msg := sprintf("the runtime class is no sandbox: its handler is %v", [handler])
}

reports contains ["warn", result.at(path, "there is no such runtime class, so no sandbox")] if {
	decided
	missing
	flux.mode == "dump"
}

reports contains ["unknown", finding] if {
	subject
	some finding in ((shape.recognition | placement.doubts) | tenants.undecided)
}

reports contains ["unknown", result.at(path, "the effective runtime class cannot be worked out")] if {
	flux.object.metadata.annotations["flux-audit.internal/unknown-paths"]
	not flux.known(path)
}

reports contains ["unknown", result.related(path, "the handler of the runtime class is not text", [{"object": runtime_class(class), "path": ["handler"]}])] if {
	decided
	is_null(facts.runtime_classes[class])
}

reports contains ["manual", result.at(path, "look up the handler of the runtime class: it is not among the objects given")] if {
	decided
	missing
	flux.mode != "dump"
}

reports contains ["manual", result.at(path, msg)] if {
	decided
	class == ""
	not injected
	count(facts.runtime_injections) > 0
	msg := sprintf("look whether the policy %v gives these pods a runtime class with a sandbox", [facts.runtime_injections[0].object.name])
}

reports contains ["manual", finding] if {
	subject
	some finding in tenants.open
}

path := array.concat(placement.pod_path, ["runtimeClassName"])

class := name if {
	name := placement.spec(flux.object).runtimeClassName
	is_string(name)
} else := ""

decided if {
	subject
	tenants.own
	count(placement.doubts) == 0
	flux.known(path)
}

missing if {
	class != ""
	not class in object.keys(facts.runtime_classes)
}

# Runtimes that share the kernel of the node.
plain(handler) if handler in {"crun", "nvidia", "nvidia-legacy", "runc", "youki"}

# Some policy gives all pods a class that is a sandbox.
injected if {
	some injection in facts.runtime_injections
	injection.whole
	handler := facts.runtime_classes[injection.class]
	is_string(handler)
	not plain(handler)
}

runtime_class(name) := {"apiVersion": "node.k8s.io/v1", "kind": "RuntimeClass", "namespace": "", "name": name}

# The cluster shows that pods of the namespace share no node with Flux, nor with other tenants where that counts.
apart if {
	flux.mode == "dump"
	tenants.own
	count(facts.flux_hosts) > 0
	ns := flux.namespace
	count([1 | some host in facts.flux_hosts; host.tenants[ns]]) == 0
	count([1 | some key, _ in facts.shared_hosts; startswith(key, sprintf("%v/", [ns]))]) == 0
}
