package flux.strict_substitution_test

import data.flux.strict_substitution as control
import data.lib.refs_sample_test as sample

judged(tag, gates) := {sprintf("%v %v", [kind, path]) |
	some kind, found in {"warn": warnings, "unknown": doubts}
	some path in sample.paths(found)
} if {
	obj := controller(tag, gates)
	control.subject with input as obj
	warnings := control.warn with input as obj
	doubts := control.unknown with input as obj
}

controller(tag, gates) := sample.controller("kustomize-controller", {"tag": tag, "args": [sprintf("--feature-gates=%v", [gate]) | some gate in gates]})

test_defaults if {
	judged("v1.9.4", []) == set()
	judged("v1.8.0", []) == {sprintf("warn %v", [sample.args])}
	judged("v1.0.0", []) == {sprintf("warn %v", [sample.args])}
	judged("latest", []) == {sprintf("unknown %v", [sample.args])}
}

test_settings if {
	judged("v1.8.0", ["StrictPostBuildSubstitutions=true"]) == set()
	judged("latest", ["StrictPostBuildSubstitutions=true"]) == set()
	judged("v1.9.4", ["StrictPostBuildSubstitutions=false"]) == {sprintf("warn %v", [sample.arg(0)])}
	judged("latest", ["StrictPostBuildSubstitutions=false", "GroupChangeLog=true"]) == {sprintf("warn %v", [sample.arg(0)])}
	judged("v1.9.4", ["$(GATES_PORT)"]) == {sprintf("unknown %v", [sample.arg(0)])}
}

test_fix if {
	some finding in control.warn with input as controller("v1.8.0", [])
	finding.details.fix[0].value == "--feature-gates=StrictPostBuildSubstitutions=true"
	some old in control.warn with input as controller("v1.0.0", [])
	old.details.fix == []
}

test_other_controllers if {
	obj := sample.controller("helm-controller", {})
	not control.subject with input as obj
	count(control.warn | control.unknown) == 0 with input as obj
}

test_gates_of_other_controllers_are_not_meant if {
	vague := sample.controller("helm-controller", {"args": ["--feature-gates=$(GATES_PORT)"]})
	count(control.unknown) == 0 with input as vague
}
