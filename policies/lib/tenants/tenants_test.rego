package lib.tenants_test

import data.lib.facts
import data.lib.tenants

named(kind, version, ns, name) := {
	"apiVersion": version,
	"kind": kind,
	"metadata": {"namespace": ns, "name": name},
}

applier(ns) := named("Kustomization", "kustomize.toolkit.fluxcd.io/v1", ns, "apps")

repository(ns) := named("GitRepository", "source.toolkit.fluxcd.io/v1", ns, "apps")

namespace(name, labels) := {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}

inventory(namespaces, appliers) := {
	"cluster": {"v1": {"Namespace": {name: obj | some name, obj in namespaces}}},
	"namespace": {ns: {"helm.toolkit.fluxcd.io/v2": {"HelmRelease": {"web": named("HelmRelease", "helm.toolkit.fluxcd.io/v2", ns, "web")}}} |
		some ns in appliers
	},
}

review(obj, params) := {"review": {"object": obj}, "parameters": object.union({"profiles": ["shared"]}, params)}

labelled := inventory(
	{
		"a": namespace("a", {"toolkit.fluxcd.io/tenant": "one"}),
		"b": namespace("b", {"toolkit.fluxcd.io/tenant": "one"}),
		"c": namespace("c", {"toolkit.fluxcd.io/role": "tenant"}),
		"d": namespace("d", {"toolkit.fluxcd.io/tenant": 5}),
		"e": namespace("e", {"toolkit.fluxcd.io/tenant": ""}),
		"f": namespace("f", {"toolkit.fluxcd.io/role": "platform"}),
		"g": namespace("g", null),
		"h": namespace("h", "x"),
		"i": {"apiVersion": "v1", "kind": "Namespace", "metadata": "x"},
		"j": namespace("j", {"toolkit.fluxcd.io/role": ["tenant"]}),
		"l": 5,
		"k": namespace("k", {"toolkit.fluxcd.io/tenant": null}),
	},
	["flux-system", "kube-system", "apps", ""],
)

test_labels if {
	found := facts.tenants with data.inventory as labelled with input as review(repository("a"), {"inferTenants": false})
	{ns: record.id | some ns, record in found} == {"a": "one", "b": "one", "c": "c", "d": "d", "e": "e"}
	found.a.why == [{
		"object": {"apiVersion": "v1", "kind": "Namespace", "namespace": "", "name": "a"},
		"path": ["metadata", "labels", "toolkit.fluxcd.io/tenant"],
	}]
	found.c.why[0].path[2] == "toolkit.fluxcd.io/role"
	facts.unmarked_namespaces == ["f", "g", "k"] with data.inventory as labelled
	facts.unreadable_namespaces == ["h", "i", "j", "l"] with data.inventory as labelled
}

test_inference if {
	found := facts.tenants with data.inventory as labelled with input as review(repository("a"), {})
	found.apps == {"id": "apps", "why": [{
		"object": {"apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease", "namespace": "apps", "name": "web"},
		"path": ["metadata", "namespace"],
	}]}
	not found["flux-system"]
	not found["kube-system"]
	not found[""]
	none := facts.tenants with data.inventory as labelled with input as review(repository("a"), {"platformNamespaces": ["apps"]})
	not none.apps
	base := facts.tenants with data.inventory as labelled with input as review(repository("a"), {"profiles": ["base"]})
	not base.apps
}

test_broken_inventory if {
	every bad in [{"namespace": 5}, {"namespace": {"a": 5}}, {"namespace": {"a": {"helm.toolkit.fluxcd.io/v2": 5}}}] {
		found := facts.tenants with data.inventory as bad with input as review(repository("a"), {})
		found == {}
	}
}

test_parameter if {
	params := {"tenantNamespaces": ["x", 5]}
	facts.tenants == {"x": {"id": "x", "why": []}} with input as review(repository("x"), params)
	tenants.own with input as review(repository("x"), params)
	tenants.id("x") == "x" with input as review(repository("x"), params)
	tenants.why("x") == [] with input as review(repository("x"), params)
}

test_facts_at_hand if {
	given := {"tenants": {"x": {"id": "y", "why": []}}, "unmarked_namespaces": ["m"], "unreadable_namespaces": ["n"]}
	facts.tenants == given.tenants with data.inventory as {"facts": given}
	facts.unmarked_namespaces == ["m"] with data.inventory as {"facts": given}
	facts.unreadable_namespaces == ["n"] with data.inventory as {"facts": given}
	tenants.namespaces("y") == {"x"} with data.inventory as {"facts": given} with input as review(repository("a"), {})
}

test_an_applier_makes_its_namespace_a_tenants if {
	tenants.own with input as review(applier("apps"), {})
	tenants.concerned with input as review(applier("apps"), {})
	tenants.why("apps") == [] with input as review(applier("apps"), {})
	tenants.namespaces("apps") == {"apps"} with input as review(applier("apps"), {})
	not tenants.has("other") with input as review(applier("apps"), {})
	not tenants.own with input as review(applier("flux-system"), {})
	not tenants.own with input as review(applier("apps"), {"inferTenants": false})
	not tenants.concerned with input as review(applier("flux-system"), {})
}

test_nobodys if {
	tenants.why("f") == [] with input as review(repository("f"), {})
	every ns in ["f", "g", "flux-system"] {
		not tenants.concerned with input as review(repository(ns), {}) with data.inventory as labelled
	}
	not tenants.concerned with input as review(repository("z"), {"mode": "dump"}) with data.inventory as labelled
}

test_open if {
	some finding in tenants.open with input as review(repository("z"), {"mode": "git"}) with data.inventory as labelled
	finding.details.path == ["metadata", "namespace"]
	tenants.concerned with input as review(repository("z"), {})
	count(tenants.undecided) == 0 with input as review(repository("z"), {})
}

test_undecided if {
	every obj in [repository(5), repository(""), repository(null), object.union(applier(""), {"metadata": 5})] {
		count(tenants.undecided) == 1 with input as review(obj, {})
		count(tenants.open) == 0 with input as review(obj, {})
		tenants.concerned with input as review(obj, {})
	}
	some finding in tenants.undecided with input as review(repository("h"), {}) with data.inventory as labelled
	finding.details.related[0].object.name == "h"
	tenants.concerned with input as review(repository("h"), {}) with data.inventory as labelled
	count(tenants.open) == 0 with input as review(repository("h"), {}) with data.inventory as labelled
	patched := object.union(applier("apps"), {"metadata": {"annotations": {"flux-audit.internal/unknown-paths": "/metadata"}}})
	count(tenants.undecided) == 1 with input as review(patched, {})
}
