# METADATA
# title: "Kubernetes' node isolation guidance was reviewed"
# description: |
#   The platform team worked through the node isolation part of the Kubernetes multi-tenancy guide and
#   decided, for this cluster, which workloads may share nodes with each other and with Flux.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/best-practices/#node-isolation
#     description: Security best practices, Node Isolation
#   - ref: https://kubernetes.io/docs/concepts/security/multi-tenancy/#node-isolation
#     description: Kubernetes multi-tenancy guide, Node isolation
# custom:
#   id: FX-NODE-05
#   severity: info
#   profiles: [shared]
#   assessment: manual
#   modes: [git, render, dump]
#   kinds: []
#   reads: []
#   origin: best-practices.md, Node Isolation
#   rationale: |
#     A pod that escapes its container owns the node, and with it the service account tokens of every other
#     pod there. kustomize-controller and helm-controller may hold cluster-admin, so sharing a node with
#     them is sharing the cluster. How far to go (own node pools, sandboxes, own clusters) depends on the
#     trust in the tenants; no manifest shows that the decision was made on purpose.
#   audit: |
#     1. See where Flux and the tenants run today:
#
#        ```sh
#        kubectl get pods -A -o wide --sort-by=.spec.nodeName \
#          -o custom-columns=NODE:.spec.nodeName,NAMESPACE:.metadata.namespace,POD:.metadata.name
#        kubectl get nodes -o custom-columns=NODE:.metadata.name,TAINTS:.spec.taints
#        kubectl get runtimeclasses
#        ```
#
#     2. Discuss with the platform and security teams, and write down for each group of tenants: may it share
#        nodes with Flux, may it share nodes with other tenants, does it need a sandbox, who may create
#        privileged pods, who may change taints and labels of nodes.
#     3. Compare the decision with the results of FX-NODE-01 to FX-NODE-04.
#
#     Pass: a dated decision exists, names an owner, and the cluster follows it. Keep the decision and the
#     output of step 1.
#   remediation: |
#     Write a page of decisions and link it from the platform's documentation. Typical outcome: a tainted node
#     pool for Flux and other privileged platform parts, tenants kept off it by admission, a RuntimeClass with
#     a sandbox for code of unknown origin.
#
#     Review once a year, when a tenant with a new level of trust arrives, and after every change of the node
#     pools.
#   since: 0.1.0
#   params: {}
package flux.node_isolation_reviewed
