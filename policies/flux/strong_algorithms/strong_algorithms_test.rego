package flux.strong_algorithms_test

import data.flux.strong_algorithms as control

# The review of a controller with these arguments.
review(component, args) := {"review": {"object": {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {"name": component, "namespace": "flux-system"},
	"spec": {"template": {"spec": {"containers": [{
		"name": "manager",
		"image": sprintf("ghcr.io/fluxcd/%v:v1.9.4", [component]),
		"args": args,
	}]}}},
}}}

paths(findings) := {finding.details.path | some finding in findings}

args := ["spec", "template", "spec", "containers", 0, "args"]

test_defaults_and_strong_ones_pass if {
	every list in [
		[],
		["--artifact-digest-algo=blake3", "--ssh-kex-algos=curve25519-sha256", "--ssh-hostkey-algos=rsa-sha2-256"],
		["--artifact-digest-algo=sha1", "--artifact-digest-algo=sha256"],
	] {
		control.subject with input as review("source-controller", list)
		count(control.violation) == 0 with input as review("source-controller", list)
		count(control.unknown) == 0 with input as review("source-controller", list)
	}
}

test_sha1_digests_fail if {
	some finding in control.violation with input as review("source-controller", ["--artifact-digest-algo=sha1"])
	finding.details.path == array.concat(args, [0])
	finding.details.fix[0].value == "--artifact-digest-algo=sha256"
}

test_weak_algorithms_fail if {
	every name in ["ssh-rsa", "ssh-dss", "diffie-hellman-group14-sha1", "ssh-rsa-cert-v01@openssh.com"] {
		list := [sprintf("--ssh-hostkey-algos=%v", [name])]
		paths(control.violation) == {array.concat(args, [0])} with input as review("source-controller", list)
	}
}

test_the_fix_keeps_the_strong_ones if {
	list := ["--ssh-hostkey-algos=ssh-rsa,ssh-ed25519,ssh-dss"]
	fixes := {finding.details.fix | some finding in control.violation with input as review("source-controller", list)}
	fixes == {[{
		"op": "replace",
		"path": "/spec/template/spec/containers/0/args/0",
		"value": "--ssh-hostkey-algos=ssh-ed25519",
	}]}
}

test_no_fix_where_the_value_is_apart if {
	list := ["--ssh-hostkey-algos", "ssh-rsa"]
	some finding in control.violation with input as review("source-controller", list)
	finding.details.fix == []
}

test_the_argument_that_adds_it_is_named if {
	list := ["--ssh-kex-algos=x-sha1", "--ssh-kex-algos=y"]
	paths(control.violation) == {array.concat(args, [0])} with input as review("source-controller", list)
}

test_the_fix_changes_its_own_argument if {
	list := ["--ssh-kex-algos=x-sha1,a,b", "--ssh-kex-algos=c,y-sha1"]
	found := control.violation with input as review("source-controller", list)
	{finding.details.fix[0].path: finding.details.fix[0].value | some finding in found} == {
		"/spec/template/spec/containers/0/args/0": "--ssh-kex-algos=a,b",
		"/spec/template/spec/containers/0/args/1": "--ssh-kex-algos=c",
	}
}

test_undetermined if {
	every list in [
		["--ssh-kex-algos=$(KEX)"], ["--ssh-kex-algos"], ["--ssh-hostkey-algos=$(KEYS)"],
		["--artifact-digest-algo=$(DIGEST)"],
	] {
		paths(control.unknown) == {array.concat(args, [0])} with input as review("source-controller", list)
	}
}

test_other_components_are_not_meant if {
	not control.subject with input as review("helm-controller", [])
	count(control.violation) == 0 with input as review("helm-controller", ["--artifact-digest-algo=sha1"])
	count(control.unknown) == 0 with input as review("helm-controller", ["--artifact-digest-algo=$(DIGEST)"])
	count(control.unknown) == 0 with input as review("helm-controller", 5)
}
