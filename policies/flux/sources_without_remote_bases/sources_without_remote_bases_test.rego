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

# Places of what is wrong, and of what cannot be told.
where(obj) := [{f.details.path | some f in failures}, {f.details.path | some f in doubts}] if {
	failures := control.violation with input as obj
	doubts := control.unknown with input as obj
}

path_lists := {
	"bases", "components", "configurations", "crds", "generators", "patchesStrategicMerge", "resources", "transformers",
	"validators",
}

test_every_list_of_paths if {
	where(file({field: ["a", "https://x/a"] | some field in path_lists}, {})) == [
		{["spec", field, 1] | some field in path_lists},
		set(),
	]
	where(file({field: {"a": "https://x/a"} | some field in path_lists}, {})) == [
		set(),
		{["spec", field] | some field in path_lists},
	]
	where(file({field: [5] | some field in path_lists}, {})) == [set(), {["spec", field, 0] | some field in path_lists}]
}

# Lists of maps → their keys that hold a path.
keys_of := {
	"configMapGenerator": {"env"},
	"helmChartInflationGenerator": {"chartRepoUrl", "values"},
	"helmCharts": {"repo", "valuesFile"},
	"patches": {"path"},
	"patchesJson6902": {"path"},
	"replacements": {"path"},
	"secretGenerator": {"env"},
}

test_every_path_of_an_item if {
	places := {["spec", field, 1, key] | some field, keys in keys_of; some key in keys}
	remote := {field: {key: "https://x/a" | some key in keys} | some field, keys in keys_of}
	where(file({field: [{}, item] | some field, item in remote}, {})) == [places, set()]
	where(file({field: {"a": item} | some field, item in remote}, {})) == [set(), {["spec", field] | some field, _ in keys_of}]
	ill := {field: [5, {key: 5 | some key in keys}] | some field, keys in keys_of}
	where(file(ill, {})) == [set(), (places | {["spec", field, 0] | some field, _ in keys_of})]
}

test_every_file_of_a_generator if {
	generators := ["configMapGenerator", "secretGenerator"]
	lists := {["spec", field, 0, key] | some field in generators; some key in ["envs", "files"]}
	every value, wrong in {"a": false, 5: true} {
		found := where(file({field: [{"envs": [value], "files": [value]}] | some field in generators}, {}))
		found == [set(), {array.concat(list, [0]) | some list in lists; wrong}]
	}
	remote := {field: [{"envs": ["a", "https://x/a"], "files": ["a", "k=https://x/a"]}] | some field in generators}
	where(file(remote, {})) == [{array.concat(list, [1]) | some list in lists}, set()]
	maps := {field: [{"envs": {"a": "https://x/a"}, "files": {"a": "https://x/a"}}] | some field in generators}
	where(file(maps, {})) == [set(), lists]
	where(file({field: {"a": remote[field][0]} | some field in generators}, {})) == [
		set(),
		{["spec", field] | some field in generators},
	]
	where(file({"configMapGenerator": [{"envs": ["k=https://x/a"]}]}, {})) == [set(), set()]
}

test_the_schema if {
	where(file({"openapi": {"path": "https://x/a"}}, {})) == [{["spec", "openapi", "path"]}, set()]
	where(file({"openapi": {"path": 5}}, {})) == [set(), {["spec", "openapi", "path"]}]
	where(file({"openapi": 5}, {})) == [set(), {["spec", "openapi"]}]
}

test_what_is_in_the_source if {
	missing := {"found": false, "encrypted": false}
	where(file(
		{
			"resources": ["vendor/app.git/base", "vendor/_git/base", "deploy"],
			"patchesStrategicMerge": ["gh: x\nkind: Deployment"],
		},
		{"deploy": missing},
	)) == [set(), set()]
}

test_a_manifest_is_a_file_whatever_its_query if {
	every text in ["https://github.com/a/b/raw/c.yaml?ref=main", "https://x.io//a.json?version=1", "https://x.io/a?ref=main"] {
		judged(resource(text), forbidding) == [1, 0, 0]
	}
}

shard(args) := object.union(controller(args), {"metadata": {"name": "kustomize-controller-shard1"}})

test_the_most_lenient_controller_counts if {
	unclear := ["--no-remote-bases=$(X)"]
	judged(resource("gh:a/b"), array.concat(forbidding, [shard(unclear)])) == [0, 0, 1]
	judged(resource("gh:a/b"), array.concat([controller([])], [shard(unclear)])) == [1, 0, 0]
	judged(resource("gh:a/b"), array.concat(forbidding, [shard([])])) == [1, 0, 0]
}

test_what_a_finding_rests_on if {
	reach := {"path": ["metadata", "labels"]}
	objects := sample.inventory([controller(["--no-remote-bases=false"])])
	flag := {
		"object": {
			"apiVersion": "apps/v1", "kind": "Deployment",
			"namespace": "flux-system", "name": "kustomize-controller",
		},
		"path": ["spec", "template", "spec", "containers", 0, "args", 0],
	}
	every text, nodes in {"https://x/a": [reach], "gh:a/b": [reach, flag]} {
		found := control.violation with input as resource(text) with data.inventory as objects
		{f.details.related | some f in found} == {nodes}
	}
}

test_what_is_not_built_may_be_in_doubt if {
	judged(json.remove(resource("git.corp.example/acme/app"), ["metadata/labels"]), []) == [0, 0, 1]
}

# The fields of a kustomization file mean nothing in a Kustomization of Flux, but for its components.
test_a_kustomization_of_flux if {
	every spec in [{"resources": ["git.corp.example/acme/app"]}, {"resources": 5}, {"patches": 5}, {"openapi": 5}] {
		where(ks(spec)) == [set(), set()]
	}
	where(ks({"components": ["../a", "/a"]})) == [{["spec", "components", 1]}, set()]
	where(ks({"components": {"a": "/a"}})) == [set(), {["spec", "components"]}]
	where(ks({"components": [5]})) == [set(), {["spec", "components", 0]}]
	where(ks(5)) == [set(), {["spec"]}]
	where(veiled("/spec/components")) == [set(), {["spec", "components"]}]
	where(veiled("/spec/path")) == [set(), set()]
}

veiled(path) := object.union(ks({}), {"metadata": {"annotations": {"flux-audit.internal/unknown-paths": path}}})

# Labels say whether a file is built.
test_labels_that_cannot_be_read if {
	where(object.union(resource("a"), {"metadata": {"labels": 5}})) == [set(), {["metadata", "labels"]}]
	where(object.union(resource("a"), {"metadata": 5})) == [set(), {["metadata"]}]
	where(object.union(ks({}), {"metadata": {"labels": 5}})) == [set(), set()]
}

test_other_kinds_are_not_meant if {
	every spec in [5, {"components": "a"}, {"components": ["https://x/a"]}, {"resources": ["https://x/a"]}] {
		every obj in [
			object.union(ks(spec), {"kind": "Other"}), object.union(ks(spec), {"apiVersion": "kustomize.config.k8s.io/v1beta1"}),
			object.union(file(spec, {}), {"kind": "Other"}), object.union(file(spec, {}), {"apiVersion": "v1"}),
		] {
			not control.subject with input as obj
			where(obj) == [set(), set()]
		}
	}
}

test_other_fields_hold_no_paths if {
	where(file(
		{
			"buildMetadata": ["https://x/a"],
			"images": [{"path": "https://x/a", "files": ["https://x/a"]}],
			"patches": [{"patch": "https://x/a"}],
		},
		{},
	)) == [set(), set()]
}

test_a_host_of_repositories_needs_no_query if {
	where(resource("github.com/acme/app")) == [{["spec", "resources", 0]}, set()]
	where(ks({"components": ["gh:a/b"]})) == [{["spec", "components", 0]}, set()]
}

test_flags_do_not_matter_to_what_is_not_built if {
	unreached := json.remove(resource("gh:a/b"), ["metadata/labels"])
	judged(unreached, forbidding) == [0, 1, 0]
	judged(unreached, [controller(["--no-remote-bases=$(X)"])]) == [0, 1, 0]
}

test_what_is_hidden_of_other_kinds_is_not_meant if {
	where(object.union(veiled("/spec"), {"kind": "Other"})) == [set(), set()]
}
