# METADATA
# title: The platform's permissions are continuously restored
# description: |
#   Each binding that gives the platform (`platformSubjects`) or Flux's own accounts their access is applied by a
#   Kustomization at least every hour, or by the Flux Operator, and no annotation exempts it. So a binding that
#   somebody changes or deletes comes back.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/best-practices/#additional-best-practices-for-tenant-dedicated-cluster-multi-tenancy
#     description: Flux security best practices, Tenant Dedicated Cluster Multi-tenancy
#   - ref: https://fluxcd.io/flux/components/kustomize/kustomizations/#controlling-the-apply-behavior-of-resources
#     description: Kustomization, controlling the apply behaviour
# custom:
#   id: FX-TDC-05
#   severity: medium
#   profiles: [dedicated]
#   assessment: partial
#   modes: [git, render, dump, admission]
#   kinds:
#     - rbac.authorization.k8s.io/ClusterRoleBinding
#     - rbac.authorization.k8s.io/RoleBinding
#   reads:
#     - apps/Deployment
#     - apps/StatefulSet
#     - apps/DaemonSet
#     - apps/ReplicaSet
#     - batch/Job
#     - batch/CronJob
#     - PodTemplate
#     - Pod
#     - kustomize.toolkit.fluxcd.io/Kustomization
#   origin: "extension: best-practices.md, Tenant Dedicated Cluster Multi-tenancy, asks that access cannot be revoked; restoring it is the second line"
#   rationale: |
#     Admission control keeps tenants from revoking the platform's access as long as it works and covers the case. A
#     binding that a Kustomization owns is put back at its next run, whoever removed it. The annotations
#     `kustomize.toolkit.fluxcd.io/reconcile: disabled` and `ssa: Ignore` switch exactly that off, and look harmless.
#   audit: |
#     ```sh
#     kubectl get clusterrolebindings,rolebindings -A -o json | jq -r '.items[] | select(any(.subjects[]?; .name | test("^(kustomize|helm)-controller$|platform")))
#       | "\(.kind) \(.metadata.name): \(.metadata.labels["kustomize.toolkit.fluxcd.io/name"]) \(.metadata.annotations)"'
#     kubectl get kustomizations.kustomize.toolkit.fluxcd.io -A -o custom-columns=NS:.metadata.namespace,NAME:.metadata.name,INTERVAL:.spec.interval,PRUNE:.spec.prune,SUSPEND:.spec.suspend
#     ```
#
#     Pass: each of these bindings names a Kustomization in its labels (of this cluster, or of the management
#     cluster's inventory), which is not suspended and has an interval of at most an hour; none is annotated.
#   remediation: |
#     Put the bindings under a Kustomization and remove the annotations:
#
#     ```yaml
#     apiVersion: kustomize.toolkit.fluxcd.io/v1
#     kind: Kustomization
#     metadata:
#       name: platform-access
#       namespace: flux-system
#     spec:
#       interval: 10m
#       prune: true
#       path: ./platform/access
#       serviceAccountName: kustomize-controller
#       sourceRef:
#         kind: GitRepository
#         name: flux-system
#     ```
#
#     In a cluster that is managed remotely, the Kustomization stands in the management cluster and has a
#     `kubeConfig`.
#   since: 0.1.0
#   params:
#     platformSubjects:
#       type: array
#       items: {type: string}
#       default: []
#       description: "Users, groups and service accounts (system:serviceaccount:namespace:name) of the platform team and of the management cluster."
#     fluxAccounts:
#       type: array
#       items: {type: string}
#       default: []
#       description: Service accounts of Flux besides those that its controllers are found to use, as namespace/name.
#     fluxNamespaces:
#       type: array
#       items: {type: string}
#       default: ["flux-system"]
#       description: Namespaces of Flux controllers, besides those where some are found
package flux.platform_rbac_reconciled

import data.lib.facts
import data.lib.flux
import data.lib.platform
import data.lib.rbac
import data.lib.result
import data.lib.shape

subject if {
	some [_, key] in rbac.binding.subjects
	platform.access(key)
}

violation contains result.related(["metadata", field, key], msg, grantees) if {
	exempted
	some [field, key, value] in exemptions
	msg := sprintf("%v: %v keeps flux from restoring it", [key, value])
}

violation contains result.related(["metadata", "labels"], "no Kustomization applies it, so that nothing restores it", grantees) if {
	unmanaged
	flux.mode == "dump"
}

violation contains result.related(place, "the Kustomization that applies it is suspended", array.concat(grantees, [node("suspend")])) if {
	restored
	restorer.suspend == true
}

violation contains result.related(place, msg, array.concat(grantees, [node("interval")])) if {
	restored
	seconds(restorer.interval) > 3600
	msg := sprintf("the Kustomization that applies it restores it only every %v", [restorer.interval])
}

warn contains result.related(place, "the Kustomization that applies it does not prune, so that bindings which it no longer holds stay", [node("prune")]) if {
	restored
	restorer.prune != true
}

warn contains result.at(["metadata", "labels", "helm.toolkit.fluxcd.io/name"], msg) if {
	helmed
	msg := "a HelmRelease applies it, which restores it only with drift detection"
}

unknown contains finding if {
	subject
	some finding in malformed
}

unknown contains result.related(place, "how often the Kustomization that applies it runs cannot be told", [node("interval")]) if {
	restored
	not seconds(restorer.interval)
}

manual contains result.at(["metadata", "labels"], "look whether a Kustomization applies it to the cluster at least every hour") if {
	unmanaged
	flux.mode != "dump"
}

manual contains result.at(place, "the Kustomization that applies it is not at hand: look for it in the management cluster") if {
	labelled
	not restorer
}

malformed := shape.check([
	[[["metadata"]], "object"],
	[[["metadata", "labels"]], "strings"],
	[[["metadata", "annotations"]], "strings"],
])

settled if {
	subject
	count(malformed) == 0
}

exempted if {
	settled
	not operated
}

exemptions := [[field, key, value] |
	some field in ["annotations", "labels"]
	some key, values in {
		"kustomize.toolkit.fluxcd.io/reconcile": {"disabled"},
		"kustomize.toolkit.fluxcd.io/ssa": {"ignore", "ifnotpresent"},
	}
	value := flux.object.metadata[field][key]
	is_string(value)
	lower(value) in values
]

# The Flux Operator restores what it installs, and keeps others from it by that very annotation.
operated if flux.object.metadata.labels["app.kubernetes.io/managed-by"] == "flux-operator"

operated if flux.object.metadata.labels["fluxcd.controlplane.io/name"]

labelled if {
	settled
	not operated
	flux.object.metadata.labels["kustomize.toolkit.fluxcd.io/name"]
}

helmed if {
	settled
	not operated
	not labelled
	flux.object.metadata.labels["helm.toolkit.fluxcd.io/name"]
}

unmanaged if {
	settled
	not operated
	not labelled
	not helmed
}

place := ["metadata", "labels", "kustomize.toolkit.fluxcd.io/name"]

restorer := facts.restorers[sprintf("%v/%v", [
	flux.object.metadata.labels["kustomize.toolkit.fluxcd.io/namespace"],
	flux.object.metadata.labels["kustomize.toolkit.fluxcd.io/name"],
])]

restored if {
	labelled
	restorer
}

# Through whom the binding is one of the platform's.
grantees := [{"path": ["subjects"]}]

node(field) := {
	"object": {
		"apiVersion": restorer.apiVersion,
		"kind": "Kustomization",
		"namespace": restorer.namespace,
		"name": restorer.name,
	},
	"path": ["spec", field],
}

# A duration as Go writes it; undefined for anything else.
seconds(text) := sum([amount |
	some part in regex.find_n(`[0-9]+(\.[0-9]+)?[a-zµ]+`, text, -1)
	number := regex.find_n(`^[0-9]+(\.[0-9]+)?`, part, 1)[0]
	amount := to_number(number) * units[trim_prefix(part, number)]
]) if {
	is_string(text)
	regex.match(`^([0-9]+(\.[0-9]+)?(h|m|s|ms|us|µs|ns))+$`, text)
}

units := {"h": 3600, "m": 60, "s": 1, "ms": 0.001, "us": 0.000001, "µs": 0.000001, "ns": 0}
