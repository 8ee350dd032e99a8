package flux.tenant_service_account_test

import data.flux.tenant_service_account as control
import data.lib.refs_sample_test as sample

applier(group, kind, account) := {
	"apiVersion": sprintf("%v/v1", [group]),
	"kind": kind,
	"metadata": {"name": "apps", "namespace": "team-a"},
	"spec": {"serviceAccountName": account},
}

ks(account) := applier("kustomize.toolkit.fluxcd.io", "Kustomization", account)

hr(account) := applier("helm.toolkit.fluxcd.io", "HelmRelease", account)

set(account) := applier("fluxcd.controlplane.io", "ResourceSet", account)

review(obj, params) := sample.review(obj, object.union({"profiles": ["shared"]}, params))

# Counts of violation, warn, unknown, manual.
judged(obj, params, cluster) := [count(v), count(w), count(u), count(m)] if {
	v := control.violation with input as review(obj, params) with data.inventory as cluster
	w := control.warn with input as review(obj, params) with data.inventory as cluster
	u := control.unknown with input as review(obj, params) with data.inventory as cluster
	m := control.manual with input as review(obj, params) with data.inventory as cluster
}

fleet(args) := sample.inventory([sample.controller("kustomize-controller", {"args": args})])

flag(value) := [sprintf("--default-service-account=%v", [value])]

test_named if {
	judged(ks("a"), {}, {}) == [0, 0, 0, 0]
	control.subject with input as review(ks("a"), {})
}

test_absent_without_controllers if {
	every account in ["", null] {
		judged(ks(account), {}, {}) == [1, 0, 0, 0]
		judged(hr(account), {}, {}) == [1, 0, 0, 0]
		judged(set(account), {"tenantNamespaces": ["team-a"]}, {}) == [1, 0, 0, 0]
	}
}

test_the_controller_decides if {
	judged(ks(""), {}, fleet(flag("default"))) == [0, 1, 0, 0]
	judged(ks(""), {}, fleet(flag(""))) == [1, 0, 0, 0]
	judged(ks(""), {}, fleet([])) == [1, 0, 0, 0]
	judged(ks(""), {}, fleet(flag("'x'"))) == [1, 0, 0, 0]
	judged(ks(""), {}, fleet(flag("$(X)"))) == [0, 0, 1, 0]
	judged(hr(""), {}, fleet(flag("default"))) == [1, 0, 0, 0]
}

test_the_operator_decides_about_its_own if {
	operator := sample.controller("flux-operator", {"image": "ghcr.io/controlplaneio-fluxcd/flux-operator:v0.58.1", "args": flag("default")})
	judged(set(""), {"tenantNamespaces": ["team-a"]}, sample.inventory([operator])) == [0, 1, 0, 0]
}

test_messages if {
	plain := control.violation with input as review(ks(""), {})
	{finding.msg | some finding in plain} == {"no service account is named, so it is applied with the controller's own permissions"}
	remote := control.violation with input as review(object.union(ks(""), {"spec": {"kubeConfig": {}}}), {})
	{finding.msg | some finding in remote} == {"no service account is named, so it is applied with everything that its kubeconfig may do"}
}

test_undecided if {
	every account in [5, "${X}", ["a"]] {
		judged(ks(account), {}, {}) == [0, 0, 1, 0]
	}
	judged(object.union(ks("a"), {"spec": 5}), {}, {}) == [0, 0, 1, 0]
	judged(object.union(ks(""), {"metadata": {"namespace": ""}}), {}, {}) == [0, 0, 1, 0]
	judged(object.union(ks(""), {"metadata": {"annotations": {"flux-audit.internal/unknown-paths": "/spec"}}}), {}, {}) == [0, 0, 1, 0]
	judged(ks(""), {"inferTenants": false}, {}) == [0, 0, 0, 1]
	judged(ks("a"), {"inferTenants": false}, {}) == [0, 0, 0, 0]
}

test_not_concerned if {
	every obj in [object.union(ks(""), {"metadata": {"namespace": "flux-system"}}), applier("source.toolkit.fluxcd.io", "GitRepository", "")] {
		not control.subject with input as review(obj, {})
		judged(obj, {}, {}) == [0, 0, 0, 0]
	}
}

# The parameter makes the namespace a tenant's whatever stands in it.
test_other_kinds_are_not_meant if {
	every pair in [
		["kustomize.toolkit.fluxcd.io", "Other"], ["helm.toolkit.fluxcd.io", "Other"], ["fluxcd.controlplane.io", "FluxInstance"],
		["kustomize.config.k8s.io", "Kustomization"], ["helm.cattle.io", "HelmRelease"], ["example.com", "ResourceSet"],
	] {
		obj := applier(pair[0], pair[1], "")
		not control.subject with input as review(obj, {"tenantNamespaces": ["team-a"]})
		judged(obj, {"tenantNamespaces": ["team-a"]}, {}) == [0, 0, 0, 0]
	}
}

test_the_namespace_of_flux_is_not_meant if {
	veil := {"annotations": {"flux-audit.internal/unknown-paths": "/spec"}}
	every obj in [ks(5), ks("${X}"), object.union(ks(""), {"metadata": veil})] {
		judged(object.union(obj, {"metadata": {"namespace": "flux-system"}}), {}, {}) == [0, 0, 0, 0]
	}
}

test_a_name_that_is_hidden_is_unknown if {
	judged(veiled("/spec/serviceAccountName"), {}, {}) == [0, 0, 1, 0]
	judged(veiled("/metadata/labels"), {}, {}) == [0, 0, 0, 0]
}

veiled(path) := object.union(ks("a"), {"metadata": {"annotations": {"flux-audit.internal/unknown-paths": path}}})

# What the controller falls back to matters only where no account is named.
test_a_name_with_a_variable_is_unknown_alone if {
	every value in ["default", "'x'", "$(X)"] {
		judged(ks("${X}"), {}, fleet(flag(value))) == [0, 0, 1, 0]
	}
	judged(ks("${X}"), {"inferTenants": false}, {}) == [0, 0, 1, 0]
	judged(object.union(ks("${X}"), {"metadata": {"namespace": ""}}), {}, {}) == [0, 0, 1, 0]
}

test_whose_the_namespace_is_comes_first if {
	every value in ["default", "'x'", "$(X)"] {
		judged(ks(""), {"inferTenants": false}, fleet(flag(value))) == [0, 0, 0, 1]
	}
}

# Two instances of kustomize-controller.
pair(one, other) := sample.inventory([
	sample.controller("kustomize-controller", {"args": one}),
	sample.controller("kustomize-controller", {"name": "kustomize-controller-shard1", "args": other}),
])

test_the_worst_instance_counts if {
	judged(ks(""), {}, pair(flag(""), flag("'x'"))) == [1, 0, 0, 0]
	judged(ks(""), {}, pair(flag("$(X)"), flag(""))) == [1, 0, 0, 0]
	judged(ks(""), {}, pair(flag("$(X)"), flag("'x'"))) == [1, 0, 0, 0]
	judged(ks(""), {}, pair(flag("$(X)"), flag("default"))) == [0, 0, 1, 0]
	judged(ks(""), {}, pair(flag("a"), flag("b"))) == [0, 1, 0, 0]
}

test_helm_controller_decides_about_releases if {
	helm := sample.inventory([sample.controller("helm-controller", {"args": flag("default")})])
	judged(hr(""), {}, helm) == [0, 1, 0, 0]
	judged(ks(""), {}, helm) == [1, 0, 0, 0]
}
