package lib.patterns_test

import data.lib.patterns

test_exact if {
	patterns.matches("exact", "a*", "a*")
	not patterns.matches("exact", "a*", "ab")
	patterns.readable("exact", "")
	not patterns.readable("exact", 5)
}

test_wildcard if {
	patterns.matches("wildcard", "ghcr.io/fluxcd/*", "ghcr.io/fluxcd/a/b:v1")
	patterns.matches("wildcard", "*/fluxcd/?ource*", "ghcr.io/fluxcd/source-controller:v1")
	not patterns.matches("wildcard", "ghcr.io/fluxcd/*", "ghcrxio/fluxcd/a")
	not patterns.matches("wildcard", "ghcr.io/fluxcd/*", "x/ghcr.io/fluxcd/a")
	not patterns.matches("wildcard", 5, "a")
	patterns.matches("wildcard", "a+(b)|[c]{1}^$\\", "a+(b)|[c]{1}^$\\")
}

test_path if {
	patterns.matches("path", "ghcr.io/fluxcd/*", "ghcr.io/fluxcd/a:v1")
	not patterns.matches("path", "ghcr.io/*", "ghcr.io/fluxcd/a:v1")
	patterns.matches("path", "ghcr.io/**", "ghcr.io/fluxcd/a:v1")
	patterns.matches("path", "**", "ghcr.io/fluxcd/a:v1")
	not patterns.matches("path", "*", "ghcr.io/fluxcd/a:v1")
	patterns.matches("path", "*/*", "index.docker.io/fluxcd/a:v1")
	patterns.matches("path", "*", "index.docker.io/library/a:v1")
	not patterns.matches("path", "ghcr.io/fluxcd/[a]", "ghcr.io/fluxcd/a")
	not patterns.matches("path", null, "a")
	patterns.readable("path", "a")
}

test_gobwas if {
	patterns.matches("gobwas", "ghcr.io/fluxcd/{source,helm}-controller*", "ghcr.io/fluxcd/helm-controller:v1")
	not patterns.matches("gobwas", "ghcr.io/fluxcd/{source,helm}-controller*", "ghcr.io/fluxcd/kustomize-controller:v1")
	every text in ["a{b", "a}b", "{{a}}", "[a]", "a\\b", "!a"] {
		not patterns.readable("gobwas", text)
		not patterns.matches("gobwas", text, text)
	}
	not patterns.readable("gobwas", 1)
}

test_regexp if {
	every text in [
		`^https://github\.com/fluxcd/.*$`, `https://github.com/(fluxcd|controlplaneio-fluxcd)/[^/]+/.+`, `(?i)a`, ``,
		`^https://github\.com/fluxcd/((a|b)-controller|flux2)/\.github/workflows/[\w.-]+@refs/tags/v[0-9]{1}\.\d+$`,
		`a{40}`, `a{2,}b*?`, `|`, `^^$`, `\-`,
	] {
		patterns.readable("regexp", text)
	}
	every text in [`*`, `(`, `)`, `[`, `[z-a]`, `[a`, `a**`, `\`, `\p{L}`, `(?P<x>a)`, `a{2,1}`, `{`, `(((a)))`, `\1`, `^*`, `a|*`, `[]`] {
		not patterns.readable("regexp", text)
		not patterns.matches("regexp", text, text)
	}
	not patterns.readable("regexp", {})
	patterns.matches("regexp", "b+", "abbc")
	not patterns.matches("regexp", "^b+", "abbc")
}
