package flux.image_access_closed_test

import data.flux.image_access_closed as control

image(access) := {
	"apiVersion": "image.toolkit.fluxcd.io/v1",
	"kind": "ImageRepository",
	"metadata": {"name": "web", "namespace": "team-a"},
	"spec": {"image": "registry.acme.example/web", "accessFrom": access},
}

chart(access) := {
	"apiVersion": "source.toolkit.fluxcd.io/v1",
	"kind": "HelmRepository",
	"metadata": {"name": "web", "namespace": "team-a"},
	"spec": {"url": "https://charts.acme.example", "accessFrom": access},
}

# Counts of violation, warn, unknown.
judged(obj) := [count(v), count(w), count(u)] if {
	v := control.violation with input as obj
	w := control.warn with input as obj
	u := control.unknown with input as obj
}

selectors(list) := image({"namespaceSelectors": list})

test_closed if {
	every access in [null, {}, {"namespaceSelectors": []}, {"namespaceSelectors": null}] {
		judged(image(access)) == [0, 0, 0]
	}
	judged(chart(null)) == [0, 0, 0]
	control.subject with input as image(null)
	control.subject with input as chart(null)
}

test_open if {
	every item in [{}, {"matchLabels": {}}, {"matchLabels": null}] {
		judged(selectors([item])) == [1, 0, 0]
		judged(selectors([{"matchLabels": {"a": "b"}}, item])) == [1, 1, 0]
	}
	some finding in control.violation with input as selectors([{}])
	finding.details.fix == [{"op": "remove", "path": "/spec/accessFrom/namespaceSelectors/0"}]
}

test_selected if judged(selectors([{"matchLabels": {"a": "b"}}])) == [0, 1, 0]

test_charts if {
	judged(chart({})) == [0, 1, 0]
	judged(chart(5)) == [0, 1, 0]
}

# The object with nothing known about who has access.
veiled(obj) := object.union(obj, {"metadata": {"annotations": {
	"flux-audit.internal/unknown-paths": "/spec/accessFrom",
}}})

test_undecided if {
	every obj in [
		image(5), selectors(5), selectors({"a": {}}), selectors([5]), selectors([{"matchLabels": 5}]),
		object.union(image({}), {"spec": 5}), object.union(chart(null), {"spec": 5}),
	] {
		judged(obj) == [0, 0, 1]
	}
	judged(selectors([{"matchLabels": {"a": 5}}])) == [0, 1, 1]
	judged(veiled(image({}))) == [0, 0, 1]
	judged(veiled(selectors([{}, {"matchLabels": {"a": "b"}}]))) == [0, 0, 1]
	every access in [null, {}] {
		judged(veiled(chart(access))) == [0, 0, 1]
	}
	below := {"metadata": {"annotations": {"flux-audit.internal/unknown-paths": "/spec/accessFrom/namespaceSelectors"}}}
	judged(object.union(chart({}), below)) == [0, 1, 0]
}

test_other_kinds if {
	other := object.union(image({"namespaceSelectors": [{}]}), {"kind": "ImagePolicy"})
	not control.subject with input as other
	judged(other) == [0, 0, 0]
	judged(veiled(other)) == [0, 0, 0]
}
