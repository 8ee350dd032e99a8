package flux.automation_commits_signed_test

import data.flux.automation_commits_signed as control

automation(commit) := {
	"apiVersion": "image.toolkit.fluxcd.io/v1",
	"kind": "ImageUpdateAutomation",
	"metadata": {"name": "apps", "namespace": "apps"},
	"spec": {"git": {"commit": commit}},
}

judged(obj) := {sprintf("%v %v", [kind, concat("/", finding.details.path)]) |
	some kind, found in {"fail": failures, "unknown": doubts}
	some finding in found
} if {
	failures := control.violation with input as obj
	doubts := control.unknown with input as obj
}

test_signed if {
	control.subject with input as automation({})
	judged(automation({"signingKey": {"secretRef": {"name": "key"}}})) == set()
	judged(automation({"signingKey": {"type": "ssh", "secretRef": {"name": "${KEY}"}}})) == set()
}

test_unsigned if {
	judged(automation({})) == {"fail spec/git/commit/signingKey"}
	judged(automation({"signingKey": null})) == {"fail spec/git/commit/signingKey"}
	judged(automation({"signingKey": {}})) == {"fail spec/git/commit/signingKey/secretRef/name"}
	judged(automation({"signingKey": {"secretRef": {"name": ""}}})) == {"fail spec/git/commit/signingKey/secretRef/name"}
}

test_unreadable if {
	judged(automation({"signingKey": "key"})) == {"unknown spec/git/commit/signingKey"}
	judged(automation({"signingKey": {"secretRef": {"name": 5}}})) == {"unknown spec/git/commit/signingKey/secretRef/name"}
	judged(automation("x")) == {"unknown spec/git/commit"}
}

test_other_objects if {
	other := {"apiVersion": "image.toolkit.fluxcd.io/v1", "kind": "ImagePolicy", "spec": {}}
	not control.subject with input as other
	judged(other) == set()
}
