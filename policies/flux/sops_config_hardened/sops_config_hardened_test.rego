package flux.sops_config_hardened_test

import data.flux.sops_config_hardened as control
import data.lib.admission_sample_test as sample
import data.lib.refs_sample_test as paths

config(spec) := {
	"apiVersion": "files.flux-audit/v1", "kind": "SopsConfig", "metadata": {"name": ".sops.yaml"},
	"spec": spec, "status": {"privateKeys": []},
}

good := {"path_regex": `^tenants/a/.*\.yaml$`, "encrypted_regex": "^(data|stringData)$", "age": "age1a"}

rule(fields) := config({"creation_rules": [object.union(good, fields)]})

ks(spec) := {"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization", "metadata": {"name": "a", "namespace": "a"}, "spec": spec}

results(obj) := found if {
	found := [count(control.violation), count(control.warn), count(control.unknown)] with input as obj
}

full := "0123456789ABCDEF0123456789ABCDEF01234567"

test_pass if {
	every obj in [
		rule({}), rule({"pgp": full}), rule({"pgp": sprintf("%v,\n %v", [full, lower(full)])}), rule({"key_groups": [{"pgp": [full]}]}),
		rule({"mac_only_encrypted": false}),
		config({"creation_rules": [{"path_regex": "^a/", "unencrypted_regex": "^(apiVersion|kind|metadata|type)$"}]}),
	] {
		control.subject with input as obj
		results(obj) == [0, 0, 0]
	}
}

test_fail if {
	every obj in [
		rule({"path_regex": `.*\.yaml$`}), rule({"path_regex": null}), rule({"path_regex": ""}), rule({"path_regex": `\.sops\.yaml$`}),
		rule({"encrypted_regex": "^(data)$"}), rule({"encrypted_regex": "."}), rule({"encrypted_regex": "^(data|stringData|metadata)$"}),
		rule({"unencrypted_regex": "^(apiVersion|kind|metadata|data)$"}), rule({"unencrypted_regex": "^kind$"}),
		rule({"encrypted_suffix": "_secret"}), rule({"pgp": "01234567"}), rule({"pgp": sprintf("%v,0123", [full])}),
		rule({"pgp": ["0123"]}), rule({"key_groups": [{"pgp": ["0123"]}]}),
		json.patch(rule({}), [{"op": "add", "path": "/status/privateKeys/-", "value": {"path": "age.agekey", "type": "age"}}]),
	] {
		results(obj) == [1, 0, 0]
	}
}

test_warn if {
	every obj in [
		rule({"path_regex": "tenants/a/"}), config({"creation_rules": [{"path_regex": "^a/"}]}), rule({"mac_only_encrypted": true}),
		config({"creation_rules": []}), config({}),
	] {
		results(obj) == [0, 1, 0]
	}
}

test_unknown if {
	every obj in [
		config(5), config({"creation_rules": 5}), config({"creation_rules": [5]}), rule({"path_regex": 5}), rule({"encrypted_regex": "(?P<a>b"}),
		rule({"pgp": 5}), rule({"pgp": [5]}), rule({"mac_only_encrypted": "yes"}), rule({"key_groups": 5}),
		json.remove(rule({}), ["status"]), json.patch(rule({}), [{"op": "add", "path": "/status/privateKeys", "value": 5}]),
	] {
		results(obj)[0] == 0
		results(obj)[2] > 0
	}
}

test_no_config if {
	obj := ks({"decryption": {"provider": "sops"}})
	control.subject with input as obj
	missing := control.manual with input as obj with data.inventory as sample.inventory([obj])
	count(missing) == 1
	none := control.manual with input as obj with data.inventory as sample.inventory([obj, config({})])
	count(none) == 0
	not control.subject with input as ks({})
	not control.subject with input as {"apiVersion": "v1", "kind": "Pod"}
}

test_a_usual_name_in_any_folder_is_for_every_owner if {
	every path in [
		`^[a-z]+/secret\.yaml$`, `^[a-z]+/secrets\.yaml$`, `^[a-z]+/secret\.yml$`, `^[a-z]+/secret\.sops\.yaml$`,
		`^[a-z]+/secret\.enc\.yaml$`, `^[a-z]+/[a-z]+/secret\.yaml$`, `^[a-z]+/secrets/[a-z]+\.yaml$`,
		`^[a-z]+/[a-z]+/secrets/[a-z]+\.yaml$`, `^[a-z]+/[a-z]+/[a-z]+\.sops\.yaml$`, `^[a-z]+/\.env$`,
		`^[a-z]+/values\.yaml$`, `^[a-z]+/[a-z]+\.json$`,
	] {
		results(rule({"path_regex": path})) == [1, 0, 0]
	}
	results(rule({"path_regex": `^team-a/secret\.yaml$`})) == [0, 0, 0]
}

test_a_regexp_that_cannot_be_read_is_not_judged if {
	every field in ["path_regex", "encrypted_regex", "unencrypted_regex"] {
		results(rule({field: "^(?P<a>b"})) == [0, 0, 1]
	}
	results(rule({"path_regex": "(?P<a>b"})) == [0, 0, 1]
}

test_one_field_in_the_wrong_state_is_enough if {
	every kept in ["(apiVersion|kind)", "(apiVersion|metadata)", "(kind|metadata)"] {
		given := {"path_regex": "^a/", "unencrypted_regex": sprintf("^%v$", [kept])}
		results(config({"creation_rules": [given]})) == [1, 0, 0]
	}
}

test_an_empty_text_is_as_none if {
	every field in ["encrypted_suffix", "pgp"] {
		results(rule({field: ""})) == [0, 0, 0]
	}
}

# Where something is in doubt.
doubts(obj) := paths.paths(found) if {
	found := control.unknown with input as obj
}

test_where_the_doubt_is if {
	every field, value in {"encrypted_suffix": 5, "mac_only_encrypted": "yes", "key_groups": 5, "pgp": {"a": "0123"}} {
		results(rule({field: value})) == [0, 0, 1]
		doubts(rule({field: value})) == {sprintf("spec/creation_rules/0/%v", [field])}
	}
}

test_other_files_and_objects_are_not_meant if {
	loose := {"creation_rules": [{"path_regex": "."}], "decryption": {"provider": "sops"}}
	every obj in [
		object.union(config(loose), {"apiVersion": "v1"}), object.union(config(loose), {"kind": "KustomizeFile"}),
		object.union(ks(loose), {"apiVersion": "kustomize.config.k8s.io/v1beta1"}),
	] {
		not control.subject with input as obj
		results(obj) == [0, 0, 0]
		count(control.manual) == 0 with input as obj
	}
	results(ks(loose)) == [0, 0, 0]
}
