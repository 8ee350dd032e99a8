# METADATA
# title: Debug logging is off
# description: |
#   No controller logs at level `debug` or `trace`. The default is `info`.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/components/source/options/
#     description: source-controller options
# custom:
#   id: FX-EXT-14
#   severity: low
#   profiles: [hard]
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
#   origin: extension (what verbose logs may hold; the security pages do not mention it)
#   rationale: |
#     At `debug` and `trace` controllers and their libraries write request details, rendered values and paths of
#     credentials into the log, which usually leaves the cluster and has more readers than the Secrets do.
#   audit: |
#     ```sh
#     kubectl get deploy,sts,ds -A -l app.kubernetes.io/part-of=flux -o json | jq -r \
#       '.items[] | "\(.metadata.name): \([.spec.template.spec.containers[] | select(.name == "manager") | .args[]? | select(startswith("--log-level"))])"'
#     ```
#
#     Pass: the last `--log-level` of each controller is `info` or `error`, or there is none.
#   remediation: |
#     Change the argument back when the investigation is over, or append `--log-level=info`; the last value wins.
#
#     ```yaml
#     patches:
#       - target:
#           kind: Deployment
#           labelSelector: app.kubernetes.io/part-of=flux
#         patch: |
#           - op: add
#             path: /spec/template/spec/containers/0/args/-
#             value: --log-level=info
#     ```
#
#     The same patch goes into `spec.kustomize.patches` of a FluxInstance. With the flux2 chart set `logLevel: info`.
#   since: 0.1.0
#   params: {}
package flux.no_debug_logging

import data.lib.argument
import data.lib.flags
import data.lib.flux
import data.lib.result

subject if flux.component

flag := flags.get("log-level")

violation contains result.full(flag.path, msg, argument.needs(flag.path), fix) if {
	subject
	flag.state == "known"
	flag.value in {"debug", "trace"}
	msg := sprintf("the controller logs at level %v", [flag.value])
	fix := flags.append("--log-level=info")
}

unknown contains finding if {
	subject
	some finding in flags.undecided("log-level")
}
