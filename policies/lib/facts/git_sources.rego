package lib.facts

import data.lib.url
import data.lib.workload

# Every GitRepository: its repository without scheme and credentials, the branch that it follows ("" where it
# follows none), the name of its Secret ("" for none), each null where it cannot be read, and whether a
# Kustomization reads it; and the Kustomizations whose source cannot be read.
git_sources := fact if {
	fact := data.inventory.facts.git_sources
} else := {
	"sources": sort([source |
		some obj in namespaced("source.toolkit.fluxcd.io", "GitRepository")
		key := sprintf("%v/%v", [workload.namespace_of(obj), workload.name_of(obj)])
		source := {
			"object": _reference(obj),
			"repository": _repository(obj),
			"branch": _branch(obj),
			"secret": _git_secret(obj),
			"read": count([1 | _git_readers[key]]) > 0,
		}
	]),
	"broken": sort([_reference(obj) |
		some i, obj in _kustomizations
		not _git_readings[i]
	]),
}

_kustomizations := namespaced("kustomize.toolkit.fluxcd.io", "Kustomization")

_reference(obj) := {
	"apiVersion": obj.apiVersion,
	"kind": obj.kind,
	"namespace": workload.namespace_of(obj),
	"name": workload.name_of(obj),
}

_git_readers := {key: true |
	some keys in _git_readings
	some key in keys
}

# Number of a Kustomization → what it reads; without those whose source cannot be read.
_git_readings := {i: keys |
	some i, obj in _kustomizations
	keys := _git_reading(obj)
}

# "namespace/name" of the GitRepository that a Kustomization reads, in an array of one; [] for other sources.
_git_reading(obj) := [sprintf("%v/%v", [ns, ref.name])] if {
	ref := obj.spec.sourceRef
	ref.kind == "GitRepository"
	_plain(ref.name)
	ns := _source_namespace(obj, object.get(ref, "namespace", null))
} else := [] if {
	is_string(obj.spec.sourceRef.kind)
	obj.spec.sourceRef.kind != "GitRepository"
}

_source_namespace(obj, ns) := workload.namespace_of(obj) if ns in {null, ""}

_source_namespace(_, ns) := ns if {
	_plain(ns)
	ns != ""
}

_repository(obj) := place if {
	parts := url.parse(obj.spec.url)
	place := sprintf("%v%v", [parts.host, trim_suffix(trim_right(parts.path, "/"), ".git")])
} else := null

_branch(obj) := branch if {
	is_object(obj.spec)
	branch := _ref_branch(object.get(obj.spec, "ref", null))
} else := null

# The first of commit, name, semver and tag outranks the branch.
_ref_branch(ref) := "master" if ref == null

_ref_branch(ref) := branch if {
	is_object(ref)
	fields := [field | some field in ["commit", "name", "semver", "tag", "branch"]; not object.get(ref, field, "") in {"", null}]
	branch := _followed(ref, array.concat(fields, ["none"])[0])
}

_followed(_, "none") := "master"

_followed(_, field) := "" if field in {"commit", "semver", "tag"}

_followed(ref, "branch") := ref.branch if _plain(ref.branch)

_followed(ref, "name") := trim_prefix(ref.name, "refs/heads/") if {
	_plain(ref.name)
	startswith(ref.name, "refs/heads/")
}

_followed(ref, "name") := "" if {
	_plain(ref.name)
	not startswith(ref.name, "refs/heads/")
}

_plain(text) if {
	is_string(text)
	not contains(text, "${")
}

_git_secret(obj) := name if {
	name := obj.spec.secretRef.name
	_plain(name)
} else := "" if {
	is_object(obj.spec)
	object.get(obj.spec, "secretRef", null) == null
} else := null
