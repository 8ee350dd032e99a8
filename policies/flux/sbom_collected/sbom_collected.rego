# METADATA
# title: The SBOM of each release in use is collected
# description: |
#   For every Flux version that runs, the software bill of materials was fetched, checked to belong to that
#   version, and stored where vulnerability handling can search it.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/#software-bill-of-materials
#     description: Flux security documentation, Software Bill of Materials
# custom:
#   id: FX-SC-06
#   severity: low
#   profiles: [hard]
#   assessment: manual
#   modes: [git, render, dump]
#   kinds: []
#   reads: []
#   origin: security.md, Software Bill of Materials
#   rationale: |
#     When the next widely used library turns out to be vulnerable, the question is which clusters contain
#     it. A stored bill of materials answers in minutes and without pulling images; one that must first be
#     collected answers after the incident.
#   audit: |
#     1. Determine the running version: `flux version`, or the tags of the controllers' images.
#     2. Fetch the documents of the release and of each image and platform in use:
#
#        ```sh
#        curl -sSLO https://github.com/fluxcd/flux2/releases/download/v<version>/flux_<version>_sbom.spdx.json
#        docker buildx imagetools inspect ghcr.io/fluxcd/source-controller:<tag> \
#          --format '{{ json (index .SBOM "linux/amd64").SPDX }}' > source-controller_<tag>_amd64.spdx.json
#        ```
#
#     3. Check that each is a document of the right thing:
#
#        ```sh
#        jq -e '.spdxVersion and (.packages | length > 0)' *.spdx.json
#        jq -r '[.name, .spdxVersion, (.packages | length)] | @tsv' *.spdx.json
#        ```
#
#     4. Ask the owners of vulnerability handling to find a given Go module (for example
#        `golang.org/x/crypto`) in their store, with its version for this Flux release.
#
#     Pass: a document for each running image is in the store and the search of step 4 finds it. Keep the
#     documents, their checksums and the date.
#   remediation: |
#     Add a step to the upgrade pipeline that downloads the documents for the new version and hands them to
#     the inventory tool in use (Dependency-Track, GUAC, an artifact store). Record the store's location and
#     owner; review with each Flux upgrade, and delete documents only when no cluster runs the version.
#   since: 0.1.0
#   params: {}
package flux.sbom_collected
