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

container := workload.containers(flux.object)[flags.record.container]

place := array.concat(flags.record.pod, ["containers", flags.record.container])

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
