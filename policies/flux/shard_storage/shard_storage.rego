# METADATA
# title: Each source shard has its own storage and address
# description: |
#   Where source-controller or source-watcher has several instances, each advertises a host of its own
#   (`--storage-adv-addr`) that is a Service selecting that instance's pods and no other controller's, and no two
#   instances keep their artifacts (`--storage-path`) in one persistent volume claim. A single instance passes.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/installation/configuration/sharding/
#     description: Flux sharding
#   - ref: https://fluxcd.io/flux/security/best-practices/#resource-isolation
#     description: Flux security best practices, Resource Isolation
# custom:
#   id: FX-RES-04
#   severity: high
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
#   reads:
#     - apps/Deployment
#     - apps/StatefulSet
#     - apps/DaemonSet
#     - apps/ReplicaSet
#     - batch/Job
#     - batch/CronJob
#     - PodTemplate
#     - Pod
#     - Service
#   origin: best-practices.md, Shared Cluster Multi-tenancy / Resource Isolation; the sharding page asks for the addresses
#   rationale: |
#     The address goes into the status of each source, and the other controllers fetch artifacts from there. A shard
#     that advertises the default address sends them to the default instance's pod, which does not have the artifact,
#     or has another one of the same path. On a shared volume one instance's garbage collection deletes what the
#     other serves.
#   audit: |
#     ```sh
#     kubectl get deploy,sts -A -l app.kubernetes.io/component=source-controller -o json | jq -r \
#       '.items[] | "\(.metadata.namespace)/\(.metadata.name): \([.spec.template.spec.containers[] | .args[]? | select(startswith("--storage-"))]) \(.spec.template.metadata.labels) \([.spec.template.spec.volumes[]? | .persistentVolumeClaim.claimName // empty])"'
#     kubectl get svc -n flux-system -o json | jq -r '.items[] | "\(.metadata.name): \(.spec.selector)"'
#     ```
#
#     Repeat it for `source-watcher`. Pass: the hosts differ, each names a Service, that Service's selector fits the
#     labels of this instance's pods alone, and the claims differ.
#   remediation: |
#     In each shard's kustomization change the address, the Service and the label together:
#
#     ```yaml
#     nameSuffix: -shard1
#     patches:
#       - target:
#           kind: Deployment
#           name: source-controller
#         patch: |
#           - op: replace
#             path: /spec/selector/matchLabels/app
#             value: source-controller-shard1
#           - op: replace
#             path: /spec/template/metadata/labels/app
#             value: source-controller-shard1
#           - op: add
#             path: /spec/template/spec/containers/0/args/-
#             value: --storage-adv-addr=source-controller-shard1.$(RUNTIME_NAMESPACE).svc.cluster.local.
#       - target:
#           kind: Service
#           name: source-controller
#         patch: |
#           - op: replace
#             path: /spec/selector/app
#             value: source-controller-shard1
#     ```
#
#     Give each instance a claim of its own, or keep the default emptyDir. The Flux Operator's `spec.sharding` renders
#     all of it.
#   since: 0.1.0
#   params: {}
package flux.shard_storage

import data.lib.facts
import data.lib.flux
import data.lib.result
import data.lib.stores

subject if flux.component in stores.components

violation contains result.related(stores.own.address.path, msg, nodes) if {
	decided
	stores.own.address.key == []
	msg := "the instance advertises no address of its own, although it is one of several"
	nodes := [address_node(store) | some store in stores.peers]
	count(nodes) > 0
}

violation contains result.related(stores.own.address.path, msg, nodes) if {
	decided
	stores.own.address.key != []
	same := [store | some store in stores.others; store.state == "known"; store.address.key == stores.own.address.key]
	count(same) > 0
	msg := "another instance advertises the same address"
	nodes := array.concat(
		[{"path": ["metadata", "namespace"]}],
		[found | some store in same; some found in [address_node(store), namespace_node(store)]],
	)
}

violation contains result.related(stores.own.address.path, msg, nodes) if {
	wanted
	count(services) == 0
	absence_counts
	msg := "there is no Service at the advertised address"
	nodes := array.concat([address_node(store) | some store in stores.peers], [service_node(service) | some service in evidence])
}

violation contains result.related(stores.own.address.path, msg, nodes) if {
	wanted
	some service in services
	service.selector != null
	not selects_own(service)
	msg := "the Service at the advertised address does not select the pods of this instance"
	nodes := array.concat(
		[service_node(service), {"path": stores.own.labels}],
		[address_node(store) | some store in stores.peers],
	)
}

violation contains result.related(stores.own.address.path, msg, nodes) if {
	wanted
	some service in services
	selects_own(service)
	strangers := [record |
		some record in facts.controllers
		record.namespace == service.namespace
		not same_object(record)
		selects(service, record.pod_labels)
	]
	count(strangers) > 0
	msg := "the Service at the advertised address also selects the pods of another controller"
	nodes := array.concat(
		array.concat([service_node(service), {"path": stores.own.labels}], [address_node(store) | some store in stores.peers]),
		[found |
			some record in strangers
			some path in [array.concat(record.template, ["metadata", "labels"]), ["metadata", "namespace"]]
			found := {"object": identity(record), "path": path}
		],
	)
}

violation contains result.related(stores.own.claim.path, msg, nodes) if {
	some store in sharing
	meets(store.claim.folder, stores.own.claim.folder)
	msg := "another instance keeps its artifacts in the same persistent volume claim"
	nodes := claim_nodes(store)
}

warn contains result.related(stores.own.claim.path, msg, nodes) if {
	some store in sharing
	not meets(store.claim.folder, stores.own.claim.folder)
	msg := "another instance keeps its artifacts in the same persistent volume claim, only in another folder"
	nodes := claim_nodes(store)
}

unknown contains finding if {
	subject
	some finding in stores.undecided
}

unknown contains result.related(stores.own.address.path, "the arguments of another instance cannot be told", nodes) if {
	decided
	nodes := [address_node(store) | some store in stores.others; store.state == "unknown"]
	count(nodes) > 0
}

unknown contains result.at(stores.own.address.path, "the advertised address is malformed") if {
	decided
	count(key) == 1
	not wellformed(key[0])
}

unknown contains result.related(stores.own.address.path, "the selector of the Service at the advertised address is malformed", nodes) if {
	wanted
	nodes := [service_node(service) | some service in services; service.selector == null]
	count(nodes) > 0
}

manual contains result.at(stores.own.address.path, msg) if {
	wanted
	count(services) == 0
	not absence_counts
	msg := "look for a Service at the advertised address that selects the pods of this instance alone"
}

manual contains result.at(stores.own.address.path, "the advertised address is no Service of the cluster: look where it leads") if {
	sharded
	count(key) == 1
	wellformed(key[0])
}

manual contains result.at(stores.own.address.path, "other instances are known only from the inventory of the cluster") if {
	subject
	not facts.available
}

wellformed(host) if regex.match(`^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*|\[[0-9a-f:.]+\])$`, host)

decided if {
	subject
	facts.available
	stores.own.state == "known"
}

# One of several instances, whose address can be told.
sharded if {
	decided
	count(stores.peers) > 0
}

# It advertises a Service.
wanted if {
	sharded
	count(key) == 2
}

key := stores.own.address.key

# Services at the address that the instance advertises.
services := [service |
	some service in facts.services
	service.name == key[0]
	service.namespace == key[1]
]

# That a Service is missing proves something in a cluster, or where Services of such controllers are among
# the objects given.
absence_counts if flux.mode == "dump"

absence_counts if count(evidence) > 0

evidence := [service |
	flux.mode in {"git", "render"}
	some service in facts.services
	serves_component(service)
]

serves_component(service) if {
	some record in facts.controllers
	record.component == flux.component
	record.namespace == service.namespace
	selects(service, record.pod_labels)
}

selects(service, labels) if {
	is_object(service.selector)
	count(service.selector) > 0
	count([1 | some name, value in service.selector; labels[name] == value]) == count(service.selector)
}

selects_own(service) if {
	service.namespace == stores.own.object.namespace
	selects(service, stores.own_labels)
}

# Instances, of whichever component, on the same claim.
sharing := [store |
	decided
	some store in stores.others
	is_object(store.claim)
	store.claim.name == stores.own.claim.name
	store.object.namespace == stores.own.object.namespace
]

# One folder is the other or holds it.
meets(a, b) if startswith(padded(a), padded(b))

meets(a, b) if startswith(padded(b), padded(a))

padded(folder) := trim_left(sprintf("%v/", [folder]), "/")

claim_nodes(store) := array.concat(
	[
		{"path": stores.own.claim.mount}, {"path": stores.own.folder}, {"path": ["metadata", "namespace"]},
		{"path": array.slice(stores.own.claim.path, 0, count(stores.own.claim.path) - 2)},
	],
	[{"object": store.object, "path": path} |
		some path in [
			store.claim.mount, store.folder, ["metadata", "namespace"],
			array.slice(store.claim.path, 0, count(store.claim.path) - 2),
		]
	],
)

same_object(record) if identity(record) == stores.own.object

identity(record) := {
	"apiVersion": record.apiVersion,
	"kind": record.kind,
	"namespace": record.namespace,
	"name": record.name,
}

address_node(store) := {"object": store.object, "path": store.address.path}

namespace_node(store) := {"object": store.object, "path": ["metadata", "namespace"]}

service_node(service) := {
	"object": {
		"apiVersion": service.apiVersion,
		"kind": "Service",
		"namespace": service.namespace,
		"name": service.name,
	},
	"path": ["spec", "selector"],
}
