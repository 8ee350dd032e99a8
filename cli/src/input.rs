//! Paths to sources. What cannot be read is a problem, and everything else is still read.

use std::io::Read;
use std::path::{Path, PathBuf};

use ignore::WalkBuilder;
use policy_core::{Limits, Problem, Source, SourceId};

use crate::Failure;

/// What the paths held.
#[derive(Default)]
pub(crate) struct Inputs {
    pub(crate) sources: Vec<Source>,
    pub(crate) problems: Vec<Problem>,
}

/// Reads every path, in the order given; a folder's files by name.
pub(crate) fn read(paths: &[PathBuf], limits: &Limits) -> Result<Inputs, Failure> {
    let mut inputs = Inputs::default();
    if paths.is_empty() {
        inputs.folder(&git_root()?, limits);
    }
    for path in paths {
        if path.as_os_str() == "-" {
            inputs.stream(limits)?;
        } else if path.is_dir() {
            inputs.folder(path, limits);
        } else if path.exists() {
            inputs.file(path, limits);
        } else {
            return Err(format!("{}: there is no such file or folder", path.display()));
        }
    }
    Ok(inputs)
}

impl Inputs {
    fn folder(&mut self, folder: &Path, limits: &Limits) {
        let mut walk = WalkBuilder::new(folder);
        walk.hidden(false)
            .require_git(true)
            .follow_links(true)
            .sort_by_file_name(Ord::cmp);
        walk.filter_entry(|entry| entry.file_name() != ".git");
        for entry in walk.build() {
            match entry {
                Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_file()) => {
                    if is_manifest(entry.path()) {
                        self.file(entry.path(), limits);
                    }
                }
                Ok(_) => {}
                Err(error) => self.problems.push(Problem::new("unreadable", error.to_string())),
            }
        }
    }

    fn file(&mut self, path: &Path, limits: &Limits) {
        let name = name_of(path);
        match std::fs::File::open(path).and_then(|file| read_bounded(file, limits)) {
            Ok(bytes) => self.add(name, bytes),
            Err(error) => self
                .problems
                .push(Problem::new("unreadable", error.to_string()).in_source(&name, None)),
        }
    }

    fn stream(&mut self, limits: &Limits) -> Result<(), Failure> {
        let bytes =
            read_bounded(std::io::stdin().lock(), limits).map_err(|error| format!("standard input: {error}"))?;
        self.add("<stdin>".into(), bytes);
        Ok(())
    }

    fn add(&mut self, name: String, bytes: Vec<u8>) {
        let id = SourceId(u32::try_from(self.sources.len()).unwrap_or(u32::MAX));
        self.sources.push(Source { id, name, bytes });
    }
}

/// At most one byte more than a source may have: enough for the loader to say that it is too large.
fn read_bounded(reader: impl Read, limits: &Limits) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader.take(limits.source_bytes as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn is_manifest(path: &Path) -> bool {
    path.extension()
        .and_then(|extension| extension.to_str())
        .is_some_and(|e| matches!(e, "yaml" | "yml" | "json"))
}

pub(crate) fn name_of(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

fn git_root() -> Result<PathBuf, Failure> {
    let here = std::env::current_dir().map_err(|error| format!("the current folder: {error}"))?;
    git_root_around(&here).ok_or_else(|| "there is no Git repository here; name a path".into())
}

/// The innermost Git repository that holds a folder, given by its absolute path.
pub(crate) fn git_root_around(folder: &Path) -> Option<PathBuf> {
    let root = folder.ancestors().find(|folder| folder.join(".git").exists());
    root.map(Path::to_path_buf)
}
