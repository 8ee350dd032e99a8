package flux.no_credentials_in_urls_test

import data.flux.no_credentials_in_urls as control

git(address) := {"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "GitRepository", "metadata": {"name": "a"}, "spec": {"url": address}}

image(ref) := {"apiVersion": "image.toolkit.fluxcd.io/v1", "kind": "ImageRepository", "metadata": {"name": "a"}, "spec": {"image": ref}}

provider(spec) := {"apiVersion": "notification.toolkit.fluxcd.io/v1beta3", "kind": "Provider", "metadata": {"name": "a"}, "spec": spec}

results(obj) := found if {
	found := [count(control.violation), count(control.warn), count(control.unknown)] with input as obj
}

test_pass if {
	every obj in [
		git("ssh://git@github.com/a/b"), git("https://github.com/a/b"), git("https://acme@dev.azure.com/acme/p/_git/r"),
		git("https://host:8443/a@b"), git("https://host/?ref=main"), git(null), git("ssh://git:@host/a"),
		image("registry.example.com:5000/a/b"),
		image("nginx@sha256:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"),
		image("nginx:1.2@sha256:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"),
		provider({}), provider({"address": "https://hooks.example.com/x"}),
		provider({"type": "nats", "address": "nats://nats.nats.svc:4222"}),
	] {
		control.subject with input as obj
		results(obj) == [0, 0, 0]
	}
}

test_fail if {
	every obj in [
		git("https://u:pw@git.corp/a"), git("https://:pw@git.corp/a"), git("ssh://git:pw@host/a"),
		git("https://ghp_0123456789@github.com/a/b"), git("https://abcdefghijklmnopqrst@dev.azure.com/a"),
		git("https://abcdefghijklmnopqrst:@dev.azure.com/a"),
		git("https://host/a?access_token=x"), git("https://host/a?b=c&SIG=x"), git("u:pw@host:a/b"),
		image("u:pw@registry.example.com/a"),
		provider({"address": "https://host/", "proxy": "http://u:pw@proxy:3128"}),
		provider({"type": "azureeventhub", "address": "Endpoint=sb://a.servicebus.windows.net/;SharedAccessKeyName=x;SharedAccessKey=y"}),
	] {
		results(obj) == [1, 0, 0]
	}
}

test_sentry if {
	results(provider({"type": "sentry", "address": "https://00112233445566778899aabbccddeeff@sentry.io/1"})) == [0, 1, 0]
	results(provider({"type": "generic", "address": "https://00112233445566778899aabbccddeeff@sentry.io/1"})) == [1, 0, 0]
}

test_unknown if {
	every obj in [
		git("https://u:${PW}@host/a"), git("https://u:p/w@host/a"), git(5), git("${URL}"),
		object.union(git("https://host/a"), {"metadata": {"annotations": {"flux-audit.internal/unknown-paths": "/spec"}}}),
		{"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "Bucket", "spec": {"endpoint": "host", "sts": 5}},
		{"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "Bucket", "spec": 5},
	] {
		results(obj)[2] > 0
		results(obj)[0] == 0
	}
}

test_other_objects if {
	not control.subject with input as {"apiVersion": "v1", "kind": "Secret"}
	not control.subject with input as {"apiVersion": "x/v1", "kind": "GitRepository"}
	control.raw == null with input as "text"
}

# An object with this text at a path, all three told by [group, kind, path].
holding(place, text) := {
	"apiVersion": sprintf("%v/v1", [place[0]]),
	"kind": place[1],
	"spec": json.patch({"sts": {}, "sync": {}}, [{"op": "add", "path": sprintf("/%v", [concat("/", place[2])]), "value": text}]),
}

test_every_address_is_looked_at if {
	every place in [
		["source.toolkit.fluxcd.io", "GitRepository", ["url"]],
		["source.toolkit.fluxcd.io", "OCIRepository", ["url"]],
		["source.toolkit.fluxcd.io", "HelmRepository", ["url"]],
		["source.toolkit.fluxcd.io", "Bucket", ["endpoint"]],
		["source.toolkit.fluxcd.io", "Bucket", ["sts", "endpoint"]],
		["image.toolkit.fluxcd.io", "ImageRepository", ["image"]],
		["notification.toolkit.fluxcd.io", "Provider", ["address"]],
		["notification.toolkit.fluxcd.io", "Provider", ["proxy"]],
		["fluxcd.controlplane.io", "FluxInstance", ["sync", "url"]],
	] {
		obj := holding(place, "https://u:pw@host/a")
		{f.details.path | some f in control.violation} == {array.concat(["spec"], place[2])} with input as obj
		results(holding(place, "https://host/a")) == [0, 0, 0]
	}
}

test_secret_parameters_fail if {
	every name in [
		"token", "sig", "access_token", "private_token", "X-Amz-Signature", "X-Amz-Security-Token", "X-Goog-Signature",
		"apikey", "api_key", "password", "client_secret", "SharedAccessKey", "SharedAccessSignature", "AccountKey",
	] {
		results(git(sprintf("https://host/a?%v=x", [name]))) == [1, 0, 0]
		results(git(sprintf("https://host/a?%v=", [name]))) == [0, 0, 0]
		results(git(sprintf("https://host/a?my%v=x", [name]))) == [0, 0, 0]
	}
}

test_an_address_of_sentry_without_a_key_passes if {
	every address in ["https://sentry.example.com/1", "https://me@sentry.example.com/1"] {
		results(provider({"type": "sentry", "address": address})) == [0, 0, 0]
	}
}

test_a_password_from_a_variable_is_unknown if {
	every address in ["u:${PW}@registry.example.com/a", "https://u:${PW}@registry.example.com/a"] {
		results(image(address)) == [0, 0, 1]
	}
}

test_an_address_in_a_field_of_another_kind_hides_nothing if {
	every place in [
		["source.toolkit.fluxcd.io", "Bucket", ["endpoint"]],
		["image.toolkit.fluxcd.io", "ImageRepository", ["image"]],
		["notification.toolkit.fluxcd.io", "Provider", ["address"]],
		["fluxcd.controlplane.io", "FluxInstance", ["sync", "url"]],
	] {
		stray := {"spec": {"url": "https://example.com/x"}}
		results(object.union(holding(place, "https://u:pw@host/a"), stray)) == [1, 0, 0]
	}
}
