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

# It is applied in its own cluster.
local := json.patch(remote, [{"op": "remove", "path": "/spec/kubeConfig"}])

suspended := object.union(remote, {"spec": {"suspend": true}})

good := [alert("a", {}), provider("a", {})]

weak := [alert("a", {"inclusionList": ["x"]}), provider("a", {})]

vague := [alert("a", {"suspend": "no"}), provider("a", {})]

# Flux without anything that sends.
deaf := [controller("kustomize-controller", [])]

test_without_anything_that_sends_there_is_one_failure if {
	every others in [[], good, weak, vague] {
		results(remote, array.concat(others, deaf), "dump") == [1, 0, 0, 0]
	}
	results(remote, deaf, "render") == [1, 0, 0, 0]
}

test_what_is_suspended_or_local_is_not_meant if {
	every obj in [suspended, local, object.union(local, {"spec": {"suspend": 5}})] {
		every others in [[], good, weak, vague, deaf] {
			results(obj, others, "dump") == [0, 0, 0, 0]
			results(obj, others, "render") == [0, 0, 0, 0]
		}
	}
	results(object.union(local, {"metadata": {"labels": {"a": 5}}}), [], "dump") == [0, 0, 0, 0]
	count(control.manual) == 0 with input as local
}

test_kustomizations_of_others_are_not_meant if {
	other := object.union(remote, {"apiVersion": "kustomize.config.k8s.io/v1beta1"})
	not control.subject with input as other
	results(other, [], "dump") == [0, 0, 0, 0]
}

test_one_good_alert_suffices if {
	second := object.union(weak[0], {"metadata": {"name": "m"}})
	results(remote, array.concat(good, [second]), "dump") == [0, 0, 0, 0]
}

# An alert for the sources with this further field.
narrowed(field) := [
	alert("a", {"eventSources": [object.union({"kind": "Kustomization", "name": "*"}, field)]}),
	provider("a", {}),
]

test_the_source_of_an_alert if {
	every field in [{"namespace": ""}, {"namespace": null}, {"namespace": "a"}, {"matchLabels": null}, {"matchLabels": {}}] {
		results(remote, narrowed(field), "dump") == [0, 0, 0, 0]
	}
	every field in [
		{"namespace": "*"}, {"namespace": "b"}, {"kind": "HelmRelease"}, {"kind": "kustomization"}, {"name": "web"},
		{"matchLabels": []}, {"matchLabels": ""}, {"matchLabels": {"team": "x", "a": "b"}},
	] {
		results(remote, narrowed(field), "dump") == [1, 0, 0, 0]
	}
}

# The paths of what cannot be told of an object, by an inventory without it.
doubts(obj) := {finding.details.path | some finding in found} if {
	found := control.unknown with input as obj with data.inventory as sample.inventory(good)
}

test_where_a_doubt_stands if {
	doubts(object.union(remote, {"metadata": 5})) == {["metadata"]}
	every key, value in {"name": 5, "namespace": 5, "labels": 5} {
		doubts(object.union(remote, {"metadata": {key: value}})) == {["metadata", key]}
	}
	doubts(object.union(remote, {"spec": {"kubeConfig": 5}})) == {["spec", "kubeConfig"]}
	doubts(object.union(remote, {"spec": {"suspend": 5}})) == {["spec", "suspend"]}
	doubts(object.union(remote, {"spec": 5})) == {["spec"]}
}

test_a_hidden_kubeconfig_is_unknown if {
	every path in ["/spec", "/spec/kubeConfig"] {
		hidden := object.union(local, {"metadata": {"annotations": {"flux-audit.internal/unknown-paths": path}}})
		control.subject with input as hidden
		count(doubts(hidden)) == 1
	}
}

test_what_hides_other_fields_hides_no_kubeconfig if {
	every path in ["/spec/interval", "/metadata/labels"] {
		hidden := object.union(local, {"metadata": {"annotations": {"flux-audit.internal/unknown-paths": path}}})
		not control.subject with input as hidden
	}
	not control.subject with input as object.remove(local, ["spec"])
}

object_of(version, kind, ns, name) := {"apiVersion": version, "kind": kind, "namespace": ns, "name": name}

test_the_nodes_of_a_finding if {
	cluster := sample.inventory(array.concat(weak, [controller("notification-controller", [])]))
	found := control.warn with input as remote with data.inventory as cluster
	{finding.details.path | some finding in found} == {["spec", "kubeConfig"]}
	{finding.details.related | some finding in found} == {[
		{"path": ["metadata", "name"]}, {"path": ["metadata", "namespace"]},
		{"path": ["metadata", "labels"]}, {"path": ["spec", "suspend"]},
		{"object": object_of("notification.toolkit.fluxcd.io/v1beta3", "Alert", "a", "n"), "path": ["spec"]},
		{"object": object_of("notification.toolkit.fluxcd.io/v1beta3", "Provider", "a", "n"), "path": ["spec"]},
		{
			"object": object_of("apps/v1", "Deployment", "flux-system", "notification-controller"),
			"path": ["spec", "template"],
		},
	]}
}

test_where_a_finding_stands if {
	every others in [[], deaf] {
		cluster := sample.inventory(others)
		found := control.violation with input as sample.review(remote, {"mode": "dump"}) with data.inventory as cluster
		{finding.details.path | some finding in found} == {["spec", "kubeConfig"]}
	}
	open := control.manual with input as remote with data.inventory as sample.inventory([])
	{finding.details.path | some finding in open} == {["spec", "kubeConfig"]}
	unsure := control.unknown with input as remote with data.inventory as sample.inventory(vague)
	{finding.details.path | some finding in unsure} == {["spec", "kubeConfig"]}
	alone := control.manual with input as remote
	{finding.details.path | some finding in alone} == {["spec", "kubeConfig"]}
}
