# METADATA
# title: Controller arguments are valid
# description: |
#   Each controller's arguments parse as the controller parses them: known flags of that component and release, values of
#   the right type, known feature gates. A controller whose image tells no known release is held to the newest
#   one, and then an unknown flag or gate is a warning. Lost default arguments are warned about too.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/components/kustomize/options/
#     description: kustomize-controller options
#   - ref: https://fluxcd.io/flux/components/helm/options/
#     description: helm-controller options
#   - ref: https://fluxcd.io/flux/components/source/options/
#     description: source-controller options
#   - ref: https://fluxcd.io/flux/components/notification/options/
#     description: notification-controller options
# custom:
#   id: FX-EXT-12
#   severity: medium
#   profiles: [base]
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
#   origin: extension (a flag that does not parse stops the controller, and its other flags mean nothing)
#   rationale: |
#     A controller that refuses its arguments exits at start. During an upgrade the old pod often keeps running, so the
#     lock-down that the new arguments promise is not there while the manifests show it. Arguments that vanish are the
#     opposite case: a strategic merge patch with `args` replaces the list, the controller starts, and runs without
#     leader election.
#   audit: |
#     ```sh
#     kubectl get pods -A -l app.kubernetes.io/part-of=flux
#     kubectl logs -n flux-system deploy/kustomize-controller --tail=20
#     ```
#
#     `unknown flag`, `invalid argument`, `flag needs an argument`, `unknown shorthand flag` and unknown feature gates
#     are what the log of such a controller ends with. Compare the arguments with the options page of the component and
#     with `--help` of the image in use. Pass: all arguments parse, and `--watch-all-namespaces` and
#     `--enable-leader-election` are among them.
#   remediation: |
#     Correct or delete the argument. Some traps:
#
#     - `--no-cross-namespace-refs` does not exist on source-controller, nor `--watch-label-selector` on
#       notification-controller.
#     - `--aws-autologin-for-ecr`, `--azure-autologin-for-acr` and `--gcp-autologin-for-gcr` are gone since Flux 2.7: set
#       `spec.provider` on the ImageRepository.
#     - Booleans are only `1, t, T, TRUE, true, True` and `0, f, F, FALSE, false, False`, and need `=`.
#     - One list item is one argument; there is no shell that splits it or strips quotes.
#
#     Add arguments with a JSON patch, which keeps the others:
#
#     ```yaml
#     patches:
#       - target:
#           kind: Deployment
#           name: kustomize-controller
#         patch: |
#           - op: add
#             path: /spec/template/spec/containers/0/args/-
#             value: --no-remote-bases=true
#     ```
#
#     The same patch goes into `spec.kustomize.patches` of a FluxInstance; with the flux2 chart, arguments belong into
#     `<component>.container.additionalArgs`.
#   since: 0.1.0
#   params: {}
package flux.valid_arguments

import data.lib.flags
import data.lib.flux
import data.lib.result
import data.lib.shape
import data.lib.tables.flags as tables

subject if flux.component

# The image tells the release, and so which flags there are.
image := {"path": array.concat(flux.controller.pod, ["containers", flux.controller.container, "image"])}

violation contains result.related(problem.path, problem.msg, [image]) if {
	subject
	some problem in flags.errors
}

warn contains result.at(problem.path, problem.msg) if {
	subject
	some problem in flags.warnings
}

# What every channel of installation passes; a patch that replaces the list loses it.
usual := {
	"enable-leader-election": "--enable-leader-election",
	"watch-all-namespaces": "--watch-all-namespaces=true",
}

warn contains result.fixed(flag.path, msg, fix) if {
	subject
	some name, arg in usual
	flag := flags.get(name)
	flag.state == "known"
	flag.set == false
	msg := sprintf("the default argument --%v is gone", [name])
	fix := flags.append(arg)
}

unknown contains result.at(flags.current.path, flags.current.reason) if {
	subject
	flags.current.state == "unknown"
	count(flags.errors) == 0
}

# A value that cannot be told matters where the controller refuses some.
unknown contains result.at(flag.path, flag.reason) if {
	subject
	some name, flag in flags.current.flags
	flag.state == "unknown"
	not tables.flags(flux.component)[name][0] in {"string", "stringArray"}
}

unknown contains finding if {
	subject
	some finding in shape.recognition
}
