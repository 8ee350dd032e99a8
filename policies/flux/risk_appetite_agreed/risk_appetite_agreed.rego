# METADATA
# title: Profile and exceptions match the agreed risk appetite
# description: |
#   The profiles that are checked fit how the cluster is used, and each control that is waived has an owner,
#   a reason and a date on which the waiver ends.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/best-practices/#introduction
#     description: Security best practices, Introduction
# custom:
#   id: FX-PROC-03
#   severity: info
#   profiles: [base]
#   assessment: manual
#   modes: [git, render, dump]
#   kinds: []
#   reads: []
#   origin: best-practices.md, Introduction
#   rationale: |
#     Not every recommendation suits every installation; some cost convenience or performance. That makes the
#     choice of profiles and exceptions the most powerful setting of an audit: a shared cluster checked with
#     the base profile alone looks green while its tenants can read each other's sources.
#   audit: |
#     1. Write down how the cluster is used: one team, several teams that trust each other, tenants that do
#        not, clusters of tenants managed from a hub, regulated data.
#     2. Compare with the profiles in use: `shared` wherever namespaces belong to different parties,
#        `dedicated` where a hub applies to tenants' clusters, `hard` where the data demand it. The report
#        names the profiles that it used.
#     3. List what is waived: controls that the pipeline ignores, severities below the limit, checks that are
#        allowed to fail. Each needs an owner, a reason and an end date.
#     4. Have the person who carries the risk confirm both lists.
#
#     Pass: profiles and waivers are written down, confirmed by name, and none has expired. Keep the
#     confirmation and its date.
#   remediation: |
#     Keep the command line or pipeline step that runs the audit under version control, so that a change of
#     profile or of an ignored control is a reviewed change. Give each waiver an owner and an end date in the
#     same place. Review every half year, and whenever the first tenant of a new kind arrives.
#   since: 0.1.0
#   params: {}
package flux.risk_appetite_agreed
