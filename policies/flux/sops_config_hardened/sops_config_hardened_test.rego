package flux.sops_config_hardened_test

import data.flux.sops_config_hardened as control
import data.lib.admission_sample_test as sample

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
