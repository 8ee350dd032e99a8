# Every text below a value, without recursion, which Rego does not have: 24 levels deep, which no values file needs.
package lib.leaves

# {"texts": [[path, text]], "deeper": paths of maps and lists that lie too deep to be looked into}.
of(root, path) := {
	"texts": [[place, value] | some level in levels; some [place, value] in level; is_string(value)],
	"deeper": [place | some [place, value] in d[5]; _holds(value)],
} if {
	a := _six([[path, root]])
	b := _six(_below(a[5]))
	c := _six(_below(b[5]))
	d := _six(_below(c[5]))
	levels := array.concat(array.concat(a, b), array.concat(c, d))
}

_six(first) := [first, first, first, first, first, first] if {
	count(first) == 0
} else := [first, second, third, fourth, fifth, sixth] if {
	second := _below(first)
	third := _below(second)
	fourth := _below(third)
	fifth := _below(fourth)
	sixth := _below(fifth)
}

_below(level) := [[array.concat(path, [key]), value] |
	some [path, node] in level
	_holds(node)
	some key, value in node
]

_holds(node) if is_object(node)

_holds(node) if is_array(node)
