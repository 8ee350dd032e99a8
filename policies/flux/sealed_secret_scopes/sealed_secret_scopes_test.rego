package flux.sealed_secret_scopes_test

import data.flux.sealed_secret_scopes as control

sealed(own, template) := {
	"apiVersion": "bitnami.com/v1alpha1",
	"kind": "SealedSecret",
	"metadata": {"name": "db", "namespace": "team-a", "annotations": own},
	"spec": {"encryptedData": {"password": "AgB"}, "template": {"metadata": {"annotations": template}}},
}

# Counts of violation, warn, unknown.
judged(obj) := [count(v), count(w), count(u)] if {
	v := control.violation with input as obj
	w := control.warn with input as obj
	u := control.unknown with input as obj
}

cluster(value) := {"sealedsecrets.bitnami.com/cluster-wide": value}

namespace(value) := {"sealedsecrets.bitnami.com/namespace-wide": value}

test_scopes if {
	judged(sealed(null, null)) == [0, 0, 0]
	judged(sealed({"a": "b"}, {})) == [0, 0, 0]
	judged(sealed(cluster("true"), null)) == [1, 0, 0]
	judged(sealed(namespace("true"), null)) == [0, 1, 0]
	judged(sealed(object.union(cluster("true"), namespace("true")), null)) == [1, 0, 0]
	control.subject with input as sealed(null, null)
}

test_the_exact_text if {
	every value in ["True", "TRUE", "1", "yes", "", " true"] {
		judged(sealed(cluster(value), null)) == [0, 0, 0]
	}
}

test_template if {
	judged(sealed(cluster("true"), cluster("true"))) == [1, 0, 0]
	judged(sealed(null, cluster("true"))) == [0, 1, 0]
	judged(sealed(namespace("true"), cluster("true"))) == [0, 2, 0]
	judged(sealed(null, cluster("false"))) == [0, 0, 0]
}

test_undecided if {
	every obj in [sealed(cluster(true), null), sealed(5, null), sealed(null, 5), object.union(sealed(null, null), {"metadata": 5})] {
		judged(obj) == [0, 0, 1]
	}
	every annotations in [{}, cluster("true"), namespace("true")] {
		vague := object.union(annotations, {"flux-audit.internal/unknown-paths": "/metadata/annotations"})
		judged(sealed(vague, cluster("false"))) == [0, 0, 1]
	}
	judged(sealed(cluster("true"), 5)) == [0, 0, 1]
	judged(sealed(namespace("true"), 5)) == [0, 0, 1]
	every spec in [5, {"template": 5}, {"template": {"metadata": 5}}] {
		judged(object.union(object.remove(sealed(null, null), ["spec"]), {"spec": spec})) == [0, 0, 1]
	}
}

test_other_kinds if {
	other := object.union(sealed(cluster("true"), null), {"apiVersion": "v1"})
	not control.subject with input as other
	judged(other) == [0, 0, 0]
	every annotations in [5, {"flux-audit.internal/unknown-paths": "/metadata/annotations"}] {
		judged(object.union(sealed(annotations, null), {"apiVersion": "v1"})) == [0, 0, 0]
	}
}
