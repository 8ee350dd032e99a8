package flux.tenant_references_test

import data.flux.tenant_references as control
import data.lib.refs_sample_test as sample

obj(group, kind, spec) := {
	"apiVersion": sprintf("%v/v1", [group]),
	"kind": kind,
	"metadata": {"name": "apps", "namespace": "team-a"},
	"spec": spec,
}

ks(spec) := obj("kustomize.toolkit.fluxcd.io", "Kustomization", spec)

hr(spec) := obj("helm.toolkit.fluxcd.io", "HelmRelease", spec)

set(spec) := obj("fluxcd.controlplane.io", "ResourceSet", spec)

paths(findings) := {concat("/", [sprintf("%v", [each]) | some each in finding.details.path]) | some finding in findings}

# [violation, warn, unknown, manual]: paths.
judged(of, params) := [paths(v), paths(w), paths(u), paths(m)] if {
	request := sample.review(of, object.union({"profiles": ["shared"], "tenantNamespaces": ["team-a"]}, params))
	v := control.violation with input as request
	w := control.warn with input as request
	u := control.unknown with input as request
	m := control.manual with input as request
}

nothing := [set(), set(), set(), set()]

ref(ns) := {"kind": "GitRepository", "name": "x", "namespace": ns}

# [object, path, governed]
_crossing := [
	[ks({"sourceRef": ref("b")}), "spec/sourceRef/namespace", true],
	[ks({"dependsOn": [ref(null), ref("b")]}), "spec/dependsOn/1/namespace", false],
	[ks({"healthChecks": [ref("b")]}), "spec/healthChecks/0/namespace", false],
	[hr({"chart": {"spec": {"sourceRef": ref("b")}}}), "spec/chart/spec/sourceRef/namespace", true],
	[hr({"chartRef": ref("b")}), "spec/chartRef/namespace", true],
	[hr({"dependsOn": [ref("b")]}), "spec/dependsOn/0/namespace", false],
	[obj("notification.toolkit.fluxcd.io", "Alert", {"eventSources": [ref("team-a"), ref("b")]}), "spec/eventSources/1/namespace", true],
	[obj("notification.toolkit.fluxcd.io", "Receiver", {"resources": [ref("b")]}), "spec/resources/0/namespace", true],
	[obj("image.toolkit.fluxcd.io", "ImagePolicy", {"imageRepositoryRef": ref("b")}), "spec/imageRepositoryRef/namespace", true],
	[obj("image.toolkit.fluxcd.io", "ImageUpdateAutomation", {"sourceRef": ref("b")}), "spec/sourceRef/namespace", true],
	[obj("source.extensions.fluxcd.io", "ArtifactGenerator", {"sources": [ref("b")]}), "spec/sources/0/namespace", true],
	[obj("source.toolkit.fluxcd.io", "ExternalArtifact", {"sourceRef": ref("b")}), "spec/sourceRef/namespace", false],
	[set({"dependsOn": [ref("b")]}), "spec/dependsOn/0/namespace", false],
	[
		set({"resources": [{"metadata": {"annotations": {"fluxcd.controlplane.io/copyFrom": "b/tls"}}}]}),
		"spec/resources/0/metadata/annotations/fluxcd.controlplane.io/copyFrom", false,
	],
	[obj("fluxcd.controlplane.io", "ResourceSetInputProvider", {"dependsOn": [ref("b")]}), "spec/dependsOn/0/namespace", false],
]

test_every_field if {
	every row in _crossing {
		expected := {true: [{row[1]}, set(), set(), set()], false: [set(), {row[1]}, set(), set()]}[row[2]]
		judged(row[0], {}) == expected
	}
}

test_none if {
	every ns in ["", null, "team-a"] {
		judged(ks({"sourceRef": ref(ns), "dependsOn": [ref(ns)], "patches": [{"target": ref("b")}]}), {}) == nothing
	}
	judged(set({"resources": [{"metadata": {"annotations": {"fluxcd.controlplane.io/copyFrom": "team-a/tls"}}}]}), {}) == nothing
	judged(hr({"targetNamespace": "b", "storageNamespace": "b"}), {}) == nothing
}

test_whose_namespace if {
	crossing := ks({"sourceRef": ref("b"), "dependsOn": [ref("b")]})
	platform := {"tenantNamespaces": [], "platformNamespaces": ["team-a"]}
	judged(crossing, platform) == [set(), {"spec/sourceRef/namespace"}, set(), set()]
	judged(crossing, {"tenantNamespaces": [], "fluxNamespaces": ["team-a"]}) == nothing
	judged(crossing, {"tenantNamespaces": [], "inferTenants": false}) == [set(), set(), set(), {"metadata/namespace"}]
	judged(object.union(crossing, {"metadata": {"namespace": null}}), {}) == [set(), set(), {"metadata/namespace"}, set()]
	judged(object.union(ks({}), {"metadata": {"namespace": null}}), {}) == nothing
}

test_undecided if {
	unclear := {
		"spec/sourceRef/namespace": ks({"sourceRef": ref("${NS}")}),
		"spec/sourceRef": ks({"sourceRef": 5}),
		"spec/dependsOn": ks({"dependsOn": {}}),
		"spec/dependsOn/0": ks({"dependsOn": [5]}),
		"spec/dependsOn/0/namespace": ks({"dependsOn": [ref(5)]}),
		"spec/resources/0/metadata/annotations": set({"resources": [{"metadata": {"annotations": 5}}]}),
		"spec/resources/0/metadata/annotations/fluxcd.controlplane.io/copyFrom": set({"resources": [{"metadata": {"annotations": {"fluxcd.controlplane.io/copyFrom": "<< inputs.ns >>/x"}}}]}),
		"spec/resourcesTemplate": set({"resourcesTemplate": "annotations: {fluxcd.controlplane.io/copyFrom: b/x}"}),
	}
	every path, of in unclear {
		judged(of, {}) == [set(), set(), {path}, set()]
	}
	judged(object.union(ks({}), {"metadata": {"annotations": {"flux-audit.internal/unknown-paths": "/spec/sourceRef"}}}), {}) == [set(), set(), {"spec/sourceRef/namespace"}, set()]
}

test_other_kinds if {
	other := obj("kustomize.config.k8s.io", "Kustomization", {"sourceRef": ref("b")})
	control.subject with input as ks({})
	not control.subject with input as other
	judged(other, {}) == nothing
}

test_reference_without_a_namespace if {
	judged(ks({"sourceRef": {"kind": "GitRepository", "name": "x"}}), {}) == nothing
	judged(hr({"chart": {"spec": {"sourceRef": {"kind": "HelmRepository", "name": "x"}}}}), {}) == nothing
}

chart := {"spec": {"sourceRef": {"kind": "HelmRepository", "name": "x"}}}

test_every_reference_of_a_release_counts if {
	judged(hr({"chart": chart, "chartRef": ref("b")}), {}) == [{"spec/chartRef/namespace"}, set(), set(), set()]
	judged(hr({"chart": chart, "dependsOn": [ref("b")]}), {}) == [set(), {"spec/dependsOn/0/namespace"}, set(), set()]
	judged(hr({"chart": chart, "chartRef": 5}), {}) == [set(), set(), {"spec/chartRef"}, set()]
	judged(hr({"chart": {"spec": {"sourceRef": 5}}}), {}) == [set(), set(), {"spec/chart/spec/sourceRef"}, set()]
}

test_a_chart_makes_nothing_else_a_release if {
	judged(ks({"chart": chart, "healthChecks": [ref("b")]}), {}) == [set(), {"spec/healthChecks/0/namespace"}, set(), set()]
	judged(ks({"chart": chart, "healthChecks": 5}), {}) == [set(), set(), {"spec/healthChecks"}, set()]
}

test_wrong_types_hold_no_references if {
	judged(ks({"dependsOn": {"a": ref("b")}}), {}) == [set(), set(), {"spec/dependsOn"}, set()]
	judged(ks(5), {}) == [set(), set(), {"spec"}, set()]
}

# Only what is copied is written with a slash.
test_a_namespace_is_taken_as_it_is_written if {
	judged(ks({"sourceRef": ref("team-a/x")}), {}) == [{"spec/sourceRef/namespace"}, set(), set(), set()]
}

hidden(of) := object.union(of, {"metadata": {"annotations": {"flux-audit.internal/unknown-paths": "/spec/sourceRef"}}})

test_what_is_hidden_is_not_judged if {
	judged(hidden(ks({"sourceRef": ref("b")})), {}) == [set(), set(), {"spec/sourceRef/namespace"}, set()]
}

test_a_template_that_copies_nothing_passes if {
	judged(set({"resourcesTemplate": "kind: ConfigMap"}), {}) == nothing
}

test_doubts_about_the_platforms_objects_are_not_told if {
	every of in [
		ks({"sourceRef": ref("${NS}")}), hidden(ks({})),
		set({"resourcesTemplate": "annotations: {fluxcd.controlplane.io/copyFrom: b/x}"}),
	] {
		judged(of, {"tenantNamespaces": [], "platformNamespaces": ["team-a"]}) == nothing
	}
}

# Whose the namespace is matters to references alone.
test_doubts_about_the_namespace if {
	nowhere := {"metadata": {"namespace": null}}
	judged(object.union(ks({"sourceRef": ref("b")}), nowhere), {}) == [set(), set(), {"metadata/namespace"}, set()]
	judged(object.union(ks({"dependsOn": []}), nowhere), {}) == nothing
	judged(ks({"dependsOn": []}), {"tenantNamespaces": [], "inferTenants": false}) == nothing
}

test_whose_a_reference_is_cannot_be_told_where_the_namespace_is_hidden if {
	path := {"metadata": {"annotations": {"flux-audit.internal/unknown-paths": "/metadata/namespace"}}}
	"metadata/namespace" in judged(object.union(ks({"sourceRef": ref("b")}), path), {})[2]
}
