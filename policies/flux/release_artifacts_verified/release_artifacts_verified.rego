# METADATA
# title: CLI and release manifests are verified before use
# description: |
#   The `flux` binary and the manifests that install Flux are verified against the release's signatures or
#   checksums before they are used, on laptops and in pipelines. That is for a person to show; in Git a workflow that uses
#   Flux's action at a reference which may move, or runs the install script straight from the network, gives a warning.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/#signed-container-images
#     description: Flux security documentation, Signed container images
#   - ref: https://fluxcd.io/flux/security/slsa-assessment/#provenance-verification
#     description: SLSA assessment, Provenance verification
# custom:
#   id: FX-SC-05
#   severity: low
#   profiles: [base]
#   assessment: partial
#   modes: [git, render, dump]
#   kinds:
#     - files.flux-audit/Workflow
#     - apps/Deployment
#     - apps/StatefulSet
#     - apps/DaemonSet
#     - apps/ReplicaSet
#     - batch/Job
#     - batch/CronJob
#     - PodTemplate
#     - Pod
#   reads: []
#   origin: security.md, Signed container images; SLSA Provenance / Provenance verification
#   rationale: |
#     Whoever controls the `flux` binary that runs `flux bootstrap` controls the cluster: it writes the
#     manifests and holds administrator credentials while it works. Pipelines often fetch it with a shell
#     one-liner or an action at a moving reference, which trusts the network and the tag every time.
#   audit: |
#     1. Find out how the CLI gets onto machines: search pipelines, container images and developer
#        documentation.
#
#        ```sh
#        grep -rnE 'fluxcd/flux2/action|fluxcd\.io/install\.sh|fluxcd/flux-cli' \
#          .github .gitlab-ci.yml Dockerfile* docs 2>/dev/null
#        ```
#
#        An action that is not pinned to a full commit, and a script piped into a shell, are findings.
#     2. Take one release that is in use and repeat the verification:
#
#        ```sh
#        sha256sum --ignore-missing --check flux_<version>_checksums.txt
#        slsa-verifier verify-artifact flux_<version>_linux_amd64.tar.gz \
#          --provenance-path <the release's .intoto.jsonl file> \
#          --source-uri github.com/fluxcd/flux2 --source-tag v<version>
#        cosign verify ghcr.io/fluxcd/flux-cli:v<version> \
#          --certificate-identity-regexp '^https://github\.com/fluxcd/.*$' \
#          --certificate-oidc-issuer https://token.actions.githubusercontent.com
#        ```
#
#     3. Compare the installed manifests with the verified release: `flux install --export` of that version
#        with the components in use, against `gotk-components.yaml`.
#
#     Pass: every route by which the CLI or the manifests arrive verifies them, and a failed verification
#     stops the job. Keep links to the pipeline steps and the output of one run.
#   remediation: |
#     Pin the action to a commit and let an update bot move the pin:
#
#     ```yaml
#     - uses: fluxcd/flux2/action@<full commit SHA> # the release's version
#       with:
#         version: 2.9.4
#     ```
#
#     Where the binary is downloaded by hand, put checksum and provenance verification into the same script,
#     before the first use. Record the pipeline steps, an example of their output, and who owns them; review
#     when a new route is added or the release process of Flux changes.
#   since: 0.1.0
#   params: {}
package flux.release_artifacts_verified

import data.lib.flux
import data.lib.leaves
import data.lib.result

# One workload of an installation stands for what a person has to show.
subject if flux.component == "source-controller"

subject if count(uses) + count(scripts) > 0

manual contains result.at(["spec"], "show how the CLI and the manifests of flux are verified before they are used") if {
	flux.component == "source-controller"
}

texts := leaves.of(flux.object.spec, ["spec"]).texts if {
	flux.object.kind == "Workflow"
	flux.kind_is("files.flux-audit", "Workflow")
	regex.match(`(?i)fluxcd/flux2/|fluxcd\.io/install`, sprintf("%v", [flux.object.spec]))
} else := []

# Steps that use Flux's action: [path, reference].
uses := [[path, split(text, "@")] |
	some [path, text] in texts
	path[count(path) - 1] == "uses"
	startswith(lower(trim_space(text)), "fluxcd/flux2/action")
]

# Commands that run the install script.
scripts := [path |
	some [path, text] in texts
	regex.match(`(?m)^[^#\n]*(fluxcd\.io/install\.sh|raw\.githubusercontent\.com/fluxcd/flux2/[^\s|]*/install/flux\.sh)`, text)
]

warn contains result.at(path, "the action is not pinned to a commit, so that what runs may change at any time") if {
	some [path, parts] in uses
	not pinned(parts)
}

pinned(parts) if {
	count(parts) == 2
	regex.match(`^[0-9a-fA-F]{40}\s*$`, parts[1])
}

warn contains result.at(path, "the script is run as the network delivers it, and nothing verifies it") if {
	some path in scripts
}
