//! Where clusters begin in a repository: a bootstrap's sync, a FluxInstance, a HelmRelease that installs Flux.
//!
//! Controllers without any of these (`flux install --export`) are found once all others are settled; see [`super`].

use std::collections::BTreeSet;

use super::kustomize::{Files, KUSTOMIZATION_NAMES};
use super::references::{Role, named};
use crate::repository::{file_name, folder_of, is_below, is_manifest, normal, reads_as_settings};
use crate::tree::Node;

/// What a repository holds, by path.
#[derive(Debug)]
pub(super) struct Layout {
    /// Files that hold objects, if anything.
    pub(super) manifests: Vec<String>,
    /// Files of charts that only Helm can read.
    pub(super) templates: Vec<String>,
    /// Folders with a kustomization file.
    pub(super) kustomizations: BTreeSet<String>,
    /// Files and folders whose objects a kustomization takes in.
    pub(super) taken_in: BTreeSet<String>,
    /// Files with changes to objects, as a kustomization names them: patches, settings.
    pub(super) changes: BTreeSet<String>,
    /// Files that a generator takes as they are.
    pub(super) data: BTreeSet<String>,
}

impl Layout {
    /// Whether a kustomization reads the file as something else than objects.
    pub(super) fn is_part(&self, path: &str) -> bool {
        !self.taken_in.contains(path) && (self.changes.contains(path) || self.data.contains(path))
    }

    /// The kustomizations that no other takes in, in the order of their folders.
    pub(super) fn roots(&self) -> impl Iterator<Item = &str> {
        let names = KUSTOMIZATION_NAMES;
        let is_taken = move |folder: &str| {
            self.taken_in.contains(folder) || names.iter().any(|name| self.taken_in.contains(&join(folder, name)))
        };
        let folders = self.kustomizations.iter().map(String::as_str);
        folders.filter(move |folder| !is_taken(folder))
    }
}

/// Whether a folder's kustomization is a component: such a one is built only within another.
pub(super) fn is_component(files: &Files, folder: &str) -> bool {
    let names = files.kustomization_names(folder);
    let file = names.first().and_then(|name| files.get(&join(folder, name)));
    let root = file.and_then(|file| files.settings(file).documents.first());
    root.is_some_and(|document| document.root.text_at(&["kind"]) == Some("Component"))
}

/// Where a cluster begins.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct EntryPoint {
    pub(super) kind: EntryKind,
    /// The folder that holds it.
    pub(super) folder: String,
    /// The file that holds it.
    pub(super) file: String,
    pub(super) namespace: String,
    pub(super) name: String,
}

/// In the order in which they count: what an earlier one reaches is no entry point any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum EntryKind {
    /// A Flux Kustomization that applies the folder it lies in.
    Bootstrap,
    /// A FluxInstance.
    Instance,
    /// A HelmRelease.
    Release,
    /// Controllers, and nothing that tells what they reconcile.
    Controllers,
}

/// Flux's namespace where nothing names another.
pub(super) const FLUX_NAMESPACE: &str = "flux-system";

/// Sorts the files of a repository.
pub(super) fn layout(files: &Files) -> Layout {
    let charts: Vec<String> = files
        .paths()
        .filter(|path| file_name(path) == "Chart.yaml")
        .map(|path| join(folder_of(path), "templates"))
        .collect();
    let mut layout = Layout {
        manifests: Vec::new(),
        templates: Vec::new(),
        kustomizations: BTreeSet::new(),
        taken_in: BTreeSet::new(),
        changes: BTreeSet::new(),
        data: BTreeSet::new(),
    };
    for path in files.paths() {
        if charts.iter().any(|templates| is_below(path, templates)) {
            layout.templates.push(path.to_owned());
        } else if reads_as_settings(path) {
            let folder = folder_of(path);
            layout.kustomizations.insert(folder.to_owned());
            let root = files.get(path).and_then(|file| files.settings(file).documents.first());
            for named in root.map(|document| named(&document.root)).unwrap_or_else(Vec::new) {
                let local = normal(&join(folder, named.path)).filter(|_| !named.path.starts_with('/'));
                match named.role {
                    Role::Objects => layout.taken_in.extend(local),
                    Role::Changes => layout.changes.extend(local),
                    Role::Data => layout.data.extend(local),
                }
            }
        } else if is_manifest(path) {
            layout.manifests.push(path.to_owned());
        }
    }
    layout
}

/// Every entry point but those of bare controllers, in the order in which they count.
pub(super) fn entry_points(files: &Files, layout: &Layout) -> Vec<EntryPoint> {
    let charts: BTreeSet<&str> = objects(files, layout)
        .filter_map(|(_, object)| chart_source(object))
        .collect();
    let mut found: Vec<EntryPoint> = objects(files, layout)
        .filter_map(|(path, object)| {
            let namespace = object.text_at(&["metadata", "namespace"]);
            Some(EntryPoint {
                kind: entry_kind(object, path, &charts)?,
                folder: folder_of(path).to_owned(),
                file: path.to_owned(),
                namespace: namespace.unwrap_or(FLUX_NAMESPACE).to_owned(),
                name: object.text_at(&["metadata", "name"]).unwrap_or("").to_owned(),
            })
        })
        .collect();
    found.sort();
    found
}

/// The files with workloads that run Flux's controllers.
pub(super) fn controller_files<'f>(files: &'f Files, layout: &'f Layout) -> BTreeSet<&'f str> {
    let runs = |(_, object): &(&str, &Node)| runs_controller(object);
    objects(files, layout).filter(runs).map(|(path, _)| path).collect()
}

/// The objects of the manifests as they are written, each with its file.
fn objects<'f>(files: &'f Files, layout: &'f Layout) -> impl Iterator<Item = (&'f str, &'f Node)> {
    let manifests = layout.manifests.iter().filter(|path| !layout.is_part(path));
    manifests.flat_map(|path| {
        files
            .documents(path)
            .into_iter()
            .map(|(object, _)| (path.as_str(), object))
    })
}

fn entry_kind(object: &Node, path: &str, charts: &BTreeSet<&str>) -> Option<EntryKind> {
    let (group, kind) = group_kind(object)?;
    match (group, kind) {
        ("kustomize.toolkit.fluxcd.io", "Kustomization") => {
            applies_itself(object, path).then_some(EntryKind::Bootstrap)
        }
        ("fluxcd.controlplane.io", "FluxInstance") => Some(EntryKind::Instance),
        ("helm.toolkit.fluxcd.io", "HelmRelease") => installs_flux(object, charts).then_some(EntryKind::Release),
        _ => None,
    }
}

/// As `flux bootstrap` writes it, or as somebody renamed it.
fn applies_itself(kustomization: &Node, path: &str) -> bool {
    if file_name(path) == "gotk-sync.yaml" {
        return true;
    }
    let applied = kustomization.text_at(&["spec", "path"]).and_then(normal);
    let name = kustomization.text_at(&["metadata", "name"]);
    name.is_some()
        && name == kustomization.text_at(&["spec", "sourceRef", "name"])
        && applied.is_some_and(|applied| !applied.is_empty() && is_below(path, &applied))
}

/// The charts that install Flux.
const CHARTS: [&str; 2] = ["flux2", "flux-instance"];

/// Whether a HelmRelease may be one of the charts that install Flux; the chart stage decides.
fn installs_flux(release: &Node, sources: &BTreeSet<&str>) -> bool {
    let chart = release.text_at(&["spec", "chart", "spec", "chart"]);
    let source = release.text_at(&["spec", "chartRef", "name"]);
    chart.is_some_and(|chart| CHARTS.contains(&chart)) || source.is_some_and(|source| sources.contains(source))
}

/// The name of a source that `chartRef` can name, where it holds a chart that installs Flux.
fn chart_source(object: &Node) -> Option<&str> {
    let chart = match group_kind(object)? {
        ("source.toolkit.fluxcd.io", "OCIRepository") => file_name(object.text_at(&["spec", "url"])?),
        ("source.toolkit.fluxcd.io", "HelmChart") => object.text_at(&["spec", "chart"])?,
        _ => return None,
    };
    CHARTS.contains(&chart).then(|| object.text_at(&["metadata", "name"]))?
}

/// Whether a workload runs a controller of Flux, by the name of its image (controls.md 0.2).
pub(super) fn runs_controller(object: &Node) -> bool {
    const CONTROLLERS: [&str; 7] = [
        "source-controller",
        "kustomize-controller",
        "helm-controller",
        "notification-controller",
        "image-reflector-controller",
        "image-automation-controller",
        "source-watcher",
    ];
    let containers = object.at(&["spec", "template", "spec", "containers"]);
    let mut images = containers
        .and_then(Node::as_array)
        .unwrap_or(&[])
        .iter()
        .filter_map(|container| container.text_at(&["image"]));
    images.any(|image| {
        let image = image.split_once('@').map_or(image, |(image, _)| image);
        let name = file_name(image);
        let name = name.split_once(':').map_or(name, |(name, _)| name);
        CONTROLLERS.contains(&name)
    })
}

/// API group and kind.
pub(super) fn group_kind(object: &Node) -> Option<(&str, &str)> {
    let version = object.text_at(&["apiVersion"])?;
    let group = version.split_once('/').map_or("", |(group, _)| group);
    Some((group, object.text_at(&["kind"])?))
}

pub(super) fn join(folder: &str, name: &str) -> String {
    match folder {
        "" => name.to_owned(),
        folder => format!("{folder}/{name}"),
    }
}

/// A cluster is named after the folder of its entry point.
pub(super) fn cluster_name(folder: &str) -> String {
    let name = folder.strip_suffix("/flux-system").unwrap_or(folder);
    match name {
        "" | "flux-system" => ".".to_owned(),
        name => name.to_owned(),
    }
}
