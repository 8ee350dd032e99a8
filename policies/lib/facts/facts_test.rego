package lib.facts_test

import data.lib.facts

_container(image, args) := {"name": "manager", "image": image, "args": args}

_template(image, args) := {"metadata": {"labels": {"app": "x"}}, "spec": {"serviceAccountName": "kustomize-controller", "containers": [_container(image, args)]}}

_deployment(name, image, args) := {
	"apiVersion": "apps/v1", "kind": "Deployment",
	"metadata": {"name": name, "namespace": "gitops"},
	"spec": {"template": _template(image, args)},
}

_owned(kind, name, owner_kind, owner) := {
	"metadata": {
		"name": name, "namespace": "gitops", "labels": {"pod-template-hash": "abc"},
		"ownerReferences": [{"kind": owner_kind, "name": owner, "controller": true}],
	},
	"kind": kind,
}

_replicas := object.union(
	_deployment("x", "ghcr.io/fluxcd/kustomize-controller:v1.9.4", []),
	_owned("ReplicaSet", "kustomize-controller-abc", "Deployment", "kustomize-controller"),
)

_pod(name, owner) := object.union(
	{"apiVersion": "v1", "spec": _template("ghcr.io/fluxcd/kustomize-controller:v1.9.4", []).spec},
	_owned("Pod", name, "ReplicaSet", owner),
)

_inventory := {
	"namespace": {
		"gitops": {
			"apps/v1": {
				"Deployment": {
					"kustomize-controller": _deployment("kustomize-controller", "ghcr.io/fluxcd/kustomize-controller:v1.9.4", ["--concurrent=7"]),
					"source-controller-s1": _deployment("source-controller-s1", "registry.corp/sc:1", []),
					"flux-operator": _deployment("flux-operator", "ghcr.io/controlplaneio-fluxcd/flux-operator:v0.58.1", []),
					"other": _deployment("other", "nginx", []),
				},
				"ReplicaSet": {"kustomize-controller-abc": _replicas},
			},
			"v1": {
				"Pod": {"a": _pod("a", "kustomize-controller-abc"), "y": _pod("y", "gone"), "z": _pod("z", "gone")},
				"ConfigMap": {"c": {"apiVersion": "v1", "kind": "ConfigMap"}},
			},
		},
		"empty": 5,
	},
	"cluster": {"v1": {"Namespace": {"gitops": {"apiVersion": "v1", "kind": "Namespace"}}}},
}

test_available if {
	facts.available with data.inventory as _inventory
	facts.available with data.inventory as {"namespace": {}}
	facts.available with data.inventory as {"cluster": {}}
	not facts.available with data.inventory as {}
	not facts.available with data.inventory as {"facts": {"available": false}, "cluster": {}}
	facts.available with data.inventory as {"facts": {"available": true}}
	not facts.available
}

test_objects_by_kind if {
	count(facts.namespaced("apps", "Deployment")) == 4 with data.inventory as _inventory
	count(facts.namespaced("", "Pod")) == 3 with data.inventory as _inventory
	count(facts.clustered("", "Namespace")) == 1 with data.inventory as _inventory
	facts.namespaced("batch", "Job") == [] with data.inventory as _inventory
	facts.clustered("apps", "Namespace") == [] with data.inventory as _inventory
	every bad in [{"namespace": 5, "cluster": 5}, {"namespace": {"a": {"v1": 5}}, "cluster": {"v1": 5}}, {"namespace": {"a": {"v1": {"Pod": [5]}}}, "cluster": {"v1": {"Pod": {"a": 5}}}}] {
		facts.namespaced("", "Pod") == [] with data.inventory as bad
		facts.clustered("", "Pod") == [] with data.inventory as bad
	}
}

test_flux_namespaces if facts.flux_namespaces == ["gitops"] with data.inventory as _inventory

test_controllers if {
	found := [[c.component, c.kind, c.name, c.minor] | some c in facts.controllers] with data.inventory as _inventory
	found == [
		["kustomize-controller", "Deployment", "kustomize-controller", 9],
		["source-controller", "Deployment", "source-controller-s1", null],
		["kustomize-controller", "Pod", "y", 9],
	]
	records := facts.controllers with data.inventory as _inventory
	records[0].flags.flags.concurrent.value == 7
	records[0].path == ["spec", "template", "spec", "containers", 0]
	records[0].pod_labels == {"app": "x"}
	records[0].service_account == "kustomize-controller"
	records[0].image.tag == "v1.9.4"
	records[0].apiVersion == "apps/v1"
}

test_operators if {
	found := [c.name | some c in facts.operators] with data.inventory as _inventory
	found == ["flux-operator"]
}

test_owners if {
	facts.owners == {
		"gitops/Deployment/kustomize-controller": "kustomize-controller",
		"gitops/Deployment/source-controller-s1": "source-controller",
		"gitops/ReplicaSet/kustomize-controller-abc": "kustomize-controller",
	} with data.inventory as _inventory
	facts.owned(_replicas, "kustomize-controller") with data.inventory as _inventory
	not facts.owned(_replicas, "helm-controller") with data.inventory as _inventory
	not facts.owned(_replicas, "kustomize-controller")
}

test_pods_of_an_absent_owner_count_once if {
	facts.first_pods["gitops/kustomize-controller/gone"] == "y" with data.inventory as _inventory
	facts.owned(_pod("z", "gone"), "kustomize-controller") with data.inventory as _inventory
	not facts.owned(_pod("y", "gone"), "kustomize-controller") with data.inventory as _inventory
}

test_the_deployment_behind_an_absent_replica_set if {
	without := json.patch(_inventory, [{"op": "remove", "path": "/namespace/gitops/apps~1v1/ReplicaSet"}])
	facts.owned(_pod("a", "kustomize-controller-abc"), "kustomize-controller") with data.inventory as without
}

test_incomplete_controllers_stay_controllers if {
	labels := {"app.kubernetes.io/part-of": "flux", "app.kubernetes.io/component": "helm-controller"}
	inventory := {"namespace": {"a": {"apps/v1": {"Deployment": {
		"x": {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "x", "labels": labels}},
		"y": {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "y", "labels": labels}, "spec": {"template": {"spec": {"serviceAccount": "z", "containers": [{"name": "a"}]}}}},
	}}}}}
	records := facts.controllers with data.inventory as inventory
	count(records) == 2
	{r.service_account | some r in records} == {"", "z"}
	{count(r.path) | some r in records} == {4, 5}
	every record in records {
		record.image.tag == ""
		record.pod_labels == {}
	}
}

test_supplied_and_computed_facts_are_equal if {
	computed := facts.all with data.inventory as _inventory
	supplied := facts.all with data.inventory as {"facts": computed}
	both := facts.all with data.inventory as object.union(_inventory, {"facts": computed})
	supplied == computed
	both == computed
	none := facts.all
	facts.all == none with data.inventory as {"facts": none}
}
