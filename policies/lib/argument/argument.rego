# The nodes that give an argument of the controller its meaning, for the `related` of a finding about it.
package lib.argument

import data.lib.flags
import data.lib.flux
import data.lib.workload

# Items of the command line in order: [path, text].
items := [[path, text] |
	some field in ["command", "args"]
	is_array(container[field])
	some i, text in container[field]
	is_string(text)
	path := array.concat(place, [field, i])
]

container := workload.containers(flux.object)[flux.controller.container]

place := array.concat(flux.controller.pod, ["containers", flux.controller.container])

# Whether the controller's own parser still sees flags at this item: no effective `--` stands before it.
parsed(_) if flags.current.end == null

parsed(path) if {
	ends := [i | some i, item in items; item[0] == flags.current.end]
	some i, item in items
	item[0] == path
	i < ends[0]
}

# gate: where a feature gate is set: the last of the items that name it, and without one the flag's own.
gate(name) := array.concat([flags.gate(name).path], [path |
	some [path, text] in items
	regex.match(sprintf(`(^|[=,])\s*%v\s*=`, [name]), text)
	parsed(path)
])

# needs: without these the argument at this path would mean something else: the item with its value, the
# variables in both, and a `--` after it.
needs(path) := [{"path": node} |
	followed := [next | some next in values(path)]
	ended := [end | end := flags.current.end; is_array(end)]
	some node in array.concat(array.concat(followed, variables(array.concat([path], followed))), ended)
]

# The item after a flag without "=".
values(path) := [following[0] |
	some i, item in items
	item[0] == path
	regex.match(`^--[^=]+$`, item[1])
	following := items[i + 1]
]

# The variables that these items name.
variables(paths) := [array.concat(place, ["env", i]) |
	is_array(container.env)
	some i, entry in container.env
	is_string(entry.name)
	count([1 |
		some item in items
		item[0] in paths
		contains(item[1], sprintf("$(%v)", [entry.name]))
	]) > 0
]
