# expect:
# path: policies/flux/example/example.rego

# METADATA
# title: with, input, data.inventory, print() and sprintf("%t") in a comment
package flux.example

import data.lib.flux
import data.lib.result

subject if flux.kind_is("apps", "Deployment")

violation contains result.at(["spec"], msg) if {
	subject
	some name in flux.object.with.input
	contains(name, "with input as print(1) %t")
	own(name) == `http.send(data.inventory)`
	msg := sprintf("100 %% of %v", [name])
}

own(name) := lower(name) if (count(name) > 1)
