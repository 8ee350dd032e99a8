# METADATA
# title: Break-glass access exists and is tested
# description: |
#   There is a documented way to regain administration of a tenant's cluster after its regular access was
#   revoked or broke, and it was tried out.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/best-practices/#additional-best-practices-for-tenant-dedicated-cluster-multi-tenancy
#     description: Security best practices, Tenant Dedicated Cluster Multi-tenancy
# custom:
#   id: FX-TDC-04
#   severity: high
#   profiles: [dedicated]
#   assessment: manual
#   modes: [git, render, dump]
#   kinds: []
#   reads: []
#   origin: best-practices.md, Additional Best Practices for Tenant Dedicated Cluster Multi-tenancy
#   rationale: |
#     A management cluster can repair a tenant's cluster only while its account works there. A tenant that
#     deletes the binding, an expired certificate or a failing admission webhook ends that, and then nothing
#     that Flux applies arrives any more, security fixes included. Without a second way in, the cluster has
#     to be rebuilt.
#   audit: |
#     1. Read the procedure. It must name: the second credential and where it is kept (sealed, with a log of
#        its use), who may use it, how a use is noticed, how access is restored, and how the credential is
#        replaced afterwards.
#     2. Ask whether it depends on what it is supposed to repair: the same identity provider, the same
#        webhook, the same network path, the tenant's own cluster.
#     3. Watch a drill on a test cluster that is built like the tenants' ones:
#
#        ```sh
#        # as a tenant's administrator: take the platform's access away
#        kubectl --context <test> delete clusterrolebinding <the platform's binding>
#        # on the hub: the remote apply fails and the alert fires
#        flux --context <hub> get kustomizations -A --status-selector ready=false
#        # with the break-glass credential: restore
#        kubectl --kubeconfig <break-glass> apply -f platform-access.yaml
#        flux --context <hub> reconcile kustomization <name> -n <namespace>
#        ```
#
#     Pass: the drill ended with the hub reconciling again, within the time the platform promises. Keep the
#     procedure's version, the date, the participants, how long it took and what went wrong.
#   remediation: |
#     Set up access that the tenant cannot revoke: the cloud provider's own administrator route, or an
#     administrator certificate that was made at bootstrap and lies in a sealed store. Protect the platform's
#     bindings in the cluster itself by admission (FX-TDC-03), and alert on failing remote applies (FX-TDC-01).
#
#     Run the drill at least once a year and after each change of the bootstrap procedure. Record the results,
#     and replace the credential after each use, drills included.
#   since: 0.1.0
#   params: {}
package flux.break_glass_tested
