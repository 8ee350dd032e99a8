package lib.admission_sample_test

# An inventory of objects; those without a namespace are cluster-scoped.
inventory(objects) := {
	"cluster": {version: {kind: {obj.metadata.name: obj | some obj in objects; obj.apiVersion == version; obj.kind == kind; not obj.metadata.namespace} |
		some kind in {obj.kind | some obj in objects; obj.apiVersion == version}
	} |
		some version in {obj.apiVersion | some obj in objects}
	},
	"namespace": {ns: {version: {kind: {obj.metadata.name: obj | some obj in objects; obj.apiVersion == version; obj.kind == kind; obj.metadata.namespace == ns} |
		some kind in {obj.kind | some obj in objects; obj.apiVersion == version}
	} |
		some version in {obj.apiVersion | some obj in objects; obj.metadata.namespace == ns}
	} |
		some ns in {obj.metadata.namespace | some obj in objects}
	},
}

named(version, kind, name, spec) := {"apiVersion": version, "kind": kind, "metadata": {"name": name}, "spec": spec}

namespace(name, labels) := {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}

# A review of one object in a mode.
review(obj, params) := {"review": {"object": obj}, "parameters": params}
