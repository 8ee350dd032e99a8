package lib.url_test

import data.lib.url

host(text) := url.parse(text).host

test_parts if {
	url.parse("HTTPS://Git.Example.COM.:8443/acme/app?ref=main#top") == {
		"scheme": "https",
		"user": "",
		"host": "git.example.com",
		"port": "8443",
		"path": "/acme/app?ref=main#top",
	}
	url.parse("ssh://git@github.com/acme/app").user == "git"
	url.parse("https://a:b@c@example.com").user == "a:b@c"
	url.parse("http://[::1]:5000/x").host == "[::1]"
	url.parse("oci://ghcr.io").path == ""
	url.parse("https://example.com?x").path == "?x"
}

test_what_stands_before_the_at_is_no_host if {
	host("http://localhost@example.com/") == "example.com"
	host("http://localhost:80@example.com:81/@localhost") == "example.com"
	host("https://example.com/@localhost") == "example.com"
	host("https://example.com?@localhost") == "example.com"
}

test_no_url if {
	every text in [
		"", "github.com/acme/app", "git@github.com:acme/app", "https://", "https:///x", "https://a b/", "https://a\\@b/",
		"https://a%2eb/", "https://${HOST}/x", "https://a:x/", "//a/b", 5, null, ["https://a"], "https://a/\n",
	] {
		not url.parse(text)
	}
}

test_scheme if {
	url.scheme("HTTP://${HOST}/x") == "http"
	not url.scheme("${SCHEME}://example.com")
	not url.scheme("example.com")
	not url.scheme(5)
}

test_inside if {
	every name in ["localhost", "127.0.0.1", "[::1]", "gitea.git.svc", "gitea.git.svc.cluster.local"] {
		url.inside(name, "cluster.local")
	}
	url.inside("gitea.git.svc.corp", "corp.")
	every name in [
		"localhost.example.com", "127.0.0.1.example.com", "svc", "gitea.git.svc.example.com", "minio",
		"gitea.git.svc.cluster.local.example.com", "gitsvc",
	] {
		not url.inside(name, "cluster.local")
	}
	not url.inside("gitea.git.svc.", "")
}

test_located if {
	url.located("https://GitHub.com:443/acme/app") == {"origin": "https://github.com", "path": "/acme/app"}
	url.located("ssh://git@github.com:2222/acme") == {"origin": "ssh://github.com:2222", "path": "/acme"}
	url.located("git://github.com/acme").origin == "git://github.com"
	url.located("oci://GHCR.io/acme/app:v1") == {"origin": "oci://ghcr.io", "path": "/acme/app"}
	url.located("nginx@sha256:00") == {"origin": "oci://docker.io", "path": "/library/nginx"}
	every text in ["", "https://", "oci://https://ghcr.io/a", "${IMAGE}", 5, "a b"] {
		not url.located(text)
	}
}

below(text, prefix) if url.below(url.located(text), prefix)

test_below if {
	every pair in [
		["https://github.com/acme/app", "https://github.com/acme"],
		["https://github.com/acme/app", "https://github.com/acme/"],
		["https://github.com/acme", "https://github.com/acme"],
		["https://github.com/acme", "https://github.com:443"],
		["ssh://git@github.com/acme/app", "ssh://github.com/acme"],
		["oci://ghcr.io/acme/app", "oci://ghcr.io/acme"],
		["ghcr.io/acme/app:v1", "oci://ghcr.io/acme"],
		["oci://ghcr.io/acme/app", "ghcr.io/acme"],
		["acme/app", "docker.io/acme"],
		["nginx", "docker.io"],
		["docker.io/acme/app", "acme"],
	] {
		below(pair[0], pair[1])
	}
	every pair in [
		["https://github.com/acme-evil/app", "https://github.com/acme"],
		["https://github.com.evil.example/acme/app", "https://github.com"],
		["https://github.com@evil.example/acme/app", "https://github.com"],
		["http://github.com/acme/app", "https://github.com/acme"],
		["https://github.com:8443/acme/app", "https://github.com/acme"],
		["https://github.com/acme/../evil/app", "https://github.com/acme"],
		["https://github.com/acme/%2E%2e/evil/app", "https://github.com/acme"],
		["https://github.com/acme/..", "https://github.com/acme"],
		["oci://ghcr.io/acmeevil/app", "oci://ghcr.io/acme"],
		["https://github.com/Acme/app", "https://github.com/acme"],
	] {
		not below(pair[0], pair[1])
	}
}
