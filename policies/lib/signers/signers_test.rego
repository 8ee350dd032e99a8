package lib.signers_test

import data.lib.signers

verdict(sort, text) := signers.subject([[sort, text]], {"fluxcd"})

test_missing if {
	signers.subject([], {"fluxcd"}) == "missing"
	signers.issuer([]) == "missing"
}

test_pinned if {
	every text in ["https://github.com/fluxcd/*", "https://github.com/fluxcd/helm-controller/.github/workflows/*", "https://github.com/fluxcd/*/other.yml@*"] {
		verdict("wildcard", text) == "pinned"
	}
	every text in [
		`^https://github\.com/fluxcd/.*$`, `^https://github.com/fluxcd/`,
		`^https://github\.com/(fluxcd|controlplaneio-fluxcd)/.+$`,
		`^https://github\.com/fluxcd/[a-z-]+/\.github/workflows/release\.ya?ml@refs/tags/v[0-9.]+$`,
	] {
		verdict("regexp", text) == "pinned"
	}
	verdict("exact", "https://github.com/fluxcd/flux2/.github/workflows/release.yaml@refs/tags/v2.9.4") == "pinned"
	signers.subject([["wildcard", "*"], ["regexp", `^https://github\.com/fluxcd/.*$`]], {"fluxcd"}) == "pinned"
}

test_loose if {
	every text in [`https://github.com/fluxcd`, `^https://github\.com/fluxcd`, `https://github\.com/fluxcd/.*`, `https://github.com/fluxcd/`] {
		verdict("regexp", text) == "loose"
	}
}

test_open if {
	every text in ["*", "https://github.com/*", "https://github.com/fluxcd*", "*fluxcd/*"] {
		verdict("wildcard", text) == "open"
	}
	every text in [`.*`, ``, `^https://github\.com/fluxcd.*$`, `github\.com/fluxcd/`, `^https://github\.com/(fluxcd|acme)/.*$`, `^https://github\.com/fluxcd/.*$|^https://github\.com/acme/.*$`] {
		verdict("regexp", text) == "open"
	}
}

test_foreign if {
	verdict("wildcard", "https://github.com/acme/*") == "foreign"
	verdict("regexp", `^https://github\.com/controlplaneio-fluxcd/.*$`) == "foreign"
	signers.subject([["regexp", `^https://github\.com/controlplaneio-fluxcd/.*$`]], {"fluxcd", "controlplaneio-fluxcd"}) == "pinned"
	verdict("exact", "release@acme.example") == "foreign"
}

test_unknown if {
	every text in [`(`, `\p{L}`, 5, null] {
		verdict("regexp", text) == "unknown"
	}
	verdict("exact", {}) == "unknown"
}

test_issuer if {
	signers.issuer([["exact", signers.github]]) == "pinned"
	signers.issuer([["regexp", `^https://token\.actions\.githubusercontent\.com$`]]) == "pinned"
	signers.issuer([["regexp", `token.actions.githubusercontent.com`]]) == "loose"
	signers.issuer([["regexp", `.*`]]) == "open"
	signers.issuer([["exact", "https://gitlab.com"]]) == "foreign"
}
