# METADATA
# title: Enforcement of network policies was tested
# description: |
#   It was shown by an attempt, not by reading manifests, that the network plug-in enforces the policies of
#   the Flux namespace.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/best-practices/#network-isolation
#     description: Security best practices, Network Isolation
#   - ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/
#     description: "Kubernetes: Network Policies"
# custom:
#   id: FX-NET-04
#   severity: medium
#   profiles: [base]
#   assessment: manual
#   modes: [git, render, dump]
#   kinds: []
#   reads: []
#   origin: best-practices.md, Network Isolation
#   rationale: |
#     The API server accepts NetworkPolicy objects whether or not anything enforces them. On a cluster whose
#     plug-in ignores them, every pod can fetch the artifacts of source-controller, which hold the whole
#     content of private repositories. Only a connection that is refused proves the opposite.
#   audit: |
#     1. From a namespace that is not Flux's, try what must fail and what must work:
#
#        ```sh
#        kubectl create namespace netpol-probe
#        kubectl -n netpol-probe run probe --rm -i --restart=Never --image=<an image with curl> -- \
#          curl --max-time 5 -sS -o /dev/null -w '%{http_code}\n' \
#          http://source-controller.flux-system.svc.cluster.local./
#        kubectl -n netpol-probe run probe --rm -i --restart=Never --image=<an image with curl> -- \
#          curl --max-time 5 -sS -o /dev/null -w '%{http_code}\n' \
#          http://webhook-receiver.flux-system.svc.cluster.local./
#        kubectl delete namespace netpol-probe
#        ```
#
#        The first must run into its time limit; the second must be answered (404 is an answer), which shows
#        that the probe itself works.
#     2. Repeat from a pod on another node and from a tenant's namespace, and for source-watcher and the
#        services of shards where they exist. Pods with `hostNetwork` are outside most plug-ins' reach: know
#        who may create them.
#     3. For the plug-in as a whole, run Cyclonus, the network policy tests of Sonobuoy, or netassert once per
#        plug-in version.
#
#     Pass: refused where it must be, answered where it must be. Keep commands, output, plug-in and version,
#     date.
#   remediation: |
#     If the probe gets through, find out whether a plug-in that enforces policies is installed at all
#     (FX-NET-01), whether the three policies of Flux are there (FX-NET-02), and whether another policy opens
#     the namespace again (FX-NET-03); policies add up, so one permissive policy is enough.
#
#     Automate the probe as a scheduled job that alerts when the forbidden connection succeeds. Record the
#     last result; repeat after each upgrade of the plug-in, of Kubernetes, and of Flux.
#   since: 0.1.0
#   params: {}
package flux.network_policy_tested
