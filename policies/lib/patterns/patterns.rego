# Patterns that others wrote: image globs as the engines of admission policies read them, and regexps.
package lib.patterns

# Does a pattern match a text? Sorts: "exact", "wildcard" (`*` is anything, `?` one character), "path"
# (policy-controller: `*` stops at a slash, `**` does not), "gobwas" (as "wildcard", with `{a,b}`), and
# "regexp" (anywhere in the text, as Go does). Never true of a pattern that is not `readable`.
matches("exact", pattern, text) if pattern == text

matches("regexp", pattern, text) if {
	regexp(pattern)
	regex.match(pattern, text)
}

matches(sort, pattern, text) if regex.match(_translated(sort, pattern), text)

# The meaning of the pattern is known here.
readable("regexp", pattern) if regexp(pattern)

readable("gobwas", pattern) if {
	is_string(pattern)
	regex.match(_braces, pattern)
}

readable(sort, pattern) if {
	sort in {"exact", "wildcard", "path"}
	is_string(pattern)
}

# A regexp of the subset that every engine reads alike: an invalid one would raise an error.
regexp(text) if {
	is_string(text)
	regex.match(_grammar, text)
}

_translated("wildcard", pattern) := _anchored(_wild(pattern)) if is_string(pattern)

_translated("path", pattern) := _anchored(replace(replace(replace(_escaped(full), "**", "#"), "*", "[^/]*"), "#", ".*")) if {
	is_string(pattern)
	regex.match(`^[a-zA-Z0-9_:/*.@-]+$`, pattern)
	full := _hub(pattern)
}

_translated("gobwas", pattern) := _anchored(_chosen(_wild(pattern))) if readable("gobwas", pattern)

_anchored(text) := sprintf("^(?:%v)$", [text])

_chosen(text) := replace(replace(replace(text, `\{`, "(?:"), `\}`, ")"), ",", "|")

_wild(pattern) := replace(replace(_escaped(pattern), "*", ".*"), "?", ".")

_hub(pattern) := "index.docker.io/*/*" if {
	pattern == "*/*"
} else := "index.docker.io/library/*" if {
	pattern == "*"
} else := pattern

_escaped(text) := regex.replace(text, `[\\.+()|^$\[\]{}]`, `\$0`)

_braces := `^[^{}\[\]\\!]*(\{[^{}\[\]\\!]*\}[^{}\[\]\\!]*)*$`

_class := `\[\^?(a-z|A-Z|0-9|a-f|A-F|[A-Za-z0-9_./@:+=]|\\[-./dws])+-?\]`

_atom := sprintf(`([^\\.\[\](){}*+?|^$]|\\[-.\\/+*?()\[\]{}|^$dDwWsS]|\.|%v)([*+?]\??|\{[0-9]{1,2},?\})?`, [_class])

_flat := sprintf(`(%v|[|^$])*`, [_atom])

_nested := sprintf(`(%v|[|^$]|\((\?:)?%v\)[*+?]?)*`, [_atom, _flat])

_grammar := sprintf(`^(\(\?i\))?(%v|[|^$]|\((\?:)?%v\)[*+?]?)*$`, [_atom, _nested])
