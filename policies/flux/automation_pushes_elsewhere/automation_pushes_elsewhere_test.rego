package flux.automation_pushes_elsewhere_test

import data.flux.automation_pushes_elsewhere as control
import data.lib.facts
import data.lib.refs_sample_test as sample

automation(git) := {
	"apiVersion": "image.toolkit.fluxcd.io/v1",
	"kind": "ImageUpdateAutomation",
	"metadata": {"name": "apps", "namespace": "flux-system"},
	"spec": {"sourceRef": {"kind": "GitRepository", "name": "push"}, "git": git},
}

to(branch) := automation({"push": {"branch": branch}})

repository(name, url, ref, secret) := {
	"apiVersion": "source.toolkit.fluxcd.io/v1",
	"kind": "GitRepository",
	"metadata": {"name": name, "namespace": "flux-system"},
	"spec": object.union(
		{"url": url, "ref": ref},
		{"secretRef": {"name": value} | some value in [secret]; value != ""},
	),
}

kustomization(ref) := {
	"apiVersion": "kustomize.toolkit.fluxcd.io/v1",
	"kind": "Kustomization",
	"metadata": {"name": "apps", "namespace": "flux-system"},
	"spec": {"sourceRef": ref},
}

reads(name) := kustomization({"kind": "GitRepository", "name": name})

main := {"branch": "main"}

push := repository("push", "ssh://git@git.example.com/apps.git", main, "pusher")

pull := repository("pull", "https://git.example.com/apps", main, "reader")

judged(obj, objects, mode) := {sprintf("%v %v", [kind, path]) |
	some kind, found in {"warn": warnings, "unknown": doubts, "manual": open}
	some path in sample.paths(found)
} if {
	cluster := sample.inventory(objects)
	request := sample.review(obj, {"mode": mode})
	warnings := control.warn with input as request with data.inventory as cluster
	doubts := control.unknown with input as request with data.inventory as cluster
	open := control.manual with input as request with data.inventory as cluster
}

chain := [push, pull, reads("pull")]

test_elsewhere if {
	control.subject with input as to("auto")
	judged(to("auto"), chain, "render") == set()
	judged(to("auto"), [push], "dump") == set()
	judged(to("auto"), [push], "render") == {"manual spec/sourceRef/name"}
	judged(to("auto"), [pull, reads("pull")], "dump") == {"manual spec/sourceRef/name"}
	count(control.manual) == 1 with input as to("auto")
}

test_same_branch if {
	judged(automation({}), chain, "render") == {"warn spec/git/push/branch"}
	judged(automation({"push": {"refspec": "refs/heads/a:refs/heads/b"}}), [], "render") == {"warn spec/git/push/branch"}
	judged(automation({"push": {"branch": "x"}, "checkout": {"ref": {"branch": "x"}}}), chain, "render") == {"warn spec/git/push/branch"}
	judged(to("main"), chain, "render") == {"warn spec/git/push/branch"}
	judged(to("main"), [push], "render") == {"warn spec/git/push/branch"}
	other := repository("pull", "https://git.example.com/apps", {"branch": "staging"}, "")
	judged(to("staging"), [push, other, reads("pull")], "render") == {"warn spec/git/push/branch"}
	judged(to("staging"), [push, other], "dump") == set()
	judged(automation({"push": {"branch": "auto", "refspec": "refs/heads/auto:refs/heads/main"}}), chain, "render") == {"warn spec/git/push/refspec"}
	judged(automation({"push": {"branch": "auto", "refspec": "HEAD:refs/for/main"}}), chain, "render") == set()
}

test_same_secret if {
	judged(to("auto"), [push, reads("push")], "render") == {"warn spec/sourceRef/name"}
	shared := repository("pull", "https://git.example.com/other", main, "pusher")
	judged(to("auto"), [push, shared, reads("pull")], "dump") == {"warn spec/sourceRef/name"}
	open := repository("push", "https://git.example.com/apps", main, "")
	judged(to("auto"), [open, reads("push")], "dump") == set()
}

test_namespaces if {
	away := json.patch(to("auto"), [{"op": "add", "path": "/spec/sourceRef/namespace", "value": "flux-system"}, {"op": "replace", "path": "/metadata/namespace", "value": "apps"}])
	judged(away, chain, "render") == set()
	judged(json.patch(away, [{"op": "remove", "path": "/spec/sourceRef/namespace"}]), chain, "render") == {"manual spec/sourceRef/name"}
	foreign := kustomization({"kind": "GitRepository", "name": "pull", "namespace": "apps"})
	judged(to("auto"), [push, pull, foreign], "render") == {"manual spec/sourceRef/name"}
}

test_unreadable if {
	judged(to(5), chain, "render") == {"unknown spec/git/push/branch"}
	judged(to("${BRANCH}"), chain, "render") == {"unknown spec/git/push/branch"}
	doubt := {"unknown spec/sourceRef/name"}
	judged(to("auto"), [repository("push", "https://${HOST}/apps", main, "pusher"), pull, reads("pull")], "dump") == doubt
	judged(to("auto"), [push, repository("pull", "https://git.example.com/apps", {"branch": "${B}"}, ""), reads("pull")], "dump") == doubt
	judged(to("auto"), [push, repository("pull", "https://git.example.com/other", main, 5), reads("pull")], "dump") == doubt
	judged(to("auto"), [push, repository("pull", "https://git.example.com/other", 5, "x"), reads("pull")], "dump") == set()
	judged(to("auto"), [push, kustomization("x")], "dump") == doubt
	judged(to("auto"), [push, kustomization({"kind": "GitRepository", "name": "a", "namespace": 5})], "dump") == doubt
	judged(to("auto"), [push, kustomization({"kind": "OCIRepository", "name": 5})], "dump") == set()
}

branch_of(ref) := found if {
	obj := repository("push", "https://git.example.com/apps", ref, "")
	sources := facts.git_sources.sources with data.inventory as sample.inventory([obj])
	found := sources[0].branch
}

test_branches if {
	branch_of(null) == "master"
	branch_of({}) == "master"
	branch_of(main) == "main"
	branch_of({"branch": "main", "tag": "v1"}) == ""
	branch_of({"branch": "main", "commit": "0123"}) == ""
	branch_of({"semver": "1.x", "branch": null}) == ""
	branch_of({"name": "refs/heads/main", "tag": "v1"}) == "main"
	branch_of({"name": "refs/pull/1/head"}) == ""
	branch_of({"name": 5}) == null
	branch_of("main") == null
}

test_broken_source if {
	broken := {"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "GitRepository", "metadata": {"name": "push", "namespace": "flux-system"}, "spec": "x"}
	judged(to("auto"), [broken], "dump") == {"unknown spec/sourceRef/name"}
}

test_other_objects if {
	not control.subject with input as push
	judged(push, chain, "dump") == set()
	every spec in [to("main").spec, to(5).spec] {
		namesake := object.union(automation({}), {"apiVersion": "example.com/v1", "spec": spec})
		judged(namesake, [push, reads("push")], "dump") == set()
		judged(namesake, [push, kustomization("x")], "render") == set()
	}
}

test_a_namespace_that_cannot_be_read_is_not_the_own_one if {
	vague := object.union(to("main"), {"spec": {"sourceRef": {"namespace": 5}}})
	judged(vague, chain, "dump") == {"unknown spec/sourceRef/namespace", "manual spec/sourceRef/name"}
}

test_a_repository_that_cannot_be_read_is_no_others if {
	mine := repository("push", "https://${HOST}/apps", main, "pusher")
	other := repository("pull", "https://${HOST}/apps", {"branch": "staging"}, "reader")
	judged(to("staging"), [mine, other, reads("pull")], "dump") == {"unknown spec/sourceRef/name"}
}

test_a_secret_that_cannot_be_read_is_no_others if {
	mine := repository("push", "https://git.example.com/apps", main, 5)
	other := repository("pull", "https://git.example.com/other", main, 5)
	judged(to("auto"), [mine, other, reads("pull")], "dump") == {"unknown spec/sourceRef/name"}
}

in_namespace(ns, obj) := object.union(obj, {"metadata": {"namespace": ns}})

test_secrets_of_other_namespaces_are_others if {
	every secret in ["pusher", 5] {
		theirs := in_namespace("b", repository("pull", "https://git.example.com/other", main, secret))
		judged(to("auto"), [push, theirs, in_namespace("b", reads("pull"))], "dump") == set()
	}
}

test_what_nobody_reads_does_not_count if {
	judged(to("auto"), [push, repository("pull", "https://git.example.com/other", main, "pusher")], "dump") == set()
	judged(to("auto"), [push, repository("pull", "https://git.example.com/apps", 5, "x")], "dump") == set()
}

# The other nodes of the warnings and doubts.
related(obj, objects) := [one | some finding in (warnings | doubts); some one in finding.details.related] if {
	cluster := sample.inventory(objects)
	warnings := control.warn with input as obj with data.inventory as cluster
	doubts := control.unknown with input as obj with data.inventory as cluster
}

node(kind, name, path) := {
	"object": {"apiVersion": api, "kind": kind, "namespace": "flux-system", "name": name},
	"path": path,
} if {
	api := {"GitRepository": push.apiVersion, "Kustomization": reads("push").apiVersion}[kind]
}

test_what_a_warning_depends_on if {
	twice := automation({"push": {"branch": "x"}, "checkout": {"ref": {"branch": "x"}}})
	related(twice, []) == [{"path": ["spec", "git", "checkout", "ref", "branch"]}]
	related(to("main"), [push]) == [{"path": ["spec", "sourceRef", "name"]}, node("GitRepository", "push", ["spec"])]
	shared := repository("pull", "https://git.example.com/other", main, "pusher")
	related(to("auto"), [push, shared, reads("pull")]) == [
		node("GitRepository", "push", ["spec", "secretRef"]),
		node("GitRepository", "pull", ["spec", "secretRef"]),
	]
}

test_what_a_doubt_depends_on if {
	vague := repository("push", "https://${HOST}/apps", main, "pusher")
	related(to("auto"), [vague]) == [node("GitRepository", "push", ["spec"])]
	related(to("auto"), [push, kustomization("x")]) == [node("Kustomization", "apps", ["spec", "sourceRef"])]
}

# Nothing is named, so there is nothing to compare.
test_an_empty_branch_is_none if {
	tagged := repository("push", "https://git.example.com/apps", {"tag": "v1"}, "pusher")
	obj := automation({"push": {"branch": ""}, "checkout": {"ref": {"branch": ""}}})
	count(control.warn) == 1 with input as obj with data.inventory as sample.inventory([tagged])
}

test_other_repositories_and_other_refs_are_not_pushed_to if {
	other := repository("pull", "https://git.example.com/other", {"branch": "staging"}, "reader")
	judged(to("staging"), [push, other, reads("pull")], "dump") == set()
	review := automation({"push": {"branch": "auto", "refspec": "HEAD:refs/for/main"}})
	namesake := repository("pull", "https://git.example.com/apps", {"branch": "refs/for/main"}, "reader")
	judged(review, [push, namesake, reads("pull")], "dump") == set()
}
