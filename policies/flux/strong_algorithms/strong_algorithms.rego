# METADATA
# title: No weak algorithms are chosen
# description: |
#   source-controller and source-watcher do not compute artifact digests with SHA-1; source- and
#   image-automation-controller do not offer SSH key exchange or host key algorithms that rest on SHA-1 or DSA
#   (`ssh-rsa`, `ssh-dss`, names with `sha1`). The defaults are fine.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/components/source/options/
#     description: source-controller options
#   - ref: https://fluxcd.io/flux/components/image/options/
#     description: Image controllers options
# custom:
#   id: FX-EXT-11
#   severity: medium
#   profiles: [base]
#   assessment: automated
#   modes: [git, render, dump, admission]
#   kinds:
#     - apps/Deployment
#     - apps/StatefulSet
#     - apps/DaemonSet
#     - apps/ReplicaSet
#     - batch/Job
#     - batch/CronJob
#     - PodTemplate
#     - Pod
#   reads: []
#   origin: extension (the flags offer weak values; the security pages do not mention them)
#   rationale: |
#     An artifact's digest is what the applying controllers check after download; with SHA-1 a crafted pair of
#     artifacts can share it. `ssh-rsa` signs with SHA-1 and `ssh-dss` uses 1024 bit keys: a host key so proved can be
#     forged, and with it the repository that Flux trusts.
#   audit: |
#     Read the arguments of every instance, shards included. Select by component: the label `app` of a shard
#     carries a suffix, so a selector on it misses shards.
#
#     ```sh
#     kubectl get deploy,sts,ds -A -l app.kubernetes.io/component=source-controller -o json | jq -r \
#       '.items[] | "\(.metadata.namespace)/\(.metadata.name): \(.spec.template.spec.containers[] | select(.name == "manager") | [.command, .args])"'
#     ```
#
#     Repeat it for `source-watcher` and `image-automation-controller`. Pass: `--artifact-digest-algo` is absent or not
#     `sha1`; `--ssh-kex-algos` and `--ssh-hostkey-algos` are absent or name neither `ssh-rsa`, `ssh-dss` nor anything
#     with `sha1`. `rsa-sha2-256` and `rsa-sha2-512` are not `ssh-rsa`.
#   remediation: |
#     Delete the argument: the defaults are strong. `--artifact-digest-algo` can also be overridden by appending:
#
#     ```yaml
#     patches:
#       - target:
#           kind: Deployment
#           name: "(source-controller|source-watcher)"
#         patch: |
#           - op: add
#             path: /spec/template/spec/containers/0/args/-
#             value: --artifact-digest-algo=sha256
#     ```
#
#     The two SSH lists only grow when the flag is repeated, so edit the argument itself and keep, for example,
#     `--ssh-hostkey-algos=ssh-ed25519,ecdsa-sha2-nistp256,rsa-sha2-512`. Move Git servers that offer nothing else to
#     Ed25519 host keys.
#   since: 0.1.0
#   params: {}
package flux.strong_algorithms

import data.lib.argument
import data.lib.flags
import data.lib.flux
import data.lib.result

subject if flux.component in {"image-automation-controller", "source-controller", "source-watcher"}

digest := flags.get("artifact-digest-algo")

lists := ["ssh-hostkey-algos", "ssh-kex-algos"]

violation contains result.full(digest.path, "artifact digests are computed with sha1", nodes, fix) if {
	subject
	digest.state == "known"
	digest.value == "sha1"
	nodes := argument.needs(digest.path)
	fix := flags.append("--artifact-digest-algo=sha256")
}

violation contains result.full(path, msg, argument.needs(path), mended(name, path)) if {
	subject
	some name in lists
	flag := flags.get(name)
	flag.state == "known"
	is_array(flag.value)
	some i, algorithm in flag.value
	weak(algorithm)
	path := flag.places[i]
	msg := sprintf("--%v offers %v", [name, algorithm])
}

weak(algorithm) if regex.match(`dss|sha1|ssh-rsa`, algorithm)

# Lists only grow, so the argument itself has to change. An empty list is the default one.
mended(name, path) := [{"op": "replace", "path": result.pointer(path), "value": sprintf("%v%v", [start, strong])}] if {
	start := sprintf("--%v=", [name])
	text := [item[1] | some item in argument.items; item[0] == path; startswith(item[1], start)][0]
	strong := concat(",", [algorithm |
		some algorithm in split(substring(text, count(start), -1), ",")
		not weak(algorithm)
	])
} else := []

unknown contains finding if {
	subject
	some name in ["artifact-digest-algo", "ssh-hostkey-algos", "ssh-kex-algos"]
	some finding in flags.undecided(name)
}
