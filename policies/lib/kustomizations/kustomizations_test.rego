package lib.kustomizations_test

import data.lib.kustomizations

file(metadata, status) := {"apiVersion": "files.flux-audit/v1", "kind": "KustomizeFile", "metadata": metadata, "spec": {}, "status": status}

labels := {"labels": {"kustomize.toolkit.fluxcd.io/name": "apps"}}

test_reached if {
	kustomizations.subject with input as file({}, {})
	kustomizations.reached with input as file(labels, {})
	not kustomizations.reached with input as file({}, {})
	not kustomizations.reached with input as object.union(file(labels, {}), {"kind": "X"})
}

test_about if {
	known := {"paths": {"a": {"found": true, "encrypted": false}, "b": {"found": "yes", "encrypted": false}, "c": {"found": true}, "d": 5}}
	kustomizations.about("a") == {"found": true, "encrypted": false} with input as file({}, known)
	every path in ["b", "c", "d", "e"] {
		not kustomizations.about(path) with input as file({}, known)
	}
	not kustomizations.about("a") with input as file({}, null)
}

test_entries if {
	kustomizations.path_of("k=a/b=c") == "a/b=c"
	kustomizations.path_of("a/b") == "a/b"
	kustomizations.key_of("k=a/b") == "k"
	kustomizations.key_of("a/b.txt") == "b.txt"
}
