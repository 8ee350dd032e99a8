package flux.tenant_kubeconfigs_test

import data.flux.tenant_kubeconfigs as control
import data.lib.facts
import data.lib.refs_sample_test as sample

applier(kind, kubeconfig) := {
	"apiVersion": sprintf("%v.toolkit.fluxcd.io/v1", [{"Kustomization": "kustomize", "HelmRelease": "helm"}[kind]]),
	"kind": kind,
	"metadata": {"name": "apps", "namespace": "team-a"},
	"spec": {"kubeConfig": kubeconfig},
}

ks(kubeconfig) := applier("Kustomization", kubeconfig)

secret(entries) := {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "remote", "namespace": "team-a"}, "stringData": entries}

config(entries) := {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "remote", "namespace": "team-a"}, "data": entries}

by_secret := {"secretRef": {"name": "remote"}}

by_config := {"configMapRef": {"name": "remote"}}

# Counts of violation, warn, unknown, manual.
judged(obj, others, params) := [count(v), count(w), count(u), count(m)] if {
	cluster := sample.inventory(array.concat([obj], others))
	request := sample.review(obj, object.union({"profiles": ["shared"]}, params))
	v := control.violation with input as request with data.inventory as cluster
	w := control.warn with input as request with data.inventory as cluster
	u := control.unknown with input as request with data.inventory as cluster
	m := control.manual with input as request with data.inventory as cluster
}

text(line) := sprintf("clusters: []\n%v", [line])

kustomize(args) := sample.controller("kustomize-controller", {"args": args})

test_content if {
	every line, expected in {
		"server: https://a": [0, 0, 0, 0],
		"server: http://a": [1, 0, 0, 0],
		"exec: {}": [0, 1, 0, 0],
		"insecure-skip-tls-verify: true": [0, 1, 0, 0],
		"tokenFile: /t": [0, 1, 0, 0],
		"x: &a b": [0, 0, 1, 0],
	} {
		judged(ks(by_secret), [secret({"value": text(line)})], {}) == expected
	}
}

test_flags if {
	runs := [secret({"value": text("exec: {}")})]
	judged(ks(by_secret), array.concat(runs, [kustomize(["--insecure-kubeconfig-exec"])]), {}) == [1, 0, 0, 0]
	judged(ks(by_secret), array.concat(runs, [kustomize(["--insecure-kubeconfig-exec=false"])]), {}) == [0, 1, 0, 0]
	judged(ks(by_secret), array.concat(runs, [kustomize(["--insecure-kubeconfig-exec=$(X)"])]), {}) == [0, 0, 1, 0]
	judged(ks(by_secret), array.concat(runs, [kustomize(["--insecure-kubeconfig-tls"])]), {}) == [0, 1, 0, 0]
	judged(applier("HelmRelease", by_secret), array.concat(runs, [kustomize(["--insecure-kubeconfig-exec"])]), {}) == [0, 1, 0, 0]
}

test_keys if {
	both := secret({"value": text(""), "value.yaml": text("server: http://a"), "mine": text("server: http://a")})
	judged(ks(by_secret), [both], {}) == [0, 0, 0, 0]
	judged(ks({"secretRef": {"name": "remote", "key": "mine"}}), [both], {}) == [1, 0, 0, 0]
	judged(ks({"secretRef": {"name": "remote", "key": "value.yaml"}}), [both], {}) == [1, 0, 0, 0]
	judged(ks(by_secret), [secret({"value.yaml": text("server: http://a")})], {}) == [1, 0, 0, 0]
}

test_unread if {
	judged(ks(by_secret), [], {}) == [0, 0, 0, 1]
	judged(ks(by_secret), [secret({"other": "x"})], {}) == [0, 0, 0, 1]
	judged(ks(by_secret), [secret({"value": "ENC[x]"})], {}) == [0, 0, 0, 1]
}

test_config if {
	full := {"provider": "aws", "serviceAccountName": "team-a"}
	judged(ks(by_config), [config(full)], {}) == [0, 0, 0, 0]
	judged(ks(by_config), [config({"provider": "aws"})], {}) == [0, 1, 0, 0]
	judged(ks(by_config), [config({"provider": "ali", "serviceAccountName": "a"})], {}) == [0, 0, 1, 0]
	judged(ks(by_config), [config({"provider": "aws", "serviceAccountName": 5})], {}) == [0, 0, 1, 0]
	judged(ks(by_config), [object.union(config({}), {"data": null})], {}) == [0, 1, 1, 0]
	judged(ks(by_config), [], {}) == [0, 0, 0, 1]
	preset := ["--feature-gates=ObjectLevelWorkloadIdentity=true", "--default-kubeconfig-service-account=default"]
	judged(ks(by_config), [config({"provider": "aws"}), kustomize(preset)], {}) == [0, 0, 0, 0]
	judged(ks(by_config), [config({"provider": "aws"}), kustomize([])], {}) == [0, 1, 0, 0]
	judged(ks(by_config), [config({"provider": "aws"}), kustomize(["--default-kubeconfig-service-account=$(X)"])], {}) == [0, 0, 1, 0]
}

test_undecided if {
	every kubeconfig in [5, {}, {"secretRef": 5}, {"secretRef": {"name": 5}}, {"secretRef": {"name": "${X}"}}] {
		judged(ks(kubeconfig), [], {}) == [0, 0, 1, 0]
	}
	judged(object.union(ks(by_secret), {"metadata": {"annotations": {"flux-audit.internal/unknown-paths": "/spec/kubeConfig"}}}), [], {}) == [0, 0, 1, 0]
	judged(object.union(ks(by_secret), {"metadata": {"namespace": ""}}), [], {}) == [0, 0, 1, 0]
	judged(ks(by_secret), [], {"inferTenants": false}) == [0, 0, 0, 1]
	judged(ks(null), [], {}) == [0, 0, 0, 0]
}

test_platform if {
	platform := object.union(ks(by_secret), {"metadata": {"namespace": "flux-system"}})
	not control.subject with input as sample.review(platform, {"profiles": ["shared"]})
	control.subject with input as sample.review(ks(by_secret), {"profiles": ["shared"]})
}

test_facts if {
	cluster := sample.inventory([ks(by_secret), secret({"value": text("exec: {}"), "b": "x"})])
	facts.kubeconfigs == {"secrets": {"team-a": {"remote": {"value": ["exec"], "b": ["hidden"]}}}, "configs": {}} with data.inventory as cluster
	facts.kubeconfigs == {"secrets": {}, "configs": {}} with data.inventory as {"namespace": {"a": 5, "b": {"v1": {"Secret": 5}}}}
	facts.kubeconfigs == {"secrets": {}, "configs": {}}
	facts.kubeconfigs == {"x": 1} with data.inventory as {"facts": {"kubeconfigs": {"x": 1}}}
	broken := sample.inventory([ks(by_config), object.union(config({}), {"data": 5})])
	facts.kubeconfigs.configs["team-a"].remote == {"provider": "", "account": ""} with data.inventory as broken
}

# "result path" of each finding, and what it is related to.
found(obj, others, params) := {[sprintf("%v %v", [kind, path]), object.get(finding.details, "related", [])] |
	some kind, findings in {"fail": v, "warn": w, "unknown": u, "manual": m}
	some finding in findings
	path := concat("/", finding.details.path)
} if {
	cluster := sample.inventory(array.concat([obj], others))
	request := sample.review(obj, object.union({"profiles": ["shared"]}, params))
	v := control.violation with input as request with data.inventory as cluster
	w := control.warn with input as request with data.inventory as cluster
	u := control.unknown with input as request with data.inventory as cluster
	m := control.manual with input as request with data.inventory as cluster
}

paths(obj, others) := {one[0] | some one in found(obj, others, {})}

node(version, kind, name, path) := {
	"object": {"apiVersion": version, "kind": kind, "namespace": "team-a", "name": name},
	"path": path,
}

# The Kustomization that makes the namespace a tenant's.
why := node("kustomize.toolkit.fluxcd.io/v1", "Kustomization", "apps", ["metadata", "namespace"])

test_findings_about_a_secret_name_its_key if {
	secret_node := node("v1", "Secret", "remote", ["data", "value"])
	content := [why, secret_node, object.union(secret_node, {"path": ["stringData", "value"]})]
	place := "spec/kubeConfig/secretRef/name"
	found(ks(by_secret), [secret({"value": text("server: http://a")})], {}) == {[sprintf("fail %v", [place]), content]}
	paths(ks(by_secret), []) == {sprintf("manual %v", [place])}
	flag := {
		"object": {"apiVersion": "apps/v1", "kind": "Deployment", "namespace": "flux-system", "name": "kustomize-controller"},
		"path": ["spec", "template", "spec", "containers", 0, "args", 0],
	}
	every value, result in {"true": "fail", "$(X)": "unknown"} {
		others := [secret({"value": text("exec: {}")}), kustomize([sprintf("--insecure-kubeconfig-exec=%v", [value])])]
		found(ks(by_secret), others, {}) == {[sprintf("%v %v", [result, place]), array.concat(content, [flag])]}
	}
}

test_findings_about_a_config_map_name_it if {
	content := [why, node("v1", "ConfigMap", "remote", ["data"])]
	place := "spec/kubeConfig/configMapRef/name"
	found(ks(by_config), [config({"provider": "aws"})], {}) == {[sprintf("warn %v", [place]), content]}
	paths(ks(by_config), []) == {sprintf("manual %v", [place])}
}

test_each_flag_is_that_of_the_own_controller if {
	skips := [secret({"value": text("insecure-skip-tls-verify: true")})]
	judged(ks(by_secret), array.concat(skips, [kustomize(["--insecure-kubeconfig-tls"])]), {}) == [1, 0, 0, 0]
	judged(ks(by_secret), array.concat(skips, [kustomize(["--insecure-kubeconfig-exec"])]), {}) == [0, 1, 0, 0]
	helm := sample.controller("helm-controller", {"args": ["--insecure-kubeconfig-tls"]})
	judged(applier("HelmRelease", by_secret), array.concat(skips, [helm]), {}) == [1, 0, 0, 0]
	judged(ks(by_secret), array.concat(skips, [helm]), {}) == [0, 1, 0, 0]
}

# A second instance of kustomize-controller.
second(args) := sample.controller("kustomize-controller", {"name": "kustomize-controller-2", "args": args})

test_one_instance_is_enough if {
	runs := [secret({"value": text("exec: {}")}), kustomize(["--insecure-kubeconfig-exec"])]
	every args in [[], ["--insecure-kubeconfig-exec=$(X)"]] {
		judged(ks(by_secret), array.concat(runs, [second(args)]), {}) == [1, 0, 0, 0]
	}
	preset := kustomize(["--default-kubeconfig-service-account=default"])
	judged(ks(by_config), [config({"provider": "aws"}), preset, second([])], {}) == [0, 1, 0, 0]
}

test_a_controller_without_the_flag_has_no_default_account if {
	old := sample.controller("kustomize-controller", {"tag": "v1.6.0"})
	judged(ks(by_config), [config({"provider": "aws"}), old], {}) == [0, 1, 0, 0]
}

test_an_account_in_the_config_map_needs_no_default if {
	vague := kustomize(["--default-kubeconfig-service-account=$(X)"])
	every provider in ["aws", "azure", "gcp", "generic"] {
		judged(ks(by_config), [config({"provider": provider, "serviceAccountName": "a"}), vague], {}) == [0, 0, 0, 0]
	}
}

test_a_key_that_is_empty_is_none if {
	every key in [null, ""] {
		content := [secret({"value": text("server: http://a")})]
		judged(ks({"secretRef": {"name": "remote", "key": key}}), content, {}) == [1, 0, 0, 0]
	}
}

test_where_it_is_unknown if {
	every place, kubeconfig in {
		"": 5, "/secretRef": {"secretRef": 5}, "/secretRef/name": {"secretRef": {"name": 5}},
		"/secretRef/key": {"secretRef": {"name": "remote", "key": 5}}, "/configMapRef": {"configMapRef": 5},
		"/configMapRef/name": {"configMapRef": {"name": 5}},
	} {
		paths(ks(kubeconfig), []) == {sprintf("unknown spec/kubeConfig%v", [place])}
	}
	paths(object.union(ks(null), {"spec": 5}), []) == {"unknown spec"}
	every name in ["", null, "${X}"] {
		every field in ["secretRef", "configMapRef"] {
			found(ks({field: {"name": name}}), [], {}) == {["unknown spec/kubeConfig", []]}
		}
	}
}

hidden(path) := {"metadata": {"annotations": {"flux-audit.internal/unknown-paths": path}}}

test_what_a_patch_may_change if {
	paths(object.union(ks(null), hidden("/spec/kubeConfig")), []) == {"unknown spec/kubeConfig"}
	paths(object.union(ks(null), hidden("/spec/path")), []) == set()
}

test_other_namespaces_and_kinds_have_no_findings if {
	every kubeconfig in [5, by_secret, {}] {
		platform := object.union(ks(kubeconfig), {"metadata": {"namespace": "flux-system"}})
		paths(platform, []) == set()
		paths(object.union(platform, hidden("/spec")), []) == set()
	}
	other := object.union(ks(by_secret), {"apiVersion": "example.com/v1"})
	not control.subject with input as sample.review(other, {"tenantNamespaces": ["team-a"]})
	found(other, [], {"tenantNamespaces": ["team-a"]}) == set()
}

test_whose_it_is_matters_for_a_kubeconfig_that_can_be_read if {
	judged(object.union(ks(5), {"metadata": {"namespace": ""}}), [], {}) == [0, 0, 1, 0]
	judged(ks(5), [], {"inferTenants": false}) == [0, 0, 1, 0]
	found(ks(by_config), [], {"inferTenants": false}) == {["manual metadata/namespace", []]}
}

test_a_namespace_that_may_be_patched_is_in_doubt if {
	"unknown metadata/namespace" in paths(object.union(ks(by_secret), hidden("/metadata/namespace")), [])
	paths(object.union(ks(null), hidden("/metadata/namespace")), []) == set()
}
