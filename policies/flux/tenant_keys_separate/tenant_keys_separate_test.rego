package flux.tenant_keys_separate_test

import data.flux.tenant_keys_separate as control
import data.lib.facts
import data.lib.refs_sample_test as sample

encrypted(ns, name, recipients) := {
	"apiVersion": "v1",
	"kind": "Secret",
	"metadata": {"name": name, "namespace": ns},
	"stringData": {"password": "ENC[x]"},
	"sops": {"age": [{"recipient": each} | some each in recipients]},
}

keys(ns, text) := {
	"apiVersion": "v1",
	"kind": "Secret",
	"metadata": {"name": "sops-age", "namespace": ns},
	"stringData": {"a.agekey": text},
}

ks(decryption) := {
	"apiVersion": "kustomize.toolkit.fluxcd.io/v1",
	"kind": "Kustomization",
	"metadata": {"name": "apps", "namespace": "a"},
	"spec": {"decryption": decryption},
}

by_secret := ks({"provider": "sops", "secretRef": {"name": "sops-age"}})

# Counts of violation, warn, unknown, manual.
judged(of, others, params) := [count(v), count(w), count(u), count(m)] if {
	cluster := sample.inventory(array.concat([of], others))
	request := sample.review(of, object.union({"profiles": ["shared"], "tenantNamespaces": ["a", "b"]}, params))
	v := control.violation with input as request with data.inventory as cluster
	w := control.warn with input as request with data.inventory as cluster
	u := control.unknown with input as request with data.inventory as cluster
	m := control.manual with input as request with data.inventory as cluster
}

mine := encrypted("a", "db", ["age1a", "age1r"])

test_recipients if {
	judged(mine, [], {}) == [0, 0, 0, 0]
	judged(mine, [encrypted("a", "web", ["age1a"])], {}) == [0, 0, 0, 0]
	judged(mine, [encrypted("b", "db", ["age1b"])], {}) == [0, 0, 0, 0]
	judged(mine, [encrypted("b", "db", ["age1a"])], {}) == [0, 1, 0, 0]
	judged(mine, [encrypted("b", "db", ["age1a", "age1r"])], {}) == [0, 2, 0, 0]
	judged(mine, [encrypted("b", "db", ["age1a", "age1r"])], {"profiles": ["shared", "hard"]}) == [2, 0, 0, 0]
	judged(mine, [encrypted("b", "db", ["age1r"])], {"recoveryRecipients": ["age1r"]}) == [0, 0, 0, 0]
	judged(mine, [encrypted("flux-system", "db", ["age1a"])], {}) == [1, 0, 0, 0]
	judged(mine, [encrypted("other", "db", ["age1a"])], {}) == [0, 0, 0, 0]
}

test_keys if {
	judged(by_secret, [keys("a", "AGE-SECRET-KEY-1A")], {}) == [0, 0, 0, 0]
	judged(by_secret, [keys("a", "AGE-SECRET-KEY-1A"), keys("b", "AGE-SECRET-KEY-1B")], {}) == [0, 0, 0, 0]
	judged(by_secret, [keys("a", "AGE-SECRET-KEY-1A"), keys("b", "# b\nAGE-SECRET-KEY-1B\nAGE-SECRET-KEY-1A")], {}) == [0, 1, 0, 0]
	judged(by_secret, [keys("a", "AGE-SECRET-KEY-1A"), keys("flux-system", "AGE-SECRET-KEY-1A")], {}) == [1, 0, 0, 0]
	found := control.violation with input as sample.review(by_secret, {"tenantNamespaces": ["a"]}) with data.inventory as sample.inventory([keys("a", "AGE-SECRET-KEY-1A"), keys("flux-system", "AGE-SECRET-KEY-1A")])
	not contains(sprintf("%v", [found]), "AGE-SECRET")
}

test_nothing_to_compare if {
	judged(by_secret, [], {}) == [0, 0, 0, 1]
	judged(by_secret, [mine], {}) == [0, 0, 0, 0]
	judged(ks({"provider": "sops"}), [], {}) == [0, 0, 0, 1]
	judged(ks(null), [], {}) == [0, 0, 0, 0]
}

test_undecided if {
	every decryption in [5, {"secretRef": 5}, {"secretRef": {"name": 5}}] {
		judged(ks(decryption), [], {}) == [0, 0, 1, 0]
	}
	judged(object.union(mine, {"sops": 5}), [], {}) == [0, 0, 1, 0]
	judged(object.union(mine, {"sops": {"age": [{"recipient": 5}]}}), [], {}) == [0, 0, 1, 0]
	judged(object.union(by_secret, {"metadata": {"annotations": {"flux-audit.internal/unknown-paths": "/spec"}}}), [], {}) == [0, 0, 1, 0]
	judged(object.union(mine, {"metadata": {"namespace": ""}}), [], {}) == [0, 0, 1, 0]
	judged(mine, [], {"tenantNamespaces": []}) == [0, 0, 0, 1]
	judged(by_secret, [], {"tenantNamespaces": [], "inferTenants": false}) == [0, 0, 0, 1]
}

test_not_concerned if {
	not control.subject with input as sample.review(encrypted("flux-system", "db", []), {})
	not control.subject with input as sample.review(object.remove(mine, ["sops"]), {"tenantNamespaces": ["a"]})
	control.subject with input as sample.review(mine, {"tenantNamespaces": ["a"]})
	control.subject with input as sample.review(by_secret, {"tenantNamespaces": ["a"]})
	judged(keys("a", "x"), [], {}) == [0, 0, 0, 0]
}

test_facts if {
	objects := [mine, encrypted("b", "db", ["age1a"]), encrypted("b", "web", ["age1a"]), keys("a", "AGE-SECRET-KEY-1A"), keys("b", "AGE-SECRET-KEY-1A")]
	found := facts.tenant_keys with data.inventory as sample.inventory(objects) with input as sample.review(mine, {"tenantNamespaces": ["a", "b"]})
	found.encrypts == ["a", "b"]
	[[use.owner, use.object.name] | some use in found.recipients["age age1a"]] == [["a", "db"], ["b", "db"]]
	object.keys(found.recipients) == {"age age1a"}
	found.secrets.a["sops-age"][0].object.namespace == "b"
	facts.tenant_keys == {"x": 1} with data.inventory as {"facts": {"tenant_keys": {"x": 1}}}
	facts.tenant_keys == {"recipients": {}, "secrets": {}, "encrypts": []} with data.inventory as {"namespace": {"a": 5, "flux-system": {"v1": 5, "v2": {"Secret": 5, "X": {"y": 5}}}}}
}

rules(list) := {"apiVersion": "files.flux-audit/v1", "kind": "SopsConfig", "metadata": {"name": ".sops.yaml"}, "spec": {"creation_rules": list}}

folders := {"a": ["tenants/a"], "b": ["tenants/b"]}

found_in(obj, paths) := found if {
	found := [count(control.warn), count(control.unknown)] with input as sample.review(obj, {"profiles": ["shared"]})
		with data.inventory as {"facts": {"decryption": {"paths": paths}}}
}

rule(path, keys) := object.union({"path_regex": path}, keys)

test_creation_rules if {
	split_up := rules([rule("^tenants/a/", {"age": "age1a"}), rule("^tenants/b/", {"age": "age1b"})])
	control.subject with input as split_up
	found_in(split_up, folders) == [0, 0]
	found_in(rules([rule("^tenants/", {"age": "age1a"})]), folders) == [1, 0]
	found_in(rules([rule("^tenants/", {"age": "age1a"})]), {"a": ["tenants/a"]}) == [0, 0]
	found_in(rules([rule("^tenants/", {})]), {"a": ["tenants/a"], "b": ["other"]}) == [0, 0]
	found_in(rules([{"age": "age1a"}]), folders) == [1, 0]
	found_in(rules([rule("^tenants/a/", {}), {"path_regex": null}]), folders) == [0, 0]
	nested := object.union(rules([rule("^a/", {}), rule("^b/", {})]), {"metadata": {"name": "tenants/.sops.yaml"}})
	found_in(nested, folders) == [0, 0]
}

test_keys_of_creation_rules if {
	every pair in [
		[{"age": "age1x, age1y"}, {"age": "age1y"}], [{"key_groups": [{"age": ["age1x"]}]}, {"age": "age1x"}],
		[{"kms": [{"arn": "arn:a"}]}, {"key_groups": [{"kms": [{"arn": "arn:a"}]}]}],
	] {
		found_in(rules([rule("^tenants/a/", pair[0]), rule("^tenants/b/", pair[1])]), folders) == [1, 0]
	}
	with_recovery := control.warn with input as sample.review(rules([rule("^tenants/a/", {"age": "age1a,age1r"}), rule("^tenants/b/", {"age": "age1b,age1r"})]), {"recoveryRecipients": ["age1r"]})
		with data.inventory as {"facts": {"decryption": {"paths": folders}}}
	count(with_recovery) == 0
}

test_unreadable_creation_rules if {
	found_in(rules(5), folders) == [0, 1]
	found_in(rules([5]), folders) == [0, 1]
	found_in(rules([rule("(?P<a>b", {})]), folders) == [0, 1]
	found_in(rules([rule(5, {})]), folders) == [0, 1]
	found_in(rules([rule(5, {})]), {}) == [0, 0]
}
