# expect: 10 negated-path, 12 negated-path, 14 negated-path, 18 negated-path, 23 negated-path, 29 negated-path, 35 negated-path
# path: policies/flux/example/example.rego

# METADATA
package flux.example

import data.lib.flux

spec := flux.object.spec
a if not startswith(flux.object.spec.url, "https://")

b if not flux.object.spec.kind in {"GitRepository"}

c if not flux.object.spec.size != 5

d if {
	obj := flux.object
	not lower(obj.spec.kind) == "gitrepository"
}

e if {
	some item in spec.list
	not startswith(item.name, "x")
}

f if {
	known := {"a": true}
	is_object(known)
	not known[flux.object.spec.name]
}

# A type is asked for where the path may be missing, whatever it leads into.
g if {
	some taint in taints
	not is_string(taint.key)
}

taints := [{}]

asked if {
	some taint in taints
	taint.key != null
	not is_string(taint.key)
	text := taint.effect
	not is_array(text)
}

# What OPA evaluates inside the negation, and what is there for certain.
fine if {
	not flux.object.spec.suspend
	not flux.object.spec.suspend == true
	not true == flux.object.spec.suspend
	not flux.kind_is("apps", "Deployment")
	not flux.object.kind in {"GitRepository", "Bucket"}
	not [1 | startswith(flux.object.spec.url, "https://")] == [1]
	not given(flux.object)
}

proved if {
	is_string(flux.object.spec.url)
	not startswith(flux.object.spec.url, "https://")
	some item in spec.list
	text := item.name
	not startswith(item.name, text)
}

# A record of a library, whose fields are its own.
record(used) if not startswith(used.image.tag, "v")

given(obj) if is_object(obj)
