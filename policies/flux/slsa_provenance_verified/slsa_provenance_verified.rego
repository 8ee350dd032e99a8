# METADATA
# title: SLSA provenance of the images is verified
# description: |
#   The provenance of every Flux image in use was verified: built by the trusted generator workflow, from
#   the component's own repository, at the expected tag. An enforcing policy of Kyverno that demands the attestation of the
#   generator's workflow for the image does it at every admission; otherwise a person keeps the evidence. There is no
#   provenance before Flux 2.0.0.
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
#   assessment: partial
#   modes: [git, render, dump]
#   kinds:
#     - apps/Deployment
#     - apps/StatefulSet
#     - apps/DaemonSet
#     - apps/ReplicaSet
#     - batch/Job
#     - batch/CronJob
#     - PodTemplate
#     - Pod
#   reads:
#     - kyverno.io/ClusterPolicy
#     - kyverno.io/Policy
#     - Namespace
#     - apps/Deployment
#     - apps/StatefulSet
#     - apps/DaemonSet
#     - apps/ReplicaSet
#     - batch/Job
#     - batch/CronJob
#     - PodTemplate
#     - Pod
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

import data.lib.admission
import data.lib.facts
import data.lib.flux
import data.lib.patterns
import data.lib.refs
import data.lib.releases
import data.lib.result
import data.lib.shape

subject if flux.component

# Images from before there was any provenance.
ancient contains used if {
	subject
	some used in refs.all
	releases.standing(used.component, used.image.tag).standing == "ancient"
}

warn contains result.at(used.path, "versions before 2.0.0 have no provenance: upgrade first") if {
	some used in ancient
}

manual contains result.at(used.path, "no enforcing policy demands the provenance of this image: keep the output of its verification") if {
	subject
	some used in refs.all
	not used in ancient
	admission.best(speaking(used), flux.controller.namespace) != "deny"
}

# The rules that verify the provenance of this image.
speaking(used) := [rule |
	some rule in facts.provenance_policies
	text := spelt(used)
	count([1 | some pattern in rule.patterns; patterns.matches(rule.sort, pattern, text)]) > 0
	count([1 | some skip in rule.skips; patterns.matches(rule.sort, skip, text)]) == 0
	not rule.vague
]

spelt(used) := sprintf("%v/%v%v", [used.image.registry, used.image.path, version(used.image)])

version(image) := sprintf("@%v", [image.digest]) if {
	image.digest != ""
} else := sprintf(":%v", [image.tag]) if {
	image.tag != ""
} else := ":latest"

unknown contains finding if {
	subject
	some finding in (refs.undecided | shape.recognition)
}
