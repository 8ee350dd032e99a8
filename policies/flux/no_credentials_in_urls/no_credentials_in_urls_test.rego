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
