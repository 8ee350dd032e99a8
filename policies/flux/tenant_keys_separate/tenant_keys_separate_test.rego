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

test_config_maps_are_compared_too if {
	config_map := object.union(mine, {"kind": "ConfigMap"})
	judged(config_map, [encrypted("b", "db", ["age1a"])], {}) == [0, 1, 0, 0]
}

test_recovery_by_a_fingerprint_in_any_case if {
	of_pgp := {ns: object.union(object.remove(encrypted(ns, "db", []), ["sops"]), {"sops": {"pgp": [{"fp": "ABCD"}]}}) |
		some ns in ["a", "b"]
	}
	judged(of_pgp.a, [of_pgp.b], {}) == [0, 1, 0, 0]
	judged(of_pgp.a, [of_pgp.b], {"recoveryRecipients": ["abcd"]}) == [0, 0, 0, 0]
}

hidden(obj, pointer) := object.union(obj, {"metadata": {"annotations": {"flux-audit.internal/unknown-paths": pointer}}})

in_namespace(ns, obj) := object.union(obj, {"metadata": {"namespace": ns}})

same_keys := [keys("a", "AGE-SECRET-KEY-1A"), keys("b", "AGE-SECRET-KEY-1A")]

test_what_is_hidden_is_not_judged if {
	every pointer in ["/spec", "/spec/decryption"] {
		obj := hidden(by_secret, pointer)
		judged(obj, same_keys, {}) == [0, 0, 1, 0]
		sample.paths(control.unknown) == {"spec/decryption"} with input as sample.review(obj, {"tenantNamespaces": ["a"]})
	}
	judged(hidden(ks(null), "/spec/decryption"), [], {}) == [0, 0, 1, 0]
	judged(object.union(ks(null), {"spec": 5}), [], {}) == [0, 0, 1, 0]
}

nobodys := {"tenantNamespaces": [], "inferTenants": false}

test_what_does_not_decrypt_is_nobodys_business if {
	not control.subject with input as sample.review(ks(null), {"tenantNamespaces": ["a"]})
	judged(hidden(ks(null), "/spec/path"), [], {}) == [0, 0, 0, 0]
	judged(hidden(ks(null), "/spec/path"), [], nobodys) == [0, 0, 0, 0]
}

test_whose_it_is_does_not_matter_where_nothing_can_be_read if judged(ks(5), [], nobodys) == [0, 0, 1, 0]

test_the_platform_is_judged_by_its_tenants if {
	shared := [keys("a", "AGE-SECRET-KEY-1A"), keys("flux-system", "AGE-SECRET-KEY-1A")]
	every obj in [by_secret, ks(5), hidden(by_secret, "/spec"), object.union(mine, {"sops": 5})] {
		platforms := in_namespace("flux-system", obj)
		not control.subject with input as sample.review(platforms, {"tenantNamespaces": ["a"]})
		judged(platforms, shared, {}) == [0, 0, 0, 0]
	}
}

test_namesakes_are_not_meant if {
	every obj in [
		object.union(mine, {"apiVersion": "example.com/v1"}),
		object.union(mine, {"kind": "Service"}),
		object.union(rules([rule("^tenants/", {})]), {"apiVersion": "example.com/v1"}),
	] {
		not control.subject with input as sample.review(obj, {"tenantNamespaces": ["a"]})
		found_in(obj, folders) == [0, 0]
	}
}

test_fields_of_other_kinds_are_not_read if {
	every spec in [by_secret.spec, 5] {
		judged(object.union(mine, {"spec": spec}), same_keys, {}) == [0, 0, 0, 0]
	}
	judged(hidden(mine, "/spec"), same_keys, {}) == [0, 0, 0, 0]
	every stanza in [mine.sops, 5] {
		distinct := [keys("a", "AGE-SECRET-KEY-1A"), encrypted("b", "db", ["age1a"])]
		judged(object.union(by_secret, {"sops": stanza}), distinct, {}) == [0, 0, 0, 0]
	}
	every obj in [mine, by_secret] {
		found_in(object.union(rules([rule("^tenants/", {})]), obj), folders) == [0, 0]
	}
	found_in(object.union(rules([]), {"spec": {"decryption": {}}}), folders) == [0, 0]
}

test_only_the_secret_that_is_named_can_be_compared if {
	other := ks({"provider": "sops", "secretRef": {"name": "other"}})
	judged(other, [keys("a", "AGE-SECRET-KEY-1A")], {}) == [0, 0, 0, 1]
}

# The other nodes of the warnings.
related(of, others) := [finding.details.related | some finding in found] if {
	params := {"profiles": ["shared"], "tenantNamespaces": ["a", "b"]}
	cluster := sample.inventory(array.concat([of], others))
	found := control.warn with input as sample.review(of, params) with data.inventory as cluster
}

secret(ns, name) := {"apiVersion": "v1", "kind": "Secret", "namespace": ns, "name": name}

test_what_a_warning_depends_on if {
	own := {"path": ["metadata", "namespace"]}
	every obj in [mine, object.union(mine, {"spec": by_secret.spec})] {
		related(obj, [encrypted("b", "db", ["age1a"])]) == [[
			own,
			{"object": secret("b", "db"), "path": ["sops", "age", 0, "recipient"]},
			{"object": secret("b", "db"), "path": ["metadata", "namespace"]},
		]]
	}
	related(by_secret, same_keys) == [[
		{"object": secret("a", "sops-age"), "path": ["data"]},
		{"object": secret("a", "sops-age"), "path": ["stringData"]},
		own,
		{"object": secret("b", "sops-age"), "path": ["stringData", "a.agekey"]},
		{"object": secret("b", "sops-age"), "path": ["metadata", "namespace"]},
	]]
}

nested(list) := object.union(rules(list), {"metadata": {"name": "tenants/.sops.yaml"}})

test_a_file_is_for_the_folders_below_it if {
	found_in(nested([rule("^a/", {"age": "age1a"}), rule("^b/", {"age": "age1a"})]), folders) == [1, 0]
	found_in(nested([{"age": "age1a"}]), folders) == [1, 0]
	found_in(nested([{"age": "age1a"}]), {"a": ["tenants/a"], "b": ["other/b"]}) == [0, 0]
}

test_a_tenant_may_use_its_key_twice if {
	own := {"a": ["tenants/a", "apps/a"], "b": ["tenants/b"]}
	found_in(rules([rule("^tenants/a/", {"age": "age1x"}), rule("^apps/a/", {"age": "age1x"})]), own) == [0, 0]
}

# Warnings about two rules, one for each of two tenants.
pair(one, other) := found_in(rules([rule("^tenants/a/", one), rule("^tenants/b/", other)]), folders)

test_every_sort_of_key_is_compared if {
	every field in ["age", "pgp", "kms", "gcp_kms", "azure_keyvault", "azure_kv", "hc_vault", "hc_vault_transit_uri"] {
		pair({field: "x"}, {field: "x"}) == [1, 0]
		pair({field: "x"}, {field: "y"}) == [0, 0]
		pair({field: ["x"]}, {"key_groups": [{field: ["x"]}]}) == [1, 0]
	}
	key := {"arn": "arn:a", "context": {"team": "a"}}
	pair({"kms": [key]}, {"kms": [key]}) == [1, 0]
	pair({"age": "age1x,"}, {"age": "age1y,"}) == [0, 0]
}

test_rules_that_are_no_list_are_not_read if {
	found_in(rules({"all": rule("^tenants/", {"age": "age1a"})}), folders) == [0, 1]
	found_in(object.union(rules([]), {"spec": 5}), folders) == [0, 1]
}

# Paths that cannot be read in a rule for tenant a, before one for tenant b.
unread(keys_of_a, paths) := sample.paths(found) if {
	obj := rules([rule("^tenants/a/", keys_of_a), rule("^tenants/b/", {"age": "age1b"})])
	found := control.unknown with input as obj with data.inventory as {"facts": {"decryption": {"paths": paths}}}
}

test_keys_that_cannot_be_read_may_be_shared if {
	fields := ["age", "pgp", "kms", "gcp_kms", "azure_keyvault", "azure_kv", "hc_vault", "hc_vault_transit_uri"]
	every field in fields {
		every value in [5, {"arn": "arn:a"}, ["x", 5]] {
			unread({field: value}, folders) == {sprintf("spec/creation_rules/0/%v", [field])}
			unread({"key_groups": [{}, {field: value}]}, folders) == {sprintf("spec/creation_rules/0/key_groups/1/%v", [field])}
		}
		every value in [null, "x", "long", [], ["x"], [{"arn": "arn:a"}]] {
			unread({field: value, "key_groups": [{field: value}]}, folders) == set()
		}
	}
	unread({"key_groups": {"x": {"age": 5}}}, folders) == {"spec/creation_rules/0/key_groups"}
	unread({"key_groups": [5, {}]}, folders) == {"spec/creation_rules/0/key_groups/0"}
	unread({"kms": 5}, {"a": ["tenants/a"]}) == set()
}

test_whose_a_hidden_namespace_is_cannot_be_told if {
	every obj in [mine, by_secret] {
		every pointer in ["/metadata", "/metadata/namespace"] {
			judged(hidden(obj, pointer), [keys("a", "AGE-SECRET-KEY-1A")], {}) == [0, 0, 1, 0]
		}
	}
	judged(hidden(keys("a", "x"), "/metadata/namespace"), [], {}) == [0, 0, 0, 0]
}

# What the platform's Kustomization applies for tenants: by namespace the recipients of an encrypted Secret there.
applied(recipients) := array.concat(
	[object.union(encrypted(ns, "db", list), {"metadata": {"labels": applied_by}}) | some ns, list in recipients],
	[{"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x", "namespace": ns, "labels": applied_by}} | some ns in ["a", "b"]],
)

applied_by := {"kustomize.toolkit.fluxcd.io/namespace": "flux-system", "kustomize.toolkit.fluxcd.io/name": "apps"}

opened(of, recipients, params) := judged(of, applied(recipients), object.union({"mode": "git"}, params))

platforms_own := in_namespace("flux-system", by_secret)

test_one_key_decrypts_for_several_tenants if {
	opened(platforms_own, {"a": ["age1a"]}, {}) == [0, 1, 0, 0]
	opened(platforms_own, {"a": ["age1a"]}, {"profiles": ["shared", "hard"]}) == [1, 0, 0, 0]
	opened(platforms_own, {"a": ["age1a", "age1x"], "b": ["age1b", "age1x"]}, {}) == [0, 1, 0, 0]
	opened(platforms_own, {"a": ["age1a"], "b": ["age1b"]}, {}) == [0, 0, 0, 0]
	opened(platforms_own, {"a": ["age1a"]}, {"mode": "render"}) == [0, 0, 0, 0]
	opened(platforms_own, {"a": ["age1a"]}, {"recoveryRecipients": ["age1a"]}) == [0, 0, 0, 0]
	opened(platforms_own, {"a": ["age1a"]}, {"tenantNamespaces": ["a"]}) == [0, 0, 0, 0]
	opened(in_namespace("flux-system", ks(null)), {"a": ["age1a"]}, {}) == [0, 0, 0, 0]
	opened(object.union(platforms_own, {"metadata": {"name": "other"}}), {"a": ["age1a"]}, {}) == [0, 0, 0, 0]
	opened(object.union(platforms_own, {"spec": {"decryption": {"secretRef": 5}}}), {"a": ["age1a"]}, {}) == [0, 0, 1, 0]
	opened(hidden(platforms_own, "/spec/decryption"), {"a": ["age1a"]}, {}) == [0, 0, 1, 0]
}

test_who_decrypts_for_tenants_is_concerned if {
	cluster := sample.inventory(applied({"a": ["age1a"]}))
	params := {"mode": "git", "tenantNamespaces": ["a", "b"]}
	control.subject with input as sample.review(platforms_own, params) with data.inventory as cluster
	every obj in [in_namespace("flux-system", ks(null)), in_namespace("flux-system", object.union(keys("a", "x"), {"metadata": {"name": "apps"}}))] {
		not control.subject with input as sample.review(obj, params) with data.inventory as cluster
	}
}
