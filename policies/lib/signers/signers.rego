# Who may have signed: the constraints that a policy puts on issuer and subject of a signing certificate,
# tried out on identities that must and that must not pass.
#
# A constraint is [sort, text], sort as in lib.patterns; of several all must hold. What comes out:
#   pinned   only Flux' own workflows pass
#   loose    others pass that look like them but can hardly be had
#   open     others pass
#   foreign  somebody else's identity
#   missing  nothing is asked
#   unknown  a regexp that is not judged
package lib.signers

import data.lib.patterns
import data.lib.workload

github := "https://token.actions.githubusercontent.com"

issuer(constraints) := _verdict(constraints, {
	"good": [github],
	"bad": ["https://accounts.google.com"],
	"named": [],
	"alike": [sprintf("%v.evil.example", [github]), sprintf("https://evil.example/%v", [github])],
	"prefixes": [],
})

# orgs: the GitHub organisations that sign the images in question.
subject(constraints, orgs) := _verdict(constraints, {
	"good": [found | some org in orgs; some found in _workflows(org, "tags/v1.9.4")],
	"bad": array.concat(
		_workflows("evil", "tags/v1.9.4"),
		[found |
			some org in orgs
			some found in array.concat(
				_workflows("evil", sprintf("heads/github.com/%v/x/.github/workflows/release.yml@refs/tags/v1.9.4", [org])),
				[lookalike |
					not _documented(constraints, org)
					some lookalike in _workflows(sprintf("%v-evil", [org]), "tags/v1.9.4")
				],
			)
		],
	),
	"named": [found | some word in _words(constraints); some found in _workflows(word, "tags/v1.9.4")],
	"alike": [found |
		some org in orgs
		some found in array.concat(
			_workflows(sprintf("%v-evil", [org]), "tags/v1.9.4"),
			[sprintf("https://evil.example/?%v", [text]) | some text in _workflows(org, "tags/v1.9.4")],
		)
	],
	"prefixes": [sprintf("https://github.com/%v/", [org]) | some org in orgs],
})

# The release workflow in each repository of an organisation, at a git reference.
_workflows(org, ref) := [sprintf("https://github.com/%v/%v/.github/workflows/release.yml@refs/%v", [org, repo, ref]) |
	some repo in (workload.components | {"flux2", "x"})
]

# Words that may be the name of another organisation.
_words(constraints) := {word |
	some constraint in constraints
	is_string(constraint[1])
	some word in regex.find_n(`[A-Za-z0-9][A-Za-z0-9-]+`, _plain(constraint[1]), -1)
	not word in {"fluxcd", "controlplaneio-fluxcd"}
}

# An older page of Flux recommends this form, so that it counts as loose.
_documented(constraints, org) if {
	some constraint in constraints
	constraint[0] == "regexp"
	is_string(constraint[1])
	_plain(constraint[1]) == sprintf("https://github.com/%v", [org])
}

_plain(text) := trim_prefix(replace(text, "\\", ""), "^")

_verdict(constraints, probes) := "missing" if {
	count(constraints) == 0
} else := "unknown" if {
	count([1 | some constraint in constraints; not patterns.readable(constraint[0], constraint[1])]) > 0
} else := "open" if {
	_passes(constraints, probes.bad)
} else := "open" if {
	_passes(constraints, probes.named)
	_passes(constraints, probes.good)
} else := "loose" if {
	_passes(constraints, probes.alike)
} else := "pinned" if {
	_passes(constraints, probes.good)
} else := "pinned" if {
	_begins(constraints, probes.prefixes)
} else := "foreign"

_begins(constraints, prefixes) if {
	some constraint in constraints
	some prefix in prefixes
	startswith(_plain(constraint[1]), prefix)
}

# Some identity satisfies all constraints.
_passes(constraints, identities) if {
	some identity in identities
	count([1 | some constraint in constraints; not patterns.matches(constraint[0], constraint[1], identity)]) == 0
}
