# METADATA
# title: "The repositories' history is scanned for secrets"
# description: |
#   Every repository that Flux reads was scanned for credentials in all its commits, not only at the tip,
#   and what was found was rotated.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/best-practices/#secret-decryption
#     description: Security best practices, Kustomize Controller, Secret Decryption
# custom:
#   id: FX-SEC-06
#   severity: high
#   profiles: [base]
#   assessment: manual
#   modes: [git, render, dump]
#   kinds: []
#   reads: []
#   origin: best-practices.md, Kustomize Controller / Secret Decryption
#   rationale: |
#     Deleting a credential in a later commit does not take it back: everybody with read access, every fork
#     and every clone of a build machine has the old commit. Encrypting secrets today therefore leaves
#     yesterday's plaintext usable until it is rotated.
#   audit: |
#     1. List the repositories: the URLs of all sources, and the repositories of tenants.
#
#        ```sh
#        kubectl get gitrepositories -A -o jsonpath='{range .items[*]}{.spec.url}{"\n"}{end}' | sort -u
#        ```
#
#     2. Scan complete clones (no shallow ones) over all branches and tags:
#
#        ```sh
#        git clone --mirror <url> repo.git
#        gitleaks git --log-opts='--all' --report-format json --report-path gitleaks.json repo.git
#        ```
#
#        Trufflehog (`trufflehog git file://$PWD/repo.git --json`) and Squealer serve as well; two tools find
#        more than one.
#     3. Go through the findings. A false positive is recorded as such by its fingerprint; a real one needs
#        proof that the credential was revoked, not only removed.
#     4. Check that new commits are scanned before they are merged, with the whole history available
#        (`fetch-depth: 0` in GitHub Actions).
#
#     Pass: no finding that is open, and scanning is part of the merge process. Keep the reports (without the
#     secrets' values), the commit that was scanned last, and the list of rotated credentials.
#   remediation: |
#     Rotate first, clean second: revoke the credential at its issuer, store the new one encrypted (SOPS,
#     Sealed Secrets, an external secret store), then decide whether rewriting the history is worth it.
#
#     Keep the scan running on each change:
#
#     ```yaml
#     jobs:
#       secrets:
#         runs-on: ubuntu-latest
#         steps:
#           - uses: actions/checkout@<full commit SHA>
#             with:
#               fetch-depth: 0
#           - run: gitleaks git --log-opts='--all' --redact .
#     ```
#
#     Record per repository: tool and version, last scanned commit, findings and their treatment, owner.
#     Review every quarter and whenever a source is added.
#   since: 0.1.0
#   params: {}
package flux.repository_history_scanned
