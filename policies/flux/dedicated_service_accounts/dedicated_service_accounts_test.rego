package flux.dedicated_service_accounts_test

import data.flux.dedicated_service_accounts as control
import data.lib.rbac_sample_test as sample
import data.lib.refs_sample_test as workloads

controller(component, pod) := workloads.controller(component, {"pod": pod})

account(name) := {"serviceAccountName": name}

judged(obj, cluster) := [count(v), count(w), count(u)] if {
	v := control.violation with input as obj with data.inventory as cluster
	w := control.warn with input as obj with data.inventory as cluster
	u := control.unknown with input as obj with data.inventory as cluster
}

test_controllers if {
	every name, want in {
		"source-controller": [0, 0, 0],
		"source-controller-shard1": [0, 0, 0],
		"default": [1, 0, 0],
		"": [1, 0, 0],
		"helm-controller": [1, 0, 0],
		"flux-operator": [1, 0, 0],
		"fetcher": [0, 1, 0],
		"${X}": [0, 1, 1],
	} {
		control.subject with input as controller("source-controller", account(name))
		judged(controller("source-controller", account(name)), {}) == want
	}
	judged(controller("source-watcher", account("source-watcher-controller")), {}) == [0, 0, 0]
	judged(controller("source-controller", {"serviceAccount": "helm-controller"}), {}) == [1, 0, 0]
	judged(controller("source-controller", {"serviceAccountName": 5, "serviceAccount": 5}), {}) == [0, 0, 2]
	judged(controller("source-controller", account("source-watcher-controller")), {}) == [1, 0, 0]
	judged(controller("source-controller", {"serviceAccount": 5}), {}) == [0, 0, 1]
	every none in ["", null] {
		older := {"serviceAccountName": none, "serviceAccount": "source-controller"}
		judged(controller("source-controller", older), {}) == [0, 0, 0]
	}
	judged(sample.veiled(controller("source-controller", account("source-controller")), "/spec/template"), {})[2] == 1
}

test_shared_accounts if {
	pair := [controller(name, account("flux")) | some name in ["source-controller", "notification-controller"]]
	some finding in control.violation with input as pair[0] with data.inventory as workloads.inventory(pair)
	finding.msg == "notification-controller runs as the same account"
	count(finding.details.related) == 2
}

test_an_account_is_complained_of_once if {
	every name in ["", "default", "helm-controller"] {
		pair := [controller(component, account(name)) | some component in ["source-controller", "helm-controller"]]
		judged(pair[0], workloads.inventory(pair)) == [1, 0, 0]
		judged(pair[1], workloads.inventory(pair)) == [1, 0, 0]
	}
}

pod(name) := {
	"apiVersion": "v1",
	"kind": "Pod",
	"metadata": {"name": "x", "namespace": "flux-system"},
	"spec": {"containers": [], "serviceAccountName": name},
}

test_other_workloads if {
	every name, want in {
		"x": [0, 0, 0],
		"": [0, 0, 0],
		"default": [0, 0, 0],
		"helm-controller": [1, 0, 0],
		"source-controller": [0, 1, 0],
		"${X}": [0, 0, 1],
	} {
		control.subject with input as pod(name)
		judged(pod(name), {}) == want
	}
	every name in ["x", "helm-controller", "${X}", 5] {
		elsewhere := object.union(pod(name), {"metadata": {"namespace": "a"}})
		not control.subject with input as elsewhere
		judged(elsewhere, {}) == [0, 0, 0]
	}
}

test_the_namespace_makes_an_account_one_of_flux if {
	every name in ["helm-controller", "source-controller"] {
		found := control.violation | control.warn with input as pod(name)
		{finding.details.related | some finding in found} == {[{"path": ["metadata", "namespace"]}]}
	}
}

token(annotations) := {
	"apiVersion": "v1",
	"kind": "Secret",
	"type": "kubernetes.io/service-account-token",
	"metadata": {"name": "x", "namespace": "flux-system", "annotations": annotations},
}

test_tokens if {
	judged(token({"kubernetes.io/service-account.name": "helm-controller"}), {}) == [0, 1, 0]
	judged(token({"kubernetes.io/service-account.name": "x"}), {}) == [0, 0, 0]
	judged(token(5), {}) == [0, 0, 1]
	every change in [{"type": "Opaque"}, {"kind": "ConfigMap"}, {"metadata": {"namespace": "a"}}] {
		every annotations in [{"kubernetes.io/service-account.name": "helm-controller"}, 5] {
			other := object.union(token(annotations), change)
			not control.subject with input as other
			judged(other, {}) == [0, 0, 0]
		}
	}
}
