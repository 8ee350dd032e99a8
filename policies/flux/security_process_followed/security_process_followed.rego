# METADATA
# title: "Flux's security process and advisories are followed"
# description: |
#   Somebody in the organisation is responsible for hearing of security problems in Flux, and knows how to
#   report one.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/#introduction
#     description: Flux security documentation, Introduction
#   - ref: https://fluxcd.io/security/
#     description: "Flux: security processes and disclosure"
#   - ref: https://github.com/fluxcd/flux2/security/advisories
#     description: Published advisories
# custom:
#   id: FX-PROC-01
#   severity: info
#   profiles: [base]
#   assessment: manual
#   modes: [git, render, dump]
#   kinds: []
#   reads: []
#   origin: security.md, Introduction; security-2022.md, Introduction
#   rationale: |
#     Flux runs with far-reaching rights in every cluster. The time between an advisory and the upgrade is
#     the time in which everybody else knows the weakness too, and a report sent to a public issue tracker
#     instead of the private route gives it away early.
#   audit: |
#     1. Ask who is subscribed to the advisories of the Flux repositories (GitHub: Watch, Custom, Security
#        alerts, for flux2 and each controller in use) and to the project's announcements.
#     2. Take the last published advisory and follow it through the organisation: when was it noticed, who
#        judged it, when were the clusters upgraded or the work-around in place.
#     3. Ask a developer how to report a suspected weakness in Flux. The answer is the private route in the
#        project's security policy, not an issue; results of a CVE scanner on the images are not to be
#        reported.
#
#     Pass: a named owner with a deputy, and a followed advisory within the organisation's own time limits.
#     Keep names, the ticket of the last advisory and its dates.
#   remediation: |
#     Subscribe a shared mailbox or a chat channel instead of a person. Write into the runbook: who judges an
#     advisory, by when it must be judged, how an emergency upgrade is done, and the link to the private
#     reporting route. Record the owner and the last advisory handled; review twice a year.
#   since: 0.1.0
#   params: {}
package flux.security_process_followed
