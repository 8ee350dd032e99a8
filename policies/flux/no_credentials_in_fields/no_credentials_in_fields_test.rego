package flux.no_credentials_in_fields_test

import data.flux.no_credentials_in_fields as control

obj(version, kind, rest) := object.union({"apiVersion": version, "kind": kind, "metadata": {"name": "a"}}, rest)

release(values) := obj("helm.toolkit.fluxcd.io/v2", "HelmRelease", {"spec": {"values": values}})

config(data_) := obj("v1", "ConfigMap", {"data": data_})

patch(text) := obj("kustomize.toolkit.fluxcd.io/v1", "Kustomization", {"spec": {"patches": [{"patch": text}]}})

file(spec) := obj("files.flux-audit/v1", "KustomizeFile", {"spec": spec})

results(given) := found if {
	found := [count(control.violation), count(control.warn), count(control.unknown)] with input as given
}

github := "ghp_000000000000000000000000000000000000"

test_pass if {
	every given in [
		release({"auth": {"existingSecret": "db", "secretName": "longname", "tokenURL": "https://x"}}), release({"password": ""}),
		release({"password": "${PASSWORD}"}), release({"password": "short"}), release({"token": "/var/run/token"}), release({"token": 123456}),
		release({"passwordSecretKeyRef": "password"}), release({"password": "ENC[AES256_GCM,data:x]"}), release({"a": "b"}), release({"pw": "{{ .pass }}"}),
		config({"a.properties": "level=debug\nuser=admin"}), config(null), patch("- op: add\n  path: /spec/x\n  value: secretName"),
		file({"configMapGenerator": [{"literals": ["region=eu", "token=${T}"]}]}),
		obj("fluxcd.controlplane.io/v1", "ResourceSet", {"spec": {"inputs": [{"token": "<< inputs.token >>"}]}}),
	] {
		control.subject with input as given
		results(given) == [0, 0, 0]
	}
}

test_fail if {
	every text in [
		"AKIAIOSFODNN7EXAMPLE", github, "github_pat_0000000000000000000000", "glpat-00000000000000000000", "xoxb-0000000000",
		"AGE-SECRET-KEY-1QQQQQQQQQQ", "-----BEGIN RSA PRIVATE KEY-----", "eyJhbGciOiJI.eyJzdWIiOiIx.x", "https://hooks.slack.com/services/T0/B0/x",
	] {
		results(release({"a": {"b": [text]}})) == [1, 0, 0]
		results(config({"password": text})) == [1, 0, 0]
	}
	results(obj("v1", "ConfigMap", {"binaryData": {"a": base64.encode("-----BEGIN PRIVATE KEY-----")}})) == [1, 0, 0]
	results(obj("notification.toolkit.fluxcd.io/v1beta3", "Provider", {"spec": {"address": "https://discord.com/api/webhooks/1/abc"}})) == [1, 0, 0]
	results(file({"configMapGenerator": [{"literals": [sprintf("a=%v", [github])]}]})) == [1, 0, 0]
	results(obj("files.flux-audit/v1", "EnvFile", {"spec": {"entries": {"A": github}}})) == [1, 0, 0]
}

test_warn if {
	every given in [
		release({"auth": {"password": "s3cretpw"}}), release({"apiKey": "0123456"}), config({"client-secret": "0123456"}),
		obj("kustomize.toolkit.fluxcd.io/v1", "Kustomization", {"spec": {"postBuild": {"substitute": {"db_password": "s3cretpw"}}}}),
		patch("- op: add\n  path: /spec/x\n  value: {name: VAULT_TOKEN, value: hvs.000}"), patch(`[{"value": {"name": "AWS_SECRET_ACCESS_KEY", "value": "wJalrXUt"}}]`),
		config({"app.properties": "user=admin\npassword=hunter22\n"}), file({"configMapGenerator": [{"literals": ["api_key='0123456'"]}]}),
		obj("fluxcd.controlplane.io/v1", "ResourceSet", {"spec": {"resourcesTemplate": "a: b\ntoken: 0123456\n"}}),
	] {
		results(given) == [0, 1, 0]
	}
}

eight(inner) := {"token": {"b": {"c": {"d": {"e": {"f": {"g": {"h": inner}}}}}}}}

test_unknown if {
	every given in [
		release(5), release(eight(eight(eight({"password": "s3cretpw"})))), obj("helm.toolkit.fluxcd.io/v2", "HelmRelease", {"spec": 5}),
		object.union(release({}), {"metadata": {"annotations": {"flux-audit.internal/unknown-paths": "/spec/values"}}}),
	] {
		results(given) == [0, 0, 1]
	}
}

test_other_objects if {
	not control.subject with input as obj("v1", "Secret", {})
	not control.subject with input as obj("kustomize.config.k8s.io/v1beta1", "Kustomization", {})
}

test_every_trace_holds_a_hint if {
	every text in [
		"AKIA", "gho_", "ghp_", "ghr_", "ghs_", "ghu_", "github_pat_", "glpat-", "xoxa-", "AGE-SECRET-KEY-1", "PRIVATE KEY", "eyJ", "hooks.slack",
		"/webhook", "PASSWORD=x", "pa\u017f\u017fwd: x", "Passphrase: x", "SecretKey: x", "\u017fecret: x", "to\u212aen: x", "apiKEY=x",
		"access-key: x", "Connection_String=x", "credentials=x", "AUTH: x",
	] {
		regex.match(control.trace, text)
		regex.match(control.hint, lower(text))
	}
}
