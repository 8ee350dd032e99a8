package lib.pods_test

import data.lib.pods
import data.lib.pods_sample_test as sample

labels(list) := [c.label | some c in list]

mixed := {
	"initContainers": [{"name": "setup"}],
	"containers": [sample.manager(sample.confined), {"name": ""}, {"name": 5}],
	"ephemeralContainers": [{"name": "debugger"}],
}

test_containers if {
	found := pods.containers with input as sample.deployment(mixed)
	labels(found) == ["init container setup", "container manager", "container 1", "container 2", "ephemeral container debugger"]
	found[1].node.path == sample.containers
	pods.whole with input as sample.deployment(mixed)
}

test_owned_pod if {
	found := pods.containers with input as sample.pod(mixed) with data.inventory as sample.inventory
	labels(found) == ["init container setup", "container 1", "container 2", "ephemeral container debugger"]
	not pods.whole with input as sample.pod(mixed) with data.inventory as sample.inventory
	not pods.completed_whole with input as sample.pod(mixed) with data.inventory as sample.inventory
	count(pods.containers) == 5 with input as sample.pod(mixed)
}

openshift(obj, mode) := {"review": {"object": obj}, "parameters": {"platform": "openshift", "mode": mode}}

test_openshift if {
	pods.constrained with input as openshift(sample.deployment(mixed), "dump")
	pods.constrained with input as openshift(sample.pod(mixed), "render")
	not pods.constrained with input as openshift(sample.pod(mixed), "dump")
	not pods.constrained with input as sample.deployment(mixed)
	pods.constrained with input as sample.deployment(mixed) with data.inventory as {"facts": {"openshift": true, "owners": {}, "first_pods": {}, "flux_namespaces": []}}
}

test_openshift_pod if {
	found := pods.completed with input as openshift(sample.pod(mixed), "dump") with data.inventory as sample.inventory
	count(found) == 5
	pods.completed_whole with input as openshift(sample.pod(mixed), "dump") with data.inventory as sample.inventory
	count(pods.completed) == 4 with input as openshift(sample.pod(mixed), "render") with data.inventory as sample.inventory
}

test_windows if {
	windows := sample.deployment(object.union(mixed, {"os": {"name": "windows"}}))
	pods.windows with input as windows
	sample.paths(pods.foreign) == {["spec", "template", "spec", "os", "name"]} with input as windows
	not pods.windows with input as sample.deployment(mixed)
}

effective(container, pod) := found if {
	obj := sample.deployment({"containers": [sample.manager(container)], "securityContext": pod})
	found := pods.effective(pods.containers[0], "runAsUser", "integer") with input as obj
}

test_effective if {
	effective({"runAsUser": 1}, {"runAsUser": 2}).value == 1
	effective({"runAsUser": null}, {"runAsUser": 2}).value == 2
	effective({}, {"runAsUser": 2}).path == ["spec", "template", "spec", "securityContext", "runAsUser"]
	effective({}, {}).path == sample.context_path(["runAsUser"])
	effective({"runAsUser": "x"}, {"runAsUser": 2}).state == "ill"
	effective({}, "x").state == "ill"
}

test_privileged if {
	privileged := pods.privileged(pods.containers[0]) with input as sample.with_context({"privileged": true})
	privileged.value == true
}

undecided(spec) := found if found := sample.paths(pods.undecided) with input as sample.deployment(spec)

test_undecided if {
	pod := ["spec", "template", "spec"]
	undecided(mixed) == set()
	undecided("x") == {pod}
	undecided({"containers": []}) == {array.concat(pod, ["containers"])}
	undecided({}) == {array.concat(pod, ["containers"])}
	undecided({"containers": [5]}) == {array.concat(pod, ["containers", 0])}
	undecided(object.union(mixed, {"initContainers": "x"})) == {array.concat(pod, ["initContainers"])}
	undecided(object.union(mixed, {"os": {"name": 5}})) == {array.concat(pod, ["os", "name"])}
}
