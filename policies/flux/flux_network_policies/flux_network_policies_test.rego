package flux.flux_network_policies_test

import data.flux.flux_network_policies as control
import data.lib.netpol_sample_test as net
import data.lib.refs_sample_test as sample

# Results of the control, with their paths.
judged(obj, others, params) := {sprintf("%v %v", [kind, path]) |
	some kind, found in {"fail": failures, "unknown": doubts, "manual": open}
	some path in sample.paths(found)
} if {
	request := sample.review(obj, params)
	cluster := net.inventory(others)
	failures := control.violation with input as request with data.inventory as cluster
	doubts := control.unknown with input as request with data.inventory as cluster
	open := control.manual with input as request with data.inventory as cluster
}

dump := {"mode": "dump"}

labels := "spec/template/metadata/labels"

kustomize := sample.controller("kustomize-controller", {})

source := net.source({})

service := net.service("source-controller", "http")

test_policies if {
	judged(kustomize, [net.policy("a", {})], dump) == set()
	judged(kustomize, [net.policy("a", {"podSelector": {"matchLabels": {"app": "x"}}})], dump) == {sprintf("fail %v", [labels])}
	judged(kustomize, [net.policy("a", {"policyTypes": ["Egress"]})], dump) == {sprintf("fail %v", [labels])}
	judged(kustomize, [net.policy("a", {"policyTypes": 1})], dump) == {sprintf("unknown %v", [labels])}
	judged(kustomize, [net.policy("a", {"podSelector": 1})], dump) == {sprintf("unknown %v", [labels])}
	judged(kustomize, [net.policy("a", {"podSelector": 1}), net.policy("b", {})], dump) == set()
}

test_absence if {
	judged(source, [source, service], {"mode": "render"}) == {sprintf("fail %v", [labels])}
	judged(source, [source], {"mode": "render"}) == {sprintf("manual %v", [labels])}
	judged(source, [], {}) == {sprintf("manual %v", [labels])}
}

test_no_inventory if {
	open := control.manual with input as sample.review(kustomize, {})
	sample.paths(open) == {labels}
}

test_other_policies if {
	cilium := {
		"apiVersion": "cilium.io/v2", "kind": "CiliumNetworkPolicy",
		"metadata": {"name": "a", "namespace": "flux-system"}, "spec": {"ingress": [{}]},
	}
	wide := {"apiVersion": "cilium.io/v2", "kind": "CiliumClusterwideNetworkPolicy", "metadata": {"name": "a"}, "spec": {"egress": [{}]}}
	judged(kustomize, [cilium], dump) == {sprintf("unknown %v", [labels])}
	judged(kustomize, [wide], dump) == {sprintf("fail %v", [labels])}
	judged(kustomize, [object.union(wide, {"spec": {"ingress": []}})], dump) == {sprintf("unknown %v", [labels])}
	judged(kustomize, [object.union(wide, {"specs": []})], dump) == {sprintf("unknown %v", [labels])}
}

test_labels if {
	hidden := object.union(kustomize, {"metadata": {"annotations": {"flux-audit.internal/unknown-paths": "/spec/template"}}})
	judged(hidden, [], dump) == {sprintf("unknown %v", [labels])}
	odd := object.union(kustomize, {"spec": {"template": {"metadata": {"labels": 5}}}})
	judged(odd, [net.policy("a", {})], dump) == {sprintf("unknown %v", [labels])}
}

instance(spec) := {
	"apiVersion": "fluxcd.controlplane.io/v1", "kind": "FluxInstance",
	"metadata": {"name": "flux", "namespace": "flux-system"}, "spec": spec,
}

patched(patch) := judged(instance({"kustomize": {"patches": [patch]}}), [], dump)

test_instance if {
	judged(instance({}), [], dump) == set()
	judged(instance({"cluster": {"networkPolicy": true}}), [], dump) == set()
	judged(instance({"cluster": {"networkPolicy": false}}), [], dump) == {"fail spec/cluster/networkPolicy"}
	judged(instance({"cluster": 7}), [], dump) == {"unknown spec/cluster"}
	some finding in control.violation with input as instance({"cluster": {"networkPolicy": false}})
	finding.details.fix == [{"op": "add", "path": "/spec/cluster/networkPolicy", "value": true}]
}

test_patches if {
	deletes := "$patch: delete\nkind: NetworkPolicy\nmetadata:\n  name: allow-egress\n"
	patched({"patch": deletes}) == {"fail spec/kustomize/patches/0"}
	patched({"patch": replace(deletes, "egress", "webhooks")}) == set()
	patched({"patch": "{\"$patch\": \"delete\"}", "target": {"kind": "NetworkPolicy"}}) == {"fail spec/kustomize/patches/0"}
	patched({"patch": "{\"$patch\": \"delete\"}", "target": {"kind": "NetworkPolicy", "name": "allow-scraping"}}) == set()
	patched({"patch": "{\"$patch\": \"delete\"}", "target": {"kind": "ResourceQuota"}}) == set()
	patched({"patch": "kind: NetworkPolicy"}) == set()
	patched({"patch": 1}) == {"unknown spec/kustomize/patches/0/patch"}
	patched(7) == {"unknown spec/kustomize/patches/0"}
}

# What bootstrap makes, with a patch.
kustomization := {
	"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization",
	"metadata": {"name": "flux-system", "namespace": "flux-system"},
	"spec": {"patches": [{"patch": "$patch: delete\nkind: NetworkPolicy"}]},
}

test_sync if {
	judged(kustomization, [], dump) == {"fail spec/patches/0"}
	judged(object.union(kustomization, {"metadata": {"name": "apps"}}), [], dump) == set()
	bare := object.union(kustomization, {"spec": {"patches": []}})
	judged(bare, [], {"mode": "git"}) == {"manual spec/path"}
	judged(bare, [kustomize], {"mode": "git"}) == set()
}

# A release of the community chart with further fields.
release(spec) := {
	"apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease", "metadata": {"name": "flux", "namespace": "flux-system"},
	"spec": object.union({"chart": {"spec": {"chart": "flux2"}}}, spec),
}

test_chart if {
	judged(release({}), [], dump) == set()
	judged(release({"valuesFrom": [{}]}), [], dump) == {"manual spec/valuesFrom"}
	judged(release({"values": {"policies": {"create": false}}}), [], dump) == {"fail spec/values/policies/create"}
	not control.subject with input as release({"chart": {"spec": {"chart": "podinfo"}}})
}

test_values_of_other_objects_do_not_always_matter if {
	judged(release({"valuesFrom": []}), [], dump) == set()
	judged(release({"valuesFrom": [{}], "values": {"policies": {"create": true}}}), [], dump) == set()
	judged(instance({"valuesFrom": [{}]}), [], dump) == set()
}

test_a_target_decides_whom_a_patch_deletes if {
	patch := "$patch: delete\nkind: NetworkPolicy\nmetadata:\n  name: allow-webhooks\n"
	patched({"patch": patch, "target": {"kind": "NetworkPolicy", "name": "allow-egress"}}) == {"fail spec/kustomize/patches/0"}
}

test_controllers_of_another_namespace_are_not_those_of_the_sync if {
	bare := object.union(kustomization, {"spec": {"patches": []}})
	elsewhere := sample.controller("kustomize-controller", {"namespace": "other"})
	judged(bare, [elsewhere], {"mode": "git"}) == {"manual spec/path"}
}

test_namesakes_are_not_meant if {
	off := release({"values": {"policies": {"create": false}}})
	every obj in [
		object.union(off, {"apiVersion": "example.com/v1"}),
		object.union(kustomization, {"apiVersion": "kustomize.config.k8s.io/v1beta1"}),
		object.union(kustomization, {"metadata": {"name": "apps", "namespace": "apps"}}),
	] {
		not control.subject with input as obj
		judged(obj, [], {"mode": "git"}) == set()
	}
}

test_values_that_cannot_be_read_are_unknown if {
	doubt := {"unknown spec/valuesFrom"}
	hidden := {"metadata": {"annotations": {"flux-audit.internal/unknown-paths": "/spec/valuesFrom"}}}
	off := {"values": {"policies": {"create": false}}}
	odd := {"valuesFrom": {"kind": "ConfigMap", "name": "x"}}
	judged(release(odd), [], dump) == doubt
	judged(object.union(release({"valuesFrom": [{}]}), hidden), [], dump) == doubt
	judged(release(object.union(odd, off)), [], dump) == {"fail spec/values/policies/create"}
	judged(instance(odd), [], dump) == set()
}
