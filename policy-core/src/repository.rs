//! The files of a Git repository, as committed: what mode `git` checks.

use std::sync::Arc;

use crate::effective::kustomize::{File, Files, KUSTOMIZATION_NAMES};
use crate::engine::Input;
use crate::error::Problem;
use crate::limits::Limits;
use crate::report::API_VERSION;
use crate::source::Source;
use crate::tree::Node;

/// A repository in memory. Paths are relative to its root and parted by `/`; nothing outside of it is read.
#[derive(Debug)]
pub struct Repository {
    pub(crate) files: Files,
    pub(crate) scope: Vec<String>,
    pub(crate) problems: Vec<Problem>,
    paths: Vec<Arc<str>>,
    bytes: usize,
    limit: usize,
}

impl Repository {
    /// A repository without files.
    pub fn new(limits: &Limits) -> Self {
        Self {
            files: Files::new(limits),
            scope: Vec::new(),
            problems: Vec::new(),
            paths: Vec::new(),
            bytes: 0,
            limit: limits.total_bytes,
        }
    }

    /// Adds the file at a path. Its source must have an id of its own; its name is what the report shows.
    pub fn add(&mut self, path: &str, source: Source) {
        let Some(path) = normal(path) else {
            let problem = Problem::new("outside-root", "the path leads out of the repository");
            self.problems.push(problem.in_source(&source.name, None));
            return;
        };
        let had_room = self.bytes <= self.limit;
        self.bytes = self.bytes.saturating_add(source.bytes.len());
        if self.bytes > self.limit {
            if had_room {
                let message = format!(
                    "the files are larger than {} bytes together; check parts of them",
                    self.limit
                );
                let problem = Problem::new("limit-total-bytes", message);
                self.problems.push(problem.in_source(&source.name, None));
            }
            return;
        }
        if self.files.get(&path).is_some() {
            let problem = Problem::new("duplicate-source", "two files of the repository have one path");
            self.problems.push(problem.in_source(&source.name, None));
            return;
        }
        self.paths.push(self.files.insert(&path, source));
    }

    /// Audits the clusters whose entry points lie below this folder, and what no cluster reaches there. May be repeated;
    /// without it, everything is audited.
    pub fn limit_to(&mut self, folder: &str) {
        self.scope.extend(normal(folder));
    }

    /// Whether these are objects as a cluster returns them: each has an identity that only an API server gives.
    pub(crate) fn is_dump(&self) -> bool {
        let has_uid = |object: &Node| object.text_at(&["metadata", "uid"]).is_some();
        let is_dumped = |object: &Node| match object.get("items").and_then(Node::as_array) {
            Some(items) => items.iter().all(has_uid),
            None => has_uid(object),
        };
        let mut objects = 0;
        let all = self
            .manifests()
            .flat_map(|path| self.files.documents(path))
            .all(|(object, _)| {
                // Our own settings lie beside a dump, and are no part of it.
                let version = object
                    .text_at(&["apiVersion"])
                    .filter(|version| *version != API_VERSION);
                let counts = version.is_some() && object.get("kind").is_some();
                objects += usize::from(counts);
                !counts || is_dumped(object)
            });
        all && objects > 0
    }

    /// Its manifests, where they are not taken for a repository.
    pub(crate) fn into_inputs(self) -> Vec<Input> {
        let sources = self
            .manifests()
            .filter_map(|path| self.files.get(path))
            .map(File::to_source);
        sources.map(Input::Source).collect()
    }

    /// The manifests that are asked for.
    fn manifests(&self) -> impl Iterator<Item = &Arc<str>> {
        let in_scope = |path: &str| self.scope.is_empty() || self.scope.iter().any(|folder| is_below(path, folder));
        self.paths
            .iter()
            .filter(move |path| is_manifest(path) && in_scope(path))
    }

    /// The number of files.
    pub fn len(&self) -> usize {
        self.paths.len()
    }

    /// Whether there are no files.
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty()
    }

    /// Parses the file number `at` of [`Repository::len`] ahead of the check, so that front ends can do it in parallel.
    pub fn parse(&self, at: usize) {
        let path = self.paths.get(at).filter(|path| is_manifest(path));
        if let Some((path, file)) = path.and_then(|path| Some((path, self.files.get(path)?))) {
            match reads_as_settings(path) {
                true => self.files.settings(file),
                false => self.files.objects(file),
            };
        }
    }
}

/// Whether the file may hold objects, or settings of kustomize.
pub(crate) fn is_manifest(path: &str) -> bool {
    let name = file_name(path);
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    extension.is_some_and(|extension| matches!(extension, "yaml" | "yml" | "json")) || reads_as_settings(path)
}

/// Whether a program reads the file as its own settings, and not as objects.
pub(crate) fn reads_as_settings(path: &str) -> bool {
    KUSTOMIZATION_NAMES.contains(&file_name(path))
}

pub(crate) fn file_name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

pub(crate) fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The path without `.`, `..` and empty parts; `None` where it leads out of the root.
pub(crate) fn normal(path: &str) -> Option<String> {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            _ => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// Whether `path` is `folder` or lies below it; the root is the empty path.
pub(crate) fn is_below(path: &str, folder: &str) -> bool {
    folder.is_empty()
        || path
            .strip_prefix(folder)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
