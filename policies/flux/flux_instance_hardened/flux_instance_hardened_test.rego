package flux.flux_instance_hardened_test

import data.flux.flux_instance_hardened as control

instance(spec) := {
	"apiVersion": "fluxcd.controlplane.io/v1", "kind": "FluxInstance", "metadata": {"name": "flux", "namespace": "flux-system"},
	"spec": object.union({"distribution": {"version": "2.9.x", "registry": "ghcr.io/fluxcd"}}, spec),
}

patched(text) := instance({"kustomize": {"patches": [{"target": {"kind": "Deployment"}, "patch": text}]}})

under(obj, params) := found if {
	found := [count(control.violation), count(control.warn), count(control.unknown)] with input as {"review": {"object": obj}, "parameters": params}
}

results(obj) := under(obj, {})

test_pass if {
	control.subject with input as instance({})
	every obj in [
		instance({}), instance({"cluster": {"networkPolicy": true}}), patched("- {op: add, path: /x, value: --concurrent=5}"),
		patched("value: --insecure-kubeconfig-exec=false"), patched("value: --no-remote-bases=true"),
		patched("value: --default-service-account=default"), patched("value: --no-cross-namespace-refs"),
		instance({"distribution": {"artifact": "oci://ghcr.io/x/manifests:v0.58.1"}}),
		instance({"distribution": {"artifact": "oci://ghcr.io/x/manifests:latest@sha256:00"}}),
		instance({"distribution": {"registry": "ghcr.io/fluxcd/"}}), instance({"sync": {"kind": "GitRepository"}}),
	] {
		results(obj) == [0, 0, 0]
	}
}

test_fail if {
	every obj in [
		instance({"cluster": {"networkPolicy": false}}), instance({"distribution": {"registry": "ghcr.io/fluxcd-evil"}}),
		patched("value: --insecure-kubeconfig-exec"), patched("value: \"--insecure-kubeconfig-tls=1\""),
		patched("[{\"value\":\"--insecure-allow-http=true\"}]"), patched("value: --no-cross-namespace-refs=False\n"),
		patched("value: --no-remote-bases=0"), patched("value: --default-service-account="), patched("- --default-service-account=\"\n- b"),
		patched("value: --feature-gates=A=true,AllowDNSLookups=true"), patched("value: --artifact-digest-algo=sha1"),
		patched("value: --ssh-kex-algos=curve25519-sha256,diffie-hellman-group14-sha1"),
	] {
		results(obj) == [1, 0, 0]
	}
}

test_shared if {
	under(instance({}), {"profiles": ["shared"]}) == [1, 0, 0]
	under(instance({"cluster": {"multitenant": false}}), {"profiles": ["shared"]}) == [1, 0, 0]
	under(instance({"cluster": {"multitenant": true}}), {"profiles": ["shared"]}) == [0, 0, 0]
	under(instance({"cluster": {"multitenant": "true"}}), {"profiles": ["shared"]}) == [0, 0, 1]
}

test_mirror if {
	mirrored := instance({"distribution": {"registry": "registry.corp/flux"}})
	under(mirrored, {"mirrors": ["registry.corp"]}) == [0, 1, 0]
	under(mirrored, {"mirrors": ["registry.corp/flu"]}) == [1, 0, 0]
	under(mirrored, {"trustedRegistries": ["registry.corp/flux"]}) == [0, 0, 0]
}

test_artifact if {
	results(instance({"distribution": {"artifact": "oci://ghcr.io/x/manifests:latest"}})) == [0, 1, 0]
	results(instance({"distribution": {"artifact": "oci://ghcr.io/x/manifests"}})) == [0, 1, 0]
}

hard(obj) := under(obj, {"profiles": ["hard"]})

test_sync if {
	sync := {"sync": {"kind": "GitRepository", "url": "https://x"}}
	hard(instance(sync)) == [0, 1, 0]
	hard(object.union(patched("- {op: add, path: /spec/verify, value: {}}"), {"spec": sync})) == [0, 1, 0]
	verified := {"kustomize": {"patches": [{"target": {"kind": "(GitRepository)"}, "patch": "- {op: add, path: /spec/verify, value: {}}"}]}}
	hard(instance(object.union(sync, verified))) == [0, 0, 0]
	merged := {"kustomize": {"patches": [{"patch": "kind: GitRepository\nspec:\n  verify: {}"}]}}
	hard(instance(object.union(sync, merged))) == [0, 0, 0]
	hard(instance({"sync": {"kind": "Bucket"}})) == [0, 0, 0]
	hard(instance({})) == [0, 0, 0]
}

test_unknown if {
	every obj in [
		instance({"cluster": 5}), instance({"cluster": {"networkPolicy": "false"}}), instance({"distribution": {"registry": null}}),
		instance({"distribution": {"registry": "${R}"}}), instance({"kustomize": {"patches": 5}}), instance({"kustomize": {"patches": [5]}}),
		instance({"kustomize": {"patches": [{"patch": 5}]}}), patched("value: --log-level=${LEVEL}"), instance({"sync": 5}),
	] {
		results(obj)[0] == 0
		results(obj)[2] > 0
	}
}

test_other_objects if {
	not control.subject with input as {"apiVersion": "v1", "kind": "Pod"}
	results({"apiVersion": "v1", "kind": "Pod", "spec": {}}) == [0, 0, 0]
}

at(registry) := instance({"distribution": {"registry": registry}})

test_a_mirror_is_of_one_registry if {
	under(at("other.corp/flux"), {"mirrors": ["registry.corp"]}) == [1, 0, 0]
	under(at("registry.corp/flux"), {"mirrors": ["other.corp", "registry.corp/"]}) == [0, 1, 0]
	under(at("registry.corp/flux"), {"mirrors": [5, "registry.corp/flux"]}) == [0, 1, 0]
}

test_a_trusted_registry_needs_no_verification_as_a_mirror if {
	under(at("ghcr.io/fluxcd"), {"mirrors": ["ghcr.io"]}) == [0, 0, 0]
}

# A cluster that is synced from a source of this kind, with a patch.
synced(kind, patch) := hard(instance({"sync": {"kind": kind}, "kustomize": {"patches": [patch]}}))

verify := "- {op: add, path: /spec/verify, value: {}}"

test_the_patch_has_to_verify_the_source if {
	other := "- {op: add, path: /spec/timeout, value: 1m}"
	synced("GitRepository", {"target": {"kind": "GitRepository"}, "patch": other}) == [0, 1, 0]
	synced("GitRepository", {"target": {"kind": "OCIRepository"}, "patch": verify}) == [0, 1, 0]
	synced("OCIRepository", {"target": {"kind": "GitRepository"}, "patch": verify}) == [0, 1, 0]
	every kind in ["OCIRepository", "^OCIRepository$", "GitRepository|OCIRepository", "(GitRepository|OCIRepository)"] {
		synced("OCIRepository", {"target": {"kind": kind}, "patch": verify}) == [0, 0, 0]
	}
	synced("GitRepository", {"patch": `{"kind":"GitRepository","spec":{"verify":{}}}`}) == [0, 0, 0]
	synced("GitRepository", {"target": {"kind": 5}, "patch": "kind: GitRepository\nspec:\n  verify: {}"}) == [0, 0, 0]
}

test_a_patch_with_a_variable_may_verify_the_source if {
	synced("GitRepository", {"target": {"kind": "GitRepository"}, "patch": "${PATCH}"}) == [0, 0, 1]
}

test_the_fix_creates_what_is_missing if {
	bare := object.remove(instance({}), ["spec"])
	found := control.violation with input as {"review": {"object": bare}, "parameters": {"profiles": ["shared"]}}
	fix := [{"op": "add", "path": "/spec", "value": {"cluster": {"multitenant": true}}}]
	{finding.details.fix | some finding in found} == {fix}
}

test_other_kinds_have_such_fields_as_well if {
	every spec in [{"cluster": {"networkPolicy": false}}, {"cluster": 5}, {"distribution": {"registry": "evil.example"}}] {
		under({"apiVersion": "example.com/v1", "kind": "FluxInstance", "spec": spec}, {"profiles": ["shared"]}) == [0, 0, 0]
	}
}
