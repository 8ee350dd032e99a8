# METADATA
# title: Updates are automated
# description: |
#   New versions of Flux arrive without somebody having to remember them: a scheduled workflow that renders
#   `flux install --export` and proposes the result, Renovate with its `flux` manager, or a FluxInstance whose version
#   is a range and which is reconciled. Dependabot knows nothing of `gotk-components.yaml`.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/flux-gh-action/
#     description: Flux GitHub Action, automate Flux updates
#   - ref: https://fluxoperator.dev/docs/crd/fluxinstance/#distribution-version
#     description: Flux Operator, distribution version
#   - ref: https://docs.renovatebot.com/modules/manager/flux/
#     description: Renovate, the flux manager
# custom:
#   id: FX-SC-12
#   severity: low
#   profiles: [base]
#   assessment: partial
#   modes: [git, render, dump]
#   kinds:
#     - files.flux-audit/Workflow
#     - fluxcd.controlplane.io/FluxInstance
#     - apps/Deployment
#     - apps/StatefulSet
#     - apps/DaemonSet
#     - apps/ReplicaSet
#     - batch/Job
#     - batch/CronJob
#     - PodTemplate
#     - Pod
#   reads:
#     - files.flux-audit/Workflow
#     - fluxcd.controlplane.io/FluxInstance
#     - apps/Deployment
#     - apps/StatefulSet
#     - apps/DaemonSet
#     - apps/ReplicaSet
#     - batch/Job
#     - batch/CronJob
#     - PodTemplate
#     - Pod
#   origin: flux-gh-action.md, Automate Flux updates
#   rationale: |
#     Only the last three minor versions get fixes, and a fix for a vulnerability is worth as much as the speed with
#     which it arrives. Where updating is a chore, an installation is a year old before anybody looks.
#   audit: |
#     Look into the repository that Flux was installed from for a workflow in `.github/workflows` (or its counterpart
#     elsewhere) with a schedule that runs `flux install --export` into `gotk-components.yaml` and opens a pull request,
#     or for a configuration of Renovate that does not exclude the manager `flux`. In the cluster:
#
#     ```sh
#     kubectl get fluxinstance -A -o custom-columns='NS:.metadata.namespace,VERSION:.spec.distribution.version,RECONCILE:.metadata.annotations.fluxcd\.controlplane\.io/reconcile'
#     ```
#
#     Pass: one of them is there, and the last pull request or upgrade is no older than the newest patch of Flux.
#   remediation: |
#     ```yaml
#     on:
#       schedule:
#         - cron: "0 6 * * 1"
#     jobs:
#       update:
#         runs-on: ubuntu-latest
#         permissions:
#           contents: write
#           pull-requests: write
#         steps:
#           - uses: actions/checkout@<full commit SHA>
#           - uses: fluxcd/flux2/action@<full commit SHA>
#           - run: flux install --export > clusters/production/flux-system/gotk-components.yaml
#           - uses: peter-evans/create-pull-request@<full commit SHA>
#     ```
#
#     With the Flux Operator:
#
#     ```yaml
#     spec:
#       distribution:
#         version: "2.9.x"
#     ```
#   since: 0.1.0
#   params: {}
package flux.updates_automated

import data.lib.facts
import data.lib.flux
import data.lib.node
import data.lib.result
import data.lib.updates

task := updates.sort_of(flux.object)

subject if task

# One workload of an installation stands for what is missing.
subject if flux.component == "source-controller"

violation contains result.at(paused.path, "the instance is not reconciled, so no version arrives") if {
	task == "instance"
	paused.state == "set"
	lower(paused.value) == "disabled"
}

warn contains result.at(version.path, "the version is exact, so that somebody has to raise it for each fix") if {
	task == "instance"
	version.state == "set"
	regex.match(exact, version.value)
}

warn contains result.at(triggers.path, "the workflow has no schedule, so that somebody has to start it") if {
	task == "workflow"
	node.decided(triggers)
	not scheduled
}

warn contains result.at(off.path, "the manager flux of Renovate is switched off") if {
	task == "renovate"
	some off in switches
	off.value == false
}

warn contains result.at(managers.path, "the manager flux is not among those that Renovate runs") if {
	task == "renovate"
	managers.state == "set"
	not "flux" in managers.value
}

unknown contains finding if {
	some one in reading[task]
	finding := node.doubt(one)
}

unknown contains result.at(version.path, "no version is given") if {
	task == "instance"
	version.state == "absent"
}

manual contains result.at(["spec"], "nothing that brings new versions of Flux is at hand: look where it was installed from") if {
	flux.component == "source-controller"
	count(facts.updaters) == 0
}

exact := `^\s*[=v]*\s*[0-9]+\.[0-9]+\.[0-9]+([-+][0-9A-Za-z.+-]*)?\s*$`

reading := {
	"instance": [metadata, spec, paused, version],
	"workflow": [spec, triggers],
	"renovate": array.concat([spec, managers], switches),
}

metadata := node.at(top("metadata"), ["metadata"], "object", 0)

spec := node.at(top("spec"), ["spec"], "object", 0)

top(key) := object.get(flux.object, key, null) if {
	is_object(flux.object)
} else := null

paused := node.get(metadata, ["annotations", "fluxcd.controlplane.io/reconcile"], "string")

version := node.get(spec, ["distribution", "version"], "string")

managers := node.child(spec, "enabledManagers", "strings")

switches := [node.child(spec, "enabled", "boolean"), node.get(spec, ["flux", "enabled"], "boolean")]

# One event, a list of them, or a map. Some readers of YAML take the word `on` for a truth value.
triggers := plain if {
	plain := node.child(spec, "on", "any")
	plain.state != "absent"
} else := node.child(spec, "true", "any")

scheduled if {
	is_object(triggers.value)
	object.get(triggers.value, "schedule", null) != null
}
