package flux.artifacts_verified_test

import data.flux.artifacts_verified as control

review(kind, spec) := {"review": {"object": thing(kind, spec)}}

thing(kind, spec) := {
	"apiVersion": version(kind),
	"kind": kind,
	"metadata": {"name": "app", "namespace": "apps"},
	"spec": spec,
}

version("HelmRelease") := "helm.toolkit.fluxcd.io/v2"

version(kind) := "source.toolkit.fluxcd.io/v1" if kind != "HelmRelease"

store(list) := {"namespace": {"apps": {"source.toolkit.fluxcd.io/v1": {obj.kind: {"app": obj} | some obj in list}}}}

paths(findings) := {finding.details.path | some finding in findings}

# [fail, warn, unknown, manual]
found(kind, spec, list) := [fails, warns, unknowns, manuals] if {
	control.subject with input as review(kind, spec)
	fails := paths(control.violation) with input as review(kind, spec) with data.inventory as store(list)
	warns := paths(control.warn) with input as review(kind, spec) with data.inventory as store(list)
	unknowns := paths(control.unknown) with input as review(kind, spec) with data.inventory as store(list)
	manuals := paths(control.manual) with input as review(kind, spec) with data.inventory as store(list)
}

clean := [set(), set(), set(), set()]

cosign := {"provider": "cosign", "secretRef": {"name": "keys"}}

test_sources if {
	every kind in ["GitRepository", "OCIRepository"] {
		found(kind, {"url": "a", "verify": cosign}, []) == clean
		found(kind, {"url": "a"}, []) == [{["spec", "verify"]}, set(), set(), set()]
		found(kind, {"url": "a", "verify": null}, []) == [{["spec", "verify"]}, set(), set(), set()]
		found(kind, {"url": "a", "verify": true}, []) == [set(), set(), {["spec", "verify"]}, set()]
	}
}

chart(kind, verify) := object.union({"chart": "app", "sourceRef": {"kind": kind, "name": "app"}}, verify)

test_charts if {
	found("HelmChart", chart("HelmRepository", {}), []) == [{["spec", "verify"]}, set(), set(), set()]
	found("HelmChart", chart("HelmRepository", {"verify": cosign}), []) == clean
	found("HelmChart", chart("GitRepository", {}), []) == clean
	found("HelmChart", chart("Bucket", {}), []) == [set(), set(), set(), {["spec", "sourceRef", "kind"]}]
	every kind in ["OCIRepository", "", null, 5, "${KIND}"] {
		found("HelmChart", chart(kind, {}), []) == [set(), set(), {["spec", "sourceRef", "kind"]}, set()]
	}
}

release(kind, verify) := {"chart": {"spec": chart(kind, verify)}}

test_releases if {
	found("HelmRelease", release("HelmRepository", {}), []) == [{["spec", "chart", "spec", "verify"]}, set(), set(), set()]
	found("HelmRelease", release("HelmRepository", {"verify": cosign}), []) == clean
	found("HelmRelease", release("GitRepository", {}), []) == clean
	found("HelmRelease", {}, []) == [set(), set(), {["spec", "chart"]}, set()]
	found("HelmRelease", {"chart": "app"}, []) == [set(), set(), {["spec", "chart"]}, set()]
	found("HelmRelease", "text", []) == [set(), set(), {["spec"]}, set()]
}

test_http_repositories_cannot_be_verified if {
	http := thing("HelmRepository", {"url": "https://example.com"})
	oci := thing("HelmRepository", {"url": "oci://example.com"})
	found("HelmChart", chart("HelmRepository", {"verify": cosign}), [http]) == [set(), {["spec", "verify"]}, set(), set()]
	found("HelmChart", chart("HelmRepository", {"verify": cosign}), [oci]) == clean
}

reference(kind) := {"chartRef": {"kind": kind, "name": "app"}}

name := ["spec", "chartRef", "name"]

test_referenced_repositories if {
	verified := thing("OCIRepository", {"verify": cosign})
	unverified := thing("OCIRepository", {})
	broken := thing("OCIRepository", {"verify": 5})
	found("HelmRelease", reference("OCIRepository"), [verified]) == clean
	found("HelmRelease", reference("OCIRepository"), [unverified]) == [{name}, set(), set(), set()]
	found("HelmRelease", reference("OCIRepository"), [broken]) == [set(), set(), {name}, set()]
	found("HelmRelease", reference("OCIRepository"), []) == [set(), set(), set(), {name}]
	found("HelmRelease", {"chartRef": {"kind": "OCIRepository", "name": "app", "namespace": "other"}}, [unverified]) == [
		set(), set(), set(), {name},
	]
	found("HelmRelease", {"chartRef": {"kind": "OCIRepository", "name": "${NAME}"}}, []) == [set(), set(), {name}, set()]
}

test_the_finding_names_the_source if {
	some finding in control.violation with input as review("HelmRelease", reference("OCIRepository"))
		with data.inventory as store([thing("OCIRepository", {})])
	finding.details.related == [{
		"object": {"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "OCIRepository", "namespace": "apps", "name": "app"},
		"path": ["spec", "verify"],
	}]
}

test_other_references if {
	found("HelmRelease", reference("HelmChart"), []) == [set(), set(), set(), {name}]
	found("HelmRelease", reference("HelmChart"), [thing("HelmChart", chart("HelmRepository", {}))]) == clean
	found("HelmRelease", reference("ExternalArtifact"), []) == [set(), set(), set(), {["spec", "chartRef", "kind"]}]
	found("HelmRelease", reference("GitRepository"), []) == [set(), set(), {["spec", "chartRef", "kind"]}, set()]
	found("HelmRelease", {"chartRef": {"name": "app"}}, []) == [set(), set(), {["spec", "chartRef", "kind"]}, set()]
}

test_other_kinds_are_not_meant if {
	not control.subject with input as review("Bucket", {})
}

# A release of a chart from a repository whose reference has these fields, too.
sourced(fields, verify) := {"chart": {"spec": object.union(chart("HelmRepository", verify), {"sourceRef": fields})}}

test_what_cannot_be_read_of_the_repository_is_unknown_besides if {
	every key in ["name", "namespace"] {
		every value in [5, "${X}"] {
			place := {["spec", "chart", "spec", "sourceRef", key]}
			verify := {["spec", "chart", "spec", "verify"]}
			found("HelmRelease", sourced({key: value}, {}), []) == [verify, set(), place, set()]
			found("HelmRelease", sourced({key: value}, {"verify": cosign}), []) == [set(), set(), place, set()]
		}
	}
}

test_name_and_namespace_of_the_repository_that_cannot_be_read if {
	every value in [5, "${X}"] {
		both := {["spec", "chart", "spec", "sourceRef", key] | some key in ["name", "namespace"]}
		release_of := sourced({"name": value, "namespace": value}, {})
		found("HelmRelease", release_of, []) == [{["spec", "chart", "spec", "verify"]}, set(), both, set()]
	}
}

test_a_kind_that_cannot_be_read_is_said_once if {
	every kind in [5, "${KIND}"] {
		count(control.unknown) == 1 with input as review("HelmChart", chart(kind, {}))
		count(control.unknown) == 1 with input as review("HelmRelease", reference(kind))
	}
}

# The object of this kind in another namespace, and the inventory with that alone.
elsewhere(kind, spec) := {"namespace": {"charts": {"source.toolkit.fluxcd.io/v1": {kind: {"app": object.union(
	thing(kind, spec),
	{"metadata": {"namespace": "charts"}},
)}}}}}

test_repositories_in_other_namespaces if {
	there := review("HelmRelease", sourced({"namespace": "charts"}, {"verify": cosign}))
	here := review("HelmRelease", sourced({}, {"verify": cosign}))
	cluster := elsewhere("HelmRepository", {"url": "http://example.com"})
	count(control.warn) == 1 with input as there with data.inventory as cluster
	count(control.warn) == 0 with input as here with data.inventory as cluster
	some finding in control.warn with input as there with data.inventory as cluster
	finding.details.related == [{
		"object": {
			"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "HelmRepository",
			"namespace": "charts", "name": "app",
		},
		"path": ["spec", "url"],
	}]
}

test_namesakes_are_not_meant if {
	http := thing("HelmRepository", {"url": "https://example.com"})
	found("HelmChart", chart("GitRepository", {"verify": cosign}), [http]) == clean
	unverified := thing("OCIRepository", {})
	found("HelmRelease", reference("HelmChart"), [unverified]) == [set(), set(), set(), {name}]
	other := {"chartRef": {"kind": "OCIRepository", "name": "other"}}
	found("HelmRelease", other, [unverified]) == [set(), set(), set(), {name}]
}

test_the_doubt_names_the_source if {
	some finding in control.unknown with input as review("HelmRelease", reference("OCIRepository"))
		with data.inventory as store([thing("OCIRepository", {"verify": 5})])
	finding.details.related == [{
		"object": {"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "OCIRepository", "namespace": "apps", "name": "app"},
		"path": ["spec", "verify"],
	}]
}

test_a_chart_that_cannot_be_read_is_judged_by_itself if {
	found("HelmRelease", reference("HelmChart"), [thing("HelmChart", chart("HelmRepository", {"verify": 5}))]) == clean
}
