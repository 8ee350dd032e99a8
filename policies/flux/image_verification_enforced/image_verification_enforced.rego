# METADATA
# title: An enforcing admission policy verifies Flux image signatures
# description: |
#   Each image of a Flux controller is covered by an admission policy that verifies its signature and denies pods whose
#   image fails: a `verifyImages` rule or ImageValidatingPolicy of Kyverno, a ClusterImagePolicy of the Sigstore
#   policy-controller in a namespace that asks for it, or a Gatekeeper constraint that asks Ratify. Patterns are
#   compared with the images as the engine itself does. A policy that only audits, and one that lets pods pass while
#   its engine is down, gives advice.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/#signed-container-images
#     description: Flux security documentation, Signed container images
#   - ref: https://kyverno.io/docs/policy-types/cluster-policy/verify-images/overview/
#     description: Kyverno, verify images rules
#   - ref: https://docs.sigstore.dev/policy-controller/overview/
#     description: Sigstore policy-controller
# custom:
#   id: FX-SC-02
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
#     - Namespace
#     - apps/Deployment
#     - apps/StatefulSet
#     - apps/DaemonSet
#     - apps/ReplicaSet
#     - batch/Job
#     - batch/CronJob
#     - PodTemplate
#     - Pod
#     - kyverno.io/ClusterPolicy
#     - kyverno.io/Policy
#     - policies.kyverno.io/ImageValidatingPolicy
#     - policies.kyverno.io/NamespacedImageValidatingPolicy
#     - policy.sigstore.dev/ClusterImagePolicy
#     - templates.gatekeeper.sh/ConstraintTemplate
#   origin: security.md, Signed container images
#   rationale: |
#     A signature that was verified once, by hand, says nothing about the pod that starts tomorrow from a tag that
#     somebody moved. The controllers may do anything in the cluster, so that their images are the ones to verify
#     at each admission. A policy in audit mode writes a report after the pod has started.
#   audit: |
#     ```sh
#     kubectl get clusterpolicies.kyverno.io,imagevalidatingpolicies.policies.kyverno.io,clusterimagepolicies.policy.sigstore.dev
#     kubectl get pods -A -l app.kubernetes.io/part-of=flux -o jsonpath='{range .items[*]}{.metadata.namespace} {.spec.containers[*].image}{"\n"}{end}'
#     ```
#
#     For each image of the second list: a policy of the first names it, denies, and leaves the namespace in. Mind that
#     Kyverno compares an image with a digest without its tag, so that `…/source-controller:*` does not fit it; that
#     source-watcher is absent from older samples; and that policy-controller looks only at namespaces labelled
#     `policy.sigstore.dev/include=true`. Then try it: a pod with an unsigned image under such a name, with
#     `kubectl run --dry-run=server`, must be denied. Verification by the container runtime or the cloud provider
#     is not visible here and counts with evidence.
#   remediation: |
#     ```yaml
#     apiVersion: kyverno.io/v1
#     kind: ClusterPolicy
#     metadata:
#       name: verify-flux-images
#     spec:
#       failurePolicy: Fail
#       webhookTimeoutSeconds: 30
#       rules:
#         - name: verify-cosign-signature
#           match:
#             any:
#               - resources:
#                   kinds: [Pod]
#           verifyImages:
#             - imageReferences: ["ghcr.io/fluxcd/*"]
#               failureAction: Enforce
#               attestors:
#                 - entries:
#                     - keyless:
#                         issuer: https://token.actions.githubusercontent.com
#                         subject: https://github.com/fluxcd/*
#     ```
#
#     Run it with `failureAction: Audit` until its reports are clean. With a failure policy of `Fail`, see that the
#     engine itself starts without Flux.
#   since: 0.1.0
#   params:
#     policiesPath:
#       type: string
#       default: ""
#       description: Where the cluster's admission policies are kept among the inputs; set, a policy that is not there is missing.
package flux.image_verification_enforced

import data.lib.admission
import data.lib.facts
import data.lib.flux
import data.lib.patterns
import data.lib.refs
import data.lib.result
import data.lib.shape

subject if flux.component

# [image, what the policies for it do]
judged := [[used, admission.best(speaking(used), flux.controller.namespace)] |
	subject
	facts.available
	some used in refs.all
]

violation contains result.related(used.path, "no admission policy verifies the signature of the image", around) if {
	some [used, "none"] in judged
	strict
}

warn contains result.related(used.path, "the admission policy that verifies the image only audits", around) if {
	some [used, "audit"] in judged
}

warn contains result.related(used.path, "pods are admitted unverified while the engine of the policy does not answer", around) if {
	some [used, "lenient"] in judged
}

unknown contains finding if {
	subject
	some finding in (refs.undecided | shape.recognition)
}

unknown contains result.related(used.path, "it cannot be told whether the admission policy reaches the image", around) if {
	some [used, "unknown"] in judged
}

manual contains result.at(used.path, "no admission policy for the image is at hand: look where the cluster's policies are kept") if {
	some [used, "none"] in judged
	not strict
}

manual contains result.at(["spec"], "admission policies are known only from the inventory of the cluster") if {
	subject
	not facts.available
}

strict if {
	flux.profile("hard")
	proves
}

# That no policy is there proves something in a cluster, and where the policies are among the objects given.
proves if flux.mode == "dump"

proves if {
	flux.mode in {"git", "render"}
	count(facts.image_policies) > 0
}

proves if {
	flux.mode in {"git", "render"}
	flux.param("policiesPath", "") != ""
}

speaking(used) := [object.union(rule, {"include": include}) |
	some rule in facts.image_policies
	some include in reaching(rule, used)
]

# At most one list of alternatives: as it is, or as a doubt where expressions choose the images.
reaching(rule, used) := [rule.include] if {
	text := spelt(rule, used)
	count([1 | some pattern in rule.patterns; patterns.matches(rule.sort, pattern, text)]) > 0
	count([1 | some skip in rule.skips; patterns.matches(rule.sort, skip, text)]) == 0
	not rule.vague
} else := [[array.concat(conditions, [doubt]) | some conditions in rule.include]] if {
	unsettled(rule)
} else := []

unsettled(rule) if rule.vague

unsettled(rule) if {
	some pattern in array.concat(rule.patterns, rule.skips)
	not patterns.readable(rule.sort, pattern)
}

unsettled(rule) if {
	some pattern in array.concat(rule.patterns, rule.skips)
	contains(pattern, "{{")
}

doubt := {"never": false, "namespaces": null, "selector": null, "narrow": true}

# The image as the engine reads it.
spelt(rule, used) := used.ref if {
	rule.sort == "gobwas"
} else := concat("", [home, used.image.registry, "/", used.image.path, version(used.image)]) if {
	home := concat("", ["index." | rule.sort == "path"; used.image.registry == "docker.io"])
}

version(image) := sprintf("@%v", [image.digest]) if {
	image.digest != ""
} else := sprintf(":%v", [image.tag]) if {
	image.tag != ""
} else := ":latest"

around := array.concat([{"path": ["metadata", "namespace"]}], admission.nodes(facts.image_policies, flux.controller.namespace))
