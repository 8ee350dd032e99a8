# METADATA
# title: Flux pods conform to the restricted pod security standard
# description: |
#   The pods of the Flux controllers, with every container in them, meet each requirement of the Kubernetes
#   pod security standard "restricted".
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/#pod-security-standard
#     description: Flux security documentation, Pod security standard
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
#     description: Kubernetes pod security standards, restricted
# custom:
#   id: FX-PSS-07
#   severity: high
#   profiles: [base]
#   assessment: automated
#   modes: [git, render, dump, admission]
#   kinds: [apps/Deployment, apps/StatefulSet, apps/DaemonSet, apps/ReplicaSet, batch/Job, batch/CronJob,
#     PodTemplate, Pod]
#   reads: []
#   origin: security.md, Pod security standard
#   rationale: |
#     The project ships its controllers in conformance with this standard, and a patch, a chart value or an
#     injected sidecar is what breaks it. Each requirement closes a way from a container to its node or to its
#     neighbours: the host's namespaces and paths, privilege escalation, unmasked kernel interfaces, unsafe
#     kernel settings. The controllers hold the most powerful accounts of the cluster, so that their pods are the
#     last ones to make an exception for.
#
#     Each requirement that a pod breaks is a finding of its own, at the field that breaks it. Privileged mode,
#     profiles and users are also judged where a container overrides them, as the API server does.
#   audit: |
#     Let the API server judge the running pods (it changes nothing):
#
#     ```sh
#     kubectl label --dry-run=server --overwrite namespace flux-system pod-security.kubernetes.io/enforce=restricted
#     ```
#
#     Pass: no warning names a pod of Flux. Then look for what is started rarely: Jobs, CronJobs and further
#     instances (shards) of the controllers, by `app.kubernetes.io/part-of=flux`, in every namespace that has some.
#   remediation: |
#     Remove what broke the standard. Upstream's container block, complete:
#
#     ```yaml
#     securityContext:
#       allowPrivilegeEscalation: false
#       readOnlyRootFilesystem: true
#       runAsNonRoot: true
#       capabilities:
#         drop: ["ALL"]
#       seccompProfile:
#         type: RuntimeDefault
#     ```
#
#     Put the same block on sidecars and init containers. In a bootstrap repository it is a strategic merge patch
#     on the Deployments in `flux-system/kustomization.yaml`, with a FluxInstance the same under
#     `spec.kustomize.patches`, in the community chart `<controller>.securityContext` (it replaces the whole
#     default block). Service meshes inject init containers with NET_ADMIN: use the mesh's CNI plugin, or annotate
#     the pods of Flux so that nothing is injected.
#   since: 0.1.0
#   params:
#     platform:
#       type: string
#       enum: [kubernetes, openshift]
#       default: kubernetes
#       description: The kind of cluster; on openshift, security context constraints may fill in what a manifest leaves out
package flux.pod_security_restricted

import data.lib.flux
import data.lib.node
import data.lib.pods
import data.lib.result

subject if flux.controller

violation contains result.fixed(field.node.path, msg, mended(field)) if {
	some field in fields
	field.node.state == "set"
	broken(field)
	msg := sprintf("%v sets %v to %v", [field.label, field.name, field.node.value])
}

violation contains result.at(source.node.path, msg) if {
	some source in sources
	source.node.state == "set"
	not source.type in volume_types
	msg := sprintf("the pod has a volume of type %v", [source.type])
}

violation contains result.fixed(c.escalation.path, msg, node.fix(c.escalation, false)) if {
	some c in confined
	node.decided(c.escalation)
	c.escalation.value != false
	msg := sprintf("%v does not forbid privilege escalation", [c.label])
}

violation contains result.fixed(c.drop.path, msg, node.fix(c.drop, ["ALL"])) if {
	some c in confined
	node.decided(c.drop)
	not "ALL" in c.drop.value
	msg := sprintf("%v does not drop all capabilities", [c.label])
}

violation contains result.fixed(array.concat(c.add.path, [i]), msg, node.fix(c.add, allowed)) if {
	some c in confined
	some i, capability in c.add.value
	capability != "NET_BIND_SERVICE"
	allowed := [a | some a in c.add.value; a == "NET_BIND_SERVICE"]
	msg := sprintf("%v adds the capability %v", [c.label, capability])
}

violation contains result.fixed(need.node.path, msg, node.fix(need.node, need.put)) if {
	some need in needs
	need.node.state == "absent"
	not pods.constrained
	msg := sprintf("%v does not set %v", [need.label, need.name])
}

warn contains result.at(need.node.path, msg) if {
	some need in needs
	need.node.state == "absent"
	pods.constrained
	msg := sprintf("%v does not set %v, which is left to the security context constraint", [need.label, need.name])
}

warn contains result.at(source.node.path, msg) if {
	some source in sources
	source.node.state == "set"
	source.type == "image"
	msg := "the pod has a volume of type image, which older versions of the standard refuse"
}

unknown contains finding if {
	subject
	some finding in pods.undecided
}

unknown contains finding if {
	some group in [fields, sources, needs, items]
	some record in group
	finding := node.doubt(record.node)
}

unknown contains finding if {
	some c in confined
	some field in [c.escalation, c.drop, c.add]
	finding := node.doubt(field)
}

# fields: every field that must not have certain values, as a record: label (whose it is), name, node,
# allowed or forbidden (the values), put (the value that mends it; null: remove the field, or what stands
# at the path remove).
fields contains {"label": "the pod", "name": name, "node": field, "forbidden": [true], "put": null} if {
	subject
	pods.whole
	some name in ["hostIPC", "hostNetwork", "hostPID"]
	field := node.child(pods.spec, name, "boolean")
}

fields contains object.union({"label": scope.label, "name": rule.name, "node": field}, rule.rule) if {
	some scope in scopes
	some rule in context_rules
	field := node.get(scope.context, split(rule.name, "."), rule.type)
}

fields contains {"label": "the pod", "name": "a sysctl", "node": field, "allowed": safe_sysctls, "put": null, "remove": item.node.path} if {
	some item in items
	item.of == "sysctls"
	field := node.child(item.node, "name", "string")
}

fields contains {"label": item.label, "name": "hostPort", "node": field, "allowed": [0], "put": null} if {
	some item in items
	item.of == "ports"
	field := node.child(item.node, "hostPort", "integer")
}

fields contains {"label": c.label, "name": name, "node": field, "allowed": [""], "put": null} if {
	subject
	some c in pods.containers
	some name in hosts
	field := node.get(c.node, split(name, "."), "string")
}

fields contains {"label": "the pod", "name": "the apparmor annotation", "node": field, "allowed": allowed, "put": null} if {
	some item in items
	item.of == "annotations"
	some key, _ in item.node.value
	startswith(key, "container.apparmor.security.beta.kubernetes.io/")
	field := node.child(item.node, key, "string")
	allowed := array.concat(["", "runtime/default"], local(field.value))
}

template := node.at(object.get(flux.object, flux.controller.template, null), flux.controller.template, "object", 0)

local(profile) := [profile | is_string(profile); startswith(profile, "localhost/")]

broken(field) if field.node.value in field.forbidden

broken(field) if {
	field.allowed
	not field.node.value in field.allowed
}

mended(field) := [{"op": "remove", "path": result.pointer(object.get(field, "remove", field.node.path))}] if {
	field.put == null
} else := node.fix(field.node, field.put)

# context_rules: what a security context, the pod's or a container's, may say.
context_rules := [
	{"name": "appArmorProfile.type", "type": "string", "rule": {"allowed": ["Localhost", "RuntimeDefault"], "put": "RuntimeDefault"}},
	{"name": "privileged", "type": "boolean", "rule": {"forbidden": [true], "put": null}},
	{"name": "procMount", "type": "string", "rule": {"allowed": ["Default"], "put": null}},
	{"name": "runAsNonRoot", "type": "boolean", "rule": {"forbidden": [false], "put": true}},
	{"name": "runAsUser", "type": "integer", "rule": {"forbidden": [0], "put": null}},
	{"name": "seLinuxOptions.role", "type": "string", "rule": {"allowed": [""], "put": null}},
	{"name": "seLinuxOptions.type", "type": "string", "rule": {"allowed": selinux_types, "put": null}},
	{"name": "seLinuxOptions.user", "type": "string", "rule": {"allowed": [""], "put": null}},
	{"name": "seccompProfile.type", "type": "string", "rule": {"allowed": ["Localhost", "RuntimeDefault"], "put": "RuntimeDefault"}},
	{"name": "windowsOptions.hostProcess", "type": "boolean", "rule": {"forbidden": [true], "put": null}},
]

selinux_types := ["", "container_engine_t", "container_init_t", "container_kvm_t", "container_t"]

hosts := [
	"lifecycle.postStart.httpGet.host",
	"lifecycle.postStart.tcpSocket.host",
	"lifecycle.preStop.httpGet.host",
	"lifecycle.preStop.tcpSocket.host",
	"livenessProbe.httpGet.host",
	"livenessProbe.tcpSocket.host",
	"readinessProbe.httpGet.host",
	"readinessProbe.tcpSocket.host",
	"startupProbe.httpGet.host",
	"startupProbe.tcpSocket.host",
]

safe_sysctls := [
	"kernel.shm_rmid_forced",
	"net.ipv4.ip_local_port_range",
	"net.ipv4.ip_local_reserved_ports",
	"net.ipv4.ip_unprivileged_port_start",
	"net.ipv4.ping_group_range",
	"net.ipv4.tcp_fin_timeout",
	"net.ipv4.tcp_keepalive_intvl",
	"net.ipv4.tcp_keepalive_probes",
	"net.ipv4.tcp_keepalive_time",
	"net.ipv4.tcp_syncookies",
]

# volume_types: those that the standard allows (name is no type, image a matter of its version).
volume_types := {
	"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "name",
	"persistentVolumeClaim", "projected", "secret",
}

# scopes: the security contexts, each with whose it is.
scopes contains {"label": "the pod", "context": pods.security} if {
	subject
	pods.whole
}

scopes contains {"label": c.label, "context": pods.context(c)} if {
	subject
	some c in pods.containers
}

# items: the items of the lists of objects, and the annotations; a list that cannot be read stands for
# its items.
items contains {"of": "annotations", "label": "the pod", "node": node.get(template, ["metadata", "annotations"], "object")} if {
	subject
	pods.whole
}

items contains {"of": "volumes", "label": "the pod", "node": item} if {
	subject
	pods.whole
	some item in listed(node.child(pods.spec, "volumes", "array"))
}

items contains {"of": "sysctls", "label": "the pod", "node": item} if {
	subject
	pods.whole
	some item in listed(node.child(pods.security, "sysctls", "array"))
}

items contains {"of": "ports", "label": c.label, "node": item} if {
	subject
	some c in pods.containers
	some item in listed(node.child(c.node, "ports", "array"))
}

listed(list) := array.concat([list | not node.decided(list)], node.items(list, "object"))

# sources: the fields of each volume; all but its name are types.
sources contains {"type": type, "node": node.child(item.node, type, "any")} if {
	some item in items
	item.of == "volumes"
	some type, _ in item.node.value
}

# confined: what every container must say for itself, windows apart.
confined contains {"label": c.label, "escalation": escalation, "drop": drop, "add": add} if {
	subject
	not pods.windows
	some c in pods.containers
	escalation := pods.own(c, "allowPrivilegeEscalation", "boolean")
	drop := node.get(pods.context(c), ["capabilities", "drop"], "strings")
	add := node.get(pods.context(c), ["capabilities", "add"], "strings")
}

# needs: what a container or its pod must say, with the value to put.
needs contains {"label": c.label, "name": "runAsNonRoot", "node": field, "put": true} if {
	subject
	some c in pods.completed
	field := pods.effective(c, "runAsNonRoot", "boolean")
}

needs contains {"label": c.label, "name": "a seccomp profile", "node": field, "put": "RuntimeDefault"} if {
	subject
	not pods.windows
	some c in pods.completed
	field := node.child(pods.effective(c, "seccompProfile", "object"), "type", "string")
}
