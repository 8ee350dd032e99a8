# Files and objects that bring new versions of Flux.
package lib.updates

import data.lib.admission
import data.lib.workload

# "instance", "renovate" or "workflow"; undefined for anything else.
sort_of(obj) := "instance" if {
	obj.kind == "FluxInstance"
	workload.group_kind(obj) == "fluxcd.controlplane.io/FluxInstance"
}

sort_of(obj) := "renovate" if {
	obj.kind == "Workflow"
	workload.group_kind(obj) == "files.flux-audit/Workflow"
	_renovate(obj)
}

sort_of(obj) := "workflow" if {
	obj.kind == "Workflow"
	workload.group_kind(obj) == "files.flux-audit/Workflow"
	not _renovate(obj)
	_installs(sprintf("%v", [admission.field(admission.field(obj, "spec"), "jobs")]))
}

_renovate(obj) if regex.match(`(^|/)(renovate\.json5?|\.renovaterc(\.json5?)?)$`, workload.name_of(obj))

_installs(text) if {
	contains(text, "flux install")
	contains(text, "--export")
}
