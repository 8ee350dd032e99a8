package flux.decryption_configured_test

import data.flux.decryption_configured as control
import data.lib.admission_sample_test as sample
import data.lib.facts

ks(spec) := {"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization", "metadata": {"name": "apps", "namespace": "flux-system"}, "spec": spec}

decrypting(fields) := ks({"decryption": object.union({"provider": "sops"}, fields)})

by_secret := decrypting({"secretRef": {"name": "sops-age"}})

secret(data_) := {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "sops-age", "namespace": "flux-system"}, "data": data_}

labels := {"kustomize.toolkit.fluxcd.io/name": "apps", "kustomize.toolkit.fluxcd.io/namespace": "flux-system"}

applied(extra) := object.union({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db", "namespace": "apps", "labels": labels}}, extra)

file(kind, extra) := object.union({"apiVersion": "files.flux-audit/v1", "kind": kind, "metadata": {"name": "apps/x", "labels": labels}}, extra)

controller(container) := {
	"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "kustomize-controller", "namespace": "flux-system"},
	"spec": {"template": {"spec": {"containers": [object.union({"name": "manager", "image": "ghcr.io/fluxcd/kustomize-controller:v1.9.4"}, container)]}}},
}

judged(obj, objects, mode) := found if {
	found := [count(control.violation), count(control.unknown), count(control.manual)] with input as sample.review(obj, {"mode": mode})
		with data.inventory as sample.inventory(array.concat(objects, [obj]))
}

test_encrypted_without_decryption if {
	every obj in [
		applied({"sops": {"mac": "x"}}), file("EnvFile", {"spec": {"encrypted": true}}),
		file("KustomizeFile", {"spec": {}, "status": {"paths": {"b.env": {"found": true, "encrypted": true}}}}),
	] {
		judged(ks({}), [obj], "git") == [1, 0, 0]
		judged(by_secret, [obj], "git") == [0, 0, 0]
	}
	judged(ks({}), [applied({"sops": {"mac": "x"}}), applied({"sops": {"mac": "x"}, "metadata": {"name": "more"}})], "git") == [1, 0, 0]
	judged(ks({}), [applied({})], "git") == [0, 0, 0]
	judged(ks({}), [applied({"sops": {}})], "dump") == [0, 0, 0]
	judged(ks({}), [], "git") == [0, 0, 1]
}

# The nodes that a failure rests on, of every failure.
related(obj, objects, mode) := {object.get(finding.details, "related", []) | some finding in found} if {
	cluster := sample.inventory(array.concat(objects, [obj]))
	found := control.violation with input as sample.review(obj, {"mode": mode}) with data.inventory as cluster
}

# A node of another object than the one under review.
node(version, kind, name, path) := {
	"object": {"apiVersion": version, "kind": kind, "namespace": "flux-system", "name": name},
	"path": path,
}

test_what_a_failure_rests_on if {
	encrypted := applied({"sops": {"mac": "x"}, "metadata": {"namespace": "flux-system"}})
	related(ks({}), [encrypted], "git") == {[
		node("v1", "Secret", "db", ["sops"]),
		node("v1", "Secret", "db", ["metadata"]),
		{"path": ["metadata", "name"]},
		{"path": ["metadata", "namespace"]},
	]}
	related(by_secret, [secret({"identity": "eA=="})], "dump") == {[
		node("v1", "Secret", "sops-age", ["metadata"]),
		{"path": ["metadata", "namespace"]},
	]}
	related(by_secret, [], "dump") == {[{"path": ["metadata", "namespace"]}]}
	container := ["spec", "template", "spec", "containers", 0, "args"]
	related(decrypting({"serviceAccountName": "a"}), [controller({})], "git") == {[
		node("apps/v1", "Deployment", "kustomize-controller", container),
	]}
}

test_the_provider_is_mended if {
	every fields in [{"provider": "vault"}, {}] {
		obj := ks({"decryption": object.union({"secretRef": {"name": "x"}}, fields)})
		some finding in control.violation with input as sample.review(obj, {"mode": "git"})
		finding.details.path == ["spec", "decryption", "provider"]
		finding.details.fix == [{"op": "add", "path": "/spec/decryption/provider", "value": "sops"}]
	}
}

test_a_decryption_is_judged_though_nothing_is_encrypted if {
	obj := ks({"decryption": {"provider": "vault", "secretRef": {"name": "x"}}})
	judged(obj, [applied({})], "git") == [1, 0, 0]
}

test_provider if {
	judged(ks({"decryption": {"provider": "vault", "secretRef": {"name": "x"}}}), [], "git") == [1, 0, 0]
	judged(ks({"decryption": {"secretRef": {"name": "x"}}}), [], "git") == [1, 0, 0]
}

test_no_key if {
	judged(decrypting({}), [controller({})], "git") == [1, 0, 0]
	judged(decrypting({"secretRef": {"name": ""}}), [controller({})], "git") == [1, 0, 0]
	judged(decrypting({}), [controller({"env": [{"name": "LEVEL", "value": "x"}]})], "git") == [1, 0, 0]
	judged(decrypting({}), [], "git") == [0, 0, 1]
	judged(decrypting({"serviceAccountName": ""}), [controller({})], "git") == [1, 0, 0]
	other := object.union(
		controller({"image": "ghcr.io/fluxcd/helm-controller:v1.6.3"}),
		{"metadata": {"name": "helm-controller"}},
	)
	judged(decrypting({}), [other], "git") == [0, 0, 1]
	older := controller({"image": "ghcr.io/fluxcd/kustomize-controller:v1.2.0"})
	judged(decrypting({}), [older], "git") == [1, 0, 0]
}

test_a_key_of_the_controller_is_not_asked_for_where_there_is_another if {
	unclear := controller({"args": ["--sops-age-secret=$(X)"]})
	judged(by_secret, [controller({})], "git") == [0, 0, 0]
	judged(by_secret, [unclear], "git") == [0, 0, 0]
	judged(ks({}), [controller({})], "git") == [0, 0, 1]
	sure := controller({"args": ["--sops-age-secret=global"], "envFrom": [{"secretRef": {"name": "x"}}]})
	judged(decrypting({}), [sure], "git") == [0, 0, 0]
}

test_key_of_the_controller if {
	every container in [
		{"args": ["--sops-age-secret=global"]}, {"args": ["--default-decryption-service-account=default"]},
		{"env": [{"name": "VAULT_TOKEN", "valueFrom": {}}]}, {"volumeMounts": [{"name": "a", "mountPath": "/home/.gnupg"}]},
	] {
		judged(decrypting({}), [controller(container)], "git") == [0, 0, 0]
	}
	account := {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": "flux-system", "annotations": {"eks.amazonaws.com/role-arn": "arn"}}}
	judged(decrypting({}), [controller({}), account], "git") == [0, 0, 0]
	judged(decrypting({}), [controller({"args": ["--sops-age-secret=$(X)"]})], "git") == [0, 1, 0]
	judged(decrypting({}), [controller({"envFrom": [{"secretRef": {"name": "x"}}]})], "git") == [0, 1, 0]
}

test_secret if {
	every key in ["age.agekey", "a.asc", "sops.vault-token", "sops.aws-kms", "sops.azure-kv", "sops.gcp-kms"] {
		judged(by_secret, [secret({key: "eA=="})], "dump") == [0, 0, 0]
	}
	judged(by_secret, [secret({"identity": "eA=="})], "dump") == [1, 0, 0]
	judged(by_secret, [secret({"sops.age": "eA=="})], "git") == [1, 0, 0]
	judged(by_secret, [], "dump") == [1, 0, 0]
	judged(by_secret, [], "git") == [0, 0, 0]
	judged(by_secret, [secret(5)], "dump") == [0, 1, 0]
	keyed := controller({"args": ["--sops-age-secret=global"]})
	judged(decrypting({"secretRef": {"name": ""}}), [keyed], "dump") == [0, 0, 0]
	judged(decrypting({}), [keyed], "dump") == [0, 0, 0]
	judged(decrypting({"secretRef": {"name": "${S}"}}), [keyed], "dump") == [0, 1, 0]
}

test_account if {
	obj := decrypting({"serviceAccountName": "a"})
	judged(obj, [controller({})], "git") == [1, 0, 0]
	judged(obj, [controller({"args": ["--feature-gates=ObjectLevelWorkloadIdentity=true"]})], "git") == [0, 0, 0]
	judged(obj, [controller({"args": ["--feature-gates=$(X)"]})], "git") == [0, 1, 0]
	judged(obj, [], "git") == [0, 0, 1]
	unnamed := decrypting({"secretRef": {"name": "sops-age"}, "serviceAccountName": ""})
	judged(unnamed, [controller({})], "git") == [0, 0, 0]
	judged(unnamed, [], "git") == [0, 0, 0]
}

# The paths of the findings `unknown` and `manual`.
open(obj, objects, mode) := {concat("/", finding.details.path) | some finding in found} if {
	cluster := sample.inventory(array.concat(objects, [obj]))
	request := sample.review(obj, {"mode": mode})
	found := control.unknown | control.manual with input as request with data.inventory as cluster
}

veiled(obj, path) := object.union(obj, {"metadata": {"annotations": {"flux-audit.internal/unknown-paths": path}}})

test_where_it_is_left_open if {
	open(ks({}), [], "git") == {"spec/sourceRef"}
	open(veiled(ks({}), "/spec/decryption"), [], "render") == {"spec/decryption"}
	unreadable := decrypting({"provider": 5, "secretRef": {"name": "x"}})
	open(unreadable, [], "render") == {"spec/decryption/provider"}
	judged(unreadable, [], "render") == [0, 1, 0]
	every name in [null, "", 5] {
		applied_by_it := [applied({})]
		open(object.union(ks({}), {"metadata": {"name": name}}), [], "git") == {"metadata/name", "spec/sourceRef"}
		open(object.union(ks(null), {"metadata": {"name": name}}), applied_by_it, "render") == set()
	}
	"metadata/namespace" in open(object.union(ks({}), {"metadata": {"namespace": null}}), [], "git")
	open(object.union(by_secret, {"metadata": {"namespace": ""}}), [], "git") == set()
}

test_nothing_is_left_open if {
	every obj in [ks(null), veiled(ks({}), "/spec/path")] {
		open(obj, [], "render") == set()
		open(obj, [applied({})], "git") == set()
	}
}

test_unknown if {
	every obj in [
		ks(5), ks({"decryption": 5}), decrypting({"secretRef": 5}), decrypting({"secretRef": {"name": "${S}"}}), decrypting({"serviceAccountName": 5}),
		object.union(ks({}), {"metadata": {"annotations": {"flux-audit.internal/unknown-paths": "/spec/decryption"}}}),
		object.union(ks({}), {"metadata": {"namespace": ""}}),
	] {
		judged(obj, [], "git")[0] == 0
		judged(obj, [], "git")[1] > 0
	}
}

test_quiet if {
	control.subject with input as ks({})
	judged(ks({}), [], "render") == [0, 0, 0]
	not control.subject with input as secret({})
	every change in [{"kind": "Other"}, {"apiVersion": "kustomize.config.k8s.io/v1beta1"}] {
		other := object.union(ks({"decryption": {"provider": "vault", "serviceAccountName": 5}}), change)
		not control.subject with input as other
		judged(other, [controller({})], "dump") == [0, 0, 0]
	}
}

test_facts if {
	found := facts.decryption with data.inventory as {"facts": {"decryption": {"x": 1}}}
	found == {"x": 1}
	bare := facts.decryption with data.inventory as {"namespace": {"a": 5, "b": {"v1": 5, "v2": {"X": 5, "Y": {"z": 5}}}}, "cluster": 5}
		with input as sample.review({}, {"mode": "git"})
	bare == {"configs": false, "secrets": {}, "given": [], "open": [], "encrypted": {}, "applied": {}, "served": {}, "paths": {}}
}

test_folders_of_tenants if {
	rules := {"apiVersion": "files.flux-audit/v1", "kind": "SopsConfig", "metadata": {"name": ".sops.yaml"}, "spec": {}}
	tenant := object.union(ks({"path": "./tenants/a/"}), {"metadata": {"namespace": "a"}})
	root := object.union(ks({"path": "./"}), {"metadata": {"namespace": "a", "name": "root"}})
	mine := {"metadata": {"labels": {"kustomize.toolkit.fluxcd.io/namespace": "a"}}}
	objects := [rules, tenant, root, applied(mine), applied(object.union(mine, {"metadata": {"name": "x", "labels": {"kustomize.toolkit.fluxcd.io/name": "root"}}}))]
	found := facts.decryption.paths with data.inventory as sample.inventory(objects)
		with input as sample.review({}, {"mode": "git", "tenantNamespaces": ["a"]})
	found == {"a": ["tenants/a"]}
}

labelled(owner) := {"metadata": {"labels": {"kustomize.toolkit.fluxcd.io/namespace": "flux-system", "kustomize.toolkit.fluxcd.io/name": owner}}}

# Objects in the namespaces of two tenants, each with what is said of it besides.
for_tenants(of_a, of_b) := [object.union(
	{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name, "namespace": ns}},
	extra,
) |
	some ns, extras in {"a": of_a, "b": of_b}
	some name, extra in extras
]

served(objects, mode) := found if {
	found := facts.decryption.served with data.inventory as sample.inventory(objects)
		with input as sample.review({}, {"mode": mode, "tenantNamespaces": ["a", "b"]})
}

config_map(ns, name) := {"apiVersion": "v1", "kind": "ConfigMap", "namespace": ns, "name": name}

test_what_is_opened_for_tenants if {
	encrypted := object.union(labelled("root"), {"sops": {"age": [{"recipient": "age1a"}]}})
	objects := for_tenants({"x": labelled("root"), "y": encrypted}, {"x": labelled("root"), "z": labelled("root")})
	served(objects, "git") == {"flux-system/root": {
		"encrypted": [{"object": config_map("a", "y"), "path": ["sops"]}],
		"recipients": ["age1a"],
		"tenants": {"a": config_map("a", "x"), "b": config_map("b", "x")},
	}}
	served(objects, "dump") == {}
	served(for_tenants({"x": labelled("root"), "y": encrypted}, {}), "git") == {}
	served(for_tenants({"y": encrypted}, {"x": labelled("other")}), "git") == {}
	served(for_tenants({"x": labelled("root")}, {"x": labelled("root")}), "git") == {}
	platforms := object.union(encrypted, {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "y", "namespace": "flux-system"}})
	served(array.concat([platforms], for_tenants({"x": labelled("root")}, {"x": labelled("root")})), "git") == {}
}
