package lib.facts

import data.lib.flux
import data.lib.keks
import data.lib.workload

# What Kustomizations decrypt, and with what. Keys are "namespace/name".
# configs: whether configuration files of SOPS are at hand;
# secrets: by Secret that a Kustomization decrypts with, its keys, sorted; null where they cannot be read;
# given, open: nodes of kustomize-controllers whose environment or mounts hold keys, or may hold some;
# encrypted: by Kustomization, a node that SOPS encrypted among what it applies or builds from;
# applied: Kustomizations of which anything applied is at hand;
# served: by Kustomization that applies something encrypted for a tenant, and to several tenants: the nodes that are
# encrypted for tenants, the recipients that all of them have, and an object for each tenant. These three in Git alone,
# where the host tells it by labels;
# paths: by tenant, the folders that its Kustomizations apply.
decryption := fact if {
	fact := data.inventory.facts.decryption
} else := {
	"configs": count(files("SopsConfig")) > 0,
	"secrets": {sprintf("%v/%v", [ns, name]): _key_names(obj) |
		some [ns, name] in _key_refs
		obj := data.inventory.namespace[ns].v1.Secret[name]
	},
	"given": sort([node | some [true, node] in _key_sources]),
	"open": sort([node | some [false, node] in _key_sources]),
	"encrypted": {sprintf("%v/%v", entry[0]): entry[1] |
		some i, entry in _ciphers
		not _same_owner(i, entry)
	},
	"applied": {sprintf("%v/%v", owner): true | some owner in _applying},
	"served": {sprintf("%v/%v", owner): {"encrypted": nodes, "recipients": _recipients_of_all(nodes), "tenants": shares} |
		some owner in _openers
		nodes := [node | some [of, node] in _tenant_ciphers; of == owner]
		shares := {share[1]: share[2] | some i, share in _tenant_shares; share[0] == owner; not _same_share(i, share)}
		count(shares) > 1
	},
	"paths": {tenant: sort([path | some [id, path] in _tenant_folders; id == tenant]) |
		some tenant in {id | some [id, _] in _tenant_folders}
	},
}

_key_refs contains [ns, name] if {
	some obj in _kustomizations
	name := obj.spec.decryption.secretRef.name
	is_string(name)
	ns := workload.namespace_of(obj)
}

_key_names(obj) := sort([key |
	some field in ["data", "stringData"]
	is_object(obj[field])
	some key, _ in obj[field]
]) if {
	is_object(obj)
	_legible(object.get(obj, "data", null))
	_legible(object.get(obj, "stringData", null))
} else := null

_legible(value) if value == null

_legible(value) if is_object(value)

# [whether it is sure, node]
_key_sources contains [sure, {"object": object_of(record), "path": array.concat(record.pod, ["containers", record.container, field, i])}] if {
	some record in controllers
	record.component == "kustomize-controller"
	is_number(record.container)
	obj := data.inventory.namespace[record.namespace][record.apiVersion][record.kind][record.name]
	container := workload.containers(obj)[record.container]
	some field in ["env", "envFrom", "volumeMounts"]
	is_array(container[field])
	some i, item in container[field]
	is_object(item)
	sure := _holds_keys(field, item)
}

_holds_keys("env", entry) if {
	is_string(entry.name)
	regex.match(`^(VAULT_TOKEN|SOPS_AGE_KEY.*|AWS_(ACCESS_KEY_ID|ROLE_ARN|WEB_IDENTITY_TOKEN_FILE|PROFILE)|AZURE_(CLIENT_SECRET|CLIENT_CERTIFICATE_PATH|FEDERATED_TOKEN_FILE)|GOOGLE_(APPLICATION_)?CREDENTIALS)$`, entry.name)
}

_holds_keys("envFrom", _) := false

_holds_keys("volumeMounts", mount) if {
	is_string(mount.mountPath)
	regex.match(`gnupg|gpg`, mount.mountPath)
}

# [[namespace, name of the Kustomization], node], sorted.
_ciphers := sort([[owner, {"object": object, "path": path}] |
	flux.mode == "git"
	some scope in _scopes
	some version, kinds in scope
	is_object(kinds)
	some kind, objects in kinds
	is_object(objects)
	some obj in objects
	path := _cipher(kind, obj)
	owner := _owner_label(obj)
	object := {"apiVersion": version, "kind": kind, "namespace": workload.namespace_of(obj), "name": workload.name_of(obj)}
])

# The versions of each namespace, and those of the cluster.
_scopes := array.concat(
	[versions | is_object(data.inventory.namespace); some versions in data.inventory.namespace; is_object(versions)],
	[versions | versions := data.inventory.cluster; is_object(versions)],
)

_cipher(_, obj) := ["sops"] if {
	is_object(obj.sops)
}

_cipher("EnvFile", obj) := ["spec", "encrypted"] if obj.spec.encrypted == true

_cipher("KustomizeFile", obj) := ["status", "paths", found[0]] if {
	is_object(obj.status.paths)
	found := sort([path | some path, record in obj.status.paths; record.encrypted == true])
	count(found) > 0
}

_owner_label(obj) := [ns, name] if {
	labels := obj.metadata.labels
	ns := labels["kustomize.toolkit.fluxcd.io/namespace"]
	name := labels["kustomize.toolkit.fluxcd.io/name"]
	is_string(ns)
	is_string(name)
}

_same_owner(i, entry) if {
	i > 0
	before := _ciphers[i - 1]
	before[0] == entry[0]
}

_tenant_ciphers := [entry | some entry in _ciphers; tenants[entry[1].object.namespace]]

_openers := {owner | some [owner, _] in _tenant_ciphers}

# [[namespace, name of the Kustomization], tenant, object], sorted.
_tenant_shares := sort([[owner, tenants[ns].id, object] |
	count(_openers) > 0
	some ns, versions in data.inventory.namespace
	tenants[ns]
	is_object(versions)
	some version, kinds in versions
	is_object(kinds)
	some kind, objects in kinds
	is_object(objects)
	some name, obj in objects
	owner := _owner_label(obj)
	owner in _openers
	object := {"apiVersion": version, "kind": kind, "namespace": ns, "name": name}
])

_recipients_of_all(nodes) := sort([value | some value in _recipients(nodes[0]); not _lacked(value, nodes)])

_lacked(value, nodes) if {
	some node in nodes
	not value in _recipients(node)
}

_recipients(node) := {recipient.value |
	of := node.object
	some recipient in keks.recipients(data.inventory.namespace[of.namespace][of.apiVersion][of.kind][of.name])
}

_same_share(i, share) if {
	i > 0
	before := _tenant_shares[i - 1]
	array.slice(before, 0, 2) == array.slice(share, 0, 2)
}

_applying contains owner if {
	flux.mode == "git"
	some scope in _scopes
	some _, kinds in scope
	is_object(kinds)
	some _, objects in kinds
	is_object(objects)
	some obj in objects
	owner := _owner_label(obj)
}

# [tenant, folder relative to the root]
_tenant_folders contains [tenants[ns].id, folder] if {
	count(files("SopsConfig")) > 0
	some obj in _kustomizations
	ns := workload.namespace_of(obj)
	tenants[ns]
	[ns, workload.name_of(obj)] in _applying
	path := obj.spec.path
	is_string(path)
	folder := trim(trim_prefix(path, "./"), "/")
	folder != ""
}
