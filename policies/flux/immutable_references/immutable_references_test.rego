package flux.immutable_references_test

import data.flux.immutable_references as control

review(kind, spec) := {"review": {"object": {
	"apiVersion": version(kind),
	"kind": kind,
	"metadata": {"name": "app", "namespace": "apps"},
	"spec": spec,
}}}

version("HelmRelease") := "helm.toolkit.fluxcd.io/v2"

version(kind) := "source.toolkit.fluxcd.io/v1" if kind != "HelmRelease"

paths(findings) := {finding.details.path | some finding in findings}

# [warn, unknown]
found(kind, spec) := [warns, unknowns] if {
	control.subject with input as review(kind, spec)
	warns := paths(control.warn) with input as review(kind, spec)
	unknowns := paths(control.unknown) with input as review(kind, spec)
}

clean := [set(), set()]

artifact(ref) := found("OCIRepository", {"url": "oci://example.com/a", "ref": ref})

tag := ["spec", "ref", "tag"]

test_artifacts if {
	every ref in [
		{"tag": "1.0.0"}, {"semver": "1.x"}, {"digest": "sha256:00"}, {"digest": "sha256:00", "tag": "latest"},
		{"semver": "1.x", "tag": "${TAG}"},
	] {
		artifact(ref) == clean
	}
	every ref in [null, {}, {"tag": ""}, {"tag": "latest"}, {"semver": "", "tag": "latest"}] {
		artifact(ref) == [{tag}, set()]
	}
	every range in ["*", "x", "*.*.*", ">=0.0.0", "> 0", ">= 0.0.0-0", "*-0"] {
		artifact({"semver": range}) == [{["spec", "ref", "semver"]}, set()]
	}
}

test_undecided_artifacts if {
	artifact({"tag": "${TAG}"}) == [set(), {tag}]
	artifact({"digest": 5, "tag": "latest"}) == [set(), {["spec", "ref", "digest"]}]
	artifact({"semver": "${RANGE}"}) == [set(), {["spec", "ref", "semver"]}]
	artifact("latest") == [set(), {["spec", "ref"]}]
}

chart(kind, range) := {"chart": "app", "sourceRef": {"kind": kind, "name": "app"}, "version": range}

test_charts if {
	every range in ["1.0.0", "1.x", ">=1.0.0"] {
		found("HelmChart", chart("HelmRepository", range)) == clean
		found("HelmRelease", {"chart": {"spec": chart("HelmRepository", range)}}) == clean
	}
	every range in [null, "", "*", ">=0.0.0"] {
		found("HelmChart", chart("HelmRepository", range)) == [{["spec", "version"]}, set()]
		found("HelmRelease", {"chart": {"spec": chart("HelmRepository", range)}}) == [{["spec", "chart", "spec", "version"]}, set()]
		found("HelmChart", chart("GitRepository", range)) == clean
		found("HelmChart", chart("Bucket", range)) == clean
	}
	found("HelmRelease", {"chartRef": {"kind": "OCIRepository", "name": "app"}}) == clean
}

test_undecided_charts if {
	found("HelmChart", chart("HelmRepository", "${RANGE}")) == [set(), {["spec", "version"]}]
	found("HelmChart", chart("${KIND}", "*")) == [set(), {["spec", "sourceRef", "kind"]}]
	every kind in ["GitRepository", "Bucket"] {
		found("HelmChart", chart(kind, 5)) == clean
	}
	found("HelmRelease", {"chart": "app"}) == [set(), {["spec", "chart"]}]
}

test_branches_pass if {
	found("GitRepository", {"url": "a", "ref": {"branch": "main"}}) == clean
	found("GitRepository", {"url": "a"}) == clean
	found("GitRepository", {"url": "a", "ref": "main"}) == [set(), {["spec", "ref"]}]
}

test_other_kinds_are_not_meant if {
	not control.subject with input as review("Bucket", {})
}

# What a HelmRelease has below spec.chart.spec, and which of its fields cannot be told.
release(spec, keys) if {
	below := ["spec", "chart", "spec"]
	found("HelmRelease", {"chart": {"spec": spec}}) == [set(), {array.concat(below, keys)}]
}

test_a_release_that_looks_ordinary_may_hide_something if {
	release(chart("HelmRepository", "1.${MINOR}.0"), ["version"])
	release(chart("${KIND}", "1.0.0"), ["sourceRef", "kind"])
	release(chart(5, "1.0.0"), ["sourceRef", "kind"])
}

test_a_reference_outranks_the_template_of_a_chart if {
	reference := {"kind": "OCIRepository", "name": "app"}
	found("HelmRelease", {"chartRef": reference, "chart": {"spec": chart("HelmRepository", "*")}}) == clean
}

test_a_tag_is_no_range_and_a_range_no_tag if {
	every ref in [{"tag": "x"}, {"semver": "latest", "tag": "1.0.0"}] {
		artifact(ref) == clean
	}
}

test_charts_have_no_ref if {
	found("HelmChart", object.union(chart("HelmRepository", "1.0.0"), {"ref": "main"})) == clean
}

test_a_release_hides_nothing_by_a_reference_that_cannot_be_read if {
	any_version := {"spec": chart("HelmRepository", "*")}
	found("HelmRelease", "text") == [set(), {["spec"]}]
	found("HelmRelease", {"chartRef": 5, "chart": any_version}) == [set(), {["spec", "chartRef"]}]
	every path in [["spec"], ["spec", "chartRef"]] {
		pointer := sprintf("/%v", [concat("/", path)])
		hidden := {"review": {"object": {"metadata": {"annotations": {"flux-audit.internal/unknown-paths": pointer}}}}}
		request := object.union(review("HelmRelease", {"chart": any_version}), hidden)
		count(control.warn) == 0 with input as request
		paths(control.unknown) == {path} with input as request
	}
}
