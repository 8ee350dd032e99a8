package lib.platform_test

import data.lib.platform
import data.lib.rbac_sample_test as sample
import data.lib.refs_sample_test as workloads

review := sample.review(sample.role("x", []), {
	"platformSubjects": ["jane", "system:serviceaccount:hub:manager"],
	"platformNamespaces": ["platform"],
})

cluster := workloads.inventory([workloads.controller("x", {
	"image": "ghcr.io/controlplaneio-fluxcd/flux-operator:v0.58.1",
	"namespace": "operators",
	"labels": {},
	"pod_labels": {},
	"pod": {"serviceAccountName": "operator"},
})])

trusted(key) if platform.trusted(key) with input as review with data.inventory as cluster

access(key) if platform.access(key) with input as review with data.inventory as cluster

test_trusted if {
	every key in [
		["user", "jane"], ["group", "jane"], ["account", "hub", "manager"], ["account", "platform", "x"],
		["account", "kube-system", "x"], ["account", "flux-system", "helm-controller"],
		["account", "flux-system", "flux-operator"], ["account", "operators", "operator"],
		["namespace", "flux-system"], ["namespace", "platform"], ["group", "system:masters"], ["user", "system:kube-scheduler"],
	] {
		trusted(key)
	}
	every key in [
		["user", "joe"], ["account", "hub", "x"], ["namespace", "a"], ["all", "system:authenticated"],
		["group", "system:unauthenticated"], ["user", "system:anonymous"], ["unreadable"],
	] {
		not trusted(key)
	}
}

test_access if {
	every key in [["user", "jane"], ["account", "hub", "manager"], ["account", "flux-system", "helm-controller"], ["account", "operators", "operator"]] {
		access(key)
	}
	every key in [["group", "system:masters"], ["account", "kube-system", "x"]] {
		not access(key)
	}
}
