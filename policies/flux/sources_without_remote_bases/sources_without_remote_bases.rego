# METADATA
# title: Sources contain no remote bases or remote resources
# description: |
#   No kustomization file that Flux builds names anything outside of its source: no `https://` file among its resources,
#   patches, generators or other inputs, no chart repository, no Git repository as a base, whether by URL or in the short form
#   `github.com/org/repo//path?ref=…`. The flag `--no-remote-bases` stops cloned bases only, files are fetched in spite of it;
#   so a file fails always, and a base that the flag stops gives a warning, since the build will fail. A pinned commit lowers the
#   risk and still fails. In a file that no Flux Kustomization reaches, all of it is advice. The `components` of a Flux
#   Kustomization are relative paths.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/security/best-practices/#start-up-flags-1
#     description: Flux security best practices, Kustomize Controller, Start-up flags
#   - ref: https://fluxcd.io/flux/components/kustomize/kustomizations/#components
#     description: Kustomization, components
#   - ref: https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/resource/
#     description: Kustomize, resources
# custom:
#   id: FX-KC-04
#   severity: high
#   profiles: [base]
#   assessment: automated
#   modes: [git]
#   kinds:
#     - files.flux-audit/KustomizeFile
#     - kustomize.toolkit.fluxcd.io/Kustomization
#   reads:
#     - apps/Deployment
#     - apps/StatefulSet
#     - apps/DaemonSet
#     - apps/ReplicaSet
#     - batch/Job
#     - batch/CronJob
#     - PodTemplate
#     - Pod
#   origin: best-practices.md, Kustomize Controller / Start-up flags (hermetic sources)
#   rationale: |
#     A source is verified, reviewed and signed as a whole; what a build fetches elsewhere is none of that. Whoever controls
#     the other server, its DNS name or the branch decides what is applied with the permissions of the Kustomization,
#     and the same commit gives something else tomorrow. Private addresses in a `resources` list also let a tenant make the
#     controller read from inside the cluster's network.
#   audit: |
#     ```sh
#     git grep -nE '(https?|ssh|git|oci|file)://|git@|[?&](ref|version)=|- *(github|gitlab|bitbucket)\.(com|org)/' -- \
#       '*kustomization.yaml' '*kustomization.yml' '*Kustomization'
#     ```
#
#     Pass: no entry of a kustomization that Flux builds is printed. Charts belong into HelmReleases.
#   remediation: |
#     Copy the files into the repository and let an update bot renew them, or declare the other place as a source of
#     its own, which can be verified:
#
#     ```yaml
#     apiVersion: source.toolkit.fluxcd.io/v1
#     kind: GitRepository
#     metadata:
#       name: app
#       namespace: flux-system
#     spec:
#       interval: 1h
#       url: https://github.com/acme/app
#       ref:
#         tag: v1.4.2
#       verify:
#         mode: Tag
#         secretRef:
#           name: acme-signers
#     ---
#     apiVersion: kustomize.toolkit.fluxcd.io/v1
#     kind: Kustomization
#     metadata:
#       name: app
#       namespace: flux-system
#     spec:
#       interval: 10m
#       prune: true
#       path: ./deploy
#       sourceRef:
#         kind: GitRepository
#         name: app
#     ```
#
#     `spec.include` of a GitRepository and the ArtifactGenerator put several sources into one. Keep
#     `--no-remote-bases=true` as well (FX-KC-03).
#   since: 0.1.0
#   redact: true
#   params: {}
package flux.sources_without_remote_bases

import data.lib.flux
import data.lib.kustomizations
import data.lib.lockdown
import data.lib.node
import data.lib.result
import data.lib.shape

applier if {
	flux.object.kind == "Kustomization"
	flux.kind_is("kustomize.toolkit.fluxcd.io", "Kustomization")
}

subject if applier

subject if kustomizations.subject

spec := value if {
	kustomizations.subject
	value := flux.object.spec
	is_object(value)
} else := {}

# Lists of paths; text of several lines is not a path but what it would hold.
lists := ["bases", "components", "configurations", "crds", "generators", "patchesStrategicMerge", "resources", "transformers", "validators"]

# Lists of maps, and their keys that hold a path.
keyed := {
	"configMapGenerator": ["env"],
	"helmChartInflationGenerator": ["chartRepoUrl", "values"],
	"helmCharts": ["repo", "valuesFile"],
	"patches": ["path"],
	"patchesJson6902": ["path"],
	"replacements": ["path"],
	"secretGenerator": ["env"],
}

generators := ["configMapGenerator", "secretGenerator"]

# [path, text] of everything that a build reads.
entries contains [["spec", field, i], text] if {
	some field in lists
	is_array(spec[field])
	some i, text in spec[field]
	is_string(text)
	not contains(text, "\n")
}

entries contains [["spec", field, i, key], text] if {
	some field, keys in keyed
	is_array(spec[field])
	some i, item in spec[field]
	is_object(item)
	some key in keys
	text := item[key]
	is_string(text)
}

entries contains [["spec", field, i, key, j], text] if {
	some field in generators
	is_array(spec[field])
	some i, item in spec[field]
	is_object(item)
	some key in ["envs", "files"]
	is_array(item[key])
	some j, entry in item[key]
	is_string(entry)
	text := input_of(key, entry)
}

entries contains [["spec", "openapi", "path"], text] if {
	text := spec.openapi.path
	is_string(text)
}

input_of("envs", entry) := entry

input_of("files", entry) := kustomizations.path_of(entry)

# "file" (fetched whatever the flags), "base" (cloned), "doubt"; undefined for what is in the source.
place(text) := "base" if {
	regex.match(`^(?i)https?://`, text)
	cloned(text)
} else := "file" if {
	regex.match(`^(?i)https?://`, text)
} else := "base" if {
	regex.match(`^(?i)([a-z][a-z0-9+.-]*://|[a-z0-9]+::|[^/\s]+@[^/\s]+:|gh:)`, text)
} else := found if {
	found := short(text)
}

# Without a scheme the local file goes first.
short(text) := "base" if {
	not present(text)
	regex.match(`[?&](ref|version|timeout|submodules)=|^(?i:(www\.)?(github\.com|gitlab\.com|bitbucket\.org))[/:]`, text)
} else := "base" if {
	hosted(text)
	kustomizations.about(text).found == false
} else := "doubt" if {
	hosted(text)
	not present(text)
}

present(text) if kustomizations.about(text).found

# host.tld/org/repo
hosted(text) if regex.match(`^[^./\s][^/\s]*\.[^/\s]+(/[^/\s]+){2}`, text)

# What kustomize cannot take for a file: a repository's address.
cloned(text) if regex.match(`\.git([/?]|$)|/_git/`, text)

cloned(text) if {
	regex.match(`^(?i)https?://[^/]+/[^?]*//`, text)
	not regex.match(yaml, text)
}

cloned(text) if {
	regex.match(`^(?i)https?://(github\.com|gitlab\.com|bitbucket\.org)/[^?]*\?(.*&)?(ref|version|timeout|submodules)=`, text)
	not regex.match(yaml, text)
}

yaml := `\.(ya?ml|json)(\?|$)`

# [path, sort, remark]
remote contains [path, sort, pinned(text)] if {
	some [path, text] in entries
	sort := place(text)
}

pinned(text) := ", if at a fixed commit" if {
	regex.match(`[?&](ref|version)=[0-9a-fA-F]{40}(&|$)`, text)
} else := ""

settings := lockdown.settings("kustomize-controller", "no-remote-bases")

allowing := [setting.node |
	some setting in settings
	setting.state == "known"
	setting.value != true
]

doubtful := lockdown.nodes(settings, "unknown", null)

# No controller at hand forbids it.
allowed if count(allowing) > 0

allowed if count(settings) == 0

# That the file is built.
reach := {"path": ["metadata", "labels"]}

violation contains result.related(path, sprintf("a build fetches this from another server, whatever its flags%v", [remark]), [reach]) if {
	kustomizations.reached
	some [path, "file", remark] in remote
}

violation contains result.related(path, sprintf("a build clones this from another repository%v", [remark]), array.concat([reach], allowing)) if {
	kustomizations.reached
	some [path, "base", remark] in remote
	allowed
}

warn contains result.at(path, "the build will fail: this lies in another repository, and the controller forbids remote bases") if {
	kustomizations.reached
	some [path, "base", _] in remote
	not allowed
	count(doubtful) == 0
}

unknown contains result.related(path, "this lies in another repository, and it cannot be told whether the controller forbids remote bases", doubtful) if {
	kustomizations.reached
	some [path, "base", _] in remote
	not allowed
	count(doubtful) > 0
}

warn contains result.at(path, "the file names something outside of the source, though no Kustomization of Flux builds it") if {
	kustomizations.subject
	not kustomizations.reached
	some [path, sort, _] in remote
	sort in {"file", "base"}
}

unknown contains result.at(path, "it cannot be told whether this is a folder here or a repository elsewhere") if {
	some [path, "doubt", _] in remote
}

violation contains result.at(["spec", "components", i], "a component is no relative path inside of the source") if {
	some i, text in components
	is_string(text)
	regex.match(`^/|://|^[^/\s]+@[^/\s]+:|^[a-z0-9]+::|[?&](ref|version|timeout|submodules)=|^(?i:github\.com|gitlab\.com|bitbucket\.org|gh:)`, text)
}

components := list if {
	applier
	list := flux.object.spec.components
	is_array(list)
} else := []

live if kustomizations.subject

live if {
	applier
	is_object(flux.object.spec)
	object.get(flux.object.spec, "components", null) != null
}

live if {
	applier
	not is_object(object.get(flux.object, "spec", null))
}

unknown contains finding if {
	live
	some finding in shape.check([
		[[["metadata"]], "object"],
		[[["metadata", "labels"]], "object"],
		[[["spec"]], "object"],
		[[["spec", "components"]], "array"],
		[[["spec", "components"], []], "string"],
	])
}

unknown contains result.at(["spec", "components"], "the components could not be worked out") if {
	applier
	node.veils
	not flux.known(["spec", "components"])
}

unknown contains finding if {
	kustomizations.subject
	rows := array.concat(
		[row |
			some field in lists
			field != "components"
			some row in [[[["spec", field]], "array"], [[["spec", field], []], "string"]]
		],
		array.concat(
			[row |
				some field, keys in keyed
				some row in array.concat(
					[[[["spec", field]], "array"], [[["spec", field], []], "object"]],
					[[[["spec", field], [key]], "string"] | some key in keys],
				)
			],
			[row |
				some field in generators
				some key in ["envs", "files"]
				some row in [[[["spec", field], [key]], "array"], [[["spec", field], [key], []], "string"]]
			],
		),
	)
	some finding in shape.check(array.concat(rows, [[[["spec", "openapi"]], "object"], [[["spec", "openapi", "path"]], "string"]]))
}
