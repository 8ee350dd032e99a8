package flux.no_plaintext_secrets_test

import data.flux.no_plaintext_secrets as control

secret(spec) := object.union({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}}, spec)

file(generator, paths) := {
	"apiVersion": "files.flux-audit/v1", "kind": "KustomizeFile", "metadata": {"name": "a/kustomization.yaml"},
	"spec": {"secretGenerator": [generator]}, "status": {"paths": paths},
}

results(obj) := found if {
	found := [count(control.violation), count(control.unknown)] with input as obj
}

cert := "-----BEGIN CERTIFICATE-----\nYQ==\n-----END CERTIFICATE-----\n"

test_pass if {
	every obj in [
		secret({}), secret({"stringData": {"a": "", "b": "${B}", "c": null}}), secret({"data": {"a": "${B}", "b": ""}}),
		secret({"stringData": {"a": "x"}, "sops": {"mac": "ENC[x]"}}), secret({"stringData": {"a": "ENC[AES256_GCM,data:x]"}}),
		secret({"data": {"ca.crt": base64.encode(cert)}}),
		secret({"data": {"a": base64.encode("p: ENC[AES256_GCM,data:x]\nsops:\n  mac: y")}}),
		file({"literals": ["a=${A}"]}, {}), file({"files": ["x.yaml"]}, {"x.yaml": {"found": true, "encrypted": true}}),
		file({"files": ["known_hosts=hosts"]}, {}), file({"envs": ["a.env"]}, {"a.env": {"found": true, "encrypted": true}}),
		{"apiVersion": "files.flux-audit/v1", "kind": "KustomizeFile", "spec": {}},
	] {
		control.subject with input as obj
		results(obj) == [0, 0]
	}
}

test_fail if {
	every obj in [
		secret({"stringData": {"a": "hunter2"}}), secret({"data": {"a": base64.encode("hunter2")}}), secret({"data": {"a": "not base64"}}),
		secret({"stringData": {"a": "${B:=hunter2}"}}), secret({"stringData": {"a": "x"}, "sops": {"mac": " "}}),
		secret({"stringData": {"a": "x"}, "sops": {"mac": 5}}), secret({"stringData": {"tls.crt": cert, "tls.key": "-----BEGIN PRIVATE KEY-----"}}),
		file({"literals": ["a='hunter2'"]}, {}), file({"files": ["x"]}, {"x": {"found": true, "encrypted": false}}),
		file({"envs": ["a.env"]}, {"a.env": {"found": true, "encrypted": false}}), file({"env": "a.env"}, {"a.env": {"found": true, "encrypted": false}}),
	] {
		results(obj) == [1, 0]
	}
}

test_unknown if {
	every obj in [
		secret({"stringData": {"a": "{{ .x }}"}}), secret({"data": {"a": "{{ .x }}"}}), secret({"stringData": {"a": 5}}), secret({"data": 5}),
		secret({"metadata": {"annotations": {"flux-audit.internal/unknown-paths": "/data"}}}),
		file({"files": ["x"]}, {}), file({"files": ["x"]}, {"x": {"found": false, "encrypted": false}}),
		file({"files": ["ca.crt"]}, {"ca.crt": {"found": true, "encrypted": false}}), file({"literals": 5}, {}), file(5, {}), file({"env": 5}, {}),
	] {
		results(obj) == [0, 1]
	}
}

test_other_objects if {
	not control.subject with input as {"apiVersion": "v1", "kind": "Pod"}
	not control.subject with input as {"apiVersion": "x/v1", "kind": "Secret"}
}

# A kustomization file with this spec.
kustomization(spec) := {
	"apiVersion": "files.flux-audit/v1", "kind": "KustomizeFile", "metadata": {"name": "a/kustomization.yaml"},
	"spec": spec,
}

paths(findings) := {finding.details.path | some finding in findings}

generator(keys) := array.concat(["spec", "secretGenerator"], keys)

test_other_objects_are_not_read if {
	every kind in ["ConfigMap", "KustomizeFile"] {
		every fields in [
			{"data": {"a": "hunter2"}}, {"data": {"a": 5}}, {"data": 5}, {"spec": 5},
			{"spec": {"secretGenerator": [{"literals": ["a=hunter2"]}]}},
			{"metadata": {"annotations": {"flux-audit.internal/unknown-paths": "/data"}}},
		] {
			results(object.union({"apiVersion": "v1", "kind": kind, "metadata": {"name": "a"}}, fields)) == [0, 0]
		}
	}
}

test_only_data_is_base64 if {
	certificate := {"ca.crt": base64.encode(cert)}
	results(secret({"data": certificate})) == [0, 0]
	results(secret({"stringData": certificate})) == [1, 0]
}

test_base64_may_be_broken_into_lines if {
	packed := base64.encode(cert)
	lines := sprintf("%v\n%v", [substring(packed, 0, 40), substring(packed, 40, -1)])
	results(secret({"data": {"ca.crt": lines}})) == [0, 0]
}

test_quotes_around_a_literal_are_not_its_value if {
	results(file({"literals": ["a='${A}'", `b="${B}"`]}, {})) == [0, 0]
	results(file({"literals": ["a=~${A}~"]}, {})) == [1, 0]
}

test_the_file_of_variables_is_named if {
	here := {"a.env": {"found": true, "encrypted": false}}
	paths(control.violation) == {generator([0, "env"])} with input as file({"env": "a.env"}, here)
	paths(control.violation) == {generator([0, "envs", 0])} with input as file({"envs": ["a.env"]}, here)
	paths(control.unknown) == {generator([0, "env"])} with input as file({"env": "a.env"}, {})
}

test_wrong_types_of_a_secret_are_unknown if {
	every field in ["data", "stringData"] {
		every value in [5, "hunter2", [5], ["hunter2"]] {
			results(secret({field: value})) == [0, 1]
			paths(control.unknown) == {[field]} with input as secret({field: value})
		}
		results(secret({field: {"a": 5, "b": null}})) == [0, 1]
		paths(control.unknown) == {[field, "a"]} with input as secret({field: {"a": 5, "b": null}})
	}
}

test_wrong_types_of_an_encrypted_secret_are_no_matter_here if {
	every field in ["data", "stringData"] {
		every value in [5, {"a": 5}] {
			results(secret({field: value, "sops": {"mac": "ENC[x]"}})) == [0, 0]
		}
	}
}

test_what_is_not_worked_out_is_unknown if {
	every field in ["data", "stringData"] {
		obj := secret({"metadata": {"annotations": {"flux-audit.internal/unknown-paths": sprintf("/%v", [field])}}})
		paths(control.unknown) == {[field]} with input as obj
	}
}

test_wrong_types_of_a_generator_are_unknown if {
	every spec in [5, {"secretGenerator": 5}, {"secretGenerator": {"a": {"literals": ["a=hunter2"]}}}] {
		results(kustomization(spec)) == [0, 1]
	}
	paths(control.unknown) == {["spec"]} with input as kustomization(5)
	paths(control.unknown) == {["spec", "secretGenerator"]} with input as kustomization({"secretGenerator": 5})
	every field in ["literals", "files", "envs"] {
		every value in [5, "a=hunter2", {"x": "a=hunter2"}] {
			results(file({field: value}, {})) == [0, 1]
			paths(control.unknown) == {generator([0, field])} with input as file({field: value}, {})
		}
		results(file({field: [5]}, {})) == [0, 1]
		paths(control.unknown) == {generator([0, field, 0])} with input as file({field: [5]}, {})
	}
}
