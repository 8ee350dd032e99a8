# METADATA
# title: Failing remote applies raise alerts
# description: |
#   Each Kustomization and HelmRelease that is applied to another cluster (`spec.kubeConfig`) is covered by an Alert, by
#   notification-controller's own rules: kind and namespace of an event source are the object's, its name is the
#   object's or `*`, its labels are among the object's, neither Alert nor Provider is suspended, and where
#   `--no-cross-namespace-refs` is set the Alert stands in the object's namespace. A Prometheus rule about Flux'
#   readiness metrics counts as well. An Alert whose messages go where nobody looks gives advice. Suspended objects pass.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/best-practices/#multi-cluster-fleet-management
#     description: Flux security best practices, tenant-dedicated clusters
#   - ref: https://fluxcd.io/flux/components/notification/alerts/
#     description: Flux Alerts
# custom:
#   id: FX-TDC-01
#   severity: high
#   profiles: [dedicated]
#   assessment: automated
#   modes: [git, render, dump]
#   kinds:
#     - kustomize.toolkit.fluxcd.io/Kustomization
#     - helm.toolkit.fluxcd.io/HelmRelease
#   reads:
#     - notification.toolkit.fluxcd.io/Alert
#     - notification.toolkit.fluxcd.io/Provider
#     - monitoring.coreos.com/PrometheusRule
#     - Secret
#     - apps/Deployment
#     - apps/StatefulSet
#     - apps/DaemonSet
#     - apps/ReplicaSet
#     - batch/Job
#     - batch/CronJob
#     - PodTemplate
#     - Pod
#   origin: best-practices.md, Tenant-dedicated clusters
#   rationale: |
#     The management cluster reaches a tenant's cluster with an account that the tenant, as an administrator there, can
#     remove or restrict. Reconciliation then fails, and with it every platform policy and correction of drift.
#     The failure is visible only in the management cluster, so that somebody has to be told.
#   audit: |
#     ```sh
#     kubectl get kustomizations,helmreleases -A -o json | jq -r \
#       '.items[] | select(.spec.kubeConfig) | "\(.kind) \(.metadata.namespace)/\(.metadata.name)"'
#     kubectl get alerts,providers -A -o yaml
#     ```
#
#     For each line there is an Alert that is not suspended, with an existing provider, whose `eventSources` name the kind
#     in the object's namespace (the Alert's own where none is given), by name or `*`. There is no wildcard for
#     namespaces. Then break one on purpose, by a wrong path, and see the message arrive. Pass: it does.
#   remediation: |
#     In each namespace that holds a cluster's objects:
#
#     ```yaml
#     apiVersion: notification.toolkit.fluxcd.io/v1beta3
#     kind: Alert
#     metadata:
#       name: remote-cluster
#       namespace: cluster-a
#     spec:
#       providerRef:
#         name: on-call
#       eventSeverity: error
#       eventSources:
#         - kind: Kustomization
#           name: "*"
#         - kind: HelmRelease
#           name: "*"
#     ```
#
#     with a Provider `on-call` in the same namespace.
#   since: 0.1.0
#   params: {}
package flux.remote_apply_alerts

import data.lib.facts
import data.lib.flags
import data.lib.flux
import data.lib.node
import data.lib.result
import data.lib.shape

subject if {
	flux.object.kind in {"HelmRelease", "Kustomization"}
	not plain
	remote_kind
	kubeconfig.state != "absent"
}

# Nothing is applied remotely, and nothing hides that.
plain if {
	is_object(flux.object.spec)
	object.get(flux.object.spec, "kubeConfig", null) == null
	not node.veils
}

violation contains finding if {
	subject
	some finding in faults
}

warn contains finding if {
	subject
	some finding in hints
}

unknown contains finding if {
	subject
	some finding in doubts
}

manual contains finding if {
	subject
	some finding in reviews
}

remote_kind if flux.kind_is("kustomize.toolkit.fluxcd.io", "Kustomization")

remote_kind if flux.kind_is("helm.toolkit.fluxcd.io", "HelmRelease")

spec := node.at(raw, ["spec"], "object", 0)

raw := object.get(flux.object, "spec", null) if {
	is_object(flux.object)
} else := null

kubeconfig := node.child(spec, "kubeConfig", "object")

suspend := node.child(spec, "suspend", "boolean")

faults contains result.related(["spec", "kubeConfig"], "no alert tells when the remote cluster refuses what is applied", around) if {
	open
	verdict == "none"
	proves
	not deaf
}

faults contains result.related(["spec", "kubeConfig"], "no notification-controller would send alerts about this remote cluster", around) if {
	open
	deaf
}

hints contains result.related(["spec", "kubeConfig"], reason, around) if {
	open
	not deaf
	verdict == "weak"
	some alert in covering
	some reason in alert.weak
}

doubts contains finding if {
	some finding in shape.check([
		[[["metadata"]], "object"], [[["metadata", "name"]], "string"],
		[[["metadata", "namespace"]], "string"], [[["metadata", "labels"]], "strings"],
	])
}

doubts contains finding if {
	some one in [kubeconfig, suspend]
	finding := node.doubt(one)
}

doubts contains result.related(["spec", "kubeConfig"], "it cannot be told whether an alert covers this", around) if {
	open
	not deaf
	verdict == "unknown"
}

reviews contains result.at(["spec", "kubeConfig"], "alerts are not at hand: look for one that covers this remote cluster") if {
	open
	verdict == "none"
	not proves
	not deaf
}

reviews contains result.at(["spec", "kubeConfig"], "alerts are known only from the inventory of the cluster") if {
	not facts.available
}

# It is reconciled, and no rule of Prometheus watches it.
open if {
	facts.available
	node.decided(kubeconfig)
	suspend.value != true
	node.decided(suspend)
	count(facts.alert_rules) == 0
}

# There is Flux, and nothing that would send.
deaf if {
	count(facts.controllers) > 0
	count(senders) == 0
}

proves if flux.mode == "dump"

proves if count(facts.alerts) > 0

senders := [record | some record in facts.controllers; record.component == "notification-controller"]

verdict := "good" if {
	count([1 | some alert in covering; sure(alert); count(alert.weak) == 0]) > 0
} else := "weak" if {
	count([1 | some alert in covering; sure(alert)]) > 0
} else := "unknown" if {
	count(covering) > 0
} else := "none"

sure(alert) if {
	alert.active == "yes"
	not alert.unread
	crossing(alert) == "yes"
}

# Alerts that may cover the object.
covering := [alert |
	some alert in facts.alerts
	alert.active != "no"
	crossing(alert) != "no"
	count([1 | some source in alert.sources; covers(alert, source)]) > 0
]

# May the alert speak of the object's namespace?
crossing(alert) := "yes" if {
	alert.object.namespace == namespace
} else := "no" if {
	count([1 | some flag in refusals; flag.state == "known"; flag.value == true]) > 0
} else := "unknown" if {
	count([1 | some flag in refusals; flag.state != "known"]) > 0
} else := "yes"

refusals := [flags.get_of(record, "no-cross-namespace-refs") | some record in senders]

covers(alert, source) if {
	object.get(source, "kind", null) == flux.object.kind
	object.get(source, "name", null) in {"*", flux.name_of(flux.object)}
	home(alert, source) == namespace
	wanted := wanted_labels(source)
	count([1 | some key, value in wanted; labels[key] == value]) == count(wanted)
}

home(alert, source) := alert.object.namespace if {
	object.get(source, "namespace", null) in {null, ""}
} else := source.namespace

wanted_labels(source) := {} if {
	object.get(source, "matchLabels", null) == null
} else := source.matchLabels if {
	is_object(source.matchLabels)
}

namespace := flux.namespace

labels := flux.object.metadata.labels if {
	is_object(flux.object.metadata.labels)
} else := {}

around := array.concat(
	[
		{"path": ["metadata", "name"]}, {"path": ["metadata", "namespace"]},
		{"path": ["metadata", "labels"]}, {"path": ["spec", "suspend"]},
	],
	array.concat(
		[{"object": node_object, "path": ["spec"]} |
			some alert in facts.alerts
			some node_object in array.concat([alert.object], alert.provider)
		],
		[{"object": {"apiVersion": record.apiVersion, "kind": record.kind, "namespace": record.namespace, "name": record.name}, "path": record.template} |
			some record in facts.controllers
		],
	),
)
