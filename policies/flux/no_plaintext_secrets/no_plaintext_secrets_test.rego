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
