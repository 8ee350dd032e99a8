# METADATA
# title: Signatures of the deployed images were verified
# description: |
#   Every Flux image that runs was checked against the project's keyless signature, by digest, and the
#   result of the check was kept.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/#signed-container-images
#     description: Flux security documentation, Signed container images
#   - ref: https://docs.sigstore.dev/cosign/verifying/verify/
#     description: "Cosign: verifying signatures"
# custom:
#   id: FX-SC-04
#   severity: medium
#   profiles: [base]
#   assessment: manual
#   modes: [git, render, dump]
#   kinds: []
#   reads: []
#   origin: security.md, Signed container images
#   rationale: |
#     A trusted registry name says where an image came from, not who built it. A mirror that was filled by
#     hand, a re-pushed tag or a compromised registry account all keep the name. The signature ties the
#     digest to a workflow of the Flux organisation, so it is the only proof that survives a copy.
#     Manifests do not show that somebody ran the check, so a person has to attest it.
#   audit: |
#     1. List what really runs, by digest. Pods of Flux 2.6 and older carry only the label `app`; leave the
#        selector out for those and list the whole namespace.
#
#        ```sh
#        kubectl get pods -A -l app.kubernetes.io/part-of=flux -o json \
#          | jq -r '.items[].status.containerStatuses[]? | [.name, .image, .imageID] | @tsv' | sort -u
#        ```
#
#     2. Verify each distinct digest with Cosign 2 or later, with both ends of the identity anchored:
#
#        ```sh
#        cosign verify "ghcr.io/fluxcd/source-controller@sha256:<digest>" \
#          --certificate-identity-regexp '^https://github\.com/fluxcd/.*$' \
#          --certificate-oidc-issuer https://token.actions.githubusercontent.com \
#          --output json > source-controller.json
#        ```
#
#     3. Signatures are made on the multi-architecture index. Where the runtime reports the digest of one
#        platform, find the index of the tag with `docker buildx imagetools inspect <image>:<tag>`, verify
#        that one, and show that it lists the running digest.
#     4. Images of a mirror are verified against the mirror's copy of the signature, or by comparing digests
#        with the upstream image.
#
#     Pass: one successful result for every running digest, no older than the last change of an image.
#     Keep the JSON files, the list of step 1, the date and the name of the person or job.
#   remediation: |
#     Make the check part of the upgrade, not an annual exercise: let the pipeline that changes a Flux
#     version verify the new digests and fail otherwise, and keep its output next to the change. A policy
#     that verifies signatures on admission (FX-SC-02, FX-SC-03) replaces the repeated manual part.
#
#     Record for each cluster: the running digests, the output of Cosign, who ran it and when. Review the
#     record with every Flux upgrade and at least twice a year.
#
#     If a digest does not verify, treat the cluster as compromised until the origin of the image is known:
#     pin the last good digest, and investigate before removing evidence.
#   since: 0.1.0
#   params: {}
package flux.image_signatures_verified
