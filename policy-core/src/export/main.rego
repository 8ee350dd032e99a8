# One entry point for all controls. `deny` holds what fails, `warn` what is advice or cannot be decided, `manual` what a
# person has to look at, `not_evaluated` the controls that this input cannot decide.
#
# Settings are `data.flux_audit`: `mode` (render), `profiles` ([base]), `now` (the clock's time) and the parameters of the
# controls by name.
package main

import data.lib.facts
import data.lib.result
import data.lib.workload

deny contains _answer(finding, "") if some ["violation", finding] in _findings

deny contains {"msg": sprintf("data.flux_audit: %v", [fault]), "details": {}} if some fault in _faults

warn contains _answer(finding, "") if some ["warn", finding] in _findings

warn contains _answer(finding, "cannot decide: ") if some ["unknown", finding] in _findings

warn contains {"msg": "cannot decide: the input holds something that is no Kubernetes object", "details": {}} if {
	some thing in _things
	not _is_object(thing)
}

manual contains _answer(finding, "") if some ["manual", finding] in _findings

not_evaluated contains {"control": control.id, "reason": reason} if {
	some thing in _things
	_is_object(thing)
	some control in _speaking(thing)
	_selected(control)
	some reason in _obstacles(control)
}

# A finding in words that tell which control and which object.
_answer(finding, doubt) := {"msg": msg, "details": details} if {
	control := _controls[finding.slug]
	place := object.get(finding.said.details, "path", [])
	msg := sprintf("%v: %v: %v%v%v", [control.id, _name(finding.object), doubt, finding.said.msg, _place(place)])
	details := object.union(finding.said.details, {
		"control": control.id,
		"severity": control.severity,
		"message": finding.said.msg,
		"object": {
			"apiVersion": finding.object.apiVersion,
			"kind": finding.object.kind,
			"namespace": workload.namespace_of(finding.object),
			"name": workload.name_of(finding.object),
		},
	})
}

_name(obj) := sprintf("%v %v", [obj.kind, workload.name_of(obj)]) if {
	workload.namespace_of(obj) == ""
} else := sprintf("%v %v/%v", [obj.kind, workload.namespace_of(obj), workload.name_of(obj)])

_place(path) := sprintf(" at %v", [result.pointer(path)]) if {
	count(path) > 0
} else := ""

# What the input holds: one object, the object of a review, the items of a list, or all that conftest combines.
_things contains thing if {
	some document in _documents
	some thing in _unwrapped(document)
	thing != null
}

_documents := [file.contents | some file in input] if {
	is_array(input)
	count([1 | some file in input; not _combined(file)]) == 0
} else := [input]

_combined(file) if [true | file.contents == file.contents] == [true]

_unwrapped(document) := [document.request.object] if {
	document.kind == "AdmissionReview"
} else := [document.review.object] if {
	not document.kind
} else := document.items if {
	is_array(document.items)
	endswith(document.kind, "List")
} else := [document]

_is_object(thing) if {
	workload.group_kind(thing)
	not endswith(thing.kind, "List")
}

# [rule, finding] of every control that is wanted, about every object.
_findings contains found if {
	count(_faults) == 0
	parameters := _parameters
	some thing in _things
	_is_object(thing)
	wanted := [control.slug |
		some control in _speaking(thing)
		_selected(control)
		count(_obstacles(control)) == 0
	]
	said := _said with input as {"review": {"object": thing}, "parameters": parameters, "wanted": wanted}
	some found in said
}

# Each control stands alone: one that yields nothing takes nothing away from the others.
_said contains [rule, {"slug": slug, "object": input.review.object, "said": said}] if {
	some slug in input.wanted
	some rule in ["violation", "warn", "unknown", "manual"]
	some said in data.flux[slug][rule]
}

_speaking(thing) := [control |
	some slug in object.get(_slugs, workload.group_kind(thing), [])
	control := object.union(_controls[slug], {"slug": slug})
]

_selected(control) if {
	some profile in control.profiles
	profile in _profiles
}

_obstacles(control) := {sprintf("cannot be seen in mode %v", [_parameters.mode]) |
	not _parameters.mode in control.modes
} | {"needs data.inventory" |
	control.reads
	not facts.available
}

_profiles := {"base"} | {profile | some profile in _parameters.profiles}

_parameters := object.union({"mode": "render", "profiles": ["base"], "now": _clock}, _settings)

_clock := time.format([time.now_ns(), "UTC", "2006-01-02T15:04:05Z"])

_settings := data.flux_audit if {
	is_object(data.flux_audit)
} else := {}

_faults contains "it must be an object" if {
	some settings in [settings | settings := data.flux_audit]
	not is_object(settings)
}

_faults contains sprintf("`mode` must be one of %v", [concat(", ", _modes)]) if not _parameters.mode in _modes

_faults contains sprintf("`profiles` must be a list of %v", [concat(", ", _names)]) if not _named(_parameters.profiles)

_faults contains sprintf("there is no parameter `%v`", [name]) if {
	some name, _ in _settings
	not _types[name]
}

_faults contains sprintf("`%v` must be of type %v", [name, _types[name]]) if {
	some name, value in _settings
	type_name(value) != _types[name]
}

_modes := ["admission", "dump", "git", "render"]

_names := ["base", "shared", "dedicated", "hard"]

_named(profiles) if {
	is_array(profiles)
	count([1 | some profile in profiles; not profile in _names]) == 0
}
