# Kubernetes label selectors written as text, as `--watch-label-selector` takes them.
#
# A parsed selector is {"text", "error", "requirements"}: `error` is "" for a valid one, and each requirement is
# {"key", "operator": "in" | "notin" | "exists" | "absent", "values"}. An empty text selects everything.
package lib.selector

# Anything that is no text has no parse.
parse(text) := {"text": text, "error": problem, "requirements": found} if {
	is_string(text)
	all := _requirements(text)
	problem := _problem(text, all)
	found := _effective([r | some r in all; problem in {"", _inequality}])
}

# Flux reads the flag with metav1.ParseToLabelSelector. It knows neither `!=` nor comparisons, although
# the grammar of selectors has them: the controller exits at start.
refused(selector) if selector.error != ""

# selects everything
everything(selector) if {
	selector.error == ""
	count(selector.requirements) == 0
}

# Do an object's labels satisfy the selector? An invalid selector selects nothing.
matches(selector, labels) if {
	usable(selector)
	count([1 | some r in selector.requirements; not _allows(r, _atom(labels, r.key))]) == 0
}

# Is there an object that both select?
overlap(a, b) if {
	usable(a)
	usable(b)
	satisfiable(array.concat(a.requirements, b.requirements))
}

# The selector is one whose meaning is known: valid, or valid but for `!=`.
usable(selector) if selector.error in {"", _inequality}

# Some set of labels satisfies all of the requirements. Keys do not depend on each other, and for one key
# these atoms stand for all cases: absent (null), each value that is named, any other value (true).
satisfiable(requirements) if {
	keys := {r.key | some r in requirements}
	count([1 | some key in keys; not _possible(_of_key(requirements, key))]) == 0
}

# The keys that an object must carry to be selected.
demanded(selector) := {r.key |
	usable(selector)
	satisfiable(selector.requirements)
	some r in selector.requirements
	not satisfiable(array.concat(selector.requirements, [_lacks(r.key)]))
}

# What the selector asks of one key alone.
about(selector, key) := _of_key(selector.requirements, key)

_of_key(requirements, key) := [r | some r in requirements; r.key == key]

_lacks(key) := {"key": key, "operator": "absent", "values": []}

_possible(requirements) if {
	named := {v | some r in requirements; some v in r.values}
	some atom in (named | {null, true})
	count([1 | some r in requirements; not _allows(r, atom)]) == 0
}

_allows(r, atom) if {
	r.operator == "in"
	atom in r.values
}

_allows(r, atom) if {
	r.operator == "notin"
	not atom in r.values
}

_allows(r, atom) if {
	r.operator == "exists"
	atom != null
}

_allows(r, null) if r.operator == "absent"

# The label's value; null where it is absent. A label of value null is the empty text to Kubernetes.
_atom(labels, key) := labels[key] if {
	is_object(labels)
	labels[key] != null
} else := "" if {
	is_object(labels)
	key in object.keys(labels)
} else := null

_inequality := "the operator != is not accepted for a watched label"

_problem(text, requirements) := "it is not a label selector" if {
	not regex.match(_grammar, text)
} else := "a label key is malformed" if {
	some r in requirements
	not _key(r.key)
} else := "a label value is malformed" if {
	some r in requirements
	some v in r.values
	not _value(v)
} else := _inequality if {
	some r in requirements
	r.sign == "!="
} else := ""

# Of several equalities for one key the last wins: they end up in one map.
_effective(requirements) := [_plain(r) |
	some i, r in requirements
	not _replaced(requirements, i)
]

_replaced(requirements, i) if {
	requirements[i].sign == "="
	some j, r in requirements
	j > i
	r.sign == "="
	r.key == requirements[i].key
}

_plain(r) := {"key": r.key, "operator": r.operator, "values": r.values}

_requirements(text) := [_requirement(match) |
	some match in regex.find_all_string_submatch_n(_one, text, -1)
]

# Groups: 1 key after `!`, 2 key, 3 sign, 4 value, 5 in or notin, 6 values.
_requirement(match) := {"key": match[1], "operator": "absent", "values": [], "sign": "!"} if {
	match[1] != ""
} else := {"key": match[2], "operator": match[5], "values": _list(match[6]), "sign": match[5]} if {
	match[5] != ""
} else := {"key": match[2], "operator": "notin", "values": [match[4]], "sign": "!="} if {
	match[3] == "!="
} else := {"key": match[2], "operator": "in", "values": [match[4]], "sign": "="} if {
	match[3] != ""
} else := {"key": match[2], "operator": "exists", "values": [], "sign": ""}

_list(text) := [v | some part in split(text, ","); v := trim(part, " \t\r\n")]

_key(text) if {
	parts := split(text, "/")
	count(parts) == 1
	_name(parts[0])
}

_key(text) if {
	parts := split(text, "/")
	count(parts) == 2
	count(parts[0]) <= 253
	regex.match(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`, parts[0])
	_name(parts[1])
}

_name(text) if {
	text != ""
	_value(text)
}

_value(text) if {
	count(text) <= 63
	regex.match(`^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?$`, text)
}

# One requirement, and a whole selector of them.
_one := concat("", [
	`[ \t\r\n]*(?:![ \t\r\n]*([^ \t\r\n=!(),<>]+)|([^ \t\r\n=!(),<>]+)`,
	`(?:[ \t\r\n]*(==|=|!=)[ \t\r\n]*([^ \t\r\n=!(),<>]*)`,
	`|[ \t\r\n]+(in|notin)[ \t\r\n]*\(([^()=!<>]*)\))?)[ \t\r\n]*`,
])

_grammar := sprintf(`^(?:[ \t\r\n]*|%v(?:,%v)*)$`, [_one, _one])
