package lib.toolkit_test

import data.lib.toolkit

source(spec) := {"apiVersion": "source.toolkit.fluxcd.io/v1beta2", "kind": "GitRepository", "spec": spec}

field(spec, keys, type) := found if found := toolkit.field(keys, type) with input as source(spec)

test_kind if {
	toolkit.kind == "GitRepository" with input as source({})
	not toolkit.kind with input as {"apiVersion": "v1", "kind": "Pod"}
	not toolkit.kind with input as {"apiVersion": "example.com/v1", "kind": "GitRepository"}
	not toolkit.kind with input as {"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": 5}
	not toolkit.kind with input as {"kind": "GitRepository"}
}

test_fields if {
	toolkit.text(field({"verify": {"mode": "HEAD"}}, ["verify", "mode"], "string")) == "HEAD"
	toolkit.text(field({}, ["verify", "mode"], "string")) == ""
	toolkit.text(field(null, ["verify", "mode"], "string")) == ""
	not toolkit.text(field({"verify": {"mode": 5}}, ["verify", "mode"], "string"))
}

test_doubts if {
	wrong := field({"verify": 5}, ["verify", "mode"], "string")
	hidden := field({"url": "https://${HOST}"}, ["url"], "string")
	fine := field({"url": "https://example.com"}, ["url"], "string")
	{finding.details.path | some finding in toolkit.doubts([wrong, hidden, fine])} == {["spec", "verify"], ["spec", "url"]}
}

test_no_object if {
	toolkit.spec.state == "absent" with input as {"review": {"object": 5}}
	toolkit.spec.state == "absent" with input as "text"
	toolkit.spec.state == "ill" with input as source([])
}
