# METADATA
# title: FluxInstance hardening
# description: |
#   A FluxInstance keeps the network policies, comes from a trusted registry, locks tenants down where there are some
#   (`spec.cluster.multitenant` in the profile `shared`), and none of its patches hands an insecure flag to a controller. An
#   artifact of manifests at `latest` or without a tag, and no digest, gives advice; in the profile `hard` so does a sync
#   whose source no patch verifies.
# scope: package
# related_resources:
#   - ref: https://fluxoperator.dev/docs/crd/fluxinstance/#cluster-configuration
#     description: Flux Operator, cluster configuration
#   - ref: https://fluxoperator.dev/docs/crd/fluxinstance/#distribution-configuration
#     description: Flux Operator, distribution configuration
#   - ref: https://fluxcd.io/flux/security/best-practices/#shared-cluster-multi-tenancy
#     description: Flux security best practices, Shared cluster multi-tenancy
# custom:
#   id: FX-EXT-17
#   severity: medium
#   profiles: [base]
#   assessment: automated
#   modes: [git, render, dump, admission]
#   kinds: [fluxcd.controlplane.io/FluxInstance]
#   reads: []
#   origin: extension (the Flux Operator builds the controllers from this one object)
#   rationale: |
#     With the Flux Operator the whole installation follows from one object: a single field takes the network
#     policies or the lock-down of all controllers away, and a patch is applied last and wins over everything that the
#     operator does. Whoever reviews a change of it should see that at once, before any controller is restarted.
#   audit: |
#     ```sh
#     kubectl get fluxinstance -A -o json | jq '.items[] | {
#       namespace: .metadata.namespace, cluster: .spec.cluster, distribution: .spec.distribution,
#       patches: [.spec.kustomize.patches[]?.patch], sync: .spec.sync}'
#     ```
#
#     Pass: `cluster.networkPolicy` is not false; `cluster.multitenant` is true where tenants share the cluster; the registry is the
#     project's, the vendor's or your mirror; no patch sets `--insecure-…`, `--no-cross-namespace-refs=false`,
#     `--no-remote-bases=false`, an empty `--default-service-account=`, DNS lookups of Helm or weak algorithms; the artifact
#     has a digest or a version.
#   remediation: |
#     ```yaml
#     apiVersion: fluxcd.controlplane.io/v1
#     kind: FluxInstance
#     metadata:
#       name: flux
#       namespace: flux-system
#     spec:
#       distribution:
#         version: "2.9.x"
#         registry: ghcr.io/fluxcd
#         artifact: oci://ghcr.io/controlplaneio-fluxcd/flux-operator-manifests:v0.58.1
#       cluster:
#         networkPolicy: true
#         multitenant: true
#       kustomize:
#         patches:
#           - target:
#               kind: GitRepository
#               name: flux-system
#             patch: |
#               - op: add
#                 path: /spec/verify
#                 value:
#                   mode: HEAD
#                   secretRef:
#                     name: git-pgp-public-keys
#     ```
#
#     Delete the operations that add an insecure flag: the operator's default is the safe value.
#   since: 0.1.0
#   redact: true
#   params:
#     trustedRegistries:
#       type: array
#       items: {type: string}
#       default:
#         - ghcr.io/fluxcd
#         - docker.io/fluxcd
#         - ghcr.io/controlplaneio-fluxcd
#         - ghcr.io/controlplaneio-fluxcd/alpine
#         - ghcr.io/controlplaneio-fluxcd/distroless
#         - ghcr.io/controlplaneio-fluxcd/distroless-fips
#       description: Registry prefixes whose Flux images are trusted
#     mirrors:
#       type: array
#       items: {type: string}
#       default: []
#       description: Registry prefixes of one's own mirrors of the trusted images
package flux.flux_instance_hardened

import data.lib.flux
import data.lib.images
import data.lib.node
import data.lib.result

subject if flux.kind_is("fluxcd.controlplane.io", "FluxInstance")

# The spec of an instance, and of nothing else.
spec := node.at(raw, ["spec"], "object", 0) if subject

raw := object.get(flux.object, "spec", null)

network := node.get(spec, ["cluster", "networkPolicy"], "boolean")

tenancy := node.get(spec, ["cluster", "multitenant"], "boolean")

registry := node.get(spec, ["distribution", "registry"], "string")

artifact := node.get(spec, ["distribution", "artifact"], "string")

sync := node.child(spec, "sync", "object")

source := node.child(sync, "kind", "string")

list := node.get(spec, ["kustomize", "patches"], "array")

entries := node.items(list, "object")

patches := [node.child(entry, "patch", "reference") | some entry in entries]

violation contains result.fixed(network.path, "the network policies of flux are left out", node.fix(network, true)) if network.value == false

violation contains result.fixed(tenancy.path, "the controllers are not locked down, though tenants share the cluster", node.fix(tenancy, true)) if {
	flux.profile("shared")
	node.decided(tenancy)
	tenancy.value != true
}

violation contains result.at(registry.path, "the registry is no trusted place for the images of flux") if {
	registry.state == "set"
	not trusted
	not mirrored
}

trusted if images.trusted(image, "source-controller")

mirrored if {
	some mirror in flux.param("mirrors", [])
	is_string(mirror)
	prefix := images.parse(concat("/", [trim_right(mirror, "/"), "x", "y"]))
	found := images.parse(image)
	found.registry == prefix.registry
	startswith(found.path, trim_suffix(prefix.path, "x/y"))
}

image := concat("/", [trim_right(registry.value, "/"), "source-controller"])

warn contains result.at(registry.path, "the images come from a declared mirror: their signatures have to be verified there") if {
	registry.state == "set"
	not trusted
	mirrored
}

violation contains result.at(patch.path, msg) if {
	some patch in patches
	patch.state == "set"
	some what, pattern in insecure
	regex.match(pattern, patch.value)
	msg := sprintf("the patch %v", [what])
}

# What patches must not add, as arguments in YAML or JSON. Go takes 1, t, T, TRUE, true, True for true.
insecure := {
	"lets kubeconfigs run programs": yes(`--insecure-kubeconfig-exec`),
	"lets kubeconfigs skip the verification of TLS": yes(`--insecure-kubeconfig-tls`),
	"allows plain HTTP": yes(`--insecure-allow-http`),
	"allows references across namespaces": no(`--no-cross-namespace-refs`),
	"allows remote bases": no(`--no-remote-bases`),
	"takes the default service account away": `--default-service-account=["']?\s*([,}\]]|$|\n)`,
	"lets helm look up DNS names": `AllowDNSLookups\s*=\s*(1|[tT]|TRUE|true|True)\b`,
	"makes a weak algorithm do": `--(artifact-digest-algo=sha1\b|ssh-(kex|hostkey)-algos=[^\s"']*(sha1|dss|ssh-rsa))`,
}

yes(flag) := concat("", [flag, `(=(1|[tT]|TRUE|true|True))?(["'\s,}\]]|$)`])

no(flag) := concat("", [flag, `=(0|[fF]|FALSE|false|False)\b`])

warn contains result.at(artifact.path, "the artifact may change at any time: give it a version or a digest") if {
	artifact.state == "set"
	not contains(artifact.value, "@")
	images.parse(artifact_image).tag in {"", "latest"}
}

artifact_image := regex.replace(artifact.value, `^oci://`, "")

warn contains result.at(sync.path, "no patch makes flux verify the source that the cluster is synced from") if {
	flux.profile("hard")
	sync.state == "set"
	source.value in {"GitRepository", "OCIRepository"}
	count([1 | some entry in entries; verifies(entry)]) == 0
	count([1 | some patch in patches; node.contains_variable(patch.value)]) == 0
}

# A patch that adds `verify` to the source.
verifies(entry) if {
	text := entry.value.patch
	is_string(text)
	regex.match(`/spec/verify\b|(^|\s)verify:|"verify"`, text)
	targets(entry.value, text)
}

# Of a patch's target the kind is a regexp, as a rule that kind's own name.
targets(entry, _) if {
	kind := entry.target.kind
	is_string(kind)
	source.value in split(trim(kind, "^$()"), "|")
}

targets(_, text) if regex.match(sprintf(`kind["']?:\s*["']?%v\b`, [source.value]), text)

unknown contains finding if {
	subject
	some one in array.concat([network, tenancy, registry, artifact, sync, list], array.concat(entries, patches))
	finding := node.doubt(one)
}

unknown contains result.at(registry.path, "no registry is given") if {
	subject
	registry.state == "absent"
}

unknown contains result.at(patch.path, "the patch holds a variable, so that it cannot be told what it does") if {
	some patch in patches
	node.contains_variable(patch.value)
}
