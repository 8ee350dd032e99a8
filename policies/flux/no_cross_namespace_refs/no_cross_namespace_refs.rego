# METADATA
# title: Cross-namespace references are disabled
# description: |
#   Every instance of kustomize-, helm-, notification-, image-reflector- and image-automation-controller and of
#   source-watcher is started with `--no-cross-namespace-refs=true`. source-controller has no such flag and is not
#   asked for it: it would not start with it.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/best-practices/#multi-tenancy-lock-down
#     description: Flux security best practices, Multi-tenancy Lock-down
#   - ref: https://fluxcd.io/flux/installation/configuration/multitenancy/
#     description: Flux multi-tenancy lockdown
# custom:
#   id: FX-MT-01
#   severity: critical
#   profiles: [shared]
#   assessment: automated
#   modes: [git, render, dump, admission]
#   kinds:
#     - apps/Deployment
#     - apps/StatefulSet
#     - apps/DaemonSet
#     - apps/ReplicaSet
#     - batch/Job
#     - batch/CronJob
#     - PodTemplate
#     - Pod
#   reads: []
#   origin: best-practices.md, Shared Cluster Multi-tenancy / Multi-tenancy Lock-down; source-watcher is an extension
#   rationale: |
#     Without the flag a tenant's Kustomization or HelmRelease may name a source in any namespace and deploy from
#     it, read its artifact, or subscribe to its events: the controllers use their own permissions to read the
#     reference, not the tenant's. One controller without the flag leaves its kinds open, whatever the others do.
#   audit: |
#     ```sh
#     kubectl get deploy,sts,ds -A -l app.kubernetes.io/part-of=flux -o json | jq -r \
#       '.items[] | "\(.metadata.namespace)/\(.metadata.name): \([.spec.template.spec.containers[] | select(.name == "manager") | .args[]? | select(contains("cross-namespace"))])"'
#     ```
#
#     Select by component or part-of, not by `app`: a shard's `app` label carries a suffix. Pass: each of the six
#     components that is installed, in each instance, ends up with the value true. A component that is not installed
#     needs nothing.
#   remediation: |
#     One patch serves all six controllers. Include source-watcher: a target without it leaves ArtifactGenerators open.
#     Keep source-controller out of it.
#
#     ```yaml
#     patches:
#       - target:
#           kind: Deployment
#           name: "(kustomize-controller|helm-controller|notification-controller|image-reflector-controller|image-automation-controller|source-watcher)"
#         patch: |
#           - op: add
#             path: /spec/template/spec/containers/0/args/-
#             value: --no-cross-namespace-refs=true
#     ```
#
#     With the Flux Operator `multitenant` sets the flag on all six:
#
#     ```yaml
#     spec:
#       cluster:
#         multitenant: true
#     ```
#
#     With the flux2 chart (which does not touch source-watcher):
#
#     ```yaml
#     multitenancy:
#       enabled: true
#     sourceWatcher:
#       container:
#         additionalArgs:
#           - --no-cross-namespace-refs=true
#     ```
#
#     References that cross namespaces are refused from then on: give each namespace its own source first.
#   since: 0.1.0
#   params: {}
package flux.no_cross_namespace_refs

import data.lib.flags
import data.lib.flux
import data.lib.result
import data.lib.workload

# source-controller follows no references and has no such flag.
subject if flux.component in (workload.components - {"source-controller"})

flag := flags.get("no-cross-namespace-refs")

violation contains result.fixed(flag.path, "references to other namespaces are allowed", fix) if {
	subject
	flag.state == "known"
	flag.value != true
	fix := flags.append("--no-cross-namespace-refs=true")
}

unknown contains finding if {
	subject
	some finding in flags.undecided("no-cross-namespace-refs")
}
