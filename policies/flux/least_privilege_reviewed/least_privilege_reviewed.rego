# METADATA
# title: Less privileged variants of the installation were considered
# description: |
#   For this cluster it was examined whether Flux can run with fewer components, fewer rights or a narrower
#   scope than the default installation, and what is possible was done.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/#further-securing-flux-deployments
#     description: Flux security documentation, Further securing Flux Deployments
#   - ref: https://fluxcd.io/flux/security/#controller-permissions
#     description: Flux security documentation, Controller permissions
#   - ref: https://fluxcd.io/flux/installation/configuration/multitenancy/
#     description: "Flux: multi-tenancy configuration"
# custom:
#   id: FX-PROC-04
#   severity: info
#   profiles: [hard]
#   assessment: manual
#   modes: [git, render, dump]
#   kinds: []
#   reads: []
#   origin: security.md, Further securing Flux Deployments
#   rationale: |
#     The default installation serves every use: all components, cluster-admin for the two appliers, all
#     namespaces. Few clusters need all of it, and what is not installed or not granted cannot be abused.
#     Whether something can be left out depends on plans and workloads, which a tool does not know.
#   audit: |
#     1. See what is installed and what is used:
#
#        ```sh
#        kubectl get deployments -A -l app.kubernetes.io/part-of=flux
#        for kind in helmreleases imageupdateautomations imagerepositories receivers alerts buckets; do
#          echo "$kind $(kubectl get $kind -A --no-headers 2>/dev/null | wc -l)"
#        done
#        kubectl get clusterrolebindings -o json | jq -r '.items[]
#          | select(any(.subjects[]?; .namespace == "flux-system")) | [.metadata.name, .roleRef.name] | @tsv'
#        ```
#
#     2. For each of these, write down "done", "not possible because …" or "not wanted because …":
#        - components without any object are not installed;
#        - appliers run under impersonated accounts with only the rights they need, `cluster-admin` being left
#          to the platform's own Kustomization or removed in favour of the right to impersonate;
#        - the roles `flux-view` and `flux-edit` are aggregated only if namespace users should manage Flux;
#        - the right to create service account tokens is granted only with object-level workload identity;
#        - an instance that serves one namespace watches only that one;
#        - Git credentials are read-only deploy keys, cloud identities are limited to one bucket or registry.
#
#     Pass: the list is complete, dated, and the cluster agrees with it. Keep the list and the output of
#     step 1.
#   remediation: |
#     Start with what costs nothing: reinstall with the components that are used
#     (`flux install --components=…`, or `spec.components` of a FluxInstance), replace writable deploy keys
#     except for image automation, and give each applier a service account. Remove token creation only by
#     looking for the rule's content, never by a fixed index: the order of the rules differs between releases.
#
#     Record the list with its owner; review with every minor release of Flux and when a component is added.
#   since: 0.1.0
#   params: {}
package flux.least_privilege_reviewed
