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

test_all_clouds_are_meant if {
	every name in ["aws", "azure", "gcp"] {
		judged(bucket({"provider": name}), [], {}) == [0, 1, 0, 0]
	}
	every type in ["azuredevops", "azureeventhub", "googlepubsub"] {
		judged(provider({"type": type}), [], {}) == [0, 1, 0, 0]
	}
	judged(bucket({"provider": "aws", "serviceAccountName": ""}), [], {}) == [0, 1, 0, 0]
}

fallback := "--default-service-account=default"

another(name, args) := sample.controller("source-controller", {"name": name, "args": args})

test_every_instance_of_the_component_counts if {
	others := [account, controller([gate, fallback]), sample.controller("helm-controller", {})]
	judged(cloud, others, {}) == [0, 0, 0, 0]
	judged(cloud, array.concat(others, [another("shard", [gate])]), {}) == [1, 0, 0, 0]
	judged(cloud, array.concat(others, [another("shard", [])]), {}) == [0, 1, 0, 0]
	judged(cloud, [account, controller([gate]), another("shard", ["-x"])], {}) == [1, 0, 0, 0]
}

test_image_repositories_are_read_by_a_controller_of_their_own if {
	reflector := sample.controller("image-reflector-controller", {"args": [gate]})
	judged(obj("image", "ImageRepository", {"provider": "gcp"}), [account, reflector], {}) == [1, 0, 0, 0]
	judged(cloud, [account, reflector], {}) == [0, 1, 0, 0]
}

test_a_default_account_needs_the_gate if {
	found := judged(cloud, [controller([fallback]), account], {})
	found[0] + found[1] == 1
}

# Flux 2.6 has the gate, and no flag for a default account yet.
test_releases_without_a_default_account_are_not_guarded if {
	found := judged(cloud, [sample.controller("source-controller", {"tag": "v1.6.2", "args": [gate]}), account], {})
	found[0] + found[1] == 1
	found[2] == 0
}

# The nodes of the one finding of a kind about the Bucket in a cloud.
related(kind, others) := {node.path | some finding in found[kind]; some node in finding.details.related} if {
	request := sample.review(cloud, {"profiles": ["shared"], "tenantNamespaces": ["team-a"]})
	cluster := sample.inventory(array.concat([cloud], others))
	fails := control.violation with input as request with data.inventory as cluster
	doubts := control.unknown with input as request with data.inventory as cluster
	found := {"fail": fails, "unknown": doubts}
}

test_what_decides_is_told if {
	role := ["metadata", "annotations", "eks.amazonaws.com/role-arn"]
	args := ["spec", "template", "spec", "containers", 0, "args"]
	related("fail", [controller([gate]), account]) == {role, args, array.concat(args, [0])}
	related("unknown", [controller(["-x"]), account]) == {role, array.concat(args, [0])}
}

test_only_borrowed_identities_of_tenants_fail if {
	every others in [[controller([gate]), account], [controller(["-x"]), account]] {
		judged(bucket({"provider": "generic"}), others, {}) == [0, 0, 0, 0]
		judged(cloud, others, {"tenantNamespaces": []}) == [0, 0, 0, 1]
	}
}

test_what_is_hidden_is_unknown_and_nothing_else if {
	every path in [["spec", "provider"], ["spec", "serviceAccountName"], ["spec", "secretRef"]] {
		hidden := {"metadata": {"annotations": {"flux-audit.internal/unknown-paths": sprintf("/%v", [concat("/", path)])}}}
		every spec in [{"provider": "aws"}, {"secretRef": {"name": "x"}}] {
			judged(object.union(bucket(spec), hidden), [], {}) == [0, 0, 1, 0]
		}
		request := sample.review(object.union(cloud, hidden), {"tenantNamespaces": ["team-a"]})
		some finding in control.unknown with input as request
		finding.details.path == path
		elsewhere := {"metadata": {"namespace": "flux-system"}}
		judged(object.union(cloud, object.union(hidden, elsewhere)), [], {}) == [0, 0, 0, 0]
	}
}

test_what_is_malformed_is_unknown_and_nothing_else if {
	odd := {"provider": 5, "secretRef": {"name": "x"}}
	judged(bucket(odd), [], {}) == [0, 0, 1, 0]
	judged(bucket(odd), [], {"tenantNamespaces": []}) == [0, 0, 1, 0]
	judged(object.union(bucket(odd), {"metadata": {"namespace": "flux-system"}}), [], {}) == [0, 0, 0, 0]
}

test_whose_the_namespace_is_matters_with_an_identity_only if {
	judged(object.union(bucket({}), {"metadata": {"namespace": ""}}), [], {}) == [0, 0, 0, 0]
	judged(object.union(bucket({"secretRef": {}}), {"metadata": {"namespace": ""}}), [], {}) == [0, 0, 1, 0]
}

# Receivers have a Secret as well, which gives access to nothing.
test_other_kinds_are_not_meant if {
	receiver := obj("notification", "Receiver", {"secretRef": {"name": "x"}})
	judged(receiver, [], {}) == [0, 0, 0, 0]
	judged(receiver, [], {"tenantNamespaces": []}) == [0, 0, 0, 0]
}

test_whose_a_hidden_namespace_is_cannot_be_told if {
	hidden := {"metadata": {"annotations": {"flux-audit.internal/unknown-paths": "/metadata/namespace"}}}
	judged(object.union(cloud, hidden), [], {}) == [0, 1, 1, 0]
	judged(object.union(bucket({"secretRef": {}}), hidden), [], {}) == [0, 0, 1, 1]
	judged(object.union(bucket({}), hidden), [], {}) == [0, 0, 0, 0]
}
