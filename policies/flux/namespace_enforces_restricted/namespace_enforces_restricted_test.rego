package flux.namespace_enforces_restricted_test

import data.flux.namespace_enforces_restricted as control
import data.lib.pods_sample_test as sample

labels(map) := {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "flux-system", "labels": map}}

enforce(level) := labels({"pod-security.kubernetes.io/enforce": level})

warns := labels({"pod-security.kubernetes.io/warn": "restricted"})

path := ["metadata", "labels", "pod-security.kubernetes.io/enforce"]

openshift(obj) := {"review": {"object": obj}, "parameters": {"platform": "openshift"}}

test_pass if {
	control.subject with input as enforce("restricted")
	count(((control.violation | control.warn) | control.unknown)) == 0 with input as enforce("restricted")
}

test_other_objects if {
	not control.subject with input as {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "apps"}}
	not control.subject with input as {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "flux-system"}}
}

test_namespace_of_a_controller if {
	gitops := {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "gitops"}}
	not control.subject with input as gitops
	control.subject with input as gitops with data.inventory as {"facts": {"flux_namespaces": ["gitops"], "openshift": false}}
}

test_fail if {
	sample.paths(control.violation) == {path} with input as enforce("privileged")
	sample.paths(control.violation) == {path} with input as enforce("Restricted")
	some finding in control.violation with input as labels(null)
	finding.details.fix == [{
		"op": "add",
		"path": "/metadata/labels",
		"value": {"pod-security.kubernetes.io/enforce": "restricted"},
	}]
}

test_warn if {
	sample.paths(control.warn) == {path} with input as warns
	sample.paths(control.warn) == {path} with input as enforce("baseline")
	count(control.violation) == 0 with input as warns
}

test_openshift if {
	count(control.violation) == 0 with input as openshift(labels({}))
	sample.paths(control.warn) == {path} with input as openshift(labels({}))
}

test_the_label_that_warns_counts_on_openshift_too if {
	count(control.warn) == 1 with input as openshift(warns)
	every level in ["restricted", "privileged"] {
		count(control.warn) == 0 with input as openshift(enforce(level))
	}
}

test_other_namespaces_are_not_meant if {
	vague := {"flux-audit.internal/unknown-paths": "/metadata/labels"}
	every obj in [
		labels(null), enforce("privileged"), enforce("baseline"), enforce(5), warns,
		labels({"pod-security.kubernetes.io/warn": 5}), object.union(warns, {"metadata": {"annotations": vague}}),
	] {
		other := object.union(obj, {"metadata": {"name": "apps"}})
		every input_ in [other, openshift(other)] {
			count(((control.violation | control.warn) | control.unknown)) == 0 with input as input_
		}
	}
}

test_what_is_enforced_decides_whatever_is_warned_about if {
	obj := labels({"pod-security.kubernetes.io/enforce": "restricted", "pod-security.kubernetes.io/warn": 5})
	count(((control.violation | control.warn) | control.unknown)) == 0 with input as obj
}

test_unknown if {
	sample.paths(control.unknown) == {path} with input as enforce(true)
	sample.paths(control.unknown) == {["metadata", "labels"]} with input as labels("x")
	count(control.unknown) == 1 with input as labels({"pod-security.kubernetes.io/warn": 1})
	count(control.violation) == 0 with input as labels("x")
}

test_no_object if control.raw_metadata == null with input as "text"
