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
