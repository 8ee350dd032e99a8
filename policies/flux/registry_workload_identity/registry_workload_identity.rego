# METADATA
# title: Cloud registries are read with a workload identity
# description: |
#   An OCIRepository, HelmRepository or ImageRepository in a registry of AWS, Azure or Google Cloud logs in as a
#   workload: its `provider` is that cloud's. A `secretRef` with the provider `generic`, which is the default, gives a
#   warning. A source without credentials passes.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/components/source/ocirepositories/#provider
#     description: OCIRepository, Provider
#   - ref: https://fluxcd.io/flux/installation/configuration/workload-identity/
#     description: Flux workload identity
# custom:
#   id: FX-EXT-15
#   severity: low
#   profiles: [hard]
#   assessment: automated
#   modes: [git, render, dump, admission]
#   kinds:
#     - source.toolkit.fluxcd.io/OCIRepository
#     - source.toolkit.fluxcd.io/HelmRepository
#     - image.toolkit.fluxcd.io/ImageRepository
#   reads: []
#   origin: extension (the pages on contextual authorization and cloud integrations prefer access without Secrets)
#   rationale: |
#     A password or a key in a Secret is valid until somebody changes it, can be read by whoever reads Secrets in that
#     namespace, and works from anywhere. ECR's own tokens last for twelve hours, so that behind such a Secret there
#     is a job with a key that lasts. A workload identity gives tokens of an hour, to one service account, for what
#     its cloud role allows, and the cloud writes down their use.
#   audit: |
#     ```sh
#     kubectl get ocirepositories,helmrepositories,imagerepositories -A -o json | jq -r '.items[]
#       | select(.spec.secretRef and (.spec.provider // "generic") == "generic")
#       | select(.spec.url // .spec.image | test("\\.dkr[.-]ecr|\\.azurecr\\.|gcr\\.io|\\.pkg\\.dev"))
#       | "\(.kind) \(.metadata.namespace)/\(.metadata.name): \(.spec.url // .spec.image)"'
#     ```
#
#     Pass: no output (`ghcr.io` is no cloud registry).
#   remediation: |
#     ```yaml
#     apiVersion: source.toolkit.fluxcd.io/v1
#     kind: OCIRepository
#     metadata:
#       name: apps
#       namespace: apps
#     spec:
#       interval: 10m
#       url: oci://123456789012.dkr.ecr.eu-west-1.amazonaws.com/fleet/apps
#       provider: aws
#       serviceAccountName: apps-source
#     ```
#
#     `provider` is `aws`, `azure` or `gcp`. With `serviceAccountName`, and the feature gate
#     `ObjectLevelWorkloadIdentity=true` on source- and image-reflector-controller, each source has a role of its own;
#     without it the controller's account is used, which in a shared cluster all tenants share. Give that role read
#     access to the repositories it needs, then delete the Secret and the job that renewed it.
#   since: 0.1.0
#   params: {}
package flux.registry_workload_identity

import data.lib.node
import data.lib.result
import data.lib.toolkit
import data.lib.url

subject if toolkit.kind in {"HelmRepository", "ImageRepository", "OCIRepository"}

secret := toolkit.field(["secretRef"], "object")

provider := toolkit.field(["provider"], "string")

address := toolkit.field(["url"], "reference") if toolkit.kind in {"HelmRepository", "OCIRepository"}

address := toolkit.field(["image"], "reference") if toolkit.kind == "ImageRepository"

parts := url.parse(address.value) if toolkit.kind in {"HelmRepository", "OCIRepository"}

parts := url.parse(sprintf("oci://%v", [address.value])) if toolkit.kind == "ImageRepository"

cloud := "aws" if {
	regex.match(`\.dkr[.-]ecr(-fips)?\.`, parts.host)
} else := "azure" if {
	regex.match(`\.azurecr\.(io|cn|us|de)$`, parts.host)
} else := "gcp" if {
	regex.match(`((^|\.)gcr\.io|\.pkg\.dev)$`, parts.host)
}

warn contains result.fixed(secret.path, msg, fix) if {
	subject
	generic
	secret.state == "set"
	parts.scheme == "oci"
	msg := sprintf("a Secret is used where the registry would accept the workload identity of provider %v", [cloud])
	fix := array.concat(node.fix(provider, cloud), [{"op": "remove", "path": "/spec/secretRef"}])
}

generic if toolkit.text(provider) in {"", "generic"}

unknown contains finding if {
	subject
	some finding in toolkit.doubts([secret, provider])
	secret.state != "absent"
}

unknown contains finding if {
	asked
	some finding in toolkit.doubts([address])
}

unknown contains result.at(address.path, "which registry this is cannot be told") if {
	asked
	node.decided(address)
	not parts
}

# Whether the registry matters.
asked if {
	subject
	generic
	secret.state != "absent"
}
