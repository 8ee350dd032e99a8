package lib.apis_test

import data.lib.apis

test_rows_are_of_the_group if {
	apis.owner == "source-controller" with input as {"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "Bucket"}
	apis.version == "v1" with input as {"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "Bucket"}
	every other in [
		{"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization"},
		{"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Bucket"},
		{"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "Other"},
		{"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": 5},
		{"apiVersion": "v1", "kind": "Kustomization"},
		{"kind": "Kustomization"},
	] {
		not apis.row with input as other
		not apis.version with input as other
	}
}

served(group, kind, minor) := found if found := apis.served(minor) with input as {"apiVersion": sprintf("%v.fluxcd.io/v1", [group]), "kind": kind}

test_served if {
	apis.newest == 9
	served("helm.toolkit", "HelmRelease", 1) == ["v2beta1"]
	served("helm.toolkit", "HelmRelease", 2) == ["v2beta1", "v2beta2"]
	served("helm.toolkit", "HelmRelease", 7) == ["v2beta2", "v2"]
	served("helm.toolkit", "HelmRelease", 9) == ["v2"]
	served("source.toolkit", "OCIRepository", 5) == ["v1beta2"]
	served("source.extensions", "ArtifactGenerator", 6) == []
}
