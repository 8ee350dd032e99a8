package flux.source_identity_scoped_test

import data.flux.source_identity_scoped as control
import data.lib.refs_sample_test as sample

obj(group, kind, spec) := {
	"apiVersion": sprintf("%v.toolkit.fluxcd.io/v1", [group]),
	"kind": kind,
	"metadata": {"name": "apps", "namespace": "team-a"},
	"spec": spec,
}

bucket(spec) := obj("source", "Bucket", spec)

provider(spec) := obj("notification", "Provider", spec)

# Counts of violation, warn, unknown, manual.
judged(of, others, params) := [count(v), count(w), count(u), count(m)] if {
	cluster := sample.inventory(array.concat([of], others))
	request := sample.review(of, object.union({"profiles": ["shared"], "tenantNamespaces": ["team-a"]}, params))
	v := control.violation with input as request with data.inventory as cluster
	w := control.warn with input as request with data.inventory as cluster
	u := control.unknown with input as request with data.inventory as cluster
	m := control.manual with input as request with data.inventory as cluster
}

gate := "--feature-gates=ObjectLevelWorkloadIdentity=true"

controller(args) := sample.controller("source-controller", {"args": args})

account := {
	"apiVersion": "v1",
	"kind": "ServiceAccount",
	"metadata": {"name": "default", "namespace": "flux-system", "annotations": {"eks.amazonaws.com/role-arn": "x"}},
}

cloud := bucket({"provider": "aws"})

test_kinds if {
	judged(cloud, [], {}) == [0, 1, 0, 0]
	judged(obj("image", "ImageRepository", {"provider": "gcp"}), [], {}) == [0, 1, 0, 0]
	judged(provider({"type": "azureeventhub"}), [], {}) == [0, 1, 0, 0]
	judged(provider({"type": "slack", "provider": "aws"}), [], {}) == [0, 0, 0, 0]
	judged(provider({"type": "azureeventhub", "secretRef": {}}), [], {}) == [0, 0, 0, 1]
	judged(bucket({"provider": "generic"}), [], {}) == [0, 0, 0, 0]
	judged(bucket({"provider": "aws", "serviceAccountName": "team-a"}), [], {}) == [0, 0, 0, 0]
	judged(bucket({"secretRef": {"name": "x"}}), [], {}) == [0, 0, 0, 1]
}

test_the_controller if {
	judged(cloud, [controller([]), account], {}) == [0, 1, 0, 0]
	judged(cloud, [controller([gate]), account], {}) == [1, 0, 0, 0]
	judged(cloud, [controller([gate, "--default-service-account="]), account], {}) == [1, 0, 0, 0]
	judged(cloud, [controller([gate])], {}) == [0, 1, 0, 0]
	judged(cloud, [controller([gate, "--default-service-account=default"]), account], {}) == [0, 0, 0, 0]
	judged(cloud, [controller([gate, "--default-service-account=$(X)"]), account], {}) == [0, 0, 1, 0]
	judged(cloud, [controller(["-x"]), account], {}) == [0, 0, 1, 0]
	judged(cloud, [controller(["-x"])], {}) == [0, 1, 0, 0]
}

test_undecided if {
	every spec in [5, {"provider": 5}, {"provider": "aws", "serviceAccountName": 5}, {"secretRef": "x"}] {
		judged(bucket(spec), [], {}) == [0, 0, 1, 0]
	}
	judged(object.union(cloud, {"metadata": {"annotations": {"flux-audit.internal/unknown-paths": "/spec/provider"}}}), [], {}) == [0, 0, 1, 0]
	judged(object.union(cloud, {"metadata": {"namespace": ""}}), [], {}) == [0, 0, 1, 0]
	judged(cloud, [], {"tenantNamespaces": []}) == [0, 0, 0, 1]
	judged(bucket({"secretRef": {}}), [], {"tenantNamespaces": []}) == [0, 0, 0, 1]
	judged(bucket({}), [], {"tenantNamespaces": []}) == [0, 0, 0, 0]
}

test_not_concerned if {
	platform := object.union(cloud, {"metadata": {"namespace": "flux-system"}})
	not control.subject with input as sample.review(platform, {})
	not control.subject with input as sample.review(obj("notification", "Alert", {}), {})
	judged(platform, [], {}) == [0, 0, 0, 0]
}
