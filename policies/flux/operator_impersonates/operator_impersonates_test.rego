package flux.operator_impersonates_test

import data.flux.operator_impersonates as control

operator(args, env) := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {"name": "flux-operator", "namespace": "flux-system"},
	"spec": {"template": {"spec": {"containers": [{
		"name": "manager",
		"image": "ghcr.io/controlplaneio-fluxcd/flux-operator:v0.58.1",
		"args": args,
		"env": env,
	}]}}},
}

resource_set(spec) := {
	"apiVersion": "fluxcd.controlplane.io/v1",
	"kind": "ResourceSet",
	"metadata": {"name": "apps", "namespace": "team-a"},
	"spec": spec,
}

cluster(operators) := {"namespace": {"flux-system": {"apps/v1": {"Deployment": {sprintf("operator-%v", [i]): json.patch(obj, [{"op": "replace", "path": "/metadata/name", "value": sprintf("operator-%v", [i])}]) |
	some i, obj in operators
}}}}}

judged(obj, operators, params) := {sprintf("%v %v", [kind, concat("/", [sprintf("%v", [s]) | some s in finding.details.path])]) |
	some kind, found in {"fail": failures, "warn": warnings, "unknown": doubts, "manual": open}
	some finding in found
} if {
	request := {"review": {"object": obj}, "parameters": object.union({"profiles": ["shared"]}, params)}
	failures := control.violation with input as request with data.inventory as cluster(operators)
	warnings := control.warn with input as request with data.inventory as cluster(operators)
	doubts := control.unknown with input as request with data.inventory as cluster(operators)
	open := control.manual with input as request with data.inventory as cluster(operators)
}

tenant := {"tenantNamespaces": ["team-a"]}

args := "spec/template/spec/containers/0/args"

set_to(value) := [sprintf("--default-service-account=%v", [value])]

test_operator if {
	judged(operator(set_to("flux-operator"), null), [], {}) == set()
	judged(operator(["--default-service-account", "flux-operator"], null), [], {}) == set()
	judged(operator([], [{"name": "DEFAULT_SERVICE_ACCOUNT", "value": "flux"}]), [], {}) == set()
	judged(operator([], null), [], {}) == {sprintf("fail %v", [args])}
	judged(operator(set_to(""), null), [], {}) == {sprintf("fail %v/0", [args])}
	judged(operator(set_to("Bad Name"), null), [], {}) == {sprintf("fail %v/0", [args])}
	judged(operator(set_to("$(SECRET)"), [{"name": "SECRET", "valueFrom": {"secretKeyRef": {}}}]), [], {}) == {sprintf("unknown %v/0", [args])}
}

test_fix if {
	some finding in control.violation with input as operator(["--enable-leader-election"], null)
	finding.details.fix == [{"op": "add", "path": sprintf("/%v/-", [args]), "value": "--default-service-account=flux-operator"}]
}

# The variable of the environment counts, so it is the one to change.
test_fix_of_a_variable if {
	variables := [{"name": "LEVEL", "value": "info"}, {"name": "DEFAULT_SERVICE_ACCOUNT", "value": "not a name"}]
	some finding in control.violation with input as operator(set_to("flux"), variables)
	finding.details.fix == [{"op": "add", "path": "/spec/template/spec/containers/0/env/1/value", "value": "flux-operator"}]
}

test_resource_sets_of_tenants if {
	judged(resource_set({"serviceAccountName": "team-a"}), [], tenant) == set()
	judged(resource_set({}), [], tenant) == {"fail spec/serviceAccountName"}
	judged(resource_set({"serviceAccountName": ""}), [operator([], null)], tenant) == {"fail spec/serviceAccountName"}
	judged(resource_set({}), [operator(set_to("flux"), null)], tenant) == {"warn spec/serviceAccountName"}
	judged(resource_set({}), [operator(set_to("flux"), null), operator(set_to("a b"), null)], tenant) == {"fail spec/serviceAccountName"}
	secret := operator(set_to("$(SECRET)"), [{"name": "SECRET", "valueFrom": {"secretKeyRef": {}}}])
	judged(resource_set({}), [secret], tenant) == {"unknown spec/serviceAccountName"}
	judged(resource_set({}), [secret, operator([], null)], tenant) == {"fail spec/serviceAccountName"}
}

test_whose_namespace if {
	judged(resource_set({}), [], {}) == {"manual metadata/namespace"}
	judged(resource_set({"serviceAccountName": "a"}), [], {}) == set()
	judged(json.patch(resource_set({}), [{"op": "remove", "path": "/metadata/namespace"}]), [], {}) == {"unknown metadata/namespace"}
	judged(resource_set({"serviceAccountName": 5}), [], tenant) == {"unknown spec/serviceAccountName"}
	judged(resource_set("x"), [], tenant) == {"unknown spec"}
}

test_other_objects if {
	control.subject with input as operator([], null)
	control.subject with input as {"review": {"object": resource_set({})}, "parameters": tenant}
	other := {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a", "namespace": "team-a"}}
	not control.subject with input as other
	judged(other, [], tenant) == set()
	not control.subject with input as json.patch(resource_set({}), [{"op": "replace", "path": "/metadata/namespace", "value": "flux-system"}])
}

controller(component, args) := json.patch(operator(args, null), [
	{"op": "replace", "path": "/metadata/name", "value": component},
	{
		"op": "replace",
		"path": "/spec/template/spec/containers/0/image",
		"value": sprintf("ghcr.io/fluxcd/%v:v1.9.4", [component]),
	},
])

test_controllers_are_not_meant if {
	every list in [[], set_to("Bad Name"), [5]] {
		judged(controller("kustomize-controller", list), [], tenant) == set()
	}
}

test_an_operator_without_an_account_is_found_once if {
	every list in [[], set_to(""), set_to("Bad Name")] {
		count(control.violation) == 1 with input as operator(list, null)
	}
}

secret_account := operator(set_to("$(SECRET)"), [{"name": "SECRET", "valueFrom": {"secretKeyRef": {}}}])

test_the_operator_matters_to_tenants_without_an_account_only if {
	judged(resource_set({}), [secret_account], tenant) == {"unknown spec/serviceAccountName"}
	judged(resource_set({"serviceAccountName": "team-a"}), [secret_account], tenant) == set()
	judged(resource_set({}), [secret_account], {}) == {"manual metadata/namespace"}
}

test_the_platform_may_do_without_an_account if {
	every spec in [{}, {"serviceAccountName": 5}] {
		platform := object.union(resource_set(spec), {"metadata": {"namespace": "flux-system"}})
		judged(platform, [], tenant) == set()
	}
}

test_whose_the_namespace_is_does_not_matter_where_an_account_is_named if {
	nowhere := json.patch(resource_set({"serviceAccountName": "a"}), [{"op": "remove", "path": "/metadata/namespace"}])
	judged(nowhere, [], {}) == set()
}
