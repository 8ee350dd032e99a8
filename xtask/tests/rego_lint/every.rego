# expect: 7 every
# path: policies/lib/pods/pods.rego

package lib.pods

whole(list) if {
	every item in list { is_string(item) }
}

# Names and texts are not meant.
other(unit) if unit.every == "every item"
