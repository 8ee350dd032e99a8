package flux.sources_without_remote_bases_test

import data.flux.sources_without_remote_bases as control
import data.lib.admission_sample_test as sample

labels := {"kustomize.toolkit.fluxcd.io/name": "apps", "kustomize.toolkit.fluxcd.io/namespace": "flux-system"}

file(spec, paths) := {
	"apiVersion": "files.flux-audit/v1", "kind": "KustomizeFile", "metadata": {"name": "a/kustomization.yaml", "labels": labels},
	"spec": spec, "status": {"paths": paths},
}

resource(text) := file({"resources": [text]}, {})

ks(spec) := {"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization", "metadata": {"name": "a"}, "spec": spec}

controller(args) := {
	"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "kustomize-controller", "namespace": "flux-system"},
	"spec": {"template": {"spec": {"containers": [{"name": "manager", "image": "ghcr.io/fluxcd/kustomize-controller:v1.9.4", "args": args}]}}},
}

judged(obj, objects) := found if {
	found := [count(control.violation), count(control.warn), count(control.unknown)] with input as obj
		with data.inventory as sample.inventory(objects)
}

forbidding := [controller(["--no-remote-bases=true"])]

test_pass if {
	every obj in [
		resource("../base"), resource("./a/b.c/d"), resource("deployment.yaml"),
		file({"resources": ["v1.2/crds/all"]}, {"v1.2/crds/all": {"found": true, "encrypted": false}}),
		file({"resources": ["github.com/acme/app"]}, {"github.com/acme/app": {"found": true, "encrypted": false}}),
		file({"patchesStrategicMerge": ["kind: X\nurl: https://x"], "openapi": {"path": "schema.json"}}, {}),
		file({"configMapGenerator": [{"files": ["a=b.txt"], "literals": ["url=https://x"]}]}, {}), ks({}), ks({"components": ["../a"]}),
	] {
		control.subject with input as obj
		judged(obj, []) == [0, 0, 0]
	}
}

test_files_fail_always if {
	every text in [
		"https://x.io/a.yaml", "HTTP://x.io/a.yaml", "https://raw.githubusercontent.com/a/b/0123456789012345678901234567890123456789/c.yaml",
		"https://gitlab.com/api/v4/x.yaml?ref=main", "https://x.io/releases/latest", "https://x.io//a.yaml",
	] {
		judged(resource(text), forbidding) == [1, 0, 0]
	}
}

bases := [
	"github.com/acme/app//deploy?ref=main", "https://github.com/acme/app//deploy?ref=main", "https://github.com/acme/app/deploy?ref=main",
	"https://git.corp/a.git", "https://dev.azure.com/a/_git/b", "ssh://git@host/a", "git::https://host/a", "git@github.com:a/b",
	"gh:a/b", "file:///srv/a", "oci://ghcr.io/a/b", "deploy?ref=v1", "https://git.corp/a//b",
]

test_bases if {
	every text in bases {
		judged(resource(text), forbidding) == [0, 1, 0]
		judged(resource(text), [controller([])]) == [1, 0, 0]
		judged(resource(text), []) == [1, 0, 0]
		judged(resource(text), [controller(["--no-remote-bases=$(X)"])]) == [0, 0, 1]
	}
}

test_hosts if {
	text := "git.corp.example/acme/app"
	judged(file({"resources": [text]}, {text: {"found": false, "encrypted": false}}), []) == [1, 0, 0]
	judged(file({"resources": [text]}, {}), []) == [0, 0, 1]
}

test_every_field if {
	every spec in [
		{"bases": ["https://x/a"]}, {"crds": ["https://x/a"]}, {"patches": [{"path": "https://x/a"}]}, {"replacements": [{"path": "https://x/a"}]},
		{"openapi": {"path": "https://x/a"}}, {"configMapGenerator": [{"files": ["k=https://x/a"]}]}, {"secretGenerator": [{"envs": ["https://x/a"]}]},
		{"helmCharts": [{"repo": "https://x/a"}]}, {"transformers": ["https://x/a"]}, {"components": ["https://x/a"]},
	] {
		judged(file(spec, {}), []) == [1, 0, 0]
	}
}

test_unreached if {
	judged(json.remove(resource("https://x/a"), ["metadata/labels"]), []) == [0, 1, 0]
	judged(json.remove(resource("gh:a/b"), ["metadata/labels"]), []) == [0, 1, 0]
}

test_pinned if {
	found := control.violation with input as resource("github.com/a/b?ref=0123456789012345678901234567890123456789")
	{f.msg | some f in found} == {"a build clones this from another repository, if at a fixed commit"}
}

test_components if {
	every text in ["https://x/a", "/a", "github.com/a/b?ref=main", "git@host:a/b"] {
		judged(ks({"components": [text]}), []) == [1, 0, 0]
	}
}

test_unknown if {
	every obj in [
		file(5, {}), file({"resources": "a"}, {}), file({"resources": [5]}, {}), file({"patches": [{"path": 5}]}, {}),
		file({"configMapGenerator": [{"files": 5}]}, {}), ks(5), ks({"components": "a"}), file({"openapi": 5}, {}),
		object.union(ks({}), {"metadata": {"annotations": {"flux-audit.internal/unknown-paths": "/spec"}}}),
	] {
		judged(obj, [])[0] == 0
		judged(obj, [])[2] > 0
	}
}

test_other_objects if {
	not control.subject with input as {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization"}
}
