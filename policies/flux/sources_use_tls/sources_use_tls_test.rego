package flux.sources_use_tls_test

import data.flux.sources_use_tls as control

source(kind, spec) := {"review": {"object": {
	"apiVersion": sprintf("%v/v1", [groups[kind]]),
	"kind": kind,
	"metadata": {"name": "apps", "namespace": "flux-system"},
	"spec": spec,
}}}

groups := {
	"GitRepository": "source.toolkit.fluxcd.io",
	"OCIRepository": "source.toolkit.fluxcd.io",
	"HelmRepository": "source.toolkit.fluxcd.io",
	"HelmChart": "source.toolkit.fluxcd.io",
	"Bucket": "source.toolkit.fluxcd.io",
	"ImageRepository": "image.toolkit.fluxcd.io",
	"Provider": "notification.toolkit.fluxcd.io",
}

paths(findings) := {finding.details.path | some finding in findings}

# What the control finds of an object: [fail, warn, unknown, manual].
found(obj) := [fails, warns, unknowns, manuals] if {
	control.subject with input as obj
	fails := paths(control.violation) with input as obj
	warns := paths(control.warn) with input as obj
	unknowns := paths(control.unknown) with input as obj
	manuals := paths(control.manual) with input as obj
}

clean := [set(), set(), set(), set()]

address := {["spec", "url"]}

test_plain_urls_fail if {
	every kind in ["GitRepository", "HelmRepository", "OCIRepository"] {
		every text in ["http://example.com/a", "HTTP://example.com", "http://localhost@example.com/", "http://a.svc.example.com"] {
			found(source(kind, {"url": text})) == [address, set(), set(), set()]
		}
	}
	found(source("Bucket", {"endpoint": "http://s3.example.com"})) == [{["spec", "endpoint"]}, set(), set(), set()]
	found(source("Bucket", {"endpoint": "s3.example.com", "sts": {"endpoint": "http://sts.example.com"}})) == [
		{["spec", "sts", "endpoint"]}, set(), set(), set(),
	]
	found(source("Provider", {"address": "http://chat.example.com"})) == [{["spec", "address"]}, set(), set(), set()]
}

test_inside_the_cluster_is_a_warning if {
	every text in ["http://localhost:3000/a", "http://gitea.git.svc/a", "http://gitea.git.svc.cluster.local./a"] {
		found(source("GitRepository", {"url": text})) == [set(), address, set(), set()]
	}
	own := object.union(source("GitRepository", {"url": "http://gitea.git.svc.corp"}), {"parameters": {"clusterDomain": "corp"}})
	found(own) == [set(), address, set(), set()]
}

test_protected_passes if {
	every text in ["https://example.com", "ssh://git@example.com/a", "https://${HOST}/a", "oci://example.com/${NAME}"] {
		found(source("GitRepository", {"url": text})) == clean
	}
	every text in ["s3.example.com", "https://acme.blob.core.windows.net", ""] {
		found(source("Bucket", {"endpoint": text, "insecure": false})) == clean
	}
	found(source("Provider", {"address": "https://a", "proxy": "http://proxy:3128"})) == clean
	found(source("Provider", {})) == clean
	found(source("ImageRepository", {"image": "example.com/app"})) == clean
}

test_insecure_fails if {
	every kind, spec in {
		"OCIRepository": {"url": "oci://example.com/a"},
		"HelmRepository": {"url": "oci://example.com/a", "type": "oci"},
		"Bucket": {"endpoint": "s3.example.com"},
		"ImageRepository": {"image": "example.com/app"},
	} {
		found(source(kind, object.union(spec, {"insecure": true}))) == [{["spec", "insecure"]}, set(), set(), set()]
	}
}

test_insecure_accepts_any_certificate if {
	blind := source("OCIRepository", {"url": "oci://example.com/a", "insecure": true})
	some finding in control.violation with input as blind
	contains(finding.msg, "any certificate")
	finding.details.fix == [{"op": "add", "path": "/spec/insecure", "value": false}]
	own := source("OCIRepository", {"url": "oci://example.com/a", "insecure": true, "certSecretRef": {"name": "ca"}})
	{other.msg | some other in control.violation with input as own} == {"insecure allows connections without TLS"}
}

test_insecure_without_effect_is_a_warning if {
	found(source("HelmRepository", {"url": "https://example.com", "insecure": true})) == [set(), {["spec", "insecure"]}, set(), set()]
	found(source("HelmRepository", {"url": 5, "insecure": true})) == [{["spec", "insecure"]}, set(), address, set()]
}

test_unknown if {
	every text in ["${URL}", "http://${HOST}/a", "http://", "git://example.com/a", "git@example.com:a", "", 5, null] {
		found(source("GitRepository", {"url": text})) == [set(), set(), address, set()]
	}
	found(source("Bucket", {"endpoint": "${ENDPOINT}", "insecure": "true"})) == [
		set(), set(), {["spec", "endpoint"], ["spec", "insecure"]}, set(),
	]
	found(source("Provider", {"address": "http://"})) == [set(), set(), {["spec", "address"]}, set()]
	found(source("HelmRepository", "text")) == [set(), set(), {["spec"]}, set()]
}

test_an_address_in_a_secret_is_for_a_person if {
	found(source("Provider", {"secretRef": {"name": "chat"}})) == [set(), set(), set(), {["spec", "address"]}]
	found(source("Provider", {"secretRef": {"name": "chat"}, "address": "https://a"})) == clean
}

test_other_kinds_are_not_meant if {
	not control.subject with input as source("HelmChart", {"chart": "a"})
	not control.subject with input as {"apiVersion": "example.com/v1", "kind": "Bucket"}
}

test_each_fault_is_said_once if {
	count(control.violation) == 1 with input as source("OCIRepository", {"url": "oci://example.com/a", "insecure": true})
	every text in ["${URL}", "git://example.com/a", 5] {
		count(control.unknown) == 1 with input as source("GitRepository", {"url": text})
	}
}

test_kinds_without_the_field_have_no_insecure if {
	found(source("GitRepository", {"url": "https://example.com/a", "insecure": true})) == clean
	found(source("Provider", {"address": "https://example.com", "insecure": "yes"})) == clean
}

test_insecure_is_without_effect_in_http_repositories_alone if {
	every type in ["", "default"] {
		every scheme in ["http", "https"] {
			spec := {"url": sprintf("%v://gitea.git.svc/a", [scheme]), "type": type, "insecure": true}
			["spec", "insecure"] in found(source("HelmRepository", spec))[1]
		}
	}
	every kind, spec in {
		"HelmRepository": {"url": "https://example.com", "type": "oci"},
		"Bucket": {"endpoint": "https://s3.example.com"},
	} {
		found(source(kind, object.union(spec, {"insecure": true}))) == [{["spec", "insecure"]}, set(), set(), set()]
	}
}

test_a_source_without_a_url_is_unknown if {
	every kind in ["GitRepository", "OCIRepository", "HelmRepository"] {
		found(source(kind, {})) == [set(), set(), address, set()]
		found(source(kind, {"url": "example.com/a"})) == [set(), set(), address, set()]
	}
}
