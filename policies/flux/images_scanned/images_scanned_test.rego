package flux.images_scanned_test

import data.flux.images_scanned as control
import data.lib.admission_sample_test as sample
import data.lib.facts

controller(image) := {
	"apiVersion": "apps/v1", "kind": "Deployment",
	"metadata": {"name": "source-controller", "namespace": "flux-system"},
	"spec": {"template": {"spec": {"containers": [{"name": "manager", "image": image}]}}},
}

tagged := controller("ghcr.io/fluxcd/source-controller:v1.9.4")

report(artifact, critical) := {
	"apiVersion": "aquasecurity.github.io/v1alpha1", "kind": "VulnerabilityReport", "metadata": {"name": "r", "namespace": "flux-system"},
	"report": {"registry": {"server": "ghcr.io"}, "artifact": object.union({"repository": "fluxcd/source-controller"}, artifact), "summary": {"criticalCount": critical}},
}

workflow(text) := {"apiVersion": "files.flux-audit/v1", "kind": "Workflow", "metadata": {"name": "w"}, "spec": {"jobs": {"a": text}}}

results(obj, others) := found if {
	found := [count(control.warn), count(control.unknown), count(control.manual)] with input as sample.review(obj, {"mode": "dump"})
		with data.inventory as sample.inventory(array.concat([obj], others))
}

test_results if {
	results(tagged, [report({"tag": "v1.9.4"}, 0)]) == [0, 0, 0]
	results(tagged, [report({"tag": "v1.9.4"}, 2)]) == [1, 0, 0]
	results(tagged, [report({"tag": "v1.9.4"}, "2")]) == [0, 1, 0]
	results(tagged, [report({"tag": "v1.9.3"}, 0)]) == [0, 0, 1]
	results(tagged, [report({"repository": 5}, 0)]) == [0, 0, 1]
	results(tagged, []) == [0, 0, 1]
	results(controller("${X}"), [])[1] == 1
	pinned := controller("ghcr.io/fluxcd/source-controller:v1.9.4@sha256:0")
	results(pinned, [report({"tag": "v1.9.4", "digest": "sha256:0"}, 0)]) == [0, 0, 0]
	results(pinned, [report({"tag": "v1.9.4", "digest": "sha256:1"}, 0)]) == [0, 0, 1]
}

test_workflows if {
	results(tagged, [workflow("trivy image ghcr.io/fluxcd/source-controller")]) == [0, 0, 0]
	results(tagged, [workflow("grype ghcr.io/fluxcd/helm-controller")]) == [0, 0, 1]
	results(tagged, [workflow("echo ghcr.io/fluxcd/source-controller")]) == [0, 0, 1]
}

test_other_objects if not control.subject with input as {"kind": "Pod"}

test_given_facts if {
	found := [facts.scan_reports, facts.scanned_in_ci] with data.inventory as {"facts": {"scan_reports": [1], "scanned_in_ci": [2]}}
	found == [[1], [2]]
}

test_one_critical_vulnerability_is_enough if {
	results(tagged, [report({"tag": "v1.9.4"}, 1)]) == [1, 0, 0]
}

test_a_report_without_a_digest_is_found_by_its_tag if {
	pinned := controller("ghcr.io/fluxcd/source-controller:v1.9.4@sha256:0")
	results(pinned, [report({"tag": "v1.9.4"}, 2)]) == [1, 0, 0]
	results(tagged, [report({"tag": "v1.9.4", "digest": "sha256:0"}, 2)]) == [1, 0, 0]
}

test_without_tag_and_digest_no_report_is_about_the_image if {
	results(controller("ghcr.io/fluxcd/source-controller"), [report({}, 2)]) == [0, 0, 1]
	results(controller("ghcr.io/fluxcd/source-controller@sha256:0"), [report({}, 2)]) == [0, 0, 1]
}

test_findings_name_the_report if {
	node := {
		"object": {
			"apiVersion": "aquasecurity.github.io/v1alpha1", "kind": "VulnerabilityReport",
			"namespace": "flux-system", "name": "r",
		},
		"path": ["report"],
	}
	bad := sample.inventory([tagged, report({"tag": "v1.9.4"}, 2)])
	{finding.details.related | some finding in control.warn} == {[node]} with input as tagged with data.inventory as bad
	odd := sample.inventory([tagged, report({"tag": "v1.9.4"}, "2")])
	{finding.details.related | some finding in control.unknown} == {[node]} with input as tagged with data.inventory as odd
}

test_wrong_types_in_other_workloads_do_not_matter if {
	other := object.union(controller("docker.io/acme/web:v1"), {"metadata": {"name": "web", "labels": {"app": 5}}})
	results(other, []) == [0, 0, 0]
}
