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

# [violation, warn, unknown] as sets of paths.
paths(obj) := found if {
	found := [{f.details.path | some f in sort_} |
		some sort_ in [control.violation, control.warn, control.unknown]
	] with input as obj
}

test_places_of_failures if {
	every path, place in {
		"/metadata/name": ["metadata", "name"],
		"/metadata/namespace": ["metadata", "namespace"],
		"/metadata/labels/b": ["metadata", "labels", "b"],
	} {
		paths(patched(path, enc("str"))) == [{place}, set(), set()]
	}
	paths(patched("/metadata/annotations", {"a": enc("str")})) == [{["metadata", "annotations", "a"]}, set(), set()]
	paths(patched("/stringData/a", "plain")) == [{["stringData", "a"]}, set(), set()]
	paths(without("/sops/mac")) == [{["sops", "mac"]}, set(), set()]
	paths(without("/sops/lastmodified")) == [{["sops", "lastmodified"]}, set(), set()]
	paths(without("/sops/age")) == [{["sops"]}, set(), set()]
	paths(patched("/sops/shamir_threshold", 2)) == [{["sops", "shamir_threshold"]}, set(), set()]
	paths(env({"encrypted": true, "entries": {"A": "b", "B": enc("str")}})) == [{["spec", "entries", "A"]}, set(), set()]
}

test_what_else_is_encrypted_is_told if {
	some finding in control.violation with input as without("/sops/mac")
	{node.path | some node in finding.details.related} == {["sops"], ["stringData", "password"], ["stringData", "port"]}
	some group in control.violation with input as patched("/sops/shamir_threshold", 2)
	["sops", "key_groups"] in {node.path | some node in group.details.related}
	some entry in control.violation with input as env({"encrypted": true, "entries": {"A": "b"}})
	entry.details.related == [{"path": ["spec", "encrypted"]}]
}

test_one_encrypted_value_makes_an_encrypted_secret if {
	one := secret({"a": enc("bytes")}, null)
	control.subject with input as one
	paths(one) == [{["sops", "mac"]}, set(), set()]
}

test_a_recipient_without_a_name_is_none if {
	nobody := object.remove(stanza, ["age"])
	every group in [{"kms": [{"arn": ""}]}, {"pgp": [{"fp": ""}]}, {"key_groups": [{"hc_vault": [{"key_name": ""}]}]}] {
		paths(secret({"a": enc("str")}, object.union(nobody, group))) == [{["sops"]}, set(), set()]
	}
}

test_places_of_doubts if {
	every path, value in {
		"/sops": 5, "/sops/mac": 5, "/sops/age": 5, "/sops/lastmodified": 5, "/sops/shamir_threshold": "two",
		"/sops/key_groups": 5, "/stringData": 5, "/data": 5, "/stringData": ["plain"],
	} {
		place := array.slice(split(path, "/"), 1, 3)
		paths(patched(path, value)) == [set(), set(), {place}]
		count(control.unknown) == 1 with input as patched(path, value)
	}
	unsure := json.patch(patched("/sops/key_groups", 5), [{"op": "add", "path": "/sops/shamir_threshold", "value": 2}])
	paths(unsure) == [set(), set(), {["sops", "key_groups"]}]
	paths(env({"encrypted": "yes", "entries": {}})) == [set(), set(), {["spec", "encrypted"]}]
	paths(env({"encrypted": true, "entries": 5})) == [set(), set(), {["spec", "entries"]}]
	paths(env(5)) == [set(), set(), {["spec"]}]

	# Only env files are judged by what their spec says.
	results(patched("/spec", {"encrypted": "yes", "entries": 5})) == [0, 0, 0]
}

test_a_hidden_stanza_is_unknown if {
	hidden := {"metadata": {"annotations": {"flux-audit.internal/unknown-paths": "/sops"}}}
	paths(object.union(secret({"a": enc("str")}, {}), hidden)) == [set(), set(), {["sops"]}]
}

test_days_are_those_of_the_calendar if {
	day_ns := ((24 * 3600) * 1000) * 1000000
	start := "1999-12-31T00:00:00Z"
	every year in [2000, 2023, 2024, 2100] {
		every month in ["01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12"] {
			text := sprintf("%v-%v-19T00:00:00Z", [year, month])
			elapsed := (time.parse_rfc3339_ns(text) - time.parse_rfc3339_ns(start)) / day_ns
			control.day(text) - control.day(start) == elapsed
		}
	}
	not control.day("2024-13-01T00:00:00Z")
	not control.day("2024-12-32T00:00:00Z")
}

test_values_of_config_maps_may_be_anything if {
	every data_ in [5, {"a": 5}, {"a": "plain"}] {
		results({"apiVersion": "v1", "kind": "ConfigMap", "data": data_, "sops": stanza}) == [0, 0, 0]
	}
}

test_what_only_looks_alike_is_not_meant if {
	old := {"mac": 5, "lastmodified": "2001-01-01T00:00:00Z", "shamir_threshold": 2, "age": 5}
	every obj in [
		{"apiVersion": "x/v1", "kind": "Secret", "stringData": {"a": enc("str"), "b": "plain"}, "sops": old},
		{"apiVersion": "x/v1", "kind": "Secret", "stringData": 5, "sops": {}},
		{"apiVersion": "x/v1", "kind": "Secret", "sops": 5},
		{"apiVersion": "v1", "kind": "Service", "sops": stanza},
		{"apiVersion": "files.flux-audit/v1", "kind": "Other", "spec": {"encrypted": true, "entries": {"A": "b"}}},
		{"apiVersion": "x/v1", "kind": "EnvFile", "spec": {"encrypted": true, "entries": {"A": "b"}}},
		{"apiVersion": "x/v1", "kind": "EnvFile", "spec": {"encrypted": "yes"}},
		env({"encrypted": false, "entries": {"A": "b"}}), env({"entries": {"A": "b"}}),
		env({"encrypted": false, "entries": 5}), env({"entries": 5}),
		secret(5, null), object.union(secret({}, null), {"metadata": {"labels": {"a": enc("str")}}}),
	] {
		not control.subject with input as obj
		under(obj, {"now": "2027-03-02T00:00:00Z"}) == [0, 0, 0]
	}
}

test_all_metadata_is_plain if {
	every path, value in {
		["metadata", "labels", 0]: {"labels": [enc("str")]},
		["metadata", "annotations", 1]: {"annotations": ["plain", enc("str")]},
		["metadata", "labels"]: {"labels": enc("str")},
		["metadata", "labels", "a", "b"]: {"labels": {"a": {"b": enc("str")}}},
		["metadata", "finalizers", 0]: {"finalizers": [enc("str")]},
	} {
		paths(object.union(object.remove(good, ["metadata"]), {"metadata": value})) == [{path}, set(), set()]
	}
	every value in [5, ["plain"], null] {
		paths(object.union(object.remove(good, ["metadata"]), {"metadata": value})) == [set(), set(), set()]
	}
}
