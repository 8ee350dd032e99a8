package flux.submodules_reviewed_test

import data.flux.submodules_reviewed as control

repository(spec) := {"review": {"object": {
	"apiVersion": "source.toolkit.fluxcd.io/v1",
	"kind": "GitRepository",
	"metadata": {"name": "fleet", "namespace": "flux-system"},
	"spec": spec,
}}}

# [warn, unknown]
found(spec) := [warns, unknowns] if {
	control.subject with input as repository(spec)
	warns := {finding.details.path | some finding in control.warn} with input as repository(spec)
	unknowns := {finding.details.path | some finding in control.unknown} with input as repository(spec)
}

test_submodules_are_warned_about if {
	found({"recurseSubmodules": true}) == [{["spec", "recurseSubmodules"]}, set()]
	some finding in control.warn with input as repository({"recurseSubmodules": true})
	finding.details.fix == [{"op": "add", "path": "/spec/recurseSubmodules", "value": false}]
}

test_without_submodules if {
	every spec in [{}, {"recurseSubmodules": false}, {"recurseSubmodules": null}, {"include": [{"repository": {"name": "shared"}}]}] {
		found(spec) == [set(), set()]
	}
}

test_unknown if {
	found({"recurseSubmodules": "true"}) == [set(), {["spec", "recurseSubmodules"]}]
	found([]) == [set(), {["spec"]}]
}

test_other_kinds_are_not_meant if {
	every recursive in [true, "true"] {
		made := repository({"recurseSubmodules": recursive}).review.object
		other := object.union(made, {"kind": "OCIRepository"})
		not control.subject with input as other
		count(control.warn | control.unknown) == 0 with input as other
	}
}
