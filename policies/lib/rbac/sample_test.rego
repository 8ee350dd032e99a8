# Objects for tests about roles and bindings.
package lib.rbac_sample_test

rule(groups, resources, verbs) := {"apiGroups": groups, "resources": resources, "verbs": verbs}

everything := rule(["*"], ["*"], ["*"])

role(name, rules) := {
	"apiVersion": "rbac.authorization.k8s.io/v1",
	"kind": "ClusterRole",
	"metadata": {"name": name},
	"rules": rules,
}

local_role(ns, name, rules) := object.union(role(name, rules), {"kind": "Role", "metadata": {"namespace": ns}})

binding(name, referred, subjects) := {
	"apiVersion": "rbac.authorization.k8s.io/v1",
	"kind": "ClusterRoleBinding",
	"metadata": {"name": name},
	"roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": referred},
	"subjects": subjects,
}

local_binding(ns, name, referred, subjects) := object.union(
	binding(name, referred, subjects),
	{"kind": "RoleBinding", "metadata": {"namespace": ns}},
)

account(ns, name) := {"kind": "ServiceAccount", "namespace": ns, "name": name}

group(name) := {"kind": "Group", "apiGroup": "rbac.authorization.k8s.io", "name": name}

user(name) := {"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": name}

applier(kind, ns, name, spec) := {
	"apiVersion": sprintf("%v.toolkit.fluxcd.io/v1", [{"Kustomization": "kustomize", "HelmRelease": "helm"}[kind]]),
	"kind": kind,
	"metadata": {"name": name, "namespace": ns},
	"spec": spec,
}

service_account(ns, name, labels) := {
	"apiVersion": "v1",
	"kind": "ServiceAccount",
	"metadata": {"name": name, "namespace": ns, "labels": labels},
}

tenant(ns) := {
	"apiVersion": "v1",
	"kind": "Namespace",
	"metadata": {"name": ns, "labels": {"toolkit.fluxcd.io/tenant": ns}},
}

veiled(obj, path) := object.union(obj, {"metadata": {"annotations": {"flux-audit.internal/unknown-paths": path}}})

# The inventory that holds these objects.
inventory(objects) := {
	"cluster": _versions([obj | some obj in objects; _ns(obj) == ""]),
	"namespace": {ns: _versions([obj | some obj in objects; _ns(obj) == ns]) |
		some ns in {_ns(obj) | some obj in objects}
		ns != ""
	},
}

_ns(obj) := object.get(obj.metadata, "namespace", "")

_versions(objects) := {version: kinds |
	some version in {obj.apiVersion | some obj in objects}
	kinds := {kind: named |
		some kind in {obj.kind | some obj in objects; obj.apiVersion == version}
		named := {obj.metadata.name: obj | some obj in objects; obj.apiVersion == version; obj.kind == kind}
	}
}

review(obj, params) := {"review": {"object": obj}, "parameters": params}

paths(findings) := {path |
	some finding in findings
	path := concat("/", [sprintf("%v", [segment]) | some segment in finding.details.path])
}

# Counts of violation, warn, unknown and manual.
counts(findings) := [count(findings[name]) | some name in ["violation", "warn", "unknown", "manual"]]
