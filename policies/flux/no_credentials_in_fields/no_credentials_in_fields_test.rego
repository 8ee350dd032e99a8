package flux.no_credentials_in_fields_test

import data.flux.no_credentials_in_fields as control
import data.lib.refs_sample_test as paths

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

# Where something is found: sets of paths of failures, of warnings and of doubts.
places(given) := [paths.paths(failures), paths.paths(warnings), paths.paths(doubts)] if {
	failures := control.violation with input as given
	warnings := control.warn with input as given
	doubts := control.unknown with input as given
}

# An object of Flux or of the tree with something in this field of its spec.
with_field(kind, field, value) := obj(versions[kind], kind, {"spec": {field: value}})

versions := {
	"HelmRelease": "helm.toolkit.fluxcd.io/v2",
	"KustomizeFile": "files.flux-audit/v1",
	"Kustomization": "kustomize.toolkit.fluxcd.io/v1",
	"ResourceSet": "fluxcd.controlplane.io/v1",
}

test_every_field_of_free_text_is_looked_into if {
	every pair in [
		["HelmRelease", "values"], ["HelmRelease", "postRenderers"],
		["KustomizeFile", "patches"], ["KustomizeFile", "patchesStrategicMerge"],
		["KustomizeFile", "patchesJson6902"], ["KustomizeFile", "configMapGenerator"],
		["Kustomization", "patches"],
		["ResourceSet", "inputs"], ["ResourceSet", "resources"], ["ResourceSet", "resourcesTemplate"],
	] {
		[kind, field] := pair
		places(with_field(kind, field, [github])) == [{sprintf("spec/%v/0", [field])}, set(), set()]
	}
}

test_the_same_kinds_of_other_groups_are_not_meant if {
	every given in [
		object.union(release({"password": "s3cretpw"}), {"apiVersion": "helm.fluxcd.io/v1"}),
		object.union(release({"password": "s3cretpw"}), {"kind": "HelmChart"}),
		object.union(patch(github), {"kind": "Other"}),
		object.union(config({"password": "s3cretpw"}), {"apiVersion": "example.com/v1"}),
	] {
		not control.subject with input as given
		results(given) == [0, 0, 0]
	}
}

test_the_addresses_of_webhooks if {
	every url in [
		"https://hooks.slack.com/services/T0/B0/x", "https://hooks.slack.com/workflows/T0/x",
		"https://hooks.slack.com/triggers/T0/x", "https://discordapp.com/api/webhooks/1/abc",
		"https://acme.webhook.office.com/webhookb2/a@b/IncomingWebhook/c",
	] {
		results(release({"url": url})) == [1, 0, 0]
	}
}

binary(data_) := obj("v1", "ConfigMap", {"binaryData": data_})

key := base64.encode("-----BEGIN PRIVATE KEY-----")

test_binary_data if {
	folded := sprintf("%v\n%v\n", [substring(key, 0, 10), substring(key, 10, -1)])
	every packed in [key, folded] {
		places(binary({"a": packed})) == [{"binaryData/a"}, set(), set()]
	}
	count(control.violation) == 0 with input as binary([key])
	results(object.union(release({}), {"binaryData": {"a": key}})) == [0, 0, 0]
}

test_literals_of_a_generator_bring_a_name_and_a_value if {
	places(file({"configMapGenerator": [{"literals": ["a=b", "password=s3cretpw"]}]})) == [
		set(), {"spec/configMapGenerator/0/literals/1"}, set(),
	]
	results(file({"configMapGenerator": [{"literals": ["password", "auth=${AUTH}"]}]})) == [0, 0, 0]
	results(file({"configMapGenerator": [{"files": ["password=config/password.txt"]}]})) == [0, 0, 0]
	results(release({"a": {"literals": ["password=s3cretpw"]}})) == [0, 0, 0]
}

test_only_documents_hold_names_of_their_own if {
	results(config({"a.properties": "a=b\npassword=hunter22"})) == [0, 1, 0]
	results(config({"a.properties": "password=hunter22"})) == [0, 0, 0]
	results(config({"auth": "enabled: true\nmode: oidc\n"})) == [0, 0, 0]
}

test_the_value_is_not_repeated if {
	every given in [config({"a.properties": "a=b\npassword=hunter22\n"}), config({"password": "hunter22"})] {
		some finding in control.warn with input as given
		contains(finding.msg, "password")
		not contains(finding.msg, "hunter22")
	}
}

test_which_values_are_credible if {
	every name in ["password", "connectionString", "connection-string", "client_secret", "credentials"] {
		results(release({name: "abc123"})) == [0, 1, 0]
		every text in ["abc12", "{{ .Values.pass }}", "/run/secrets/a", "<password>"] {
			results(release({name: text})) == [0, 0, 0]
		}
	}
}

test_where_the_doubt_is if {
	veiled := {"metadata": {"annotations": {"flux-audit.internal/unknown-paths": "/spec/values"}}}
	places(object.union(release({}), veiled)) == [set(), set(), {"spec/values"}]
	places(obj("helm.toolkit.fluxcd.io/v2", "HelmRelease", {"spec": 5})) == [set(), set(), {"spec"}]
	places(release(5)) == [set(), set(), {"spec/values"}]
}

test_documents_are_searched_to_their_end if {
	long := concat("\n", [sprintf("k%v: v", [i]) | some i in numbers.range(1, 1001)])
	results(config({"a.yaml": sprintf("%v\npassword: hunter22\n", [long])})) == [0, 1, 0]
}

test_what_stands_below_a_key_is_not_its_value if {
	results(config({"a.yaml": "db:\n  password: hunter22\n"})) == [0, 1, 0]
	results(config({"a.yaml": "a: b\nauth:\n  enabled: true\n"})) == [0, 0, 0]
}

test_a_document_may_name_what_holds_a_credential if {
	results(config({"a.yaml": "existingSecret: database\nauthSecretKey: password\ntoken: x\n"})) == [0, 0, 0]
}

test_a_value_may_look_like_the_name_of_a_field if {
	template := {"spec": {"resourcesTemplate": "a: b\npassword: existingDbSecret\n"}}
	places(obj("fluxcd.controlplane.io/v1", "ResourceSet", template)) == [set(), {"spec/resourcesTemplate"}, set()]
}

test_a_text_of_one_line_may_end_with_a_break if {
	places(config({"password": "hunter22\n"})) == [set(), {"data/password"}, set()]
	every text in ["abc12\n", "/run/secrets/a\n", "${PASSWORD}\n", "first line\nsecond line\n"] {
		results(config({"password": text})) == [0, 0, 0]
	}
}

test_binary_data_that_cannot_be_decoded if {
	every data_ in [5, "x", [key]] {
		places(binary(data_)) == [set(), set(), {"binaryData"}]
	}
	padded := sprintf("%vh==", [substring(base64.encode("-----BEGIN PRIVATE KEY-----\n"), 0, 37)])
	every packed in [5, "${KEY}", "a!==", padded] {
		places(binary({"a": packed, "b": ""})) == [set(), set(), {"binaryData/a"}]
	}
	places(binary({"a": "ENC[AES256_GCM,data:x]"})) == [set(), set(), set()]
	results(object.union(release({}), {"binaryData": 5})) == [0, 0, 0]
	veiled := {"metadata": {"annotations": {"flux-audit.internal/unknown-paths": "/binaryData"}}}
	places(object.union(config({}), veiled)) == [set(), set(), {"binaryData"}]
}
