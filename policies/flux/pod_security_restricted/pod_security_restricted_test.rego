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

fixes(obj) := {finding.details.fix | some finding in found} if found := control.violation with input as obj

place(field) := sprintf("/spec/template/spec/%v", [field])

of_context(field) := place(sprintf("containers/0/securityContext/%v", [field]))

remove(path) := [{"op": "remove", "path": path}]

put(path, value) := [{"op": "add", "path": path, "value": value}]

# Nothing in this security context may stay as it is.
_wrong := {
	"allowPrivilegeEscalation": true,
	"appArmorProfile": {"type": "Unconfined"},
	"capabilities": {"drop": ["NET_RAW"], "add": ["NET_BIND_SERVICE", "NET_ADMIN"]},
	"privileged": true,
	"procMount": "Unmasked",
	"runAsNonRoot": false,
	"runAsUser": 0,
	"seccompProfile": {"type": "Unconfined"},
	"seLinuxOptions": {"type": "spc_t", "user": "u", "role": "r"},
	"windowsOptions": {"hostProcess": true},
}

test_what_mends_a_security_context if {
	removed := {remove(of_context(field)) |
		some field in [
			"privileged", "procMount", "runAsUser", "seLinuxOptions/type", "seLinuxOptions/user",
			"seLinuxOptions/role", "windowsOptions/hostProcess",
		]
	}
	fixes(sample.with_context(_wrong)) == removed | {
		put(of_context("allowPrivilegeEscalation"), false),
		put(of_context("appArmorProfile/type"), "RuntimeDefault"),
		put(of_context("capabilities/drop"), ["ALL"]),
		put(of_context("capabilities/add"), ["NET_BIND_SERVICE"]),
		put(of_context("runAsNonRoot"), true),
		put(of_context("seccompProfile/type"), "RuntimeDefault"),
	}
}

test_what_mends_the_pod if {
	fixes(spec({"hostPID": true})) == {remove(place("hostPID"))}
	fixes(container({"ports": [{"hostPort": 80}]})) == {remove(place("containers/0/ports/0/hostPort"))}
	fixes(container({"livenessProbe": {"tcpSocket": {"host": "a"}}})) == {remove(place("containers/0/livenessProbe/tcpSocket/host"))}
	fixes(annotated("unconfined")) == {remove(concat("", [
		"/spec/template/metadata/annotations/",
		"container.apparmor.security.beta.kubernetes.io~1manager",
	]))}
}

test_what_mends_an_absence if {
	fixes(sample.with_context({})) == {
		put(of_context("allowPrivilegeEscalation"), false),
		put(of_context("capabilities"), {"drop": ["ALL"]}),
		put(of_context("runAsNonRoot"), true),
		put(of_context("seccompProfile"), {"type": "RuntimeDefault"}),
	}
}

test_a_profile_without_a_type_is_none if {
	empty := object.union(object.remove(sample.confined, ["seccompProfile"]), {"seccompProfile": {}})
	broken(sample.with_context(empty)) == {context(["seccompProfile", "type"])}
}

# Counts of violation, warn, unknown.
counts(obj) := found if {
	found := [count(control.violation), count(control.warn), count(control.unknown)] with input as obj
}

test_every_type_of_volume_that_the_standard_allows if {
	types := [
		"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral",
		"persistentVolumeClaim", "projected", "secret",
	]
	counts(spec({"volumes": [{"name": "v", type: {}} | some type in types]})) == [0, 0, 0]
	counts(spec({"volumes": [{"name": "v", "emptyDir": {}, "image": null, "nfs": null}]})) == [0, 0, 0]
	broken(spec({"volumes": [{"name": "v", "nfs": {}}]})) == {["volumes", 0, "nfs"]}
}

test_every_sysctl_that_is_safe if {
	names := [
		"kernel.shm_rmid_forced", "net.ipv4.ip_local_port_range", "net.ipv4.ip_local_reserved_ports",
		"net.ipv4.ip_unprivileged_port_start", "net.ipv4.ping_group_range", "net.ipv4.tcp_fin_timeout",
		"net.ipv4.tcp_keepalive_intvl", "net.ipv4.tcp_keepalive_probes", "net.ipv4.tcp_keepalive_time",
		"net.ipv4.tcp_syncookies",
	]
	counts(spec({"securityContext": {"sysctls": [{"name": name, "value": "1"} | some name in names]}})) == [0, 0, 0]
}

test_every_value_that_the_standard_allows if {
	changes := array.concat(
		[{"seLinuxOptions": {"type": type, "user": "", "role": ""}} |
			some type in ["", "container_engine_t", "container_init_t", "container_kvm_t", "container_t"]
		],
		[{"appArmorProfile": {"type": type}, "seccompProfile": {"type": type}} | some type in ["Localhost", "RuntimeDefault"]],
	)
	several := [sample.manager(object.union(sample.confined, change)) | some change in changes]
	counts(sample.deployment({"containers": several})) == [0, 0, 0]
	counts(sample.with_change({
		"privileged": false,
		"procMount": "Default",
		"runAsUser": 1000,
		"windowsOptions": {"hostProcess": false},
		"capabilities": {"drop": ["NET_RAW", "ALL"], "add": ["NET_BIND_SERVICE"]},
	})) == [0, 0, 0]
}

# Probes and hooks with this host: each way to name one.
handlers(host) := {"httpGet": {"host": host, "port": 80}, "tcpSocket": {"host": host, "port": 80}}

hooked(host) := container({
	"livenessProbe": handlers(host),
	"readinessProbe": handlers(host),
	"startupProbe": handlers(host),
	"lifecycle": {"postStart": handlers(host), "preStop": handlers(host)},
})

test_every_host_of_a_probe_or_hook if {
	counts(hooked("")) == [0, 0, 0]
	broken(hooked("10.0.0.1")) == {array.concat(["containers", 0], path) |
		some who in [
			["livenessProbe"], ["readinessProbe"], ["startupProbe"],
			["lifecycle", "postStart"], ["lifecycle", "preStop"],
		]
		some how in ["httpGet", "tcpSocket"]
		path := array.concat(who, [how, "host"])
	}
}

test_annotations if {
	every value in ["", "runtime/default", "localhost/flux"] {
		counts(annotated(value)) == [0, 0, 0]
	}
	counts(annotated("docker/default")) == [1, 0, 0]
	other := object.union(
		sample.deployment(base),
		{"spec": {"template": {"metadata": {"annotations": {"prometheus.io/scrape": "true", "hostPort": "80", "a": 5}}}}},
	)
	counts(other) == [0, 0, 0]
	counts(container({"ports": [{key: "unconfined"}]})) == [0, 0, 0]
}

# Objects with fields of the wrong type, and the paths of these fields.
_odd := [
	[
		sample.deployment({
			"hostIPC": "x",
			"hostNetwork": 1,
			"volumes": ["x"],
			"securityContext": {"sysctls": ["x", {"name": 5}]},
			"containers": [object.union(
				{"ports": [{"hostPort": "80"}], "livenessProbe": {"httpGet": {"host": 5}}},
				sample.manager({
					"allowPrivilegeEscalation": "x",
					"appArmorProfile": {"type": 5},
					"capabilities": {"drop": "ALL", "add": [5]},
					"privileged": "x",
					"procMount": 5,
					"runAsNonRoot": "x",
					"runAsUser": "0",
					"seccompProfile": {"type": 5},
					"seLinuxOptions": {"role": 5, "type": 5, "user": 5},
					"windowsOptions": {"hostProcess": 5},
				}),
			)],
		}),
		{
			"hostIPC", "hostNetwork", "volumes/0", "securityContext/sysctls/0", "securityContext/sysctls/1/name",
			"containers/0/ports/0/hostPort", "containers/0/livenessProbe/httpGet/host",
			"containers/0/securityContext/allowPrivilegeEscalation", "containers/0/securityContext/appArmorProfile/type",
			"containers/0/securityContext/capabilities/drop", "containers/0/securityContext/capabilities/add",
			"containers/0/securityContext/privileged", "containers/0/securityContext/procMount",
			"containers/0/securityContext/runAsNonRoot", "containers/0/securityContext/runAsUser",
			"containers/0/securityContext/seccompProfile/type", "containers/0/securityContext/seLinuxOptions/role",
			"containers/0/securityContext/seLinuxOptions/type", "containers/0/securityContext/seLinuxOptions/user",
			"containers/0/securityContext/windowsOptions/hostProcess",
		},
	],
	[
		sample.deployment({
			"volumes": "x",
			"securityContext": {"sysctls": "x"},
			"containers": [object.union(
				{"ports": "x", "lifecycle": "x"},
				sample.manager(object.union(sample.confined, {"seccompProfile": "x", "capabilities": "x"})),
			)],
		}),
		{
			"volumes", "securityContext/sysctls", "containers/0/ports", "containers/0/lifecycle",
			"containers/0/securityContext/seccompProfile", "containers/0/securityContext/capabilities",
		},
	],
]

test_ill_typed_fields_are_unknown_and_no_failures if {
	every row in _odd {
		count(control.violation | control.warn) == 0 with input as row[0]
		{concat("/", [sprintf("%v", [key]) | some key in array.slice(path, 3, count(path))]) |
			some path in unknown(row[0])
		} == row[1]
	}
}

# The constraints of OpenShift fill in what the manifest leaves out.
test_openshift_may_fill_in_what_is_absent if {
	count(control.warn) == 0 with input as openshift(sample.deployment(base))
	count(control.warn) == 0 with input as sample.with_context({})
	half := sample.with_context({"runAsNonRoot": true, "allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}})
	sample.paths(control.warn) == {sample.context_path(["seccompProfile", "type"])} with input as openshift(half)
	odd := sample.with_change({"runAsNonRoot": "x"})
	count(control.warn) == 0 with input as openshift(odd)
}

# Its owner is judged for what the template says.
test_a_pod_is_judged_where_its_owner_is_not_at_hand if {
	pod_itself := sample.pod(object.union(base, {
		"hostPID": true,
		"volumes": [{"name": "v", "nfs": {}}],
		"securityContext": {"privileged": true, "sysctls": [{"name": "kernel.msgmax"}]},
	}))
	odd := object.union(pod_itself, {"metadata": {"annotations": {key: "unconfined"}}})
	count(control.violation) == 5 with input as odd
	count(control.violation) == 0 with input as odd with data.inventory as sample.inventory
}
