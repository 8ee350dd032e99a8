# Findings as every control returns them: a message, and where it applies.
package lib.result

# A finding at one path of the object under review.
at(path, msg) := {"msg": msg, "details": {"path": path}}

# As `at`, with the other nodes without which it would not hold.
related(path, msg, nodes) := {"msg": msg, "details": {"path": path, "related": nodes}}

# As `at`, with the JSON patch that mends it.
fixed(path, msg, fix) := {"msg": msg, "details": {"path": path, "fix": fix}}

full(path, msg, nodes, fix) := {"msg": msg, "details": {"path": path, "related": nodes, "fix": fix}}

# RFC 6901 text of a path. Segments that are neither text nor numbers give none.
pointer(path) := concat("", [sprintf("/%v", [_escaped(segment)]) | some segment in path])

_escaped(segment) := replace(replace(segment, "~", "~0"), "/", "~1") if is_string(segment)

_escaped(segment) := segment if is_number(segment)
