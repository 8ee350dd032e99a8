# METADATA
# title: Admission guards platform-admin permissions
# description: |
#   What gives the platform its access to a tenant's cluster is guarded by an enforcing admission policy against change
#   and deletion by others: bindings to cluster-admin and cluster roles, and, in the namespaces of Flux, the namespace
#   itself, service accounts, role bindings and Kustomizations. Who is let through stands in expressions that are not
#   evaluated: a policy counts when it is a plain denial that leaves subjects out, or when the parameter trustPolicies
#   names it. Gatekeeper reviews deletions only where its webhook asks for them.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/best-practices/#tenant-dedicated-cluster
#     description: Flux security best practices, tenant-dedicated clusters
#   - ref: https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
#     description: Kubernetes, validating admission policy
#   - ref: https://open-policy-agent.github.io/gatekeeper/website/docs/customize-admission/
#     description: Gatekeeper, customizing admission behaviour
# custom:
#   id: FX-TDC-03
#   severity: high
#   profiles: [dedicated]
#   assessment: partial
#   modes: [git, render, dump]
#   kinds:
#     - rbac.authorization.k8s.io/ClusterRoleBinding
#     - Namespace
#   reads:
#     - Namespace
#     - apps/Deployment
#     - apps/StatefulSet
#     - apps/DaemonSet
#     - apps/ReplicaSet
#     - batch/Job
#     - batch/CronJob
#     - PodTemplate
#     - Pod
#     - kyverno.io/ClusterPolicy
#     - kyverno.io/Policy
#     - policies.kyverno.io/ValidatingPolicy
#     - policies.kyverno.io/NamespacedValidatingPolicy
#     - templates.gatekeeper.sh/ConstraintTemplate
#     - admissionregistration.k8s.io/ValidatingAdmissionPolicy
#     - admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding
#     - admissionregistration.k8s.io/ValidatingWebhookConfiguration
#   origin: best-practices.md, Tenant-dedicated clusters
#   rationale: |
#     In a cluster of their own tenants are often administrators, and so able to delete the binding that the platform
#     comes in by, by mistake or on purpose. From then on no policy, update or correction reaches the cluster.
#     RBAC cannot take from an administrator what admission can.
#   audit: |
#     ```sh
#     kubectl delete clusterrolebinding <the platform's> --dry-run=server --as=<a tenant's administrator>
#     kubectl label namespace flux-system x=y --dry-run=server --as=<a tenant's administrator>
#     kubectl get validatingwebhookconfigurations -o json | jq -r \
#       '.items[] | .metadata.name as $n | .webhooks[] | "\($n) \(.failurePolicy) \([.rules[].operations[]] | unique)"'
#     ```
#
#     Pass: the first two are denied, the same by the platform's account is not, the webhook of the engine covers DELETE
#     with the failure policy Fail, and tenants cannot change policies or webhook configurations (FX-TDC-02).
#   remediation: |
#     ```yaml
#     apiVersion: admissionregistration.k8s.io/v1
#     kind: ValidatingAdmissionPolicy
#     metadata:
#       name: platform-access
#     spec:
#       failurePolicy: Fail
#       matchConstraints:
#         resourceRules:
#           - apiGroups: [rbac.authorization.k8s.io]
#             apiVersions: ["*"]
#             operations: [UPDATE, DELETE]
#             resources: [clusterrolebindings, clusterroles]
#       matchConditions:
#         - name: platform-objects
#           expression: has(oldObject.metadata.labels) && 'platform' in oldObject.metadata.labels
#       validations:
#         - expression: "'platform:admins' in request.userInfo.groups"
#           message: only the platform team changes its own access
#     ---
#     apiVersion: admissionregistration.k8s.io/v1
#     kind: ValidatingAdmissionPolicyBinding
#     metadata:
#       name: platform-access
#     spec:
#       policyName: platform-access
#       validationActions: [Deny]
#     ```
#
#     Let the accounts of Flux and of the platform through first, and try it with a dry run.
#   since: 0.1.0
#   params:
#     policiesPath:
#       type: string
#       default: ""
#       description: Where the cluster's admission policies are kept among the inputs; set, a policy that is not there is missing.
#     trustPolicies:
#       type: array
#       items: {type: string}
#       default: []
#       description: Names of admission policies whose expressions somebody has read and found to do what they should.
#     fluxNamespaces:
#       type: array
#       items: {type: string}
#       default: ["flux-system"]
#       description: Namespaces of Flux controllers, besides those where some are found
package flux.platform_access_guarded

import data.lib.admission
import data.lib.facts
import data.lib.flux
import data.lib.node
import data.lib.result

subject if granting

subject if {
	flux.kind_is("", "Namespace")
	flux.name_of(flux.object) in flux.namespaces
}

# A binding to cluster-admin that Kubernetes did not make, or one whose role cannot be told.
granting if {
	binding
	role.value == "cluster-admin"
}

granting if unclear

unclear if {
	binding
	not node.decided(role)
}

binding if {
	flux.kind_is("rbac.authorization.k8s.io", "ClusterRoleBinding")
	flux.name_of(flux.object) != "cluster-admin"
}

role := node.child(node.at(admission.field(flux.object, "roleRef"), ["roleRef"], "object", 0), "name", "string")

violation contains result.related(place, msg, around) if {
	missing := with_state("none")
	count(missing) > 0
	proves
	msg := sprintf("no admission policy keeps others from changing or deleting %v", [concat(", ", missing)])
}

warn contains result.related(place, msg, around) if {
	slack := with_state("lenient")
	count(slack) > 0
	msg := sprintf("while the engine does not answer, anybody may change or delete %v", [concat(", ", slack)])
}

unknown contains finding if {
	unclear
	some resource in wanted
	state_of(resource) != "deny"
	finding := node.doubt(role)
}

unknown contains result.related(place, msg, around) if {
	doubtful := with_state("unknown")
	count(doubtful) > 0
	msg := sprintf("it cannot be told whether admission policies guard %v", [concat(", ", doubtful)])
}

manual contains result.at(place, msg) if {
	missing := with_state("none")
	count(missing) > 0
	not proves
	msg := sprintf("look where admission policies are kept: none at hand guards %v", [concat(", ", missing)])
}

manual contains result.at(place, "admission policies are known only from the inventory of the cluster") if {
	subject
	not facts.available
}

place := ["metadata", "name"]

proves if flux.mode == "dump"

proves if {
	some found in facts.guard_policies
	count(found) > 0
}

proves if flux.param("policiesPath", "") != ""

# What has to be guarded, in the namespace of that name ("" for the cluster).
wanted := ["clusterrolebindings", "clusterroles"] if {
	granting
} else := ["kustomizations", "namespaces", "rolebindings", "serviceaccounts"]

namespace := "" if {
	granting
} else := flux.name_of(flux.object)

with_state(state) := [resource |
	subject
	facts.available
	not unclear
	some resource in wanted
	state_of(resource) == state
]

state_of(resource) := best if {
	best := admission.best([rule | some rule in rules(resource); rule.sure], namespace)
	best in {"deny", "lenient"}
} else := "unknown" if {
	admission.best(rules(resource), namespace) in {"deny", "lenient", "unknown"}
} else := "none"

# The rules about a resource. That they let somebody through, or pick some objects, is their purpose.
rules(resource) := [object.union(rule, {
	"sure": sure(rule),
	"lenient": lenient(rule),
	"include": [[broad(condition) | some condition in conditions] | some conditions in rule.include],
	"exclude": [conditions | some conditions in rule.exclude; count([1 | some condition in conditions; condition.narrow]) == 0],
}) |
	some rule in facts.guard_policies[resource]
	not blind(rule)
]

broad(condition) := object.union(condition, {"narrow": false, "selector": null}) if {
	namespace == ""
} else := object.union(condition, {"narrow": false})

# Gatekeeper does not see deletions unless its webhook asks for them.
blind(rule) if {
	rule.engine == "gatekeeper"
	facts.gatekeeper_webhook.deletes == false
}

sure(rule) := false if {
	rule.engine == "gatekeeper"
	facts.gatekeeper_webhook == null
} else := rule.sure

lenient(rule) if {
	rule.lenient
} else if {
	rule.engine == "gatekeeper"
	facts.gatekeeper_webhook.lenient == true
} else := false

around := array.concat(
	[{"path": ["roleRef"]}],
	array.concat(
		[{"object": found, "path": ["spec"]} | some found in {rule.object | some list in facts.guard_policies; some rule in list}],
		[{"object": webhook.object, "path": path} | some webhook in [facts.gatekeeper_webhook]; is_object(webhook); some path in [["webhooks"], ["metadata"]]],
	),
)
