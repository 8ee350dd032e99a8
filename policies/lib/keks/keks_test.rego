package lib.keks_test

import data.lib.keks

ids(stanza) := {r.id | some r in keks.recipients({"sops": stanza})}

test_recipients if {
	ids({
		"age": [{"recipient": "age1a"}, {"recipient": "age1b, age1c,"}],
		"pgp": [{"fp": "abc"}],
		"kms": [{"arn": "arn:x", "role": "r", "context": {"t": "a"}}],
		"gcp_kms": [{"resource_id": "projects/x"}],
		"azure_kv": [{"name": "n", "vault_url": "https://v", "vaultUrl": 5}],
		"hc_vault": [{"key_name": "k", "vault_address": "https://v", "engine_path": "sops"}],
		"mac": "x",
	}) == {
		"age age1a", "age age1b", "age age1c", "pgp ABC", "kms arn:x r t=a",
		"gcp_kms projects/x", "azure_kv n https://v", "hc_vault k https://v sops",
	}
	groups := keks.recipients({"sops": {"key_groups": [{"age": [{"recipient": "age1a"}]}, 5]}})
	groups == [{"id": "age age1a", "value": "age1a", "path": ["sops", "key_groups", 0, "age", 0, "recipient"]}]
}

test_no_recipients if {
	every obj in [5, {}, {"sops": 5}, {"sops": {"age": 5}}, {"sops": {"age": [5, {}, {"recipient": 5}]}}, {"sops": {"key_groups": 5}}] {
		keks.recipients(obj) == []
	}
}

test_unreadable if {
	keks.unreadable({"sops": {"age": [{"recipient": "a"}], "pgp": null, "kms": []}}) == []
	keks.unreadable({"sops": 5}) == [["sops"]]
	keks.unreadable({"sops": {"age": 5}}) == [["sops", "age"]]
	keks.unreadable({"sops": {"age": [5]}}) == [["sops", "age"]]
	keks.unreadable({"sops": {"key_groups": [{"pgp": [{"fp": 5}]}]}}) == [["sops", "key_groups", 0, "pgp"]]
}

test_material if {
	keks.material({"stringData": {"a.agekey": "# public key: age1a\nAGE-SECRET-KEY-1ABC\n"}}) == [[["stringData", "a.agekey"], "AGE-SECRET-KEY-1ABC"]]
	keks.material({"data": {"a.agekey": base64.encode("AGE-SECRET-KEY-1ABC")}}) == [[["data", "a.agekey"], "AGE-SECRET-KEY-1ABC"]]
	keks.material({"stringData": {"sops.vault-token": " x\n"}}) == [[["stringData", "sops.vault-token"], "x"]]
	keks.material({"stringData": {"sops.vault-token": " "}}) == []
	count(keks.material({"stringData": {"a.asc": "-----BEGIN PGP PRIVATE KEY BLOCK-----"}})) == 1
	keks.material({"stringData": {"a.asc": "-----BEGIN PGP PUBLIC KEY BLOCK-----"}}) == []
	every secret in [5, {"data": 5}, {"data": {"a.agekey": 5}}, {"data": {"a.agekey": "!"}}, {"data": {"password": "eA=="}}, {"sops": {}, "stringData": {"a.agekey": "AGE-SECRET-KEY-1ABC"}}] {
		keks.material(secret) == []
	}
}
