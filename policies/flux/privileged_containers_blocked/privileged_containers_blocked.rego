# METADATA
# title: Privileged containers are blocked in tenant namespaces
# description: |
#   Pods with privileged containers are denied in each namespace of a tenant: by the pod security label `enforce` with
#   `baseline` or `restricted`, or by an enforcing policy of Kyverno, Gatekeeper, Kubewarden or a
#   ValidatingAdmissionPolicy that reaches the namespace. Labels that only warn or audit block nothing. Where the label
#   alone protects, no account of the tenant may change the Namespace. Expressions are not evaluated: a policy that is
#   written in them counts when the parameter trustPolicies names it.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/best-practices/#node-isolation
#     description: Flux security best practices, Node Isolation
#   - ref: https://kubernetes.io/docs/concepts/security/pod-security-admission/
#     description: Kubernetes, pod security admission
#   - ref: https://kyverno.io/policies/pod-security/baseline/disallow-privileged-containers/disallow-privileged-containers/
#     description: Kyverno policies, disallow privileged containers
# custom:
#   id: FX-NODE-03
#   severity: critical
#   profiles: [shared]
#   assessment: partial
#   modes: [git, render, dump]
#   kinds: [Namespace]
#   reads:
#     - Namespace
#     - ServiceAccount
#     - kustomize.toolkit.fluxcd.io/Kustomization
#     - helm.toolkit.fluxcd.io/HelmRelease
#     - apps/Deployment
#     - apps/StatefulSet
#     - apps/DaemonSet
#     - apps/ReplicaSet
#     - batch/Job
#     - batch/CronJob
#     - PodTemplate
#     - Pod
#     - rbac.authorization.k8s.io/ClusterRole
#     - rbac.authorization.k8s.io/ClusterRoleBinding
#     - rbac.authorization.k8s.io/Role
#     - rbac.authorization.k8s.io/RoleBinding
#     - kyverno.io/ClusterPolicy
#     - kyverno.io/Policy
#     - kyverno.io/PolicyException
#     - policies.kyverno.io/ValidatingPolicy
#     - policies.kyverno.io/NamespacedValidatingPolicy
#     - templates.gatekeeper.sh/ConstraintTemplate
#     - constraints.gatekeeper.sh/K8sPSPPrivilegedContainer
#     - admissionregistration.k8s.io/ValidatingAdmissionPolicy
#     - admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding
#     - policies.kubewarden.io/ClusterAdmissionPolicy
#     - policies.kubewarden.io/AdmissionPolicy
#     - security.openshift.io/SecurityContextConstraints
#   origin: best-practices.md, Shared Cluster Multi-tenancy / Node Isolation
#   rationale: |
#     A privileged container is root on its node. From there it reads the tokens of every pod on it, and if one of
#     them is a Flux controller, the tenant has the whole cluster. Nothing that Flux enforces matters then.
#   audit: |
#     ```sh
#     kubectl get namespaces -L toolkit.fluxcd.io/tenant,pod-security.kubernetes.io/enforce
#     kubectl run probe -n <tenant namespace> --image=busybox --privileged --dry-run=server
#     ```
#
#     Repeat the second line for each tenant namespace. Pass: it is denied everywhere, also as the tenant's own account
#     (`--as=system:serviceaccount:<namespace>:<account>`), and `kubectl auth can-i patch namespace/<namespace>` says no for
#     that account. A default in the API server's admission configuration blocks as well, and is visible only in
#     the control plane's configuration: note it as evidence.
#   remediation: |
#     ```yaml
#     apiVersion: v1
#     kind: Namespace
#     metadata:
#       name: team-a
#       labels:
#         toolkit.fluxcd.io/tenant: team-a
#         pod-security.kubernetes.io/enforce: baseline
#         pod-security.kubernetes.io/warn: restricted
#     ```
#
#     Try `kubectl label --dry-run=server --overwrite namespace team-a pod-security.kubernetes.io/enforce=baseline` first: it names
#     the pods that would be refused. Take `namespaces` out of the roles of tenants.
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
#     platform:
#       type: string
#       enum: [kubernetes, openshift]
#       default: kubernetes
#       description: The kind of cluster; on openshift, security context constraints may fill in what a manifest leaves out
#     tenantNamespaces:
#       type: array
#       items: {type: string}
#       default: []
#       description: Namespaces that belong to tenants besides those that labels mark.
#     inferTenants:
#       type: boolean
#       default: true
#       description: Whether in the profile `shared` a namespace with a Kustomization or HelmRelease counts as a tenant's.
#     platformNamespaces:
#       type: array
#       items: {type: string}
#       default: []
#       description: Namespaces of the platform team, which are never inferred to be a tenant's.
#     fluxNamespaces:
#       type: array
#       items: {type: string}
#       default: ["flux-system"]
#       description: Namespaces of Flux controllers, besides those where some are found
package flux.privileged_containers_blocked

import data.lib.admission
import data.lib.facts
import data.lib.flux
import data.lib.node
import data.lib.pods
import data.lib.rbac
import data.lib.result
import data.lib.tenants

subject if {
	flux.kind_is("", "Namespace")
	relevant
}

relevant if owned

relevant if {
	not node.decided(role)
	not ns in tenants.exempt
}

violation contains result.full(enforce.path, "nothing denies privileged containers in the namespace of a tenant", around, fix) if {
	bare
	proves
	fix := node.fix(enforce, "baseline")
}

violation contains result.related(enforce.path, msg, nodes) if {
	judged
	labelled
	not policed
	relabellers := [[account, grant] |
		some account in accounts
		rbac.may(account[0], account[1], "relabel", ns)
		some grant in rbac.grants(account[0], account[1], "relabel", ns)
	]
	count(relabellers) > 0
	msg := "an account of the tenant may change the namespace, and so remove the label that denies privileged containers"
	nodes := array.concat(around, array.concat(
		[found | some pair in relabellers; some found in rbac.grant_nodes(pair[1])],
		[{"object": {"apiVersion": "v1", "kind": "ServiceAccount", "namespace": pair[0][0], "name": pair[0][1]}, "path": ["metadata"]} |
			some pair in relabellers
		],
	))
}

warn contains result.related(enforce.path, "an exception takes pods of the namespace out of the policy that denies privileged containers", nodes) if {
	judged
	not labelled
	policed
	nodes := [{"object": exception.object, "path": ["spec"]} |
		some exception in facts.policy_exceptions
		some rule in facts.pod_policies
		rule.engine == "kyverno"
		rule.object.name in exception.policies
		admission.reaches(exception, ns) != "no"
	]
	count(nodes) > 0
}

unknown contains finding if {
	subject
	finding := node.doubt(enforce)
}

# Whose the namespace is cannot be told.
unknown contains finding if {
	subject
	not owned
	finding := node.doubt(role)
}

unknown contains result.related(enforce.path, "a policy about privileged containers is there, but it cannot be told what it does here", around) if {
	judged
	unclear
}

manual contains result.at(enforce.path, "look where admission policies are kept: nothing at hand denies privileged containers here") if {
	bare
	not proves
}

manual contains result.at(enforce.path, "admission policies are known only from the inventory of the cluster") if {
	subject
	not facts.available
}

ns := flux.name_of(flux.object)

judged if {
	subject
	facts.available
	node.decided(enforce)
	owned
}

# A tenant's for certain, whatever the other labels are.
owned if tenants.has(ns)

owned if tenants.mark(flux.object)

labelled if enforce.value in {"baseline", "restricted"}

sure := [rule | some rule in facts.pod_policies; rule.sure]

policed if admission.best(sure, ns) in {"deny", "lenient"}

policed if pods.openshift

unclear if {
	not labelled
	not policed
	admission.best(facts.pod_policies, ns) in {"deny", "lenient", "unknown"}
}

bare if {
	judged
	not labelled
	not policed
	not unclear
}

proves if flux.mode == "dump"

proves if count(facts.pod_policies) > 0

proves if flux.param("policiesPath", "") != ""

# Accounts in all namespaces of the tenant.
accounts := [[home, name] |
	tenant := tenants.id(ns)
	some home in tenants.namespaces(tenant)
	some name in facts.account_names[home]
]

enforce := node.get(metadata, ["labels", "pod-security.kubernetes.io/enforce"], "string")

role := node.get(metadata, ["labels", "toolkit.fluxcd.io/role"], "string")

metadata := node.at(raw, ["metadata"], "object", 0)

raw := object.get(flux.object, "metadata", null) if {
	is_object(flux.object)
} else := null

around := array.concat(
	array.concat(tenants.why(ns), [{"path": ["metadata", "name"]}, {"path": ["metadata", "labels"]}]),
	[{"object": rule.object, "path": ["spec"]} | some rule in facts.pod_policies],
)
