package flux.coherent_release_test

import data.flux.coherent_release as control
import data.lib.refs_sample_test as sample

judged(obj, others) := {kind |
	some kind, found in {"fail": failures, "warn": warnings, "unknown": doubts, "manual": open}
	count(found) > 0
} if {
	request := sample.review(obj, {})
	cluster := sample.inventory(array.concat([obj], others))
	failures := control.violation with input as request with data.inventory as cluster
	warnings := control.warn with input as request with data.inventory as cluster
	doubts := control.unknown with input as request with data.inventory as cluster
	open := control.manual with input as request with data.inventory as cluster
}

source(tag) := sample.controller("source-controller", {"tag": tag})

helm(tag) := sample.controller("helm-controller", {"tag": tag})

# [tag of source-controller, tag of helm-controller, results of the first]
_cases := [
	["v1.9.4", "v1.6.3", set()],
	["v1.9.3", "v1.6.2", set()],
	["v1.9.4", "v1.6.2", {"warn"}],
	["v1.9.4", "v1.5.5", {"warn"}],
	["v1.9.4", "v1.4.5", {"fail"}],
	["v1.7.4", "v1.6.3", {"fail"}],
	["v0.36.0", "v0.35.0", {"fail"}],
	["v0.36.0", "v0.31.0", set()],
	["v1.10.0", "v1.6.3", {"warn"}],
	["v1.9.9", "v1.6.3", {"warn"}],
	["v1.9.4", "latest", set()],
	["latest", "v1.6.3", {"unknown"}],
]

test_cases if {
	every case in _cases {
		judged(source(case[0]), [helm(case[1])]) == case[2]
	}
}

test_patches_of_flux_2_0 if {
	judged(source("v1.0.0"), [sample.controller("image-reflector-controller", {"tag": "v0.29.0"})]) == set()
	judged(source("v1.0.0"), [sample.controller("image-reflector-controller", {"tag": "v0.29.1"})]) == {"warn"}
}

test_alone if judged(source("v1.9.4"), []) == set()

test_shards if {
	shard := sample.controller("source-controller", {"name": "source-controller-shard1", "tag": "v1.7.4"})
	judged(source("v1.9.4"), [shard]) == {"fail"}
	judged(shard, [source("v1.9.4")]) == {"fail"}
}

test_related if {
	request := sample.review(source("v1.9.4"), {})
	cluster := sample.inventory([source("v1.9.4"), helm("v1.3.0")])
	found := control.violation with input as request with data.inventory as cluster
	some finding in found
	finding.msg == "the image belongs to Flux 2.9, but another controller to Flux 2.6"
	finding.details.related == [{
		"object": {"apiVersion": "apps/v1", "kind": "Deployment", "namespace": "flux-system", "name": "helm-controller"},
		"path": ["spec", "template", "spec", "containers", 0, "image"],
	}]
}

messages(obj, other) := {finding.msg | some finding in found} if {
	cluster := sample.inventory([obj, other])
	found := control.violation | control.warn with input as sample.review(obj, {}) with data.inventory as cluster
}

test_names_of_releases if {
	messages(helm("v1.6.3"), source("v0.36.0")) == {"the image belongs to Flux 2.9, but another controller to a release before Flux 2.0"}
	messages(source("v1.10.0"), helm("v1.6.3")) == {"the image belongs to a release after Flux 2.9.4, but another controller to Flux 2.9"}
	messages(helm("v1.6.3"), source("v1.0.0")) == {"the image belongs to Flux 2.9, but another controller to Flux 2.0"}
}

test_undecided if {
	judged(source("${tag}"), []) == {"unknown"}
	judged(sample.controller("source-controller", {"image": 5}), []) == {"unknown"}
}

test_without_inventory if {
	control.subject with input as source("v1.9.4")
	count(control.manual) == 1 with input as source("v1.9.4")
	every tag in ["latest", "${tag}"] {
		count(control.unknown) == 0 with input as source(tag)
	}
}

test_other_objects if {
	not control.subject with input as sample.controller("web", {"image": "docker.io/acme/web:v1.0.0"})
	judged(sample.controller("web", {"image": "docker.io/acme/web:v1.0.0"}), [source("v1.9.4")]) == set()
}
