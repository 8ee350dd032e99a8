# Every text below a value, without recursion, which Rego does not have: to a depth that no values file reaches.
package lib.leaves

# {"texts": [[path, text]], "deeper": paths of maps and lists that lie too deep to be looked into}.
of(root, path) := {
	"texts": [[place, value] | some level in levels; some [place, value] in level; is_string(value)],
	"deeper": [place | some [place, _] in _below(c[3])],
} if {
	a := _three([[path, root]])
	b := _three(_below(a[2]))
	c := _four(_below(b[2]))
	levels := array.concat(array.concat(a, b), c)
}

_three(first) := [first, second, third] if {
	second := _below(first)
	third := _below(second)
}

_four(first) := array.concat(three, [_below(three[2])]) if {
	three := _three(first)
}

_below(level) := [[array.concat(path, [key]), value] |
	some [path, node] in level
	_holds(node)
	some key, value in node
]

_holds(node) if is_object(node)

_holds(node) if is_array(node)
