package flux.no_global_decryption_key_test

import data.flux.no_global_decryption_key as control
import data.lib.refs_sample_test as sample

controller(with_these) := sample.controller("kustomize-controller", with_these)

# Counts of violation, warn, unknown, manual.
judged(of, others, profiles) := [count(v), count(w), count(u), count(m)] if {
	cluster := sample.inventory(array.concat([of], others))
	request := sample.review(of, {"profiles": profiles})
	v := control.violation with input as request with data.inventory as cluster
	w := control.warn with input as request with data.inventory as cluster
	u := control.unknown with input as request with data.inventory as cluster
	m := control.manual with input as request with data.inventory as cluster
}

shared(with_these) := judged(controller(with_these), [], ["shared"])

gate := "--feature-gates=ObjectLevelWorkloadIdentity=true"

settled := [gate, "--default-decryption-service-account=default"]

test_age if {
	shared({}) == [0, 0, 0, 0]
	shared({"args": ["--sops-age-secret="]}) == [0, 0, 0, 0]
	shared({"args": ["--sops-vault-configmap="]}) == [0, 0, 0, 0]
	shared({"args": ["--sops-age-secret=global"]}) == [0, 1, 0, 0]
	shared({"args": array.concat(settled, ["--sops-age-secret=global"])}) == [0, 1, 0, 1]
	judged(controller({"args": ["--sops-age-secret=global"]}), [], ["shared", "hard"]) == [1, 0, 0, 0]
	some finding in control.warn with input as controller({"args": ["--sops-age-secret=global"]})
	finding.details.fix[0].value == "--sops-age-secret="
}

test_environment if {
	every name in ["VAULT_TOKEN", "AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AZURE_CLIENT_SECRET", "GOOGLE_APPLICATION_CREDENTIALS", "SOPS_AGE_KEY_FILE"] {
		shared({"env": [{"name": name, "value": "x"}]}) == [0, 1, 0, 0]
		shared({"env": [{"name": name, "valueFrom": {"secretKeyRef": {"name": "x", "key": "y"}}}]}) == [0, 1, 0, 0]
		shared({"env": [{"name": name, "value": ""}]}) == [0, 0, 0, 0]
	}
	every name in ["AWS_REGION", "AZURE_CLIENT_ID", "VAULT_ADDR", "MY_VAULT_TOKEN"] {
		shared({"env": [{"name": name, "value": "x"}]}) == [0, 0, 0, 0]
	}
	shared({"args": settled, "env": [{"name": "AWS_ACCESS_KEY_ID", "value": "x"}]}) == [0, 0, 0, 1]
	shared({"args": settled, "env": [{"name": "VAULT_TOKEN", "value": "x"}]}) == [0, 1, 0, 1]
}

mounted(path, volume, env) := shared({
	"mounts": [{"name": "v", "mountPath": path}],
	"env": env,
	"pod": {"volumes": [object.union({"name": "v"}, volume)]},
})

test_gpg if {
	secret := {"secret": {"secretName": "gpg"}}
	home := [{"name": "GNUPGHOME", "value": "/keys/home"}]
	mounted("/home/.gnupg", secret, []) == [0, 1, 0, 0]
	mounted("/keys", secret, home) == [0, 1, 0, 0]
	mounted("/keys/home/", secret, home) == [0, 1, 0, 0]
	mounted("/key", secret, home) == [0, 0, 0, 0]
	mounted("/keys", secret, []) == [0, 0, 0, 0]
	mounted("/keys", {"emptyDir": {}}, home) == [0, 0, 0, 0]
}

account := {
	"apiVersion": "v1",
	"kind": "ServiceAccount",
	"metadata": {"name": "default", "namespace": "flux-system", "annotations": {"eks.amazonaws.com/role-arn": "x"}},
}

test_identity if {
	judged(controller({}), [account], ["shared"]) == [0, 1, 0, 0]
	judged(controller({"args": settled}), [account], ["shared"]) == [0, 0, 0, 1]
	judged(controller({}), [sample.controller("helm-controller", {"pod_labels": {"azure.workload.identity/use": "true"}})], ["shared"]) == [0, 0, 0, 0]
}

test_undecided if {
	shared({"args": ["-x"]}) == [0, 0, 1, 0]
	shared({"mounts": 5}) == [0, 0, 1, 0]
	shared({"mounts": [5]}) == [0, 0, 1, 0]
	shared({"mounts": [{"name": "x", "mountPath": 5}]}) == [0, 0, 1, 0]
	shared({"pod": {"volumes": 5}}) == [0, 0, 1, 0]
	shared({"annotations": {"flux-audit.internal/unknown-paths": "/spec/template/spec/containers/0/env"}}) == [0, 0, 1, 0]
	from := object.union(sample.container("kustomize-controller", {}), {"envFrom": [{"secretRef": {"name": "x"}}]})
	from_elsewhere := judged(controller({"pod": {"containers": [from]}}), [], ["shared"])
	from_elsewhere[2] > 0
}

test_other_controllers if {
	other := sample.controller("helm-controller", {"env": [{"name": "VAULT_TOKEN", "value": "x"}]})
	not control.subject with input as other
	judged(other, [], ["shared"]) == [0, 0, 0, 0]
}

# The controller with a field of its container replaced.
container(field, value) := json.patch(controller({}), [{
	"op": "add",
	"path": sprintf("/spec/template/spec/containers/0/%v", [field]),
	"value": value,
}])

token := {"name": "VAULT_TOKEN", "value": "x"}

home := {"name": "GNUPGHOME", "value": "/keys/home"}

test_variables_without_a_value_bring_nothing if {
	shared({"env": [{"name": "VAULT_TOKEN"}]}) == [0, 0, 0, 0]
	shared({"env": [{"name": "VAULT_TOKEN", "value": null, "valueFrom": null}]}) == [0, 0, 0, 0]
}

test_versions_without_the_flags if {
	every tag in ["v0.35.0", "v1.0.0", "latest"] {
		shared({"tag": tag}) == [0, 0, 0, 0]
	}
	judged(controller({"tag": "v1.0.0"}), [account], ["shared"]) == [0, 1, 0, 0]
}

test_no_field_of_a_container_that_is_not_known if {
	obj := controller({
		"annotations": {"flux-audit.internal/unknown-paths": "/spec/template/spec"},
		"pod": {"containers": [{"name": "a", "image": "x:1"}, {"name": "b", "image": "y:1"}]},
	})
	count(control.unknown) == 1 with input as sample.review(obj, {"profiles": ["shared"]})
}

test_the_home_of_gpg_is_what_the_variable_says if {
	secret := {"secret": {"secretName": "gpg"}}
	mounted("/keys/home", secret, [{"name": "GNUPGHOME", "value": "/keys/home/"}]) == [0, 1, 0, 0]
	mounted("/keys", secret, [{"name": "HOME", "value": "/keys/home"}]) == [0, 0, 0, 0]
	mounted("/keys", secret, [{"name": "GNUPGHOME", "value": "/keys~"}]) == [0, 0, 0, 0]
	mounted("/keys~", secret, [{"name": "GNUPGHOME", "value": "/keys"}]) == [0, 0, 0, 0]
	mounted("/etc/gpg", secret, []) == [0, 1, 0, 0]
	mounted("/keys", secret, [{"name": "GNUPGHOME", "value": 5}]) == [0, 0, 1, 0]
	mounted("/keys", secret, {"a": home}) == [0, 0, 1, 0]
}

test_only_the_mounted_volume_may_be_empty if {
	of_gpg := {"mounts": [{"name": "v", "mountPath": "/home/.gnupg"}]}
	volumes := [{"name": "tmp", "emptyDir": {}}, {"name": "v", "secret": {"secretName": "gpg"}}]
	shared(object.union(of_gpg, {"pod": {"volumes": volumes}})) == [0, 1, 0, 0]
	shared(object.union(of_gpg, {"pod": {"volumes": {"a": {"name": "v", "emptyDir": {}}}}})) == [0, 1, 1, 0]
}

# A controller whose pods have an identity at a cloud provider.
identified(component, with_these) := sample.controller(component, object.union(
	{"pod_labels": {"azure.workload.identity/use": "true"}},
	with_these,
))

test_the_identity_is_that_of_this_controller if {
	judged(identified("kustomize-controller", {}), [], ["shared"]) == [0, 1, 0, 0]
	every other in [
		identified("kustomize-controller", {"name": "kustomize-controller-2"}),
		identified("kustomize-controller", {"namespace": "flux-2"}),
		object.union(identified("kustomize-controller", {}), {"kind": "StatefulSet"}),
	] {
		judged(controller({}), [other], ["shared"]) == [0, 0, 0, 0]
	}
}

# The paths of the unknowns about an object.
doubts(obj) := found if {
	found := sample.paths(control.unknown) with input as obj with data.inventory as sample.inventory([obj])
}

manager(field) := sprintf("spec/template/spec/containers/0/%v", [field])

test_where_a_doubt_stands if {
	from := [{"name": "X", "valueFrom": {}}]
	doubts(controller({"args": ["--sops-age-secret=$(X)"], "env": from})) == {sample.arg(0)}
	doubts(controller({"args": [gate, "--default-decryption-service-account=$(X)"], "env": from})) == {sample.arg(1)}
	doubts(container("envFrom", [{"secretRef": {"name": "x"}}])) == {manager("envFrom")}
	doubts(container("envFrom", [])) == set()
	every field in ["env", "volumeMounts"] {
		hidden := {"flux-audit.internal/unknown-paths": sprintf("/%v", [manager(field)])}
		doubts(controller({"annotations": hidden})) == {manager(field)}
	}
	doubts(controller({"mounts": {"a": 5}})) == {manager("volumeMounts")}
	doubts(controller({"mounts": [5]})) == {manager("volumeMounts/0")}
	doubts(controller({"mounts": [{"name": "x", "mountPath": 5}]})) == {manager("volumeMounts/0/mountPath")}
	doubts(controller({"mounts": [{"name": 5, "mountPath": "/x"}]})) == {manager("volumeMounts/0/name")}
	doubts(controller({"pod": {"volumes": {"a": 5}}})) == {"spec/template/spec/volumes"}
	doubts(controller({"pod": {"volumes": [5]}})) == {"spec/template/spec/volumes/0"}
}

test_lists_that_are_none if {
	shared({"env": {"a": token}}) == [0, 0, 1, 0]
	shared({"mounts": {"a": {"name": "v", "mountPath": "/home/.gnupg"}}}) == [0, 0, 1, 0]
	judged(container("envFrom", {"a": {}}), [], ["shared"]) == [0, 0, 1, 0]
}

warned(obj, others) := {finding.details | some finding in found} if {
	found := control.warn with input as obj with data.inventory as sample.inventory(array.concat([obj], others))
}

pod := ["spec", "template", "spec"]

at(keys) := array.concat(array.concat(pod, ["containers", 0]), keys)

test_the_nodes_of_a_finding if {
	warned(controller({"env": [token]}), []) == {{"path": at(["env", 0]), "related": [], "fix": []}}
	warned(controller({"env": [{"name": "AWS_PROFILE", "value": "x"}]}), []) == {{
		"path": at(["env", 0]),
		"related": [{"path": at(["args"])}],
		"fix": [],
	}}
	warned(controller({"mounts": [{"name": "v", "mountPath": "/home/.gnupg"}]}), []) == {{
		"path": at(["volumeMounts", 0]),
		"related": [{"path": array.concat(pod, ["volumes"])}, {"path": at(["env"])}],
		"fix": [],
	}}
	object_of_account := {"apiVersion": "v1", "kind": "ServiceAccount", "namespace": "flux-system", "name": "default"}
	warned(controller({}), [account]) == {{
		"path": array.concat(pod, ["serviceAccountName"]),
		"related": [
			{"path": at(["args"])}, {"path": ["metadata", "namespace"]},
			{"object": object_of_account, "path": ["metadata", "annotations", "eks.amazonaws.com/role-arn"]},
			{"object": object_of_account, "path": ["metadata", "namespace"]},
		],
		"fix": [],
	}}
}

test_the_review_is_of_the_flag if {
	request := controller({"args": settled})
	sample.paths(control.manual) == {sample.arg(1)} with input as request
}

test_other_controllers_may_have_all_that if {
	every with_these in [
		{"args": ["--sops-age-secret=x"]}, {"args": settled}, {"args": ["-x"]},
		{"mounts": [{"name": "v", "mountPath": "/home/.gnupg"}]}, {"mounts": 5},
		{"annotations": {"flux-audit.internal/unknown-paths": sprintf("/%v", [manager("env")])}},
	] {
		judged(sample.controller("helm-controller", with_these), [account], ["shared"]) == [0, 0, 0, 0]
	}
	place := sprintf("/%v", [manager("envFrom")])
	from := json.patch(sample.controller("helm-controller", {}), [{"op": "add", "path": place, "value": [{}]}])
	judged(from, [], ["shared"]) == [0, 0, 0, 0]
}
