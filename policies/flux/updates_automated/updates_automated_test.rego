package flux.updates_automated_test

import data.flux.updates_automated as control
import data.lib.admission_sample_test as sample
import data.lib.facts

file(name, spec) := {"apiVersion": "files.flux-audit/v1", "kind": "Workflow", "metadata": {"name": name}, "spec": spec}

jobs := {"u": {"steps": [{"run": "flux install --export > gotk-components.yaml"}]}}

workflow(events) := file(".github/workflows/u.yaml", {"on": events, "jobs": jobs})

renovate(spec) := file("renovate.json", spec)

instance(version, annotations) := {
	"apiVersion": "fluxcd.controlplane.io/v1", "kind": "FluxInstance",
	"metadata": {"name": "flux", "namespace": "flux-system", "annotations": annotations},
	"spec": {"distribution": {"version": version}},
}

controller := {
	"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "source-controller", "namespace": "flux-system"},
	"spec": {"template": {"spec": {"containers": [{"name": "manager", "image": "ghcr.io/fluxcd/source-controller:v1.9.4"}]}}},
}

results(obj) := found if {
	found := [count(control.violation), count(control.warn), count(control.unknown), count(control.manual)] with input as obj
}

test_pass if {
	every obj in [
		workflow({"schedule": [{"cron": "0 6 * * 1"}]}), file("a", {"true": {"schedule": []}, "jobs": jobs}),
		renovate({}), renovate({"enabledManagers": ["flux"]}), renovate({"flux": {"enabled": true}}),
		instance("2.x", {}), instance("2.9", null), instance(">=2.9.0 <3", {"fluxcd.controlplane.io/reconcile": "enabled"}),
	] {
		control.subject with input as obj
		results(obj) == [0, 0, 0, 0]
	}
}

test_fail if results(instance("2.x", {"fluxcd.controlplane.io/reconcile": "Disabled"})) == [1, 0, 0, 0]

test_warn if {
	every obj in [
		workflow("push"), workflow({"push": {}}), file("a", {"jobs": jobs}), renovate({"enabledManagers": []}),
		renovate({"enabled": false}), renovate({"flux": {"enabled": false}}), instance("v2.9.4", {}), instance("=2.9.4", {}),
	] {
		results(obj) == [0, 1, 0, 0]
	}
}

test_unknown if {
	every obj in [renovate({"enabledManagers": 5}), renovate(5), instance(5, {}), instance(null, {}), instance("${V}", {}), instance("2.x", 5)] {
		results(obj) == [0, 0, 1, 0]
	}
}

test_manual if {
	control.subject with input as controller
	results(controller) == [0, 0, 0, 1]
	found := control.manual with input as controller with data.inventory as sample.inventory([controller, instance("2.x", {})])
	count(found) == 0
}

test_other_objects if {
	not control.subject with input as file("a", {"jobs": {}})
	not control.subject with input as {"kind": "Pod"}
	control.top("spec") == null with input as "text"
}

test_given_facts if {
	found := facts.updaters with data.inventory as {"facts": {"updaters": [1]}}
	found == [1]
}

test_what_triggers_a_workflow_may_be_hidden if {
	vague := object.union(
		workflow({"push": {}}),
		{"metadata": {"annotations": {"flux-audit.internal/unknown-paths": "/spec/on"}}},
	)
	control.subject with input as vague
	results(vague) == [0, 0, 1, 0]
}

# Fields of the same names mean something else in other objects.
test_fields_of_other_kinds_are_not_meant if {
	disabled := {"fluxcd.controlplane.io/reconcile": "disabled"}
	every spec in [{"enabled": false}, {"flux": {"enabled": false}}, {"enabledManagers": ["npm"]}] {
		other := object.union(instance("2.9.4", disabled), {"kind": "ResourceSet", "spec": spec})
		not control.subject with input as other
		results(other) == [0, 0, 0, 0]
	}
}
