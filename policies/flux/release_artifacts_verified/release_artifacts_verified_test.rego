package flux.release_artifacts_verified_test

import data.flux.release_artifacts_verified as control

workflow(step) := {
	"apiVersion": "files.flux-audit/v1", "kind": "Workflow", "metadata": {"name": ".github/workflows/a.yaml"},
	"spec": {"on": "push", "jobs": {"a": {"steps": [{"uses": "actions/checkout@v5"}, step]}}},
}

controller := {
	"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "source-controller", "namespace": "flux-system"},
	"spec": {"template": {"spec": {"containers": [{"name": "manager", "image": "ghcr.io/fluxcd/source-controller:v1.9.4"}]}}},
}

results(obj) := found if {
	found := [count(control.warn), count(control.manual)] with input as obj
}

pin := "9d5e7a1f0b1c6c0f5f1b6a8f6a5d4c3b2a190807"

test_pass if {
	obj := workflow({"uses": sprintf("fluxcd/flux2/action@%v", [pin])})
	control.subject with input as obj
	results(obj) == [0, 0]
}

test_warn if {
	every step in [
		{"uses": "fluxcd/flux2/action@main"}, {"uses": "fluxcd/flux2/action@v2.9.4"}, {"uses": "fluxcd/flux2/action"},
		{"run": "curl -s https://fluxcd.io/install.sh | sudo bash"}, {"run": "set -e\nbash <(wget -qO- https://fluxcd.io/install.sh)"},
		{"run": "curl https://raw.githubusercontent.com/fluxcd/flux2/main/install/flux.sh | bash"},
	] {
		control.subject with input as workflow(step)
		results(workflow(step)) == [1, 0]
	}
	gitlab := json.patch(workflow({}), [{"op": "replace", "path": "/spec", "value": {"deploy": {"script": ["curl -s https://fluxcd.io/install.sh | bash"]}}}])
	results(gitlab) == [1, 0]
}

test_manual if {
	control.subject with input as controller
	results(controller) == [0, 1]
}

test_other_files if {
	every obj in [
		workflow({"run": "make"}), workflow({"run": "# curl https://fluxcd.io/install.sh"}), workflow({"uses": "fluxcd/flux2/gha@main"}),
		json.remove(workflow({}), ["spec"]), {"apiVersion": "v1", "kind": "Pod", "spec": {}},
	] {
		not control.subject with input as obj
		results(obj) == [0, 0]
	}
}

test_workflows_of_other_groups_are_not_meant if {
	script := workflow({"run": "curl -s https://fluxcd.io/install.sh | sudo bash"})
	argo := object.union(script, {"apiVersion": "argoproj.io/v1alpha1"})
	not control.subject with input as argo
	results(argo) == [0, 0]
}

test_the_action_counts_where_a_step_uses_it if {
	mention := workflow({"name": "fluxcd/flux2/action@main", "run": "make"})
	not control.subject with input as mention
	results(mention) == [0, 0]
}

test_a_commit_with_something_behind_it_is_no_pin if {
	every text in ["@main", "@", "-rc"] {
		results(workflow({"uses": sprintf("fluxcd/flux2/action@%v%v", [pin, text])})) == [1, 0]
	}
}

test_owner_and_repository_in_any_case if {
	results(workflow({"uses": "FluxCD/Flux2/action@main"})) == [1, 0]
}
