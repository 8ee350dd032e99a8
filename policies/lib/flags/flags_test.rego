package lib.flags_test

import data.lib.flags
import data.lib.shape

_args := ["spec", "template", "spec", "containers", 0, "args"]

_manager(component, tag, container) := {
	"apiVersion": "apps/v1",
	"kind": "Deployment",
	"metadata": {"name": component, "namespace": "gitops"},
	"spec": {"template": {"spec": {"containers": [object.union(
		{"name": "manager", "image": sprintf("ghcr.io/fluxcd/%v:%v", [component, tag])},
		container,
	)]}}},
}

_with(container) := _manager("kustomize-controller", "v1.9.4", container)

_of(args) := _with({"args": args})

_value(args, name) := flag.value if {
	flag := flags.get(name) with input as _of(args)
	flag.state == "known"
}

_state(args, name) := flag.state if flag := flags.get(name) with input as _of(args)

_errors(args) := found if found := flags.errors with input as _of(args)

_stops(args) if {
	count(_errors(args)) == 1
	_state(args, "no-remote-bases") == "unknown"
	_state(args, "default-service-account") == "unknown"
}

# What pflag did when it was run.

test_bare_bool if _value(["--no-remote-bases"], "no-remote-bases") == true

test_true_spellings if {
	every text in ["1", "t", "T", "TRUE", "true", "True"] {
		_value([sprintf("--no-remote-bases=%v", [text])], "no-remote-bases") == true
	}
}

test_false_spellings if {
	every text in ["0", "f", "F", "FALSE", "false", "False"] {
		_value([sprintf("--no-remote-bases=%v", [text])], "no-remote-bases") == false
	}
}

test_bad_bool_stops_the_process if {
	every text in ["yes", "TrUe", "", "true "] {
		_stops([sprintf("--no-remote-bases=%v", [text])])
	}
}

test_bool_does_not_take_the_next_item if _value(["--no-remote-bases", "false"], "no-remote-bases") == true

test_last_wins if {
	_value(["--no-remote-bases=true", "--no-remote-bases=false"], "no-remote-bases") == false
	_value(["--no-remote-bases=false", "--no-remote-bases"], "no-remote-bases") == true
}

test_double_hyphen_ends if {
	_value(["--", "--no-remote-bases"], "no-remote-bases") == false
	_value(["--", "-x", "--nonsense"], "no-remote-bases") == false
	_value(["--no-remote-bases", "--", "--no-remote-bases=false"], "no-remote-bases") == true
}

test_positionals_between if {
	_value(["foo", "--no-remote-bases"], "no-remote-bases") == true
	_value(["", "-", "--no-remote-bases"], "no-remote-bases") == true
}

test_single_hyphen_stops if {
	_stops(["-no-remote-bases"])
	_stops(["-h"])
}

test_misspelt_names_stop if {
	every arg in ["--no_remote_bases", "--No-Remote-Bases", "--no-rem", "--help", "--insecure-allow-http", "--=x", "---x", "--=", "--no-remote-bases --concurrent=5", "--no-remote-bases "] {
		_stops([arg])
	}
}

test_text_takes_the_next_item if {
	_value(["--default-service-account", "default"], "default-service-account") == "default"
	_value(["--default-service-account", ""], "default-service-account") == ""
	_value(["--default-service-account", "--"], "default-service-account") == "--"
	_value(["--default-service-account", "--", "--no-remote-bases"], "no-remote-bases") == true
}

test_text_takes_even_a_flag if {
	args := ["--default-service-account", "--concurrent=9"]
	_value(args, "default-service-account") == "--concurrent=9"
	_value(args, "concurrent") == 4
	_value(["--default-service-account", "--nonsense"], "default-service-account") == "--nonsense"
}

test_runs_of_flags_that_take_values if {
	_value(["--default-service-account", "--log-level", "--no-remote-bases"], "no-remote-bases") == true
	_value(["--default-service-account", "--log-level", "--no-remote-bases"], "default-service-account") == "--log-level"
	_value(["--default-service-account", "--log-level", "--log-encoding", "--no-remote-bases"], "log-encoding") == "--no-remote-bases"
	_value(["--default-service-account", "--log-level", "--log-encoding", "--no-remote-bases"], "no-remote-bases") == false
	_value(["--default-service-account", "--log-level", "--log-encoding", "x", "--no-remote-bases"], "no-remote-bases") == true
}

test_empty_value_and_no_value if {
	_value(["--default-service-account="], "default-service-account") == ""
	_stops(["--no-remote-bases", "--default-service-account"])
	_stops(["--log-level", "--log-encoding", "--default-service-account"])
}

test_quotes_are_part_of_the_value if {
	_value(["--default-service-account=\"default\""], "default-service-account") == "\"default\""
}

test_int if {
	_value(["--concurrent=0x10"], "concurrent") == 16
	_stops(["--concurrent=x"])
	_stops(["--concurrent", "x"])
}

test_unknown_flag_stops if {
	_stops(["--nonsense"])
	_stops(["--nonsense=1"])
	_errors(["--nonsense=1"]) == [{
		"path": array.concat(_args, [0]),
		"msg": "this version of the controller has no flag --nonsense, so it would not start",
	}]
}

test_lists if {
	_value(["--override-manager", "a,b", "--override-manager=c"], "override-manager") == ["a,b", "c"]
	source := _manager("source-controller", "v1.9.4", {"args": ["--ssh-kex-algos=a,b", "--ssh-kex-algos", "c"]})
	flags.get("ssh-kex-algos").value == ["a", "b", "c"] with input as source
	quoted := _manager("source-controller", "v1.9.4", {"args": ["--ssh-kex-algos=\"a,b\",c"]})
	flags.get("ssh-kex-algos").state == "unknown" with input as quoted
	flags.get("concurrent").value == 2 with input as quoted
}

test_gates_merge if {
	_value(["--feature-gates=GroupChangeLog=true,ExternalArtifact=false", "--feature-gates=ExternalArtifact=true"], "feature-gates") == {"GroupChangeLog": true, "ExternalArtifact": true}
	_value(["--feature-gates=GroupChangeLog=true, ExternalArtifact=false"], "feature-gates") == {"GroupChangeLog": true, "ExternalArtifact": false}
	_stops(["--feature-gates=GroupChangeLog"])
	_stops(["--feature-gates=GroupChangeLog=yes"])
}

test_places if {
	gates := flags.get("feature-gates") with input as _of([
		"--feature-gates=GroupChangeLog=true,ExternalArtifact=false",
		"--feature-gates", "ExternalArtifact=true",
		"--feature-gates=",
	])
	gates.path == array.concat(_args, [3])
	gates.places == {"GroupChangeLog": array.concat(_args, [0]), "ExternalArtifact": array.concat(_args, [1])}
	list := flags.get("override-manager") with input as _of(["--override-manager=a", "--no-remote-bases", "--override-manager", "b"])
	list.places == [array.concat(_args, [0]), array.concat(_args, [2])]
	source := _manager("source-controller", "v1.9.4", {"args": ["--ssh-kex-algos=a,b", "--ssh-kex-algos=", "--ssh-kex-algos=c"]})
	slice := flags.get("ssh-kex-algos") with input as source
	slice.places == [array.concat(_args, [0]), array.concat(_args, [0]), array.concat(_args, [2])]
}

test_several_flags_in_one_item if {
	_stops(["--no-remote-bases --concurrent=5"])
	_value([" --no-remote-bases"], "no-remote-bases") == false
}

test_the_first_error_counts if {
	_errors(["--no-remote-bases", "-x", "--nonsense"])[0].path == array.concat(_args, [1])
	_errors(["--concurrent=x", "-x"])[0].path == array.concat(_args, [0])
}

test_values_by_type if {
	_value(["--kube-api-qps=2.5"], "kube-api-qps") == 2.5
	_value(["--requeue-dependency=1m"], "requeue-dependency") == "1m"
	_value(["--interval-jitter-percentage=10"], "interval-jitter-percentage") == 10
	_stops(["--interval-jitter-percentage=256"])
	_stops(["--requeue-dependency=1"])
}

# Records.

test_unset_flags_have_their_default if {
	flags.get("concurrent") == {"state": "known", "set": false, "value": 4, "path": _args} with input as _of(["x"])
	flags.get("no-remote-bases") == {"state": "known", "set": false, "value": false, "path": _args} with input as _with({})
	flags.get("no-remote-bases").value == false with input as _with({"args": null, "command": null})
}

test_set_flags_have_their_path if {
	flags.get("concurrent") == {"state": "known", "set": true, "value": 4, "path": array.concat(_args, [1])} with input as _of(["x", "--concurrent", "4"])
	in_command := _with({"command": ["kustomize-controller", "--concurrent=5"]})
	flags.get("concurrent").path == ["spec", "template", "spec", "containers", 0, "command", 1] with input as in_command
}

test_flags_that_the_controller_lacks if {
	source := _manager("source-controller", "v1.9.4", {"args": []})
	flags.get("no-cross-namespace-refs").value == null with input as source
	not flags.supported("no-cross-namespace-refs") with input as source
	flags.supported("ssh-kex-algos") with input as source
	stopped := _manager("source-controller", "v1.9.4", {"args": ["--no-cross-namespace-refs=true"]})
	count(flags.errors) == 1 with input as stopped
}

test_the_version_decides if {
	old := _manager("image-reflector-controller", "v0.35.2", {"args": ["--aws-autologin-for-ecr"]})
	flags.get("aws-autologin-for-ecr").value == true with input as old
	new := _manager("image-reflector-controller", "v1.0.1", {"args": ["--aws-autologin-for-ecr"]})
	count(flags.errors) == 1 with input as new
	flags.get("concurrent").state == "unknown" with input as new
	early := _manager("kustomize-controller", "v1.6.0", {"args": ["--sops-age-secret=a"]})
	count(flags.errors) == 1 with input as early
	not flags.supported("sops-age-secret") with input as early
	flags.supported("sops-age-secret") with input as _of([])
}

test_unknown_version_takes_the_newest_table if {
	custom := _manager("kustomize-controller", "custom", {"args": ["--nonsense=1", "--no-remote-bases", "--other", "x", "--last"]})
	flags.errors == [] with input as custom
	count(flags.warnings) == 3 with input as custom
	flags.get("no-remote-bases").value == true with input as custom
	flags.record.minor == null with input as custom
	bad := _manager("kustomize-controller", "custom", {"args": ["--concurrent=x"]})
	count(flags.errors) == 1 with input as bad
	removed := _manager("image-reflector-controller", "custom", {"args": ["--aws-autologin-for-ecr"]})
	count(flags.warnings) == 1 with input as removed
	flags.errors == [] with input as removed
}

test_an_unknown_flag_of_an_unknown_version_may_take_the_next_flag if {
	custom := _manager("kustomize-controller", "custom", {"args": ["--nonsense", "--no-remote-bases"]})
	flags.get("no-remote-bases").state == "unknown" with input as custom
	flags.get("no-remote-bases").path == array.concat(_args, [0]) with input as custom
	flags.errors == [] with input as custom
}

test_an_image_that_is_no_text_has_no_version if {
	obj := object.union(_of([]), {"metadata": {"labels": {"app.kubernetes.io/part-of": "flux", "app.kubernetes.io/component": "kustomize-controller"}}})
	broken := json.patch(obj, [{"op": "replace", "path": "/spec/template/spec/containers/0/image", "value": 5}])
	flags.record.minor == null with input as broken
	count(flags.undecided("concurrent")) == 1 with input as broken
}

test_gate if {
	flags.gate("ExternalArtifact").value == true with input as _of(["--feature-gates=ExternalArtifact=true"])
	flags.gate("ExternalArtifact") == {"state": "known", "set": false, "value": false, "path": _args} with input as _of([])
	flags.gate("ExternalArtifact") == {"state": "known", "set": false, "value": false, "path": _args} with input as _of(["--feature-gates=GroupChangeLog=true"])
	both := _of(["--feature-gates=ExternalArtifact=true", "--feature-gates=GroupChangeLog=true"])
	flags.gate("ExternalArtifact") == {"state": "known", "set": true, "value": true, "path": array.concat(_args, [0])} with input as both
	flags.gate("ExternalArtifact").state == "unknown" with input as _of(["--feature-gates=x"])
	flags.gate("StrictPostBuildSubstitutions").value == true with input as _of([])
	flags.gate("StrictPostBuildSubstitutions").value == false with input as _manager("kustomize-controller", "v1.8.5", {})
	flags.gate("StrictPostBuildSubstitutions").value == null with input as _manager("kustomize-controller", "v1.2.2", {})
	flags.gate("StrictPostBuildSubstitutions").value == true with input as _manager("kustomize-controller", "custom", {})
	flags.gate("Nonsense").value == null with input as _of([])
}

test_unknown_gates_stop_the_process if {
	_stops(["--feature-gates=Nonsense=true"])
	early := _manager("kustomize-controller", "v1.2.2", {"args": ["--feature-gates=StrictPostBuildSubstitutions=true"]})
	count(flags.errors) == 1 with input as early
	custom := _manager("kustomize-controller", "custom", {"args": ["--feature-gates=Nonsense=true"]})
	count(flags.warnings) == 1 with input as custom
	flags.get("concurrent").state == "known" with input as custom
	watcher := _manager("source-watcher", "v2.2.3", {"args": ["--feature-gates=Nonsense=true"]})
	flags.errors == [] with input as watcher
}

test_undecided if {
	found := flags.undecided("concurrent") with input as _of(["--nonsense"])
	found == {{"msg": "this version of the controller has no flag --nonsense, so it would not start", "details": {"path": array.concat(_args, [0])}}}
	flags.undecided("concurrent") == set() with input as _of([])
	flags.undecided_gate("ExternalArtifact") == set() with input as _of([])
	count(flags.undecided_gate("ExternalArtifact")) == 1 with input as _of(["--nonsense"])
	ill := _with({"args": "--no-remote-bases"})
	flags.undecided("concurrent") == shape.recognition with input as ill
	count(flags.undecided("concurrent")) == 1 with input as ill
	count(flags.undecided("concurrent")) == 1 with input as _of(["--concurrent=5", 5])
}

test_append if {
	flags.append("--a") == [{"op": "add", "path": "/spec/template/spec/containers/0/args/-", "value": "--a"}] with input as _of([])
	flags.append("--a") == [{"op": "add", "path": "/spec/template/spec/containers/0/args", "value": ["--a"]}] with input as _with({})
	flags.append("--a") == [{"op": "add", "path": "/spec/template/spec/containers/0/args", "value": ["--a"]}] with input as _with({"args": null})
	flags.append("--a") == [{"op": "add", "path": "/spec/template/spec/containers/0/args/1", "value": "--a"}] with input as _of(["--no-remote-bases", "--", "x"])
	in_command := _with({"command": ["kustomize-controller", "--"], "args": ["x"]})
	flags.append("--a") == [] with input as in_command
	flags.append("--a") == [] with input as _with({"args": "x"})
}

# Commands.

_command(command, args) := _with({"command": command, "args": args})

test_the_command_belongs_to_the_arguments if {
	every command in [[], ["kustomize-controller"], ["/usr/local/bin/kustomize-controller"], ["/sbin/tini", "--", "kustomize-controller"], ["dumb-init", "--", "/kustomize-controller"]] {
		flags.get("no-remote-bases").value == true with input as _command(command, ["--no-remote-bases"])
	}
	flags.get("no-remote-bases").value == true with input as _command(["/sbin/tini", "--"], ["kustomize-controller", "--no-remote-bases"])
	flags.get("no-remote-bases").value == false with input as _command(["/sbin/tini", "--", "kustomize-controller", "--"], ["--no-remote-bases"])
}

test_wrapper_scripts_and_shells if {
	every command in [["/entrypoint"], ["/sbin/tini", "--"], ["sh", "-c", "exec kustomize-controller --no-remote-bases"], ["/bin/sh", "/kustomize-controller"], ["sh", "-c", "exec /kustomize-controller"], ["$(BINARY)"], ["helm-controller"]] {
		flag := flags.get("no-remote-bases") with input as _command(command, ["--no-remote-bases"])
		flag.state == "unknown"
		flag.path == ["spec", "template", "spec", "containers", 0, "command"]
		flags.errors == [] with input as _command(command, ["--no-remote-bases"])
	}
}

test_ill_typed_commands if {
	every command in ["kustomize-controller", 5, {}, ["kustomize-controller", 5], [null]] {
		flag := flags.get("no-remote-bases") with input as _command(command, ["--no-remote-bases"])
		flag.state == "unknown"
	}
}

test_a_container_that_is_no_map if {
	every container in [5, null, "x", [[]]] {
		obj := json.patch(_of([]), [
			{"op": "add", "path": "/metadata/labels", "value": {"app.kubernetes.io/part-of": "flux", "app.kubernetes.io/component": "kustomize-controller"}},
			{"op": "replace", "path": "/spec/template/spec/containers/0", "value": container},
		])
		flags.get("concurrent").state == "unknown" with input as obj
		count(flags.undecided("concurrent")) == 1 with input as obj
		flags.append("--a") == [] with input as obj
	}
}

test_no_container_can_be_told if {
	obj := {
		"apiVersion": "apps/v1", "kind": "Deployment",
		"metadata": {"name": "x", "labels": {"app.kubernetes.io/part-of": "flux", "app.kubernetes.io/component": "helm-controller"}},
		"spec": {"template": {"spec": {"containers": [{"name": "a"}, {"name": "b"}]}}},
	}
	flags.get("concurrent").path == ["spec", "template", "spec", "containers"] with input as obj
	flags.get("concurrent").state == "unknown" with input as obj
	flags.append("--a") == [] with input as obj
}

# Variables.

_env(args, env) := _with({"args": args, "env": env})

_namespace := {"name": "NS", "valueFrom": {"fieldRef": {"fieldPath": "metadata.namespace"}}}

_expanded(text, env) := flag.value if {
	flag := flags.get("default-service-account") with input as _env([sprintf("--default-service-account=%v", [text])], env)
	flag.state == "known"
}

test_literal_values if {
	_expanded("$(A)", [{"name": "A", "value": "x"}]) == "x"
	_expanded("a$(A)b$(B)c", [{"name": "A", "value": "x"}, {"name": "B"}]) == "axbc"
	_expanded("$(A)", [{"name": "A", "value": null}]) == ""
	_expanded("$(NS)", [_namespace]) == "gitops"
}

test_later_entries_win if _expanded("$(A)", [{"name": "A", "value": "x"}, {"name": "A", "value": "y"}]) == "y"

test_escapes_and_literals if {
	env := [{"name": "A", "value": "x"}]
	_expanded("$$(A)", env) == "$(A)"
	_expanded("$$$(A)", env) == "$x"
	_expanded("$A", env) == "$A"
	_expanded("$(A", env) == "$(A"
	not _expanded("$(B)", env)
	not _expanded("$()", env)
	_expanded("a$", env) == "a$"
}

test_values_made_of_values_before_them if {
	_expanded("$(B)", [{"name": "A", "value": "x"}, {"name": "B", "value": "$(A)y"}]) == "xy"
	_expanded("$(C)", [_namespace, {"name": "B", "value": "$(NS)1"}, {"name": "C", "value": "$(B)2$$"}]) == "gitops12$"
	not _expanded("$(B)", [{"name": "B", "value": "$(A)"}, {"name": "A", "value": "x"}])
	deep := [{"name": "A", "value": "x"}, {"name": "B", "value": "$(A)"}, {"name": "C", "value": "$(B)"}, {"name": "D", "value": "$(C)"}]
	not _expanded("$(D)", deep)
	_expanded("$(C)", deep) == "x"
}

test_values_from_elsewhere_leave_that_flag_unknown if {
	every source in [{"secretKeyRef": {"name": "a", "key": "b"}}, {"configMapKeyRef": {}}, {"fieldRef": {"fieldPath": "spec.nodeName"}}, 5] {
		obj := _env(["--default-service-account=a$(A)", "--no-remote-bases"], [{"name": "A", "valueFrom": source}])
		flags.get("default-service-account").state == "unknown" with input as obj
		flags.get("default-service-account").path == array.concat(_args, [0]) with input as obj
		flags.get("no-remote-bases").value == true with input as obj
		count(flags.undecided("default-service-account")) >= 1 with input as obj
	}
}

test_an_unknown_value_of_the_next_item if {
	obj := _env(["--default-service-account", "$(A)", "--no-remote-bases"], [{"name": "A", "valueFrom": {}}])
	flags.get("default-service-account").state == "unknown" with input as obj
	flags.get("no-remote-bases").value == true with input as obj
}

test_the_last_value_may_be_known if {
	obj := _env(["--default-service-account=$(A)", "--default-service-account=x"], [{"name": "A", "valueFrom": {}}])
	flags.get("default-service-account").value == "x" with input as obj
	lists := _env(["--override-manager=$(A)", "--override-manager=x"], [{"name": "A", "valueFrom": {}}])
	flags.get("override-manager").state == "unknown" with input as lists
}

test_an_argument_of_unknown_name_leaves_all_unknown if {
	every arg in ["$(A)", "--$(A)", "--no-remote-bases$(A)", "-$(A)"] {
		obj := _env(["--no-remote-bases", arg], [{"name": "A", "valueFrom": {}}])
		flags.get("no-remote-bases").state == "unknown" with input as obj
		flags.get("no-remote-bases").path == array.concat(_args, [1]) with input as obj
	}
	positional := _env(["--no-remote-bases", "x$(A)"], [{"name": "A", "valueFrom": {}}])
	flags.get("no-remote-bases").value == true with input as positional
}

test_undefined_variables_leave_that_flag_unknown if {
	args := ["--concurrent=$(N)", "--default-service-account", "x$(A)", "--no-remote-bases"]
	_state(args, "concurrent") == "unknown"
	_state(args, "default-service-account") == "unknown"
	_value(args, "no-remote-bases") == true
	_errors(args) == []
	behind := _env(["--default-service-account=$(B)"], [{"name": "B", "value": "a$(A)"}])
	flags.get("default-service-account").reason == "nothing here defines the variable A" with input as behind
	preset := _manager("source-controller", "v1.9.4", {"env": [{"name": "STORAGE_PATH", "value": "/data/$(A)"}]})
	flags.get("storage-path").state == "unknown" with input as preset
}

test_variables_from_env_from if {
	obj := _with({"args": ["--default-service-account=$(A)"], "envFrom": [{"configMapRef": {"name": "x"}}]})
	flags.get("default-service-account").state == "unknown" with input as obj
	over := _with({"args": ["--default-service-account=$(A)"], "envFrom": [{}], "env": [{"name": "A", "value": "x"}]})
	flags.get("default-service-account").value == "x" with input as over
	none := _with({"args": ["--default-service-account=$(A)"], "envFrom": []})
	flags.get("default-service-account").state == "unknown" with input as none
	flags.get("default-service-account").reason == "nothing here defines the variable A" with input as none
	every name in ["KUBERNETES_SERVICE_HOST", "A_SERVICE_PORT_HTTP", "A_PORT"] {
		service := _with({"args": [sprintf("--default-service-account=$(%v)", [name])]})
		flags.get("default-service-account").state == "unknown" with input as service
	}
}

test_an_object_without_namespace if {
	obj := json.patch(_env(["--default-service-account=$(NS)"], [_namespace]), [{"op": "remove", "path": "/metadata/namespace"}])
	flags.get("default-service-account").state == "unknown" with input as obj
}

test_ill_typed_variables if {
	every env in [5, [5], [{"name": 5, "value": "x"}], [{"name": "A", "value": 5}]] {
		obj := _env(["--default-service-account=$(A)"], env)
		count(flags.undecided("default-service-account")) > 0 with input as obj
	}
}

test_variables_as_defaults if {
	source := _manager("source-controller", "v1.9.4", {"args": [], "env": [{"name": "STORAGE_PATH", "value": "/x"}, {"name": "STORAGE_ADV_ADDR", "valueFrom": {}}, {"name": "EVENTS_ADDR", "value": ""}]})
	flags.get("storage-path").value == "/x" with input as source
	flags.get("storage-path").path == ["spec", "template", "spec", "containers", 0, "env", 0] with input as source
	flags.get("storage-adv-addr").state == "unknown" with input as source
	flags.get("storage-addr").value == ":9090" with input as source
	flags.get("events-addr").value == "" with input as source
	given := _manager("source-controller", "v1.9.4", {"args": ["--storage-path=/y"], "env": [{"name": "STORAGE_PATH", "value": "/x"}]})
	flags.get("storage-path").value == "/y" with input as given
	other := _manager("source-controller", "v1.9.4", {"envFrom": [{"secretRef": {"name": "x"}}]})
	flags.get("storage-path").state == "unknown" with input as other
	deep := _manager("source-controller", "v1.9.4", {"env": [{"name": "A", "value": "$$"}, {"name": "B", "value": "$(A)"}, {"name": "C", "value": "$(B)"}, {"name": "STORAGE_PATH", "value": "$(C)"}]})
	flags.get("storage-path").state == "unknown" with input as deep
}

test_the_operator if {
	operator := object.union(_manager("x", "x", {}), {"spec": {"template": {"spec": {"containers": [{
		"name": "manager", "image": "ghcr.io/controlplaneio-fluxcd/flux-operator:v0.58.1",
		"args": ["--default-service-account=a", "--web-server-port=9080"],
	}]}}}})
	flags.get("default-service-account").value == "a" with input as operator
	count(flags.warnings) == 1 with input as operator
	patched := json.patch(operator, [{"op": "add", "path": "/spec/template/spec/containers/0/env", "value": [{"name": "DEFAULT_SERVICE_ACCOUNT", "value": "b"}]}])
	flags.get("default-service-account").value == "b" with input as patched
}

# Parts of the effective state that nobody knows.

_veiled(obj, pointers) := object.union(obj, {"metadata": {"annotations": {"flux-audit.internal/unknown-paths": pointers}}})

test_unknown_paths if {
	every pointer in ["/spec/template", "/spec/template/spec/containers/0/args", "/spec/template/spec/containers/0/command"] {
		flags.get("concurrent").state == "unknown" with input as _veiled(_of(["--concurrent=5"]), pointer)
	}
	item := _veiled(_of(["--concurrent", "x", "--no-remote-bases"]), "/spec/template/spec/containers/0/args/1")
	flags.get("concurrent").state == "unknown" with input as item
	flags.get("no-remote-bases").value == true with input as item
	free := _veiled(_of(["x", "--no-remote-bases"]), "/spec/template/spec/containers/0/args/0")
	flags.get("no-remote-bases").state == "unknown" with input as free
	flags.get("concurrent").value == 5 with input as _veiled(_of(["--concurrent=5"]), "/spec/template/spec/containers/0/image")
	env := _veiled(_env(["--default-service-account=$(A)"], [{"name": "A", "value": "x"}]), "/spec/template/spec/containers/0/env/0")
	flags.get("default-service-account").state == "unknown" with input as env
}

test_no_controller if {
	not flags.record with input as {"apiVersion": "v1", "kind": "Service"}
	not flags.get("concurrent") with input as {"apiVersion": "v1", "kind": "Service"}
}
