package flux.flux_view_role_test

import data.flux.flux_view_role as control
import data.lib.rbac_sample_test as sample

role(groups, verbs, labels) := object.union(
	sample.role("flux-view", [sample.rule(groups, ["*"], verbs)]),
	{"metadata": {"labels": {sprintf("rbac.authorization.k8s.io/aggregate-to-%v", [name]): value | some name, value in labels}}},
)

judged(obj) := [sample.paths(v), sample.paths(w), sample.paths(u)] if {
	v := control.violation with input as obj
	w := control.warn with input as obj
	u := control.unknown with input as obj
}

test_view if {
	obj := role(["helm.toolkit.fluxcd.io"], ["get", "list", "watch"], {"view": "true"})
	control.subject with input as obj
	judged(obj) == [set(), set(), set()]
}

test_more if {
	judged(role(["helm.toolkit.fluxcd.io"], ["get", "patch"], {})) == [{"rules/0/verbs/1"}, set(), set()]
	judged(role([""], ["get"], {})) == [{"rules/0/apiGroups/0"}, set(), set()]
	judged(role(["helm.toolkit.fluxcd.io"], ["get"], {"admin": "yes"})) == [set(), {"metadata/labels/rbac.authorization.k8s.io/aggregate-to-admin"}, set()]
	judged(role("x", ["get"], {})) == [set(), set(), {"rules/0/apiGroups"}]
}

test_other_roles_are_not_meant if {
	every obj in [
		role(["helm.toolkit.fluxcd.io"], ["patch"], {}), role([""], ["get"], {}),
		role(["helm.toolkit.fluxcd.io"], ["get"], {"admin": "yes"}), role("x", ["get"], {}),
	] {
		judged(obj) != [set(), set(), set()]
		other := object.union(obj, {"metadata": {"name": "flux-edit"}})
		not control.subject with input as other
		judged(other) == [set(), set(), set()]
	}
}
