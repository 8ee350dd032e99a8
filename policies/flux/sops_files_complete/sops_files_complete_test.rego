package flux.sops_files_complete_test

import data.flux.sops_files_complete as control

enc(sort) := sprintf("ENC[AES256_GCM,data:Zm9v,iv:AAA=,tag:BBB=,type:%v]", [sort])

stanza := {"mac": enc("str"), "lastmodified": "2026-03-01T10:00:00Z", "age": [{"recipient": "age1a", "enc": "x"}], "version": "3.9.4"}

secret(data_, sops) := {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db", "namespace": "apps", "labels": {"a": "b"}}, "stringData": data_, "sops": sops}

good := secret({"password": enc("str"), "port": enc("int"), "empty": "", "none": null}, stanza)

env(spec) := {"apiVersion": "files.flux-audit/v1", "kind": "EnvFile", "metadata": {"name": "a.env"}, "spec": spec}

under(obj, params) := found if {
	found := [count(control.violation), count(control.warn), count(control.unknown)] with input as {"review": {"object": obj}, "parameters": params}
}

results(obj) := under(obj, {})

patched(path, value) := json.patch(good, [{"op": "add", "path": path, "value": value}])

without(path) := json.patch(good, [{"op": "remove", "path": path}])

test_pass if {
	control.subject with input as good
	results(good) == [0, 0, 0]
	results(patched("/sops/key_groups", [{"age": [{"recipient": "age1a"}]}, {"pgp": [{"fp": "A"}]}])) == [0, 0, 0]
	results({"apiVersion": "v1", "kind": "ConfigMap", "data": {"a": "plain"}, "sops": stanza}) == [0, 0, 0]
	results(env({"encrypted": true, "entries": {"A": enc("str"), "B": "", "sops_version": "3.9.4"}})) == [0, 0, 0]
}

test_fail if {
	every obj in [
		without("/sops/mac"), patched("/sops/mac", " "), patched("/sops/age", []), patched("/sops/age", [{"recipient": ""}]),
		without("/sops/lastmodified"), patched("/sops/lastmodified", "yesterday"), patched("/stringData/token", "hunter2"),
		patched("/stringData/token_unencrypted", "x"), patched("/stringData/n", 5), patched("/data", {"a": "aHVudGVyMg=="}),
		patched("/metadata/name", enc("str")), patched("/metadata/labels/a", enc("str")),
		patched("/sops/shamir_threshold", 2), env({"encrypted": true, "entries": {"A": "b"}}),
	] {
		results(obj) == [1, 0, 0]
	}
	results(without("/sops")) == [1, 0, 0]
}

test_reason if {
	found := control.violation with input as patched("/stringData/token_unencrypted", "x")
	{f.msg | some f in found} == {"the value of token_unencrypted is not encrypted: its suffix tells sops to leave it"}
	other := control.violation with input as json.patch(patched("/stringData/a_plain", "x"), [{"op": "add", "path": "/sops/unencrypted_suffix", "value": "_plain"}])
	{f.msg | some f in other} == {"the value of a_plain is not encrypted: its suffix tells sops to leave it"}
}

test_age if {
	under(good, {"now": "2027-03-01T00:00:00Z"}) == [0, 0, 0]
	under(good, {"now": "2027-03-02T00:00:00Z"}) == [0, 1, 0]
	under(good, {"now": "2026-04-01T00:00:00Z", "sopsMaxAgeDays": 30}) == [0, 1, 0]
	under(good, {"now": "2026-03-31T00:00:00Z", "sopsMaxAgeDays": 30}) == [0, 0, 0]
	under(good, {"now": "today"}) == [0, 0, 0]
	under(good, {"now": 5}) == [0, 0, 0]
}

test_days if {
	control.day("2024-03-01T00:00:00Z") - control.day("2024-02-28T00:00:00Z") == 2
	control.day("2026-03-01T00:00:00Z") - control.day("2026-02-28T00:00:00Z") == 1
	control.day("2027-01-01T00:00:00Z") - control.day("2026-12-31T00:00:00Z") == 1
	control.day("2001-01-01T00:00:00Z") - control.day("2000-01-01T00:00:00Z") == 366
}

test_unknown if {
	every obj in [
		patched("/sops", 5), patched("/sops/mac", 5), patched("/sops/age", 5), patched("/sops/lastmodified", 5),
		patched("/sops/shamir_threshold", "two"), patched("/sops/key_groups", 5), patched("/stringData", 5),
		env({"encrypted": "yes", "entries": {}}), env({"encrypted": true, "entries": 5}), env(5),
	] {
		results(obj)[0] == 0
		results(obj)[2] > 0
	}
}

test_dotenv_files if {
	control.subject with input as env({"encrypted": true})
	control.subject with input as env({"encrypted": "yes"})
}

test_not_concerned if {
	every obj in [
		secret({"a": "b"}, null), {"apiVersion": "v1", "kind": "ConfigMap", "data": {}}, env({"encrypted": false}), env({}),
		{"apiVersion": "x/v1", "kind": "Secret", "sops": stanza}, {"apiVersion": "v1", "kind": "Pod"},
	] {
		not control.subject with input as obj
		results(obj) == [0, 0, 0]
	}
}
