# METADATA
# title: BuildKit attestations were reviewed
# description: |
#   Somebody looked at the build attestations attached to the controllers' images and compared the build's
#   source and parameters with what is expected.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/#buildkit-attestations
#     description: Flux security documentation, BuildKit attestations
# custom:
#   id: FX-SC-08
#   severity: info
#   profiles: [hard]
#   assessment: manual
#   modes: [git, render, dump]
#   kinds: []
#   reads: []
#   origin: security.md, SLSA Provenance / Buildkit attestations
#   rationale: |
#     The attestations tell the time, the parameters, the source revision and the base images of a build.
#     They are no substitute for verified provenance, since they are not signed on their own, but they answer
#     questions in an investigation, for example which base image a given digest was built on.
#   audit: |
#     ```sh
#     docker buildx imagetools inspect ghcr.io/fluxcd/source-controller:<tag> \
#       --format '{{ json (index .Provenance "linux/amd64").SLSA }}' > source-controller_<tag>_amd64.json
#     jq '.buildType, .metadata, [.materials[]?.uri]' source-controller_<tag>_amd64.json
#     ```
#
#     Check for each component and platform in use: the source repository is the component's own, the
#     revision is that of the release tag, the base images are the expected ones, the build date fits the
#     release.
#
#     Pass: reviewed for the running version, deviations explained. Keep the JSON, the reviewer's notes and
#     the date.
#   remediation: |
#     Add the command to the upgrade checklist and keep the JSON beside the bill of materials (FX-SC-06).
#     Review when the Flux minor version changes. Unexpected materials or revisions are a reason to stop the
#     upgrade and to ask the Flux maintainers.
#   since: 0.1.0
#   params: {}
package flux.buildkit_attestations_reviewed
