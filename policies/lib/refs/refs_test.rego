package lib.refs_test

import data.lib.refs
import data.lib.refs_sample_test as sample

test_the_controller if {
	found := refs.all with input as sample.controller("source-controller", {})
	count(found) == 1
	some used in found
	used.component == "source-controller"
	used.main
	used.image.tag == "v1.9.4"
	count(refs.undecided) == 0 with input as sample.controller("source-controller", {})
}

test_a_second_controller_in_the_pod if {
	obj := sample.controller("source-controller", {"containers": [{"name": "x", "image": "ghcr.io/fluxcd/helm-controller:v1.6.3"}]})
	found := refs.all with input as obj
	{[used.component, used.main] | some used in found} == {["source-controller", true], ["helm-controller", false]}
}

test_another_container_is_none if {
	obj := sample.controller("source-controller", {"containers": [{"name": "x", "image": "docker.io/acme/proxy:v1"}]})
	found := refs.all with input as obj
	count(found) == 1
}

test_no_controller if {
	obj := sample.controller("web", {"image": "docker.io/acme/web:v1"})
	count(refs.all) == 0 with input as obj
	count(refs.undecided) == 0 with input as obj
}

messages(obj) := {finding.msg | some finding in found} if {
	found := refs.undecided with input as obj
}

test_undecided if {
	every ref in ["", null] {
		messages(sample.controller("source-controller", {"image": ref})) == {"the container names no image"}
	}
	every ref in ["${registry}/fluxcd/source-controller:v1", "ghcr.io/fluxcd/source controller"] {
		messages(sample.controller("source-controller", {"image": ref})) == {"the image is no resolved reference"}
	}
	veiled := {"annotations": {"flux-audit.internal/unknown-paths": "/spec/template/spec/containers/0"}}
	messages(sample.controller("source-controller", veiled)) == {"the effective image cannot be worked out"}
}

test_an_ill_typed_image_is_left_to_the_shape if {
	messages(sample.controller("source-controller", {"image": 5})) == set()
}

test_which_container if {
	obj := sample.controller("source-controller", {"pod": {"containers": [{"name": "a", "image": "x:1"}, {"name": "b", "image": "y:1"}]}})
	messages(obj) == {"it cannot be told which container is the controller"}
}

test_tagged if {
	obj := sample.controller("source-controller", {"image": "ghcr.io/fluxcd/source-controller"})
	hidden := object.union(obj, {"metadata": {"annotations": {"flux-audit.internal/unknown-paths": "/spec/template/spec/containers/0/image/tag"}}})
	{refs.tagged(used) | some used in refs.all} == {true} with input as obj
	{used | some used in refs.all; not refs.tagged(used)} == refs.all with input as hidden
}
