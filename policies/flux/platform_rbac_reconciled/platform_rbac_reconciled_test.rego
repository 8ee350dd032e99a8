package flux.platform_rbac_reconciled_test

import data.flux.platform_rbac_reconciled as control
import data.lib.rbac_sample_test as sample

binding(metadata) := object.union(
	sample.binding("x", "cluster-admin", [sample.account("flux-system", "helm-controller")]),
	{"metadata": metadata},
)

labels := {"kustomize.toolkit.fluxcd.io/name": "p", "kustomize.toolkit.fluxcd.io/namespace": "f"}

judged(metadata, mode, spec) := sample.counts({"violation": v, "warn": w, "unknown": u, "manual": m}) if {
	review := sample.review(binding(metadata), {"mode": mode})
	objects := array.concat([binding(metadata)], [sample.applier("Kustomization", "f", "p", spec) | spec != null])
	cluster := {"inventory": sample.inventory(objects)}
	v := control.violation with input as review with data.inventory as cluster.inventory
	w := control.warn with input as review with data.inventory as cluster.inventory
	u := control.unknown with input as review with data.inventory as cluster.inventory
	m := control.manual with input as review with data.inventory as cluster.inventory
}

test_restored if {
	control.subject with input as binding({})
	not control.subject with input as sample.binding("x", "view", [sample.group("x")])
	judged({"labels": labels}, "dump", {"interval": "10m", "prune": true}) == [0, 0, 0, 0]
	judged({"labels": labels}, "dump", {"interval": "2h", "prune": true}) == [1, 0, 0, 0]
	judged({"labels": labels}, "dump", {"interval": "1m", "prune": true, "suspend": true}) == [1, 0, 0, 0]
	judged({"labels": labels}, "dump", {"interval": "1m"}) == [0, 1, 0, 0]
	every interval in [null, 5, "soon"] {
		judged({"labels": labels}, "dump", {"interval": interval, "prune": true}) == [0, 0, 1, 0]
	}
	judged({"labels": labels}, "dump", null) == [0, 0, 0, 1]
}

test_not_restored if {
	judged({}, "dump", null) == [1, 0, 0, 0]
	judged({}, "render", null) == [0, 0, 0, 1]
	judged({"labels": {"helm.toolkit.fluxcd.io/name": "x"}}, "dump", null) == [0, 1, 0, 0]
	judged({"labels": 5}, "dump", null) == [0, 0, 1, 0]
}

test_exempted if {
	every key, value in {"ssa": "ignore", "reconcile": "Disabled"} {
		judged({"labels": labels, "annotations": {sprintf("kustomize.toolkit.fluxcd.io/%v", [key]): value}}, "dump", {"interval": "1h", "prune": true}) == [1, 0, 0, 0]
	}
	every key in ["app.kubernetes.io/managed-by", "fluxcd.controlplane.io/name"] {
		judged({"labels": {key: "flux-operator"}, "annotations": {"kustomize.toolkit.fluxcd.io/ssa": "Ignore"}}, "dump", null) == [0, 0, 0, 0]
	}
}

test_seconds if {
	control.seconds("1h30m1.5s500ms") == 5402
	every text in ["", "1", "h", "1d", 5] {
		not control.seconds(text)
	}
}

# The details of all that is found, by the rule that finds it.
found(metadata, mode, spec) := {[name, finding.details] |
	some name, findings in {"fail": v, "warn": w, "unknown": u, "manual": m}
	some finding in findings
} if {
	review := sample.review(binding(metadata), {"mode": mode})
	objects := array.concat([binding(metadata)], [sample.applier("Kustomization", "f", "p", spec) | spec != null])
	cluster := sample.inventory(objects)
	v := control.violation with input as review with data.inventory as cluster
	w := control.warn with input as review with data.inventory as cluster
	u := control.unknown with input as review with data.inventory as cluster
	m := control.manual with input as review with data.inventory as cluster
}

subjects := {"path": ["subjects"]}

# A field of the Kustomization that the labels name.
field(name) := {
	"object": {
		"apiVersion": "kustomize.toolkit.fluxcd.io/v1",
		"kind": "Kustomization",
		"namespace": "f",
		"name": "p",
	},
	"path": ["spec", name],
}

by_flux := ["metadata", "labels", "kustomize.toolkit.fluxcd.io/name"]

helm := {"helm.toolkit.fluxcd.io/name": "x"}

managed := {"app.kubernetes.io/managed-by": "flux-operator"}

test_where_the_kustomization_falls_short if {
	every pair in [
		[{"interval": "1m", "prune": true, "suspend": true}, ["fail", {"path": by_flux, "related": [subjects, field("suspend")]}]],
		[{"interval": "1h0m1s", "prune": true}, ["fail", {"path": by_flux, "related": [subjects, field("interval")]}]],
		[{"interval": "1h"}, ["warn", {"path": by_flux, "related": [field("prune")]}]],
		[{"interval": "soon", "prune": true}, ["unknown", {"path": by_flux, "related": [field("interval")]}]],
		[null, ["manual", {"path": by_flux}]],
	] {
		found({"labels": labels}, "dump", pair[0]) == {pair[1]}
	}
}

test_where_nothing_restores_it if {
	found({}, "dump", null) == {["fail", {"path": ["metadata", "labels"], "related": [subjects]}]}
	found({}, "render", null) == {["manual", {"path": ["metadata", "labels"]}]}
	found({"labels": helm}, "dump", null) == {["warn", {"path": ["metadata", "labels", "helm.toolkit.fluxcd.io/name"]}]}
}

good := {"interval": "1h", "prune": true}

test_labels_and_annotations_keep_flux_from_restoring_it if {
	every name in ["annotations", "labels"] {
		every pair in [["ssa", "Ignore"], ["ssa", "IfNotPresent"], ["reconcile", "disabled"]] {
			key := sprintf("kustomize.toolkit.fluxcd.io/%v", [pair[0]])
			metadata := object.union({"labels": labels}, {name: {key: pair[1]}})
			found(metadata, "dump", good) == {["fail", {"path": ["metadata", name, key], "related": [subjects]}]}
		}
		every key, value in {"ssa": "Merge", "reconcile": "enabled"} {
			given := {name: {sprintf("kustomize.toolkit.fluxcd.io/%v", [key]): value}}
			found(object.union({"labels": labels}, given), "dump", good) == set()
		}
	}
}

test_where_the_doubt_is if {
	found(5, "dump", null) == {["unknown", {"path": ["metadata"]}]}
	every name in ["annotations", "labels"] {
		found({name: 5}, "dump", null) == {["unknown", {"path": ["metadata", name]}]}
	}
}

bad := {"interval": "2h", "suspend": true}

test_the_operator_restores_what_it_installs if {
	every spec in [bad, {"interval": "soon"}, null] {
		judged({"labels": object.union(labels, managed)}, "dump", spec) == [0, 0, 0, 0]
	}
	judged({"labels": object.union(helm, managed)}, "dump", null) == [0, 0, 0, 0]
}

test_the_kustomization_counts_before_the_release if {
	every mode in ["dump", "render"] {
		judged({"labels": object.union(labels, helm)}, mode, good) == [0, 0, 0, 0]
	}
}

test_bindings_of_others_are_not_meant if {
	exempt := {"kustomize.toolkit.fluxcd.io/ssa": "Ignore"}
	every metadata in [
		{}, {"labels": 5}, {"labels": labels}, {"labels": helm}, {"annotations": exempt},
	] {
		other := object.union(sample.binding("x", "view", [sample.group("x")]), {"metadata": metadata})
		cluster := sample.inventory([other, sample.applier("Kustomization", "f", "p", bad)])
		every mode in ["dump", "render"] {
			review := sample.review(other, {"mode": mode})
			count(control.violation) == 0 with input as review with data.inventory as cluster
			count(control.warn) == 0 with input as review with data.inventory as cluster
			count(control.unknown) == 0 with input as review with data.inventory as cluster
			count(control.manual) == 0 with input as review with data.inventory as cluster
		}
	}
}

test_fractions_of_seconds if {
	every text in ["1000ms", "1000000us", "1000000µs"] {
		round(control.seconds(text) * 1000) == 1000
	}
	control.seconds("5ns") == 0
}
