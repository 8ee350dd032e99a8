# METADATA
# title: Post-build substitution is strict
# description: |
#   kustomize-controller refuses to apply a manifest with a variable that nothing defines. It is the feature gate
#   `StrictPostBuildSubstitutions`, on by default since Flux 2.9 and off before. A controller where it is off is a
#   warning.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/components/kustomize/kustomizations/#post-build-variable-substitution
#     description: Kustomization, post build variable substitution
#   - ref: https://fluxcd.io/flux/components/kustomize/options/#feature-gates
#     description: kustomize-controller options, feature gates
# custom:
#   id: FX-EXT-16
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
#   origin: extension (an undefined variable becomes empty text, which can widen what a policy allows)
#   rationale: |
#     Without the gate `${ALLOWED_CIDR}` becomes nothing where the ConfigMap that should define it lost a key. What is
#     left is often valid and means something else: a selector without a value, a host without a name, a group that
#     matches nobody or everybody. The reconciliation succeeds, so nobody is told.
#   audit: |
#     ```sh
#     kubectl get deploy -A -l app.kubernetes.io/component=kustomize-controller -o json | jq -r '.items[]
#       | "\(.metadata.namespace)/\(.metadata.name) \(.spec.template.spec.containers[] | select(.name == "manager") | [.image, (.args[] | select(startswith("--feature-gates")))])"'
#     ```
#
#     Pass: the image is v1.9 or newer and no argument sets `StrictPostBuildSubstitutions=false`, or the last one that
#     names the gate sets it to true.
#   remediation: |
#     Take `StrictPostBuildSubstitutions=false` out, or before Flux 2.9 switch the gate on:
#
#     ```yaml
#     patches:
#       - target:
#           kind: Deployment
#           name: kustomize-controller
#         patch: |
#           - op: add
#             path: /spec/template/spec/containers/0/args/-
#             value: --feature-gates=StrictPostBuildSubstitutions=true
#     ```
#
#     The same patch goes into `spec.kustomize.patches` of a FluxInstance. First find what relies on empty values:
#     `flux build kustomization apps --path ./apps --strict-substitute` fails on each of them. A variable that may be
#     missing says so itself: `${CIDR:=10.0.0.0/8}`.
#   since: 0.1.0
#   params: {}
package flux.strict_substitution

import data.lib.argument
import data.lib.flags
import data.lib.flux
import data.lib.result

subject if flux.component == "kustomize-controller"

gate := flags.gate("StrictPostBuildSubstitutions") if subject

# The default depends on the version.
untold if {
	gate.set == false
	flags.record.minor == null
}

warn contains result.full(gate.path, msg, argument.needs(gate.path), fix) if {
	gate.state == "known"
	gate.value != true
	not untold
	msg := "variables that nothing defines are replaced by empty text"
}

# A version without the gate would not start with it.
fix := flags.append("--feature-gates=StrictPostBuildSubstitutions=true") if {
	gate.value != null
} else := []

unknown contains result.at(gate.path, "the tag does not tell the version, and so not the default of strict substitution") if untold

unknown contains finding if {
	subject
	some finding in flags.undecided_gate("StrictPostBuildSubstitutions")
}
