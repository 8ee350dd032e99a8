package lib.argument_test

import data.lib.argument

review(container) := {"review": {"object": {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {"name": "helm-controller", "namespace": "flux-system"},
	"spec": {"template": {"spec": {"containers": [object.union(container, {
		"name": "manager",
		"image": "ghcr.io/fluxcd/helm-controller:v1.6.3",
	})]}}},
}}}

at(field, i) := ["spec", "template", "spec", "containers", 0, field, i]

test_a_plain_argument_needs_nothing if {
	request := review({"args": ["--log-level=info"]})
	argument.needs(at("args", 0)) == [] with input as request
}

test_the_value_after_the_flag if {
	request := review({"args": ["--log-level", "debug"]})
	argument.needs(at("args", 0)) == [{"path": at("args", 1)}] with input as request
	argument.needs(at("args", 1)) == [] with input as request
}

test_the_value_after_the_last_item_of_the_command if {
	request := review({"command": ["helm-controller", "--log-level"], "args": ["debug"]})
	argument.needs(at("command", 1)) == [{"path": at("args", 0)}] with input as request
}

test_variables if {
	request := review({
		"args": ["--log-level", "$(LEVEL)"],
		"env": [{"name": "OTHER", "value": "x"}, {"name": "LEVEL", "value": "debug"}],
	})
	argument.needs(at("args", 0)) == [{"path": at("args", 1)}, {"path": at("env", 1)}] with input as request
}

test_the_terminator if {
	request := review({"args": ["--log-level=debug", "--", "--log-level=info"]})
	argument.needs(at("args", 0)) == [{"path": at("args", 1)}] with input as request
}
