//! Settled clusters in, objects to audit out; with them what no cluster reaches, and what could not be read.

use std::collections::{BTreeMap, BTreeSet};

use super::cluster::Cluster;
use super::config_files::{self, FileKind};
use super::discovery::{Layout, is_component};
use super::kustomize::{self, BuiltObject, Files, Unknown};
use super::{Effective, EffectiveCluster, UNATTACHED};
use crate::error::Problem;
use crate::limits::Limits;
use crate::object::{self, Object};
use crate::report::Skipped;
use crate::repository::{Repository, is_below};
use crate::source::{SourceId, Texts};
use crate::tree::{Member, Node, Span, Value, pointer};
use crate::yaml::Parsed;

/// The annotation that tells controls which parts of an object could not be worked out.
const UNKNOWN_PATHS: &str = "flux-audit.internal/unknown-paths";

/// How a file is read.
enum Reading {
    Objects,
    Settings,
    /// As text, which it must be.
    Text,
    /// As bytes.
    Data,
    /// Only Helm can read it.
    Template,
    /// It has no part in the audit.
    Nothing,
}

pub(super) struct Gathering<'t> {
    files: &'t Files,
    layout: &'t Layout,
    limits: &'t Limits,
    scope: &'t [String],
    /// Sources that hold what the engine wrote in place of a placeholder.
    supplied: BTreeSet<SourceId>,
    clusters: BTreeMap<String, Vec<Object>>,
    /// The files of each cluster, those that are managed from another apart.
    territories: BTreeMap<String, BTreeSet<String>>,
    unattached: Vec<Object>,
    /// The files of the clusters that are audited.
    audited: BTreeSet<String>,
    /// Those of the other clusters.
    elsewhere: BTreeSet<String>,
    /// Those of kustomizations that no cluster reaches.
    loose: BTreeSet<String>,
    problems: Vec<Problem>,
    notes: Vec<Problem>,
    texts: Texts,
    skipped: Skipped,
}

impl<'t> Gathering<'t> {
    pub(super) fn new(
        repository: &'t Repository,
        layout: &'t Layout,
        supplied: BTreeSet<SourceId>,
        limits: &'t Limits,
    ) -> Self {
        Self {
            files: &repository.files,
            layout,
            limits,
            scope: &repository.scope,
            supplied,
            clusters: BTreeMap::new(),
            territories: BTreeMap::new(),
            unattached: Vec::new(),
            audited: BTreeSet::new(),
            elsewhere: BTreeSet::new(),
            loose: BTreeSet::new(),
            problems: repository.problems.clone(),
            notes: Vec::new(),
            texts: Texts::default(),
            skipped: Skipped::default(),
        }
    }

    /// Takes over a cluster and those that it applies to; of one that nobody asked for, only what it reaches.
    pub(super) fn cluster(&mut self, cluster: Cluster<'t>, asked: bool) {
        let Cluster {
            name,
            held,
            remotes,
            read,
            problems,
            notes,
            ..
        } = cluster;
        for remote in remotes.into_values() {
            self.cluster(remote, asked);
        }
        if !asked {
            self.elsewhere.extend(read.into_keys());
            return;
        }
        self.problems.extend(problems);
        self.notes.extend(notes);
        let mut objects = Vec::new();
        let mut held: Vec<_> = held.into_values().collect();
        held.sort_by_key(|held| (held.object.base, held.inferred));
        for held in held {
            let inferred = held.inferred || self.supplied.contains(&held.object.base.source);
            self.add(held.object, inferred, &mut objects);
        }
        for (path, reader) in &read {
            let kind = FileKind::of(path).filter(|kind| kind.domain(path).is_none());
            objects.extend(kind.and_then(|kind| config_files::object(self.files, path, kind, reader.as_deref())));
        }
        self.audited.extend(read.keys().cloned());
        if !name.contains('@') {
            self.territories.insert(name.clone(), read.into_keys().collect());
        }
        self.clusters.insert(name, objects);
    }

    /// Takes over what no cluster reaches.
    pub(super) fn unattached(&mut self) {
        let mut objects = Vec::new();
        let roots = self.layout.roots().filter(|folder| !is_component(self.files, folder));
        let roots: Vec<&str> = roots.filter(|folder| self.is_open(folder, true)).collect();
        for folder in roots {
            let built = kustomize::build(self.files, folder, self.limits);
            self.problems.extend(built.problems);
            self.notes.extend(built.notes);
            for missing in built.missing {
                let message = format!("{}; what comes from there was not checked", missing.reason);
                let note = Problem::new("not-in-tree", message);
                self.notes
                    .push(note.in_source(self.files.name(missing.at.source), self.files.line(missing.at)));
            }
            self.loose.extend(built.read);
            for object in built.objects {
                self.add(object, false, &mut objects);
            }
        }
        let layout = self.layout;
        for path in &layout.manifests {
            let is_part = layout.is_part(path) || layout.taken_in.contains(path);
            if is_part || FileKind::of(path).is_some() || !self.is_open(path, false) {
                continue;
            }
            for (node, unknown) in self.files.documents(path) {
                let object = BuiltObject {
                    node: node.clone(),
                    base: node.span,
                    unknown: unknown.to_vec(),
                };
                self.add(object, false, &mut objects);
            }
        }
        self.unattached = objects;
    }

    /// Whether a path is asked for and no cluster has taken it.
    fn is_open(&self, path: &str, is_folder: bool) -> bool {
        let names = kustomize::KUSTOMIZATION_NAMES.map(|name| super::discovery::join(path, name));
        let taken = [&self.audited, &self.elsewhere, &self.loose];
        let is_reached = |path: &str| taken.iter().any(|files| files.contains(path));
        let reached = match is_folder {
            true => names.iter().any(|name| is_reached(name)),
            false => is_reached(path),
        };
        !reached && self.in_scope(path)
    }

    fn in_scope(&self, path: &str) -> bool {
        self.scope.is_empty() || self.scope.iter().any(|folder| is_below(path, folder))
    }

    /// Adds the configuration files that no build of a cluster reads.
    pub(super) fn config_files(&mut self) {
        let files = self.files;
        for path in files.paths() {
            let Some(kind) = FileKind::of(path).filter(|_| !self.audited.contains(path)) else {
                continue;
            };
            let concerned: Vec<String> = match kind.domain(path) {
                None => Vec::new(),
                Some(folder) => {
                    let is_there = |files: &BTreeSet<String>| files.iter().any(|file| is_below(file, folder));
                    let there = self.territories.iter().filter(|(_, files)| is_there(files));
                    there.map(|(name, _)| name.clone()).collect()
                }
            };
            if concerned.is_empty() && (!self.in_scope(path) || self.elsewhere.contains(path)) {
                continue;
            }
            let Some(object) = config_files::object(files, path, kind, None) else {
                continue;
            };
            if concerned.is_empty() {
                self.unattached.push(object);
                continue;
            }
            self.audited.insert(path.to_owned());
            for name in concerned {
                if let Some(objects) = self.clusters.get_mut(&name) {
                    objects.push(object.clone());
                }
            }
        }
    }

    /// Reads the files that the report may speak of, and tells what is wrong with them.
    pub(super) fn sources(&mut self) {
        let files = self.files;
        for path in files.paths() {
            let Some(file) = files.get(path) else { continue };
            if !self.in_scope(path) && !self.audited.contains(path) {
                continue;
            }
            match self.reading(path) {
                Reading::Objects => self.parsed(path, files.objects(file)),
                Reading::Settings => self.parsed(path, files.settings(file)),
                Reading::Text => match file.plain_text() {
                    Some(text) => self.texts.insert(text),
                    None => {
                        let problem = Problem::new("invalid-utf8", "the file is not text in UTF-8");
                        self.problems.push(problem.in_source(file.name(), Some(1)));
                    }
                },
                // Bytes for a generator may be anything.
                Reading::Data => file.plain_text().into_iter().for_each(|text| self.texts.insert(text)),
                Reading::Template => self.skipped.files += 1,
                Reading::Nothing => {}
            }
        }
    }

    fn reading(&self, path: &str) -> Reading {
        let layout = self.layout;
        let is_known = |paths: &[String]| paths.binary_search_by(|known| known.as_str().cmp(path)).is_ok();
        match FileKind::of(path) {
            Some(FileKind::Env) => Reading::Text,
            Some(_) => Reading::Settings,
            None if layout.is_part(path) && !layout.changes.contains(path) => Reading::Data,
            None if is_known(&layout.manifests) => Reading::Objects,
            None if is_known(&layout.templates) => Reading::Template,
            None => Reading::Nothing,
        }
    }

    fn parsed(&mut self, path: &str, parsed: &Parsed) {
        self.problems.extend(parsed.problems.iter().cloned());
        self.texts.insert(parsed.text.clone());
        let holds_objects = parsed.documents.iter().any(|document| {
            let has = |field| document.root.get(field).is_some();
            document.root.as_array().is_some() || has("apiVersion") && has("kind")
        });
        let is_used = self.audited.contains(path) || self.layout.is_part(path) || FileKind::of(path).is_some();
        let is_odd = !holds_objects && !is_used && parsed.problems.is_empty();
        self.skipped.files += u64::from(is_odd);
    }

    pub(super) fn finish(self) -> Effective {
        let mut problems = self.problems;
        let mut seen = BTreeSet::new();
        problems.retain(|problem| seen.insert(problem.clone()));
        let mut notes = self.notes;
        let mut seen = BTreeSet::new();
        notes.retain(|note| seen.insert(note.clone()));
        let mut clusters: Vec<EffectiveCluster> = self
            .clusters
            .into_iter()
            .map(|(name, objects)| EffectiveCluster { name, objects })
            .collect();
        if !self.unattached.is_empty() {
            clusters.push(EffectiveCluster {
                name: UNATTACHED.into(),
                objects: self.unattached,
            });
        }
        Effective {
            clusters,
            texts: self.texts,
            problems,
            notes,
            skipped: self.skipped,
        }
    }

    /// Makes objects of what was built: a List has several.
    fn add(&mut self, built: BuiltObject, inferred: bool, objects: &mut Vec<Object>) {
        let Some(text) = self.files.source_text(built.base.source) else {
            let problem = Problem::new("unreadable", "an object comes from a file that was not read");
            self.problems
                .push(problem.in_source(self.files.name(built.base.source), None));
            return;
        };
        let mut found = object::Found::default();
        object::collect(built.node, text, &mut found);
        self.problems.extend(found.problems);
        for mut object in found.objects {
            object.inferred = inferred;
            object.unknown.clone_from(&built.unknown);
            veil(&mut object.node, &built.unknown);
            objects.push(object);
        }
    }
}

/// Writes the paths that could not be worked out into an annotation, where controls look for them.
fn veil(object: &mut Node, unknown: &[Unknown]) {
    let Some(first) = unknown.first() else { return };
    let mut paths: Vec<String> = unknown
        .iter()
        .map(|unknown| {
            let pointer = pointer(&unknown.path);
            // The list is parted by commas: of a key that holds one, the parent stands for it.
            match pointer.find(',') {
                Some(comma) => pointer
                    .get(..comma)
                    .and_then(|text| text.rsplit_once('/'))
                    .map_or("", |(parent, _)| parent)
                    .to_owned(),
                None => pointer,
            }
        })
        .collect();
    paths.sort();
    paths.dedup();
    let annotations = child(object, "metadata", first.at).and_then(|metadata| child(metadata, "annotations", first.at));
    let Some(Value::Object(annotations)) = annotations.map(|node| &mut node.value) else {
        return;
    };
    annotations.retain(|member| &*member.key != UNKNOWN_PATHS);
    annotations.push(Member {
        key: UNKNOWN_PATHS.into(),
        key_span: first.at,
        node: Node {
            span: first.at,
            value: Value::String(paths.join(",").into()),
        },
    });
}

/// The mapping under a key, made where there is none. Something else there is replaced: it is unknown as well.
fn child<'n>(node: &'n mut Node, key: &str, at: Span) -> Option<&'n mut Node> {
    let Value::Object(members) = &mut node.value else {
        return None;
    };
    let index = match members.iter().position(|member| &*member.key == key) {
        Some(index) => index,
        None => {
            members.push(Member {
                key: key.into(),
                key_span: at,
                node: Node {
                    span: at,
                    value: Value::Null,
                },
            });
            members.len() - 1
        }
    };
    let node = &mut members.get_mut(index)?.node;
    if !matches!(node.value, Value::Object(_)) {
        node.value = Value::Object(Vec::new().into());
    }
    Some(node)
}
