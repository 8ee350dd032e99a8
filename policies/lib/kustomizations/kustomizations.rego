# The kustomization file under review, as a host that has the files around it hands it over.
package lib.kustomizations

import data.lib.flux

subject if {
	flux.object.kind == "KustomizeFile"
	flux.kind_is("files.flux-audit", "KustomizeFile")
}

# A Flux Kustomization's build reads the file, so what it names ends up in a cluster.
reached if {
	subject
	name := flux.object.metadata.labels["kustomize.toolkit.fluxcd.io/name"]
	name != ""
}

# What is known of the file or folder that an entry names: {"found", "encrypted"}; undefined where nothing is.
about(path) := record if {
	record := flux.object.status.paths[path]
	is_object(record)
	is_boolean(record.found)
	is_boolean(record.encrypted)
}

# The path in an entry of a generator's `files`, which may begin with a key.
path_of(entry) := entry if {
	not contains(entry, "=")
} else := substring(entry, indexof(entry, "=") + 1, -1)

# The key that the file gets.
key_of(entry) := split(entry, "=")[0] if {
	contains(entry, "=")
} else := last if {
	parts := split(entry, "/")
	last := parts[count(parts) - 1]
}
