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
