package flux.narrow_watch_scope_test

import data.flux.narrow_watch_scope as control

# The review of a controller with these arguments.
review(component, args) := {"review": {"object": {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {"name": component, "namespace": "flux-system"},
	"spec": {"template": {"spec": {"containers": [{
		"name": "manager",
		"image": sprintf("ghcr.io/fluxcd/%v:v1.9.4", [component]),
		"args": args,
	}]}}},
}}}

paths(findings) := {finding.details.path | some finding in findings}

args := ["spec", "template", "spec", "containers", 0, "args"]

own(list) := review("kustomize-controller", list)

narrow := own(["--watch-all-namespaces=false"])

in_mode(mode) := object.union(narrow, {"parameters": {"mode": mode}})

deployment(namespace, list) := json.patch(own(list).review.object, [{
	"op": "replace",
	"path": "/metadata/namespace",
	"value": namespace,
}])

# An inventory with an object to apply in each of these namespaces, and these controllers.
cluster(namespaces, controllers) := {"namespace": object.union(
	{ns: {"kustomize.toolkit.fluxcd.io/v1": {"Kustomization": {"apps": {
		"apiVersion": "kustomize.toolkit.fluxcd.io/v1",
		"kind": "Kustomization",
		"metadata": {"name": "apps", "namespace": ns},
	}}}} |
		some ns in namespaces
	},
	{obj.metadata.namespace: {"apps/v1": {"Deployment": {obj.metadata.name: obj}}} | some obj in controllers},
)}

test_all_namespaces_pass if {
	store := cluster(["team-a"], [own([]).review.object])
	control.subject with input as own([])
	count(control.warn) == 0 with input as own([]) with data.inventory as store
	count(control.manual) == 0 with input as own([])
	count(control.unknown) == 0 with input as own([])
}

test_unserved_namespaces_are_warned_about if {
	store := cluster(["flux-system", "team-b", "team-a"], [narrow.review.object])
	some finding in control.warn with input as in_mode("dump") with data.inventory as store
	finding.msg == "nobody serves these namespaces: team-a, team-b"
	finding.details.path == array.concat(args, [0])
	finding.details.fix[0].value == "--watch-all-namespaces=true"
	count(control.manual) == 0 with input as in_mode("git") with data.inventory as store
}

test_labelled_tenants_count if {
	every label in [{"toolkit.fluxcd.io/tenant": "team-b"}, {"toolkit.fluxcd.io/role": "tenant"}] {
		store := {"cluster": {"v1": {"Namespace": {"team-b": {
			"apiVersion": "v1",
			"kind": "Namespace",
			"metadata": {"name": "team-b", "labels": label},
		}}}}}
		count(control.warn) == 1 with input as in_mode("dump") with data.inventory as store
	}
}

test_other_instances_serve if {
	every list in [[], ["--watch-all-namespaces=false"]] {
		store := cluster(["team-a"], [narrow.review.object, deployment("team-a", list)])
		count(control.warn) == 0 with input as in_mode("dump") with data.inventory as store
	}
}

test_without_the_whole_cluster_a_person_judges if {
	count(control.manual) == 1 with input as in_mode("dump")
	count(control.manual) == 1 with input as in_mode("git") with data.inventory as cluster(["flux-system"], [narrow.review.object])
	count(control.manual) == 0 with input as in_mode("dump") with data.inventory as cluster(["flux-system"], [narrow.review.object])
}

test_undetermined if {
	paths(control.unknown) == {array.concat(args, [0])} with input as own(["--watch-all-namespaces=$(ALL)"])
}

test_other_workloads_are_not_meant if {
	not control.subject with input as {"review": {"object": {"apiVersion": "v1", "kind": "Pod"}}}
	count(control.warn) == 0 with input as {"review": {"object": {"apiVersion": "v1", "kind": "Pod"}}}
}

test_instances_of_another_component_serve_nobody_here if {
	every list in [[], ["--watch-all-namespaces=false"]] {
		other := object.union(review("helm-controller", list).review.object, {"metadata": {"namespace": "team-a"}})
		store := cluster(["team-a"], [narrow.review.object, other])
		count(control.warn) == 1 with input as in_mode("dump") with data.inventory as store
	}
}

test_who_watches_all_is_not_warned_about_where_the_inventory_lacks_it if {
	count(control.warn) == 0 with input as own([]) with data.inventory as cluster(["team-a"], [])
}

test_wrong_types_of_other_workloads_are_not_reported if {
	operator := object.union(review("flux-operator", []).review.object, {"metadata": {"annotations": 5}})
	count(control.unknown) == 0 with input as operator
}
