package flux.remote_apply_alerts_test

import data.flux.remote_apply_alerts as control
import data.lib.admission_sample_test as sample
import data.lib.facts

remote := {
	"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization",
	"metadata": {"name": "platform", "namespace": "a", "labels": {"team": "x"}},
	"spec": {"kubeConfig": {"secretRef": {"name": "k"}}},
}

notified(kind, ns, spec) := {"apiVersion": "notification.toolkit.fluxcd.io/v1beta3", "kind": kind, "metadata": {"name": "n", "namespace": ns}, "spec": spec}

alert(ns, spec) := notified("Alert", ns, object.union({"providerRef": {"name": "n"}, "eventSources": [{"kind": "Kustomization", "name": "*"}]}, spec))

provider(ns, spec) := notified("Provider", ns, object.union({"type": "slack"}, spec))

controller(name, args) := {
	"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": name, "namespace": "flux-system"},
	"spec": {"template": {"spec": {"containers": [{"name": "manager", "image": sprintf("ghcr.io/fluxcd/%v:v1.9.3", [name]), "args": args}]}}},
}

crossing := [alert("b", {"eventSources": [{"kind": "Kustomization", "name": "platform", "namespace": "a", "matchLabels": {"team": "x"}}]}), provider("b", {})]

results(obj, others, mode) := found if {
	found := [count(control.violation), count(control.warn), count(control.unknown), count(control.manual)] with input as sample.review(obj, {"mode": mode})
		with data.inventory as sample.inventory(array.concat([obj], others))
}

test_pass if {
	results(remote, [alert("a", {}), provider("a", {})], "dump") == [0, 0, 0, 0]
	results(remote, crossing, "dump") == [0, 0, 0, 0]
	results(remote, array.concat(crossing, [controller("notification-controller", [])]), "dump") == [0, 0, 0, 0]
	results(object.union(remote, {"spec": {"suspend": true}}), [], "dump") == [0, 0, 0, 0]
	results(object.union(remote, {"metadata": {"labels": null}}), [alert("a", {}), provider("a", {})], "dump") == [0, 0, 0, 0]
	rule := {"apiVersion": "monitoring.coreos.com/v1", "kind": "PrometheusRule", "metadata": {"name": "r", "namespace": "m"}, "spec": {"groups": [{"rules": [{"alert": "A", "expr": "gotk_reconcile_condition{status=\"False\"}"}]}]}}
	results(remote, [rule], "dump") == [0, 0, 0, 0]
}

test_fail if {
	results(remote, [], "dump") == [1, 0, 0, 0]
	every others in [
		[alert("a", {})], [alert("a", {"suspend": true}), provider("a", {})], [alert("a", {}), provider("a", {"suspend": true})],
		[alert("a", {"eventSources": [{"kind": "Kustomization", "name": "*", "matchLabels": {"team": "y"}}]}), provider("a", {})],
		[alert("a", {"eventSources": [{"kind": "Kustomization", "name": "*", "matchLabels": 5}]}), provider("a", {})],
		array.concat(crossing, [controller("notification-controller", ["--no-cross-namespace-refs=true"])]),
		array.concat(crossing, [controller("kustomize-controller", [])]),
	] {
		results(remote, others, "render") == [1, 0, 0, 0]
	}
}

test_warn if {
	every others in [
		[alert("a", {"exclusionList": [".*"]}), provider("a", {})], [alert("a", {"inclusionList": ["x"]}), provider("a", {})],
		[alert("a", {}), provider("a", {"type": "gitea"})],
		[alert("a", {}), provider("a", {"secretRef": {"name": "s"}}), {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "t", "namespace": "a"}}],
	] {
		results(remote, others, "dump") == [0, 1, 0, 0]
	}
}

test_unknown if {
	every others in [
		[alert("a", {"exclusionList": ["("]}), provider("a", {})], [alert("a", {"exclusionList": "x"}), provider("a", {})],
		[alert("a", {"suspend": "no"}), provider("a", {})],
		array.concat(crossing, [controller("notification-controller", ["--no-cross-namespace-refs=$(X)"])]),
	] {
		results(remote, others, "dump") == [0, 0, 1, 0]
	}
	results(object.union(remote, {"spec": {"kubeConfig": 5}}), [], "dump") == [0, 0, 1, 0]
	results(object.union(remote, {"spec": {"suspend": 5}}), [], "dump") == [0, 0, 1, 0]
	results(object.union(remote, {"metadata": {"labels": {"a": 5}}}), [alert("a", {}), provider("a", {})], "dump") == [0, 0, 1, 0]
}

test_manual if {
	results(remote, [], "render") == [0, 0, 0, 1]
	count(control.manual) == 1 with input as remote
}

test_other_objects if {
	not control.subject with input as {"kind": "Pod"}
	not control.subject with input as "text"
	control.subject with input as {"apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease", "spec": {"kubeConfig": {}}}
	not control.subject with input as {"apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease", "spec": {}}
}

test_no_object if control.raw == null with input as "text"

test_no_labels if {
	bare := object.union(remote, {"metadata": {"labels": null}})
	results(bare, [alert("a", {"eventSources": [{"kind": "Kustomization", "name": "*", "matchLabels": {"team": "x"}}]}), provider("a", {})], "dump") == [1, 0, 0, 0]
}

test_given_facts if {
	found := [facts.alerts, facts.alert_rules] with data.inventory as {"facts": {"alerts": [1], "alert_rules": [2]}}
	found == [[1], [2]]
}
