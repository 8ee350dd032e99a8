# METADATA
# title: SLSA provenance of the images is verified
# description: |
#   The provenance of every Flux image in use was verified: built by the trusted generator workflow, from
#   the component's own repository, at the expected tag.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/#slsa-provenance
#     description: Flux security documentation, SLSA Provenance
#   - ref: https://fluxcd.io/flux/security/slsa-assessment/#provenance-verification
#     description: SLSA assessment, Provenance verification
#   - ref: https://slsa.dev/spec/v1.0/verifying-artifacts
#     description: "SLSA v1.0: verifying artifacts"
# custom:
#   id: FX-SC-07
#   severity: medium
#   profiles: [hard]
#   assessment: manual
#   modes: [git, render, dump]
#   kinds: []
#   reads: []
#   origin: security.md, SLSA Provenance; SLSA Provenance / Provenance verification
#   rationale: |
#     A signature proves that a workflow of the organisation produced an image. Provenance adds which
#     repository and which tag it was built from, on a builder that the project's own build scripts cannot
#     influence. That closes the gap of a stolen workflow identity signing something else. Flux offers it
#     from version 2.0.0; older installations cannot fulfil this control.
#   audit: |
#     For each distinct digest that runs (see FX-SC-04 for the list):
#
#     ```sh
#     slsa-verifier verify-image ghcr.io/fluxcd/helm-controller@sha256:<digest> \
#       --source-uri github.com/fluxcd/helm-controller --source-tag <the image's tag>
#     ```
#
#     or, with Cosign:
#
#     ```sh
#     cosign verify-attestation --type slsaprovenance \
#       --certificate-identity-regexp '^https://github\.com/slsa-framework/slsa-github-generator/\.github/workflows/generator_container_slsa3\.yml@refs/tags/v[0-9.]+$' \
#       --certificate-oidc-issuer https://token.actions.githubusercontent.com \
#       ghcr.io/fluxcd/helm-controller@sha256:<digest>
#     ```
#
#     Look at the result, not only at the exit code: the repository must be the component's, the reference
#     the tag that is deployed.
#
#     Pass: verified for every running digest, or an enforcing admission policy demands the same attestation.
#     Keep the output per digest, the date and the tool's version.
#   remediation: |
#     Verify in the upgrade pipeline, before the new version is merged. To make it continuous, extend the
#     image policy of FX-SC-02 by an attestation of type SLSA provenance with the generator's identity and
#     GitHub's issuer, and run it in audit mode until it is clean.
#
#     Record per Flux version: digests, output, owner, date. Review with every upgrade. Installations below
#     2.0.0 must upgrade first.
#   since: 0.1.0
#   params: {}
package flux.slsa_provenance_verified
