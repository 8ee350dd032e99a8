//! HelmReleases that install Flux: the community's flux2 chart, and the operator's flux-instance chart.

use std::sync::Arc;

use super::expanded::Expanded;
use super::fields::Fields;
use super::flux_instance;
use super::flux2;
use super::instance_chart;
use super::kustomize::{self, BuiltObject, Files};
use super::make::{self, Doubt, Said};
use super::values::{self, Lookup};
use crate::limits::Limits;
use crate::tree::Node;

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
        ChartKind::Flux2 => flux2::expand(release, &chart, &values, limits.implied_items),
        ChartKind::FluxInstance => Expanded {
            objects: vec![instance_chart::instance(release, &values)],
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
