//! One cluster: what its entry point brings, and all that Flux then reconciles from this repository.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;
use std::sync::Arc;

use super::discovery::{
    self, EntryKind, EntryPoint, FLUX_NAMESPACE, Layout, cluster_name, group_kind, runs_controller,
};
use super::kustomize::{self, Built, BuiltObject, Files, Missing};
use super::make::{self, Doubt};
use super::{artifact, chart, flux_instance, flux_kustomization, placeholder, resource_set};
use crate::error::Problem;
use crate::limits::Limits;
use crate::repository::{file_name, folder_of, is_below, normal};
use crate::tree::{Node, Span, Value};

/// What tells objects of a cluster apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Identity {
    group: Arc<str>,
    kind: Arc<str>,
    namespace: Arc<str>,
    name: Arc<str>,
}

/// An object of the cluster.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) object: BuiltObject,
    /// Nobody wrote it: it follows from another one.
    pub(super) inferred: bool,
    /// It stands here as somebody applied it by hand; what Flux applies takes its place.
    by_hand: bool,
    /// The object that it follows from.
    parent: Option<Box<Identity>>,
}

/// The first Flux Kustomization that reads a file: namespace and name.
type Reader = Rc<(String, String)>;

/// What the clusters of a repository share.
pub(super) struct Tree<'t> {
    pub(super) files: &'t Files,
    pub(super) limits: &'t Limits,
    /// The objects that may still be applied.
    budget: Cell<usize>,
    /// What sources hold of the files, by their `spec.ignore`.
    artifacts: RefCell<BTreeMap<Option<String>, Rc<Files>>>,
}

impl<'t> Tree<'t> {
    pub(super) fn new(files: &'t Files, limits: &'t Limits) -> Self {
        Self {
            files,
            limits,
            budget: Cell::new(limits.applied_objects),
            artifacts: RefCell::default(),
        }
    }

    fn artifact(&self, ignore: Option<&str>) -> Rc<Files> {
        let mut artifacts = self.artifacts.borrow_mut();
        let artifact = artifacts.entry(ignore.map(str::to_owned));
        Rc::clone(artifact.or_insert_with(|| Rc::new(artifact::artifact(self.files, ignore))))
    }
}

/// A cluster on its way to rest.
pub(super) struct Cluster<'t> {
    pub(super) name: String,
    pub(super) held: BTreeMap<Identity, Held>,
    /// The clusters that this one applies to, by name.
    pub(super) remotes: BTreeMap<String, Cluster<'t>>,
    /// The files that went into it, with the first Flux Kustomization that reads each.
    pub(super) read: BTreeMap<String, Option<Reader>>,
    pub(super) problems: Vec<Problem>,
    pub(super) notes: Vec<Problem>,
    tree: &'t Tree<'t>,
    /// Flux Kustomizations to reconcile.
    queue: VecDeque<Identity>,
    /// Flux Kustomizations that wait for values which others may bring.
    waiting: VecDeque<Identity>,
    reconciled: BTreeSet<Identity>,
    /// FluxInstances and charts to expand.
    expandable: VecDeque<Identity>,
    /// Sources that hold this repository: kind, namespace and name.
    here: BTreeSet<(String, String, String)>,
    /// Addresses of this repository.
    addresses: BTreeSet<String>,
}

/// Every cluster of a repository, at rest. What one of them has taken in is no entry point of another.
pub(super) fn settle_all<'t>(tree: &'t Tree<'t>, layout: &Layout) -> Vec<(EntryPoint, Cluster<'t>)> {
    let (files, limits) = (tree.files, tree.limits);
    let mut all: Vec<(EntryPoint, Cluster<'t>)> = Vec::new();
    let settle = |entry: EntryPoint, all: &mut Vec<(EntryPoint, Cluster<'t>)>| {
        if all.iter().any(|(_, cluster)| cluster.has_read(&entry.file)) {
            return;
        }
        let mut name = cluster_name(&entry.folder);
        if all.iter().any(|(_, cluster)| cluster.name == name) {
            name = format!("{name}#{}/{}", entry.namespace, entry.name);
        }
        let mut cluster = Cluster::new(name, tree);
        cluster.enter(&entry, layout);
        cluster.settle();
        all.push((entry, cluster));
    };
    for entry in discovery::entry_points(files, layout) {
        settle(entry, &mut all);
    }
    let bare = |folder: &str, file: &str| EntryPoint {
        kind: EntryKind::Controllers,
        folder: folder.to_owned(),
        file: file.to_owned(),
        namespace: FLUX_NAMESPACE.to_owned(),
        name: file_name(folder).to_owned(),
    };
    let controllers = discovery::controller_files(files, layout);
    if controllers
        .iter()
        .all(|path| all.iter().any(|(_, cluster)| cluster.has_read(path)))
    {
        return all;
    }
    for folder in layout.roots().filter(|folder| !discovery::is_component(files, folder)) {
        let built = kustomize::build(files, folder, limits);
        if let Some(file) = built.read.iter().find(|path| controllers.contains(path.as_str())) {
            settle(bare(folder, file), &mut all);
        }
    }
    for path in controllers {
        settle(bare(folder_of(path), path), &mut all);
    }
    all
}

/// Which clusters belong to the folders asked for: those whose entry points lie there or that hold such a folder, else
/// those that take something from there. Without folders, all.
pub(super) fn asked_for(clusters: &[(EntryPoint, Cluster<'_>)], scope: &[String]) -> Vec<bool> {
    let is_asked = |(entry, _): &(EntryPoint, Cluster<'_>)| {
        let own = entry
            .folder
            .strip_suffix("flux-system")
            .unwrap_or(&entry.folder)
            .trim_end_matches('/');
        let fits = |folder: &String| is_below(&entry.folder, folder) || (!own.is_empty() && is_below(folder, own));
        scope.is_empty() || scope.iter().any(fits)
    };
    let asked: Vec<bool> = clusters.iter().map(is_asked).collect();
    if asked.contains(&true) {
        return asked;
    }
    let takes = |(_, cluster): &(EntryPoint, Cluster<'_>)| {
        let mut read = cluster.read.keys();
        read.any(|path| scope.iter().any(|folder| is_below(path, folder)))
    };
    clusters.iter().map(takes).collect()
}

impl<'t> Cluster<'t> {
    /// Whether it, or a cluster that it applies to, has taken a file in.
    fn has_read(&self, path: &str) -> bool {
        self.read.contains_key(path) || self.remotes.values().any(|remote| remote.has_read(path))
    }

    pub(super) fn new(name: String, tree: &'t Tree<'t>) -> Self {
        Self {
            name,
            held: BTreeMap::new(),
            remotes: BTreeMap::new(),
            read: BTreeMap::new(),
            problems: Vec::new(),
            notes: Vec::new(),
            tree,
            queue: VecDeque::new(),
            waiting: VecDeque::new(),
            reconciled: BTreeSet::new(),
            expandable: VecDeque::new(),
            here: BTreeSet::new(),
            addresses: BTreeSet::new(),
        }
    }

    /// Takes in the folder of an entry point, as somebody applies it once by hand.
    pub(super) fn enter(&mut self, entry: &EntryPoint, layout: &Layout) {
        for object in self.folder(&entry.folder, layout) {
            self.add_by_hand(object, entry.kind);
        }
        if entry.kind == EntryKind::Bootstrap {
            let id = Identity {
                group: "kustomize.toolkit.fluxcd.io".into(),
                kind: "Kustomization".into(),
                namespace: entry.namespace.as_str().into(),
                name: entry.name.as_str().into(),
            };
            if let Some(held) = self.held.get(&id) {
                let source = source_of(&held.object.node);
                self.here.extend(source);
                self.learn_addresses();
            }
        }
    }

    /// The objects of a folder: what its kustomization makes, or those of its files.
    fn folder(&mut self, folder: &str, layout: &Layout) -> Vec<BuiltObject> {
        if layout.kustomizations.contains(folder) {
            let built = kustomize::build(self.tree.files, folder, self.tree.limits);
            return self.take(built, None);
        }
        let files = self.tree.files;
        let manifests = layout.manifests.iter().filter(|path| folder_of(path) == folder);
        let mut objects = Vec::new();
        for path in manifests {
            self.read.entry(path.clone()).or_insert(None);
            for (node, unknown) in files.documents(path) {
                // Each item of a list is an object, as kubectl applies it.
                let items = node.get("items").and_then(Node::as_array);
                let is_list = node.text_at(&["kind"]).is_some_and(|kind| kind.ends_with("List"));
                let nodes = items.filter(|_| is_list).unwrap_or(std::slice::from_ref(node));
                objects.extend(nodes.iter().map(|node| BuiltObject {
                    base: node.span,
                    node: node.clone(),
                    unknown: unknown.to_vec(),
                }));
            }
        }
        objects
    }

    fn take(&mut self, built: Built, reader: Option<&Reader>) -> Vec<BuiltObject> {
        self.note_read(built.read, reader);
        self.tell(built.problems, built.missing, built.notes);
        built.objects
    }

    fn note_read(&mut self, paths: BTreeSet<String>, reader: Option<&Reader>) {
        for path in paths {
            let first = self.read.entry(path).or_insert(None);
            if first.is_none() {
                *first = reader.cloned();
            }
        }
    }

    fn tell(&mut self, problems: Vec<Problem>, missing: Vec<Missing>, notes: Vec<Problem>) {
        self.problems.extend(problems);
        self.notes.extend(notes);
        // Of a build that failed, the problem is told.
        for missing in missing.into_iter().filter(|missing| !is_told(&missing.reason)) {
            let message = format!("{}; what comes from there was not checked", missing.reason);
            let problem = self.problem("not-in-tree", message, missing.at);
            self.problems.push(problem);
        }
    }

    fn problem(&self, code: &str, message: String, at: Span) -> Problem {
        Problem::new(code, message).in_source(self.tree.files.name(at.source), self.tree.files.line(at))
    }

    fn add_by_hand(&mut self, mut object: BuiltObject, kind: EntryKind) {
        let is_release = matches!(kind, EntryKind::Instance | EntryKind::Release);
        let flux = group_kind(&object.node)
            .is_some_and(|(group, _)| group.ends_with(".fluxcd.io") || group.ends_with("fluxcd.controlplane.io"));
        // The Flux Kustomization that applies it later says the namespace; until then it is Flux's.
        if is_release && flux && object.node.text_at(&["metadata", "namespace"]).is_none() {
            let namespace = make::text(FLUX_NAMESPACE, object.base);
            make::set(&mut object.node, &["metadata", "namespace"], namespace);
        }
        let Some(id) = identity(&object.node) else {
            // Configuration of other programs has kinds too, but no metadata.
            if object.node.get("kind").is_some() && object.node.get("metadata").is_some() {
                self.nameless(object.base);
            }
            return;
        };
        if !self.held.contains_key(&id) {
            self.hold(id, object, true, None);
        }
    }

    fn hold(&mut self, id: Identity, object: BuiltObject, by_hand: bool, parent: Option<&Identity>) {
        if is_flux_kustomization(&id) {
            self.reconciled.remove(&id);
            self.queue.push_back(id.clone());
        }
        // What follows from another comes with all that follows from itself.
        if is_expandable(&id) && parent.is_none() {
            self.expandable.push_back(id.clone());
        }
        let inferred = parent.is_some();
        self.held.insert(
            id,
            Held {
                object,
                inferred,
                by_hand,
                parent: parent.cloned().map(Box::new),
            },
        );
    }

    /// Adds what Flux applies.
    fn apply(&mut self, object: BuiltObject) {
        let Some(id) = identity(&object.node) else {
            self.nameless(object.base);
            return;
        };
        match self.held.get(&id) {
            None => self.hold(id, object, false, None),
            Some(held) if held.by_hand || held.inferred => {
                // What followed from the old one follows anew.
                if is_expandable(&id) {
                    self.held.retain(|_, held| held.parent.as_deref() != Some(&id));
                }
                self.hold(id, object, false, None);
            }
            Some(held) if held.object.base == object.base && is_same(&held.object.node, &object.node) => {}
            Some(held) => {
                let first = self.problem("", String::new(), held.object.base);
                let message = format!(
                    "{} {} is also applied from {}:{}; keep one",
                    id.kind,
                    id.name,
                    first.source.as_deref().unwrap_or(""),
                    first.line.unwrap_or(1)
                );
                let problem = self.problem("duplicate-object", message, object.base);
                self.problems.push(problem);
            }
        }
    }

    fn nameless(&mut self, at: Span) {
        let message = "an object without kind or name cannot be applied".to_owned();
        let problem = self.problem("not-an-object", message, at);
        self.problems.push(problem);
    }

    /// Reconciles until nothing is left to do.
    pub(super) fn settle(&mut self) {
        loop {
            if let Some(id) = self.queue.pop_front() {
                self.reconcile(id, false);
            } else if self.expand() {
            } else if let Some(id) = self.waiting.pop_front() {
                self.reconcile(id, true);
            } else {
                break;
            }
        }
        self.infer_controllers();
        for remote in self.remotes.values_mut() {
            remote.addresses.clone_from(&self.addresses);
            remote.settle();
        }
    }

    fn reconcile(&mut self, id: Identity, has_waited: bool) {
        let Some(held) = self.held.get(&id).filter(|_| !self.reconciled.contains(&id)) else {
            return;
        };
        let mut kustomization = held.object.clone();
        // A build that failed is a problem; what its Kustomizations apply is audited as if it had not.
        kustomization.unknown.retain(|unknown| !is_told(&unknown.reason));
        if !has_waited && self.lacks_variables(&id, &kustomization.node) {
            self.waiting.push_back(id);
            return;
        }
        self.reconciled.insert(id.clone());
        if let Err(why) = self.holds_source(&id, &kustomization.node) {
            let path = kustomization.node.text_at(&["spec", "path"]).unwrap_or("./");
            let message = format!(
                "Kustomization {}/{} applies {path} of {why}: audit it there",
                id.namespace, id.name
            );
            let note = self.problem("outside-source", message, kustomization.node.span);
            self.notes.push(note);
            return;
        }
        let ignore = self
            .source_object(&id, &kustomization.node)
            .and_then(|source| source.node.text_at(&["spec", "ignore"]));
        let lookup = |kind: &str, namespace: &str, name: &str| self.find(kind, namespace, name);
        let artifact = self.tree.artifact(ignore);
        let applied = flux_kustomization::apply(&artifact, &kustomization, &lookup, self.tree.limits);
        let reader = Rc::new((id.namespace.to_string(), id.name.to_string()));
        self.note_read(applied.read, Some(&reader));
        self.tell(applied.problems, applied.missing, applied.notes);
        if !self.afford(applied.objects.len(), &id, kustomization.base) {
            return;
        }
        let target = self.target(&kustomization.node, &id);
        for object in applied.objects {
            target.apply(object);
        }
    }

    /// Whether so many objects more may be applied; that they may not is a problem.
    fn afford(&mut self, objects: usize, id: &Identity, at: Span) -> bool {
        let left = self.tree.budget.get().checked_sub(objects);
        match left {
            Some(left) => self.tree.budget.set(left),
            None => {
                let message = format!(
                    "the clusters of this repository apply more than {} objects; what {} {}/{} applies was not checked",
                    self.tree.limits.applied_objects, id.kind, id.namespace, id.name
                );
                let problem = self.problem("limit-applied-objects", message, at);
                self.problems.push(problem);
            }
        }
        left.is_some()
    }

    /// Whether a ConfigMap that the Kustomization takes variables from is not here yet.
    fn lacks_variables(&self, id: &Identity, kustomization: &Node) -> bool {
        let sources = kustomization.at(&["spec", "postBuild", "substituteFrom"]);
        let mut sources = sources.and_then(Node::as_array).unwrap_or(&[]).iter();
        sources.any(|source| {
            let name = source.text_at(&["name"]).unwrap_or("");
            source.text_at(&["kind"]) == Some("ConfigMap") && self.find("ConfigMap", &id.namespace, name).is_none()
        })
    }

    fn find(&self, kind: &str, namespace: &str, name: &str) -> Option<&BuiltObject> {
        let group = match kind {
            "ConfigMap" | "Secret" => "",
            _ => "source.toolkit.fluxcd.io",
        };
        let id = Identity {
            group: group.into(),
            kind: kind.into(),
            namespace: namespace.into(),
            name: name.into(),
        };
        self.held.get(&id).map(|held| &held.object)
    }

    fn source_object(&self, id: &Identity, kustomization: &Node) -> Option<&BuiltObject> {
        let (kind, namespace, name) = source_of_in(kustomization, &id.namespace)?;
        self.find(&kind, &namespace, &name)
    }

    /// Whether the source of a Kustomization is this repository; what else it is where not.
    fn holds_source(&self, id: &Identity, kustomization: &Node) -> Result<(), String> {
        let Some((kind, namespace, name)) = source_of_in(kustomization, &id.namespace) else {
            return Err("a source that it does not name".into());
        };
        let said = format!("{kind} {namespace}/{name}, which is not this repository");
        if self.here.contains(&(kind, namespace, name)) {
            return Ok(());
        }
        match self
            .source_object(id, kustomization)
            .and_then(|source| source.node.text_at(&["spec", "url"]))
        {
            Some(url) if self.addresses.contains(&address(url)) => Ok(()),
            // Nothing tells the address of this repository: a folder of that name is as good a sign.
            _ if self.addresses.is_empty() && self.here.is_empty() => {
                let path = kustomization.text_at(&["spec", "path"]).and_then(normal);
                let is_here = path.is_some_and(|path| !path.is_empty() && self.tree.files.has_folder(&path));
                if is_here { Ok(()) } else { Err(said) }
            }
            _ => Err(said),
        }
    }

    /// The addresses of the sources that hold this repository.
    fn learn_addresses(&mut self) {
        let urls = self.here.iter().filter_map(|(kind, namespace, name)| {
            self.find(kind, namespace, name)?
                .node
                .text_at(&["spec", "url"])
                .map(address)
        });
        let urls: Vec<String> = urls.collect();
        self.addresses.extend(urls);
    }

    /// Works out what FluxInstances and charts stand for. Whether there was anything to do.
    fn expand(&mut self) -> bool {
        let Some(id) = self.expandable.pop_front() else {
            return false;
        };
        let Some(object) = self.held.get(&id).map(|held| held.object.clone()) else {
            return true;
        };
        let lookup = |kind: &str, namespace: &str, name: &str| self.find(kind, namespace, name);
        let expanded = match &*id.kind {
            "HelmRelease" => chart::expand(&object, self.tree.files, &lookup, self.tree.limits),
            "ResourceSet" => Some(resource_set::expand(&object, self.tree.files, self.tree.limits)),
            _ => Some(flux_instance::expand(&object, self.tree.files, self.tree.limits)),
        };
        let Some(expanded) = expanded else { return true };
        if !self.afford(expanded.objects.len(), &id, object.base) {
            return true;
        }
        self.tell(expanded.problems, expanded.missing, expanded.notes);
        let cluster = self.target(&object.node, &id);
        for built in expanded.objects {
            let Some(new) = identity(&built.node) else { continue };
            // What is written out is there already.
            if cluster.held.get(&new).is_none_or(|held| held.inferred) {
                if is_flux_kustomization(&new) {
                    cluster.here.extend(source_of(&built.node));
                }
                cluster.hold(new, built, false, Some(&id));
            }
        }
        cluster.learn_addresses();
        true
    }

    /// The cluster that an applier applies to.
    fn target(&mut self, applier: &Node, id: &Identity) -> &mut Self {
        let Some(remote) = remote_of(applier, id) else {
            return self;
        };
        let name = format!("{}@{remote}", self.name);
        let tree = self.tree;
        let fresh = || Self::new(name.clone(), tree);
        self.remotes.entry(name.clone()).or_insert_with(fresh)
    }

    /// A cluster that Flux syncs runs Flux, even where the tree does not show how.
    fn infer_controllers(&mut self) {
        let is_synced = |id: &Identity, held: &Held| {
            is_flux_kustomization(id) && source_of(&held.object.node).is_some_and(|source| self.here.contains(&source))
        };
        let mut syncs = self.held.iter().filter(|(id, held)| is_synced(id, held));
        let Some(at) = syncs.next().map(|(_, held)| held.object.node.span) else {
            return;
        };
        if self.held.values().any(|held| runs_controller(&held.object.node)) {
            return;
        }
        for (node, _) in placeholder::placeholder("", FLUX_NAMESPACE, at) {
            let mut object = make::built(node, Vec::new());
            let doubt = Doubt::new("the repository does not show the controllers that run here", at);
            make::doubt(&mut object, &["spec"], &doubt);
            if let Some(id) = identity(&object.node)
                && !self.held.contains_key(&id)
            {
                let parent = id.clone();
                self.hold(id, object, false, Some(&parent));
            }
        }
    }
}

/// Whether a problem says already why this is unknown.
fn is_told(reason: &str) -> bool {
    [kustomize::UNBUILDABLE, flux_kustomization::UNAPPLIED].contains(&reason)
}

fn is_flux_kustomization(id: &Identity) -> bool {
    &*id.group == "kustomize.toolkit.fluxcd.io" && &*id.kind == "Kustomization"
}

fn is_expandable(id: &Identity) -> bool {
    matches!(
        (&*id.group, &*id.kind),
        ("fluxcd.controlplane.io", "FluxInstance" | "ResourceSet") | ("helm.toolkit.fluxcd.io", "HelmRelease")
    )
}

fn identity(object: &Node) -> Option<Identity> {
    let (group, _) = group_kind(object)?;
    // The object's own texts: there are as many identities as objects.
    let text = |keys: &[&str]| match &object.at(keys)?.value {
        Value::String(text) if !text.is_empty() => Some(Arc::clone(text)),
        _ => None,
    };
    Some(Identity {
        group: group.into(),
        kind: text(&["kind"])?,
        namespace: text(&["metadata", "namespace"]).unwrap_or_else(|| "".into()),
        name: text(&["metadata", "name"])?,
    })
}

/// The kubeConfig of an applier: `<namespace>/<Secret or ConfigMap>`.
fn remote_of(applier: &Node, id: &Identity) -> Option<String> {
    let config = applier.at(&["spec", "kubeConfig"])?;
    let by = ["secretRef", "configMapRef"];
    let name = by.iter().find_map(|field| config.text_at(&[field, "name"]));
    Some(format!("{}/{}", id.namespace, name?))
}

fn source_of(kustomization: &Node) -> Option<(String, String, String)> {
    source_of_in(
        kustomization,
        kustomization.text_at(&["metadata", "namespace"]).unwrap_or(""),
    )
}

fn source_of_in(kustomization: &Node, namespace: &str) -> Option<(String, String, String)> {
    let source = kustomization.at(&["spec", "sourceRef"])?;
    let namespace = source.text_at(&["namespace"]).unwrap_or(namespace);
    Some((
        source.text_at(&["kind"])?.to_owned(),
        namespace.to_owned(),
        source.text_at(&["name"])?.to_owned(),
    ))
}

/// Host and path of a repository, however it is reached.
fn address(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let rest = match rest.split_once('@') {
        Some((user, rest)) if !user.contains('/') => rest,
        _ => rest,
    };
    let rest = rest.trim_end_matches('/');
    rest.strip_suffix(".git")
        .unwrap_or(rest)
        .replacen(':', "/", 1)
        .to_lowercase()
}

/// Equal but for the marks of the Kustomization that applies it.
fn is_same(a: &Node, b: &Node) -> bool {
    fn stripped(node: &Node) -> serde_json::Value {
        let mut json = node.to_json();
        if let Some(labels) = json
            .pointer_mut("/metadata/labels")
            .and_then(|labels| labels.as_object_mut())
        {
            labels.retain(|label, _| !label.starts_with("kustomize.toolkit.fluxcd.io/"));
        }
        json
    }
    stripped(a) == stripped(b)
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn a_repository_has_one_address_however_it_is_reached() {
        let same = "github.com/acme/fleet";
        for url in [
            "https://github.com/acme/fleet",
            "https://github.com/acme/fleet.git",
            "https://github.com/Acme/fleet/",
            "ssh://git@github.com/acme/fleet",
            "git@github.com:acme/fleet.git",
            "https://user:token@github.com/acme/fleet",
        ] {
            assert_eq!(address(url), same, "{url}");
        }
        assert_ne!(address("https://github.com/acme/other"), same);
    }
}
