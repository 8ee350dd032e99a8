# METADATA
# title: Controllers may create tokens only where they need to
# description: |
#   Where the feature gate `ObjectLevelWorkloadIdentity` is off on every Flux controller, the role that they share,
#   `crd-controller`, does not allow them to create tokens of service accounts. Where one controller has the gate on the
#   right is needed, and the control passes.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/installation/configuration/multitenancy/
#     description: Flux, multi-tenancy configuration
#   - ref: https://fluxcd.io/flux/installation/configuration/workload-identity/
#     description: Flux, workload identity
# custom:
#   id: FX-EXT-07
#   severity: medium
#   profiles: [hard]
#   assessment: automated
#   modes: [git, render, dump, admission]
#   kinds: [rbac.authorization.k8s.io/ClusterRole]
#   reads:
#     - apps/Deployment
#     - apps/StatefulSet
#     - apps/DaemonSet
#     - apps/ReplicaSet
#     - batch/Job
#     - batch/CronJob
#     - PodTemplate
#     - Pod
#   origin: extension (the multi-tenancy page removes the right where the feature is not used; the security pages keep it)
#   rationale: |
#     Since Flux 2.6 the shared role may create tokens of every service account in the cluster, so that a controller can
#     log in to a cloud on behalf of an object's own account. A token stands for its account: whoever takes over any one
#     controller, the image-automation-controller that parses foreign repositories included, becomes every account, the
#     cluster's administrators among them. Without the feature nothing needs the right.
#   audit: |
#     ```sh
#     kubectl get clusterroles -o json | jq -r '.items[] | select(.metadata.name | test("^crd-controller(-|$)"))
#       | .metadata.name as $n | .rules | to_entries[] | select(.value.resources // [] | index("serviceaccounts/token")) | "\($n) /rules/\(.key)"'
#     kubectl get deploy,sts -A -l app.kubernetes.io/part-of=flux -o json | jq -r '.items[] | "\(.metadata.namespace)/\(.metadata.name): \([.spec.template.spec.containers[].args[]? | select(startswith("--feature-gates"))])"'
#     ```
#
#     Pass: the first command prints nothing, or a controller has `ObjectLevelWorkloadIdentity=true` in the second.
#   remediation: |
#     Remove the rule by what it says, not by a number from elsewhere: it is the twelfth rule (`/rules/11`) since Flux
#     2.7 and was the eleventh in 2.6. `remove /rules/10` on a later release deletes the rule for leases, and the
#     controllers lose their leader election. A `test` stops the build where the number is wrong:
#
#     ```yaml
#     patches:
#       - target:
#           kind: ClusterRole
#           name: "crd-controller(-flux-system)?"
#         patch: |
#           - op: test
#             path: /rules/11/resources/0
#             value: serviceaccounts/token
#           - op: remove
#             path: /rules/11
#     ```
#
#     The Flux Operator does it by itself where the feature is switched off:
#
#     ```yaml
#     spec:
#       cluster:
#         objectLevelWorkloadIdentity: false
#     ```
#   since: 0.1.0
#   params: {}
package flux.token_creation_needed

import data.lib.facts
import data.lib.flags
import data.lib.flux
import data.lib.result
import data.lib.shape

subject if {
	flux.kind_is("rbac.authorization.k8s.io", "ClusterRole")
	regex.match(`^crd-controller(-.+)?$`, flux.name_of(flux.object))
}

rules := flux.object.rules if {
	subject
	is_array(flux.object.rules)
}

# Places that allow the creation of tokens: [index of the rule, index of the resource, its text].
grants := [[i, j, resource] |
	some i, rule in rules
	lists(rule, "apiGroups", {"", "*"})
	lists(rule, "verbs", {"create", "*"})
	is_array(rule.resources)
	some j, resource in rule.resources
	resource in {"serviceaccounts/token", "*/token", "*"}
]

lists(rule, field, wanted) if {
	is_array(rule[field])
	some text in rule[field]
	text in wanted
}

# What each controller says of the feature gate.
gates := [object.union(flag, {"node": {"object": facts.object_of(record), "path": flag.path}}) |
	some record in facts.controllers
	flag := flags.gate_of(record, "ObjectLevelWorkloadIdentity")
]

needed if {
	some gate in gates
	gate.value == true
}

doubtful := [gate.node | some gate in gates; gate.state == "unknown"]

warn contains result.full(["rules", i, "resources", j], msg, nodes, fix(i, j, resource)) if {
	facts.available
	some [i, j, resource] in grants
	count(gates) > 0
	count(doubtful) == 0
	not needed
	msg := "controllers may create tokens of every service account, and none of them uses workload identity of objects"
	nodes := array.concat(
		[{"path": ["rules", i, "apiGroups"]}, {"path": ["rules", i, "verbs"]}],
		[gate.node | some gate in gates],
	)
}

fix(i, j, resource) := [{"op": "remove", "path": result.pointer(["rules", i])}] if {
	resource == "serviceaccounts/token"
	count(rules[i].resources) == 1
} else := [{"op": "remove", "path": result.pointer(["rules", i, "resources", j])}] if {
	resource == "serviceaccounts/token"
} else := []

unknown contains result.related(["rules", i, "resources", j], msg, doubtful) if {
	facts.available
	some [i, j, _] in grants
	count(doubtful) > 0
	not needed
	msg := "it cannot be told whether a controller needs to create tokens"
}

manual contains result.at(["rules", i, "resources", j], "whether the right to create tokens is needed is told by the controllers, which are not at hand") if {
	some [i, j, _] in grants
	not known
}

known if {
	facts.available
	count(gates) > 0
}

unknown contains finding if {
	subject
	some finding in shape.check([
		[[["rules"]], "array"],
		[[["rules"], []], "object"],
		[[["rules"], ["apiGroups"]], "array"],
		[[["rules"], ["apiGroups"], []], "string"],
		[[["rules"], ["resources"]], "array"],
		[[["rules"], ["resources"], []], "string"],
		[[["rules"], ["verbs"]], "array"],
		[[["rules"], ["verbs"], []], "string"],
	])
}

unknown contains result.at(["rules"], "the effective rules cannot be worked out") if {
	subject
	not flux.known(["rules"])
}

# Only the cluster itself fills in the rules of such a role.
unknown contains result.at(["aggregationRule"], "the rules come from other roles") if {
	subject
	is_object(flux.object.aggregationRule)
	flux.mode != "dump"
}
