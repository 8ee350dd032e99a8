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
