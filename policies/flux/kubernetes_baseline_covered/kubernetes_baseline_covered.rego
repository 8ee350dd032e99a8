# METADATA
# title: The Kubernetes baseline is covered elsewhere
# description: |
#   The cluster under Flux is assessed against a general Kubernetes benchmark, such as CIS, outside this
#   catalogue.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/best-practices/#introduction
#     description: Security best practices, Introduction
#   - ref: https://www.cisecurity.org/benchmark/kubernetes
#     description: CIS Kubernetes Benchmark
# custom:
#   id: FX-PROC-02
#   severity: info
#   profiles: [base]
#   assessment: manual
#   modes: [git, render, dump]
#   kinds: []
#   reads: []
#   origin: best-practices.md, Introduction
#   rationale: |
#     This catalogue speaks of Flux only. An API server open to anonymous users, an unencrypted etcd or a
#     kubelet without authorisation makes each of its controls worthless, and none of them looks there.
#   audit: |
#     1. Ask for the last benchmark report of the cluster and its date. Where there is none, make one:
#
#        ```sh
#        kube-bench run --json > kube-bench.json
#        jq '[.Totals | {fail: .total_fail, warn: .total_warn, pass: .total_pass}]' kube-bench.json
#        ```
#
#        On managed clusters take the provider's variant of the benchmark, since the control plane cannot be
#        inspected.
#     2. Go through the failed items that matter most to Flux: anonymous access and authorisation modes of the
#        API server, encryption at rest for Secrets, audit logs, kubelet authentication, admission plug-ins
#        (NodeRestriction, PodSecurity).
#     3. Check that failures have owners and dates.
#
#     Pass: a report younger than a year (or than the last minor upgrade of Kubernetes) without failures that
#     nobody owns. Keep the report and the list of accepted failures.
#   remediation: |
#     Schedule the benchmark as a job and send its report where the platform team works. Record the tool, the
#     benchmark's version, the date and the accepted failures with owner and reason. Review after each minor
#     upgrade of Kubernetes.
#   since: 0.1.0
#   params: {}
package flux.kubernetes_baseline_covered
