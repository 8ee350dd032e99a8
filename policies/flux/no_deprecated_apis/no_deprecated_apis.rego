# METADATA
# title: Flux objects use no deprecated API versions
# description: |
#   The API version of a Flux object is one that the installed Flux serves, and not one that it serves only until a
#   later release drops it. The version of Flux is that of the controller that owns the kind, else that of the other
#   controllers, else what the Flux Operator reports. Where none of them tells it, the newest release known here is
#   the measure, and what it would refuse is a warning.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/releases/#api-versioning
#     description: Flux, release cadence and API versions
#   - ref: https://fluxcd.io/flux/cmd/flux_migrate/
#     description: flux migrate
# custom:
#   id: FX-EXT-13
#   severity: low
#   profiles: [base]
#   assessment: automated
#   modes: [git, render, dump, admission]
#   kinds:
#     - source.toolkit.fluxcd.io/Bucket
#     - source.toolkit.fluxcd.io/ExternalArtifact
#     - source.toolkit.fluxcd.io/GitRepository
#     - source.toolkit.fluxcd.io/HelmChart
#     - source.toolkit.fluxcd.io/HelmRepository
#     - source.toolkit.fluxcd.io/OCIRepository
#     - source.extensions.fluxcd.io/ArtifactGenerator
#     - kustomize.toolkit.fluxcd.io/Kustomization
#     - helm.toolkit.fluxcd.io/HelmRelease
#     - notification.toolkit.fluxcd.io/Alert
#     - notification.toolkit.fluxcd.io/Provider
#     - notification.toolkit.fluxcd.io/Receiver
#     - image.toolkit.fluxcd.io/ImagePolicy
#     - image.toolkit.fluxcd.io/ImageRepository
#     - image.toolkit.fluxcd.io/ImageUpdateAutomation
#     - fluxcd.controlplane.io/FluxInstance
#     - fluxcd.controlplane.io/FluxReport
#     - fluxcd.controlplane.io/ResourceSet
#     - fluxcd.controlplane.io/ResourceSetInputProvider
#   reads: []
#   origin: extension (Flux drops old API versions in its minor releases, and an upgrade then stops what still uses them)
#   rationale: |
#     Flux serves an old API version for some releases after a newer one has come, and then drops it. A manifest that
#     still names it fails its dry run, and with it the whole Kustomization that applies it: nothing in there is
#     reconciled any more, security fixes and network policies included. Teams that meet this put the upgrade off, and
#     stay on a Flux that gets no fixes.
#   audit: |
#     What the cluster serves, and what the repository asks for:
#
#     ```sh
#     kubectl get crd -l app.kubernetes.io/part-of=flux -o json | jq -r \
#       '.items[] | "\(.spec.names.kind): \([.spec.versions[] | select(.served) | .name + (if .deprecated then " (deprecated)" else "" end)] | join(", "))"'
#     grep -rhoE --include='*.yaml' 'apiVersion: .*fluxcd\.io/.*' . | sort | uniq -c
#     ```
#
#     Pass: every API version in the repository is served by the cluster and not marked as deprecated, nor missing in
#     the release that the next upgrade goes to.
#   remediation: |
#     Let the CLI rewrite the files, look at the difference, and commit it:
#
#     ```sh
#     flux migrate -f .
#     ```
#
#     By hand it is the first line of each object:
#
#     ```yaml
#     apiVersion: source.toolkit.fluxcd.io/v1 # was v1beta2
#     kind: GitRepository
#     ```
#
#     Some fields changed with the version (`valuesFile` of a chart became `valuesFiles`, the commit template of an
#     image automation names `.Changed` in place of `.Updated`), so check with `kubectl apply --dry-run=server`. Then
#     `flux migrate` on the cluster rewrites what is stored in the old version, before the upgrade that drops it.
#
#     Where the version is too new for the cluster, upgrade Flux rather than write the manifest in the old version.
#   since: 0.1.0
#   params: {}
package flux.no_deprecated_apis

import data.lib.apis
import data.lib.facts
import data.lib.flux
import data.lib.result

subject if apis.row

# The newest version of the kind, and nobody tells of a Flux that does not serve it yet.
plain if {
	not flux.object.metadata.annotations["flux-audit.internal/unknown-paths"]
	cell := apis.row[count(apis.row) - 1]
	endswith(cell, "-99")
	newest := split(trim_suffix(cell, "-99"), ":")
	newest[0] == apis.version
	since := to_number(newest[1])
	since <= apis.newest
	serving(since)
}

serving(since) if since == 0

serving(since) if {
	since > 0
	count([1 | some teller in told; teller.minor < since]) == 0
}

other if {
	not plain
	subject
}

# What tells the version of Flux: the controllers that own the kind, else everything that tells one.
own := tellers({apis.owner})

told := own if {
	count(own) > 0
} else := tellers({teller | apis.owner != "flux-operator"; some teller, _ in facts.flux_minors})

tellers(names) := [teller |
	some name in names
	some teller in facts.flux_minors[name]
	teller.minor <= apis.newest
]

nodes := [teller.node | some teller in told]

# The minors that refuse the version, and those that serve a newer one beside it.
refusing := [teller.minor |
	some teller in told
	not apis.version in apis.served(teller.minor)
]

deprecating := [teller.minor | some teller in told; superseded(teller.minor)]

superseded(minor) if {
	versions := apis.served(minor)
	apis.version in versions
	versions[count(versions) - 1] != apis.version
}

readable if {
	flux.known(["apiVersion"])
	regex.match(`^v[0-9]+((alpha|beta)[0-9]+)?$`, apis.version)
}

violation contains result.full(["apiVersion"], msg, nodes, fix(refusing[0])) if {
	other
	readable
	count(refusing) > 0
	count(refusing) == count(told)
	msg := sprintf("flux 2.%v does not serve this version of the API%v", [refusing[0], instead(refusing[0])])
}

warn contains result.full(["apiVersion"], msg, nodes, fix(refusing[0])) if {
	other
	readable
	count(refusing) > 0
	count(refusing) < count(told)
	msg := sprintf("of the minors of flux that run here, 2.%v does not serve this version of the API%v", [refusing[0], instead(refusing[0])])
}

warn contains result.full(["apiVersion"], msg, nodes, fix(deprecating[0])) if {
	other
	readable
	count(refusing) == 0
	count(deprecating) > 0
	msg := sprintf("flux 2.%v deprecates this version of the API%v", [deprecating[0], instead(deprecating[0])])
}

# The version of Flux is not known.
warn contains result.fixed(["apiVersion"], msg, fix(apis.newest)) if {
	other
	readable
	count(told) == 0
	not apis.version in apis.served(apis.newest)
	msg := sprintf("the newest flux known here does not serve this version of the API%v", [instead(apis.newest)])
}

instead(minor) := sprintf("; it serves %v", [concat(", ", apis.served(minor))]) if {
	count(apis.served(minor)) > 0
} else := ""

# To the newest version that the minor serves, unless that is the older one.
fix(minor) := [{"op": "replace", "path": "/apiVersion", "value": sprintf("%v/%v", [apis.row[0], wanted])}] if {
	versions := apis.served(minor)
	wanted := versions[count(versions) - 1]
	position(apis.version) < position(wanted)
} else := []

position(version) := i if {
	some i, cell in apis.row
	startswith(cell, sprintf("%v:", [version]))
}

unknown contains result.at(["apiVersion"], "the version of the API cannot be worked out") if {
	other
	not readable
}
