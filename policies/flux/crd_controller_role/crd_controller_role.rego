# METADATA
# title: The role of all controllers is not broader than Flux's own
# description: |
#   The ClusterRole `crd-controller` (with any suffix), which every Flux controller has, allows nothing that Flux's
#   manifests do not: full access to Flux's own objects, reading namespaces, secrets, config maps and service
#   accounts, writing config maps, events and leases, issuing tokens, and the probe of the API server. Less passes.
#   Roles of the Flux Operator may also cover the operator's own group.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/#controller-permissions
#     description: Flux security documentation, Controller permissions
#   - ref: https://github.com/fluxcd/flux2/tree/main/manifests/rbac
#     description: Flux's own RBAC manifests
# custom:
#   id: FX-RBAC-01
#   severity: high
#   profiles: [base]
#   assessment: automated
#   modes: [git, render, dump, admission]
#   kinds: [rbac.authorization.k8s.io/ClusterRole]
#   reads: []
#   origin: security.md, Controller permissions, item 1
#   rationale: |
#     The role is bound to every controller, also to those that only fetch or notify. Whatever is added here, all of
#     them hold: write access to secrets lets a compromised notification-controller plant credentials, and rights
#     on pods, roles or webhooks are a way to cluster-admin. An aggregation rule is as bad: whoever may label a
#     cluster role then extends this one.
#   audit: |
#     ```sh
#     kubectl get clusterrole -o name | grep crd-controller | xargs kubectl get -o yaml
#     ```
#
#     Compare the rules with those of the installed release (`flux install --export`, ClusterRole `crd-controller`).
#     Pass: no rule has a group, resource or verb that the release's lacks, there is no `aggregationRule`, and the
#     only non-resource URL is `/livez/ping`. The number of rules differs between releases; missing ones are fine as
#     long as the controllers work. `serviceaccounts/token` belongs to it since Flux 2.6.
#   remediation: |
#     Restore the upstream rules: remove the patch or the values that extend the role, and let Flux reconcile, or
#
#     ```sh
#     flux install --export | yq 'select(.kind == "ClusterRole" and .metadata.name == "crd-controller*")' | kubectl apply -f -
#     ```
#
#     A controller that needs more (image-reflector-controller reading a registry secret elsewhere, say) gets a Role
#     and RoleBinding of its own, in the one namespace concerned.
#   since: 0.1.0
#   params: {}
package flux.crd_controller_role

import data.lib.facts
import data.lib.flux
import data.lib.rbac
import data.lib.result

subject if rbac.role_named("crd-controller")

violation contains result.at(place[0], msg) if {
	subject
	some place in rbac.rules
	excess := sort([text | some text in beyond(place)])
	count(excess) > 0
	msg := sprintf("it allows more than flux needs: %v", [concat("; ", array.slice(excess, 0, 5))])
}

violation contains finding if {
	subject
	some finding in rbac.aggregates
}

unknown contains finding if {
	subject
	some finding in rbac.unreadable
}

# What a rule allows besides.
beyond(place) := {sprintf("%v of %v", [concat(", ", verbs), named(group, resource)]) |
	some [_, group] in rbac.items(place, "apiGroups")
	some [_, resource] in rbac.items(place, "resources")
	verbs := sort([verb |
		some [_, verb] in rbac.items(place, "verbs")
		not expected(group, resource, verb)
	])
	count(verbs) > 0
} | {sprintf("%v of the URL %v", [verb, url]) |
	some [_, url] in rbac.items(place, "nonResourceURLs")
	some [_, verb] in rbac.items(place, "verbs")
	[url, verb] != ["/livez/ping", "head"]
}

named(group, resource) := resource if {
	group == ""
} else := sprintf("%v.%v", [resource, group])

expected(group, _, _) if group in rbac.flux_groups

expected("fluxcd.controlplane.io", _, _) if operated

expected(group, resource, verb) if verb in upstream[group][resource]

operated if flux.object.metadata.labels["app.kubernetes.io/managed-by"] == "flux-operator"

operated if count(facts.operators) > 0

upstream := {
	"": {
		"namespaces": read,
		"secrets": read,
		"configmaps": manage,
		"serviceaccounts": read,
		"events": {"create", "patch"},
		"configmaps/status": {"get", "update", "patch"},
		"serviceaccounts/token": {"create"},
	},
	"coordination.k8s.io": {"leases": manage},
}

read := {"get", "list", "watch"}

manage := read | {"create", "update", "patch", "delete"}
