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
