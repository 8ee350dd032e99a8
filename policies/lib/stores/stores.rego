# Where each instance of a controller that serves artifacts keeps them, and under which address.
package lib.stores

import data.lib.facts
import data.lib.flags
import data.lib.flux
import data.lib.result
import data.lib.shape
import data.lib.workload

components := {"source-controller", "source-watcher"}

# The store of a workload, from its object and its record with parsed flags.
of(obj, record) := {
	"component": record.component,
	"object": {
		"apiVersion": obj.apiVersion,
		"kind": obj.kind,
		"namespace": record.namespace,
		"name": record.name,
	},
	"state": _state([address, folder]),
	"address": _address(address, record.namespace),
	"folder": folder.path,
	"claim": _claim(obj, record, folder),
	"labels": array.concat(record.template, ["metadata", "labels"]),
} if {
	address := flags.get_of(record, "storage-adv-addr")
	folder := flags.get_of(record, "storage-path")
}

# The store of the object under review.
own := of(flux.object, flags.record)

own_labels := object.get(workload.template(flux.object), ["metadata", "labels"], {})

# The stores of all other instances, whichever the component.
others := [store |
	some store in facts.stores
	store.object != own.object
]

# The other instances of the same component: there are shards where there is one.
peers := [store |
	some store in others
	store.component == flux.component
]

# Findings where it cannot be told what the object under review serves.
undecided contains finding if {
	some name in ["storage-adv-addr", "storage-path"]
	some finding in flags.undecided(name)
}

undecided contains finding if {
	some finding in shape.check([[row_path, row[1]] |
		some row in _rows
		row_path := array.concat([array.concat(flux.controller.pod, row[0][0])], array.slice(row[0], 1, count(row[0])))
	])
}

undecided contains result.at(path, "the effective volumes cannot be worked out") if {
	mounts := [["containers", at, "volumeMounts"] | at := flux.controller.container; is_number(at)]
	some field in array.concat([["volumes"]], mounts)
	path := array.concat(flux.controller.pod, field)
	not flux.known(path)
}

_rows := [
	[[["volumes"]], "array"],
	[[["volumes"], []], "object"],
	[[["volumes"], ["name"]], "string"],
	[[["volumes"], ["persistentVolumeClaim"]], "object"],
	[[["volumes"], ["persistentVolumeClaim", "claimName"]], "string"],
	[[["containers"], ["volumeMounts"]], "array"],
	[[["containers"], ["volumeMounts"], []], "object"],
	[[["containers"], ["volumeMounts"], ["name"]], "string"],
	[[["containers"], ["volumeMounts"], ["mountPath"]], "string"],
	[[["containers"], ["volumeMounts"], ["subPath"]], "string"],
	[[["containers"], ["volumeMounts"], ["subPathExpr"]], "string"],
]

_state(found) := "unknown" if {
	some flag in found
	flag.state == "unknown"
} else := "known"

# "key" is what tells two addresses apart: [name, namespace] of a Service, [host] of anything else, [] for
# none. A Service's name without a namespace means the controller's own.
_address(flag, namespace) := {"path": flag.path, "key": _key(host, namespace)} if {
	is_string(flag.value)
	host := _host(flag.value)
} else := {"path": flag.path, "key": []}

_host(text) := lower(trim_right(regex.replace(regex.replace(text, `^https?://`, ""), `(:[0-9]+)?(/.*)?$`, ""), "."))

_key("", _) := []

_key(host, namespace) := [host, namespace] if regex.match(`^[a-z0-9][-a-z0-9]*$`, host)

_key(host, _) := [parts[0], parts[1]] if {
	regex.match(`^[a-z][-a-z0-9]*\.[a-z0-9][-a-z0-9]*(\.svc(\..+)?)?$`, host)
	parts := split(host, ".")
}

_key(host, _) := [host] if not regex.match(`^([a-z0-9][-a-z0-9]*|[a-z][-a-z0-9]*\.[a-z0-9][-a-z0-9]*(\.svc(\..+)?)?|)$`, host)

# The persistent volume claim below the storage folder: the mount with the longest path counts. Null where
# there is none.
_claim(obj, record, folder) := {
	"name": name,
	"folder": concat("/", [part |
		some part in split(sprintf("%v/%v", [sub, substring(folder.value, count(trim_right(mount.mountPath, "/")), -1)]), "/")
		part != ""
	]),
	"path": array.concat(record.pod, ["volumes", v, "persistentVolumeClaim", "claimName"]),
	"mount": array.concat(record.pod, ["containers", record.container, "volumeMounts", m]),
} if {
	is_string(folder.value)
	mounts := _mounts(obj, record, folder.value)
	longest := max([count(found.mountPath) | some found in mounts])
	some m, mount in mounts
	count(mount.mountPath) == longest
	sub := _sub(mount)
	volumes := workload.template(obj).spec.volumes
	is_array(volumes)
	some v, volume in volumes
	volume.name == mount.name
	name := volume.persistentVolumeClaim.claimName
	is_string(name)
} else := null

# Index in volumeMounts → mount, for those that hold the folder.
_mounts(obj, record, folder) := {m: mount |
	mounted := workload.containers(obj)[record.container].volumeMounts
	is_array(mounted)
	some m, mount in mounted
	is_string(mount.mountPath)
	startswith(sprintf("%v/", [trim_right(folder, "/")]), sprintf("%v/", [trim_right(mount.mountPath, "/")]))
}

_sub(mount) := mount.subPath if {
	is_string(mount.subPath)
} else := mount.subPathExpr if {
	is_string(mount.subPathExpr)
} else := ""
