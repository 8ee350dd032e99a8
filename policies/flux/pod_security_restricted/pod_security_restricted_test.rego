package flux.pod_security_restricted_test

import data.flux.pod_security_restricted as control
import data.lib.pods_sample_test as sample

base := {"containers": [sample.manager(sample.confined)]}

pod := ["spec", "template", "spec"]

spec(change) := sample.deployment(object.union(base, change))

container(change) := sample.deployment({"containers": [object.union(sample.manager(sample.confined), change)]})

broken(obj) := {array.slice(path, 3, count(path)) | some path in found} if {
	found := sample.paths(control.violation) with input as obj
}

context(keys) := array.concat(["containers", 0, "securityContext"], keys)

test_pass if {
	control.subject with input as sample.deployment(base)
	count(((control.violation | control.warn) | control.unknown)) == 0 with input as sample.deployment(base)
}

test_other_objects if not control.subject with input as {"apiVersion": "v1", "kind": "Pod", "spec": {}}

test_host_namespaces if {
	broken(spec({"hostPID": true, "hostIPC": false})) == {["hostPID"]}
	broken(spec({"hostNetwork": true, "hostIPC": true})) == {["hostNetwork"], ["hostIPC"]}
}

test_each_requirement if {
	every field, value in {
		"privileged": true,
		"procMount": "Unmasked",
		"runAsNonRoot": false,
		"runAsUser": 0,
		"allowPrivilegeEscalation": true,
	} {
		broken(sample.with_change({field: value})) == {context([field])}
	}
}

test_every_value if {
	every field, value in {
		"appArmorProfile": {"type": "Unconfined"},
		"seccompProfile": {"type": "Unconfined"},
		"seLinuxOptions": {"type": "spc_t"},
		"windowsOptions": {"hostProcess": true},
	} {
		count(broken(sample.with_change({field: value}))) == 1
		count(broken(spec({"securityContext": {field: value}}))) == 1
	}
	count(broken(spec({"securityContext": {"seLinuxOptions": {"user": "u", "role": "r", "type": ""}}}))) == 2
}

test_absences if broken(sample.with_context({})) == {
	context(["allowPrivilegeEscalation"]),
	context(["capabilities", "drop"]),
	context(["runAsNonRoot"]),
	context(["seccompProfile", "type"]),
}

test_pod_level if count(broken(sample.deployment({
	"containers": [sample.manager({"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}})],
	"securityContext": {"runAsNonRoot": true, "seccompProfile": {"type": "Localhost"}},
}))) == 0

test_capabilities if {
	broken(sample.with_context(object.union(sample.confined, {"capabilities": {
		"drop": ["all"],
		"add": ["NET_BIND_SERVICE", "NET_ADMIN"],
	}}))) == {context(["capabilities", "drop"]), context(["capabilities", "add", 1])}
}

test_volumes if {
	obj := spec({"volumes": [
		{"name": "a", "emptyDir": {}, "hostPath": null},
		{"name": "b", "hostPath": {"path": "/"}},
		{"name": "c", "image": {"reference": "x"}},
	]})
	broken(obj) == {["volumes", 1, "hostPath"]}
	sample.paths(control.warn) == {array.concat(pod, ["volumes", 2, "image"])} with input as obj
}

test_sysctls if {
	obj := spec({"securityContext": {"sysctls": [{"name": "net.ipv4.tcp_syncookies"}, {"name": "kernel.msgmax"}]}})
	broken(obj) == {["securityContext", "sysctls", 1, "name"]}
	some finding in control.violation with input as obj
	finding.details.fix == [{"op": "remove", "path": "/spec/template/spec/securityContext/sysctls/1"}]
}

test_ports if broken(container({"ports": [{"hostPort": 0}, {"hostPort": 80}]})) == {["containers", 0, "ports", 1, "hostPort"]}

test_hosts if {
	probe := {"httpGet": {"host": "10.0.0.1"}}
	broken(container({"startupProbe": probe})) == {["containers", 0, "startupProbe", "httpGet", "host"]}
	broken(container({"lifecycle": {"postStart": probe}})) == {["containers", 0, "lifecycle", "postStart", "httpGet", "host"]}
}

key := "container.apparmor.security.beta.kubernetes.io/manager"

annotated(value) := object.union(
	sample.deployment(base),
	{"spec": {"template": {"metadata": {"annotations": {key: value}}}}},
)

test_apparmor_annotation if {
	path := ["spec", "template", "metadata", "annotations", key]
	sample.paths(control.violation) == {path} with input as annotated("unconfined")
	count(control.violation) == 0 with input as annotated("localhost/flux")
	count(control.violation) == 0 with input as annotated("runtime/default")
	sample.paths(control.unknown) == {path} with input as annotated(5)
}

test_windows if {
	obj := sample.deployment({
		"os": {"name": "windows"},
		"containers": [sample.manager({"runAsNonRoot": true})],
	})
	count(broken(obj)) == 0
}

openshift(obj) := {"review": {"object": obj}, "parameters": {"platform": "openshift"}}

test_openshift if {
	obj := openshift(sample.with_context({"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}}))
	count(control.violation) == 0 with input as obj
	count(control.warn) == 2 with input as obj
}

unknown(obj) := found if found := sample.paths(control.unknown) with input as obj

test_unknown if {
	unknown(spec({"hostPID": "x"})) == {array.concat(pod, ["hostPID"])}
	unknown(spec({"volumes": "x"})) == {array.concat(pod, ["volumes"])}
	unknown(container({"ports": ["x"]})) == {array.concat(sample.containers, ["ports", 0])}
	unknown(sample.with_change({"allowPrivilegeEscalation": "x"})) == {sample.context_path(["allowPrivilegeEscalation"])}
	unknown(sample.with_change({"runAsNonRoot": "x"})) == {sample.context_path(["runAsNonRoot"])}
	unknown(sample.deployment({})) == {array.concat(pod, ["containers"])}
}
