//! HelmReleases that install Flux: the community's flux2 chart, and the operator's flux-instance chart.

use std::sync::Arc;

use serde_json::json;

use super::fields::Fields;
use super::flux_instance::{self, Expanded};
use super::flux2;
use super::kustomize::{self, BuiltObject, Files, Unknown};
use super::make::{self, Doubt, Said};
use super::values::{self, Lookup, Values};
use crate::limits::Limits;
use crate::tree::{Node, Segment, Value};

/// A chart that installs Flux.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Chart {
    pub(crate) kind: ChartKind,
    /// The version asked for, which may be a range.
    pub(super) version: Option<Said<Arc<str>>>,
}

/// Which chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChartKind {
    /// `flux2`: the controllers themselves
    Flux2,
    /// `flux-instance`: a FluxInstance
    FluxInstance,
}

impl ChartKind {
    /// By the chart's name, wherever it is mirrored.
    fn named(name: &str) -> Option<Self> {
        match name {
            "flux2" => Some(Self::Flux2),
            "flux-instance" => Some(Self::FluxInstance),
            _ => None,
        }
    }
}

/// The chart of a HelmRelease, where it is one that installs Flux.
pub(crate) fn chart_of(release: &Node, lookup: &Lookup<'_>) -> Option<Chart> {
    let text = |node: &Node, parts: &[&str]| -> Option<Said<Arc<str>>> {
        let node = make::find(node, parts)?;
        Some(Said::new(node.as_str()?, node.span))
    };
    if let Some(name) = text(release, &["spec", "chart", "spec", "chart"]) {
        let source = text(release, &["spec", "chart", "spec", "sourceRef", "kind"]);
        // From a Git repository or a bucket it is a folder of theirs, whatever its name.
        if source.is_some_and(|kind| &*kind.value != "HelmRepository") {
            return None;
        }
        return Some(Chart {
            kind: ChartKind::named(&name.value)?,
            version: text(release, &["spec", "chart", "spec", "version"]),
        });
    }
    let reference = |field: &str| text(release, &["spec", "chartRef", field]);
    let (kind, name) = (reference("kind")?, reference("name")?);
    let namespace = reference("namespace").or_else(|| text(release, &["metadata", "namespace"]));
    let namespace = namespace.as_ref().map_or("", |said| &said.value);
    let source = &lookup(&kind.value, namespace, &name.value)?.node;
    match &*kind.value {
        "OCIRepository" => {
            let url = text(source, &["spec", "url"])?;
            Some(Chart {
                kind: ChartKind::named(url.value.trim_end_matches('/').rsplit('/').next()?)?,
                version: text(source, &["spec", "ref", "tag"]),
            })
        }
        "HelmChart" => Some(Chart {
            kind: ChartKind::named(&text(source, &["spec", "chart"])?.value)?,
            version: text(source, &["spec", "version"]),
        }),
        _ => None,
    }
}

/// What a HelmRelease of such a chart installs; nothing for any other.
pub(crate) fn expand(release: &BuiltObject, files: &Files, lookup: &Lookup<'_>, limits: &Limits) -> Option<Expanded> {
    let chart = chart_of(&release.node, lookup)?;
    let values = values::of(release, files, lookup, limits);
    let mut expanded = match chart.kind {
        ChartKind::Flux2 => flux2::expand(release, &chart, &values),
        ChartKind::FluxInstance => Expanded {
            objects: vec![instance(release, &values)],
            ..Expanded::default()
        },
    };
    post_render(release, &mut expanded, files, limits);
    own(release, &mut expanded.objects);
    if chart.kind == ChartKind::FluxInstance {
        let instances = std::mem::take(&mut expanded.objects);
        for instance in instances {
            expanded.add(flux_instance::expand(&instance, files, limits));
            expanded.objects.push(instance);
        }
    }
    Some(expanded)
}

/// The namespace that a release installs into.
pub(super) fn target_namespace(release: &BuiltObject) -> Result<Said<Arc<str>>, Doubt> {
    let fields = Fields::of(release);
    let target = fields.text(&["spec", "targetNamespace"])?;
    let namespace = match target {
        Some(said) => Some(said),
        None => fields.text(&["metadata", "namespace"])?,
    };
    namespace.ok_or_else(|| Doubt::new("the namespace of the release is not known", release.node.span))
}

/// The changes of `spec.postRenderers`, which helm-controller makes as kustomize does.
fn post_render(release: &BuiltObject, expanded: &mut Expanded, files: &Files, limits: &Limits) {
    let renderers = match Fields::of(release).list(&["spec", "postRenderers"]) {
        Ok(renderers) => renderers,
        Err(doubt) => return expanded.doubt(&doubt),
    };
    for renderer in renderers {
        match Fields::new(renderer, None).node(&["kustomize"]) {
            Ok(None) => {}
            Ok(Some(kustomization)) => {
                let kustomization = flux_instance::without_definitions(kustomization);
                let objects = std::mem::take(&mut expanded.objects);
                let built = kustomize::apply(files, objects, &kustomization, limits);
                expanded.objects = built.objects;
                expanded.missing.extend(built.missing);
                expanded.problems.extend(built.problems);
                expanded.notes.extend(built.notes);
            }
            Err(doubt) => return expanded.doubt(&doubt),
        }
    }
}

/// helm-controller marks what it installs as its own.
fn own(release: &BuiltObject, objects: &mut [BuiltObject]) {
    for field in ["name", "namespace"] {
        let Some(said) = make::find(&release.node, &["metadata", field]) else {
            continue;
        };
        let label = format!("helm.toolkit.fluxcd.io/{field}");
        for object in objects.iter_mut() {
            make::set(&mut object.node, &["metadata", "labels", &label], said.clone());
        }
    }
}

/// What the flux-instance chart sets where the values say nothing.
const INSTANCE_DEFAULTS: [(&[&str], &str); 3] = [
    (&["distribution", "version"], "2.x"),
    (&["distribution", "registry"], "ghcr.io/fluxcd"),
    (
        &["distribution", "artifact"],
        "oci://ghcr.io/controlplaneio-fluxcd/flux-operator-manifests:latest",
    ),
];

/// The fields of a FluxInstance that the chart takes from its values, under `instance`.
const INSTANCE_FIELDS: [&[&str]; 33] = [
    &["distribution", "version"],
    &["distribution", "registry"],
    &["distribution", "artifact"],
    &["distribution", "variant"],
    &["distribution", "imagePullSecret"],
    &["distribution", "artifactPullSecret"],
    &["components"],
    &["cluster", "type"],
    &["cluster", "size"],
    &["cluster", "domain"],
    &["cluster", "networkPolicy"],
    &["cluster", "multitenant"],
    &["cluster", "multitenantWorkloadIdentity"],
    &["cluster", "objectLevelWorkloadIdentity"],
    &["cluster", "tenantDefaultServiceAccount"],
    &["cluster", "tenantDefaultDecryptionServiceAccount"],
    &["cluster", "tenantDefaultKubeConfigServiceAccount"],
    &["commonMetadata"],
    &["kustomize", "patches"],
    &["storage", "class"],
    &["storage", "size"],
    &["sharding", "key"],
    &["sharding", "shards"],
    &["sharding", "storage"],
    &["sync", "kind"],
    &["sync", "name"],
    &["sync", "url"],
    &["sync", "ref"],
    &["sync", "path"],
    &["sync", "interval"],
    &["sync", "pullSecret"],
    &["sync", "provider"],
    &["wait"],
];

/// The FluxInstance that the chart makes of its values.
fn instance(release: &BuiltObject, values: &Values) -> BuiltObject {
    let at = release.node.span;
    let fields = values.fields();
    let mut object = make::object(
        json!({"apiVersion": "fluxcd.controlplane.io/v1", "kind": "FluxInstance"}),
        at,
    );
    match fields.text(&["fullnameOverride"]) {
        Ok(said) => {
            let said = said.unwrap_or_else(|| Said::new("flux", at));
            make::set(&mut object.node, &["metadata", "name"], make::text(said.value, said.at));
        }
        Err(doubt) => {
            make::set(&mut object.node, &["metadata", "name"], make::text("flux", at));
            make::doubt(&mut object, &["metadata", "name"], &doubt);
        }
    }
    match target_namespace(release) {
        Ok(said) => make::set(
            &mut object.node,
            &["metadata", "namespace"],
            make::text(said.value, said.at),
        ),
        Err(doubt) => make::doubt(&mut object, &["metadata", "namespace"], &doubt),
    }
    for (field, from) in [("labels", "commonLabels"), ("annotations", "commonAnnotations")] {
        copy(&mut object, &fields, &[from], &["metadata", field]);
    }
    for (parts, default) in INSTANCE_DEFAULTS {
        let to: Vec<&str> = ["spec"].into_iter().chain(parts.iter().copied()).collect();
        make::set(&mut object.node, &to, make::text(default, at));
    }
    // Without these the chart leaves out the whole section.
    let needs = |section: &str, field: &str| fields.node(&["instance", section, field]).is_ok_and(is_empty);
    let left_out: Vec<&str> = [("sync", "url"), ("storage", "size"), ("sharding", "shards")]
        .into_iter()
        .filter(|(section, field)| needs(section, field))
        .map(|(section, _)| section)
        .collect();
    for parts in INSTANCE_FIELDS {
        if parts.first().is_some_and(|section| left_out.contains(section)) {
            continue;
        }
        let from: Vec<&str> = ["instance"].into_iter().chain(parts.iter().copied()).collect();
        let to: Vec<&str> = ["spec"].into_iter().chain(parts.iter().copied()).collect();
        copy(&mut object, &fields, &from, &to);
    }
    object
}

fn is_empty(node: Option<&Node>) -> bool {
    match node.map(|node| &node.value) {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.is_empty(),
        Some(Value::Array(items)) => items.is_empty(),
        Some(Value::Object(members)) => members.is_empty(),
        Some(_) => false,
    }
}

fn copy(object: &mut BuiltObject, fields: &Fields<'_>, from: &[&str], to: &[&str]) {
    match fields.node(from) {
        Ok(node) if is_empty(node) => {}
        Ok(Some(node)) => make::set(&mut object.node, to, node.clone()),
        Ok(None) => {}
        Err(doubt) => make::doubt(object, to, &doubt),
    }
}

/// The FluxInstances among the resources of a ResourceSet: literal ones, and the text of templates left open.
pub(crate) fn resource_set(set: &BuiltObject, files: &Files, limits: &Limits) -> Expanded {
    let mut expanded = Expanded::default();
    let fields = Fields::of(set);
    let resources = match fields.list(&["spec", "resources"]) {
        Ok(resources) => resources,
        Err(doubt) => {
            expanded.miss(&doubt);
            return expanded;
        }
    };
    for resource in resources {
        let kind = resource.get("kind").and_then(Node::as_str);
        let group = resource.get("apiVersion").and_then(Node::as_str);
        if kind != Some("FluxInstance") || !group.is_some_and(|group| group.starts_with("fluxcd.controlplane.io/")) {
            continue;
        }
        let mut instance = make::built(resource.clone(), templated(resource));
        if make::find(resource, &["metadata", "namespace"]).is_none()
            && let Some(namespace) = make::find(&set.node, &["metadata", "namespace"])
        {
            make::set(&mut instance.node, &["metadata", "namespace"], namespace.clone());
        }
        expanded.add(flux_instance::expand(&instance, files, limits));
        expanded.objects.push(instance);
    }
    match fields.text(&["spec", "resourcesTemplate"]) {
        Ok(Some(template)) if template.value.contains("FluxInstance") => {
            expanded.miss(&Doubt::new("a template makes a FluxInstance", template.at));
        }
        Ok(_) => {}
        Err(doubt) => expanded.miss(&doubt),
    }
    expanded
}

/// The texts of a resource that the operator fills in.
fn templated(resource: &Node) -> Vec<Unknown> {
    let mut unknown = Vec::new();
    let mut queue = vec![(Vec::new(), resource)];
    while let Some((path, node)) = queue.pop() {
        let below = |segment| {
            let mut path: Vec<_> = path.clone();
            path.push(segment);
            path
        };
        match &node.value {
            Value::String(text) if text.contains("<<") => unknown.push(Unknown {
                path,
                reason: "the operator fills in this template".into(),
                at: node.span,
            }),
            Value::Array(items) => {
                let items = items.iter().enumerate();
                queue.extend(items.map(|(at, item)| (below(Segment::Index(at)), item)));
            }
            Value::Object(members) => queue.extend(
                members
                    .iter()
                    .map(|member| (below(Segment::Key(Arc::clone(&member.key))), &member.node)),
            ),
            _ => {}
        }
    }
    unknown
}
