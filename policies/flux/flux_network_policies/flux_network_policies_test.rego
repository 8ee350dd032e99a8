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

test_sync if {
	kustomization := {
		"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization",
		"metadata": {"name": "flux-system", "namespace": "flux-system"},
		"spec": {"patches": [{"patch": "$patch: delete\nkind: NetworkPolicy"}]},
	}
	judged(kustomization, [], dump) == {"fail spec/patches/0"}
	judged(object.union(kustomization, {"metadata": {"name": "apps"}}), [], dump) == set()
	bare := object.union(kustomization, {"spec": {"patches": []}})
	judged(bare, [], {"mode": "git"}) == {"manual spec/path"}
	judged(bare, [kustomize], {"mode": "git"}) == set()
}

test_chart if {
	release := {
		"apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease", "metadata": {"name": "flux", "namespace": "flux-system"},
		"spec": {"chart": {"spec": {"chart": "flux2"}}},
	}
	judged(release, [], dump) == set()
	judged(object.union(release, {"spec": {"valuesFrom": [{}]}}), [], dump) == {"manual spec/valuesFrom"}
	judged(object.union(release, {"spec": {"values": {"policies": {"create": false}}}}), [], dump) == {"fail spec/values/policies/create"}
	not control.subject with input as object.union(release, {"spec": {"chart": {"spec": {"chart": "podinfo"}}}})
}
