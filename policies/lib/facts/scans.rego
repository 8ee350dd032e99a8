package lib.facts

import data.lib.admission
import data.lib.images
import data.lib.workload

# Reports of vulnerability scanners on images that may be Flux': registry, path, tag and digest ("" where absent), and
# the number of critical findings (null where it cannot be read).
scan_reports := fact if {
	fact := data.inventory.facts.scan_reports
} else := sort([report |
	some obj in array.concat(
		namespaced("aquasecurity.github.io", "VulnerabilityReport"),
		clustered("aquasecurity.github.io", "ClusterVulnerabilityReport"),
	)
	found := admission.field(obj, "report")
	artifact := admission.field(found, "artifact")
	image := _reported(admission.field(found, "registry"), artifact)
	_may_be_flux(image.basename)
	report := {
		"object": admission.identity(obj),
		"registry": image.registry,
		"path": image.path,
		"tag": _worded(admission.field(artifact, "tag")),
		"digest": _worded(admission.field(artifact, "digest")),
		"critical": _counted(admission.field(admission.field(found, "summary"), "criticalCount")),
	}
])

# Flux components whose images a CI workflow scans.
scanned_in_ci := fact if {
	fact := data.inventory.facts.scanned_in_ci
} else := sort([component |
	texts := [text |
		some obj in files("Workflow")
		text := sprintf("%v", [admission.field(obj, "spec")])
		regex.match(`trivy|grype|anchore/scan-action`, text)
	]
	some component in workload.components
	count([1 | some text in texts; contains(text, sprintf("fluxcd/%v", [component]))]) > 0
])

# Files that became objects, of one kind.
files(kind) := array.concat(namespaced("files.flux-audit", kind), clustered("files.flux-audit", kind))

_reported(registry, artifact) := images.parse(concat("/", array.concat(
	[server | server := _worded(admission.field(registry, "server")); server != ""],
	[repository],
))) if {
	repository := admission.field(artifact, "repository")
	is_string(repository)
}

_may_be_flux(name) if {
	some component in workload.components
	endswith(name, component)
}

_worded(value) := value if {
	is_string(value)
} else := ""

_counted(value) := value if {
	is_number(value)
} else := null
