//! Paths to sources. What cannot be read is a problem, and everything else is still read.

use std::io::Read;
use std::path::{Component, Path, PathBuf};

use ignore::WalkBuilder;
use policy_core::{Limits, Problem, Repository, Source, SourceId};

use crate::Failure;
use crate::args::{Check, ModeArg};

/// Files that are no manifests matter only as inputs of generators, and no ConfigMap holds more than this.
const OTHER_FILE_BYTES: u64 = 1 << 20;

/// What the paths held.
pub(crate) struct Inputs {
    pub(crate) kind: Kind,
    pub(crate) problems: Vec<Problem>,
}

/// What is checked.
pub(crate) enum Kind {
    /// Folders: a repository.
    Repository(Box<Repository>),
    /// Files and streams, in the order given.
    Sources(Vec<Source>),
}

/// Reads every path, in the order given; a folder's files by name.
pub(crate) fn read(options: &Check, limits: &Limits) -> Result<Inputs, Failure> {
    let is_stream = |path: &Path| path.as_os_str() == "-";
    let missing = options.paths.iter().find(|path| !is_stream(path) && !path.exists());
    if let Some(path) = missing {
        return Err(format!("{}: there is no such file or folder", path.display()));
    }
    let has_folders_only = options.paths.iter().all(|path| path.is_dir());
    match options.mode {
        Some(ModeArg::Git) if !has_folders_only => Err("mode git checks folders; name a folder".into()),
        None | Some(ModeArg::Git) if has_folders_only => repository(options, limits),
        _ => sources(&options.paths, limits),
    }
}

fn sources(paths: &[PathBuf], limits: &Limits) -> Result<Inputs, Failure> {
    let mut sources = Vec::new();
    let mut problems = Vec::new();
    let mut add = |name: String, bytes: std::io::Result<Vec<u8>>, problems: &mut Vec<Problem>| match bytes {
        Ok(bytes) => sources.push(Source {
            id: id(sources.len()),
            name,
            bytes,
        }),
        Err(error) => problems.push(unreadable(&error, &name)),
    };
    if paths.is_empty() {
        return Err("name a path: without one, mode git checks the repository around the current folder".into());
    }
    for path in paths {
        if path.as_os_str() == "-" {
            let bytes =
                read_bounded(std::io::stdin().lock(), 0, limits).map_err(|error| format!("standard input: {error}"))?;
            add("<stdin>".into(), Ok(bytes), &mut problems);
        } else if path.is_dir() {
            for file in files(path, &mut problems).filter(|file| is_manifest(file)) {
                add(name_of(&file), read_file(&file, limits), &mut problems);
            }
        } else {
            add(name_of(path), read_file(path, limits), &mut problems);
        }
    }
    Ok(Inputs {
        kind: Kind::Sources(sources),
        problems,
    })
}

/// The repository that holds the folders. All of it is read, since paths in manifests start from its root.
fn repository(options: &Check, limits: &Limits) -> Result<Inputs, Failure> {
    let here = std::env::current_dir().map_err(|error| format!("the current folder: {error}"))?;
    let given = match options.paths.as_slice() {
        [] => vec![here.clone()],
        paths => paths.to_vec(),
    };
    let absolute = |path: &Path| std::fs::canonicalize(path).map_err(|error| format!("{}: {error}", path.display()));
    let mut root: Option<PathBuf> = None;
    let mut folders = Vec::new();
    for path in &given {
        let folder = absolute(path)?;
        let own = match &options.root {
            Some(root) => absolute(root)?,
            None => match git_root_around(&folder) {
                Some(root) => root,
                None if options.paths.is_empty() => {
                    return Err("there is no Git repository here; name a path".into());
                }
                None => folder.clone(),
            },
        };
        if !folder.starts_with(&own) {
            return Err(format!("{} is not below the root {}", path.display(), own.display()));
        }
        match &root {
            Some(root) if *root != own => {
                return Err(format!(
                    "{} and {} are two repositories; check one at a time, or give --root",
                    root.display(),
                    own.display()
                ));
            }
            _ => root = Some(own),
        }
        folders.push(folder);
    }
    let mut root = root.ok_or("there is nothing to check")?;
    let mut repository = Repository::new(limits);
    let mut problems = Vec::new();
    if !options.paths.is_empty() {
        let below = folders.iter().filter_map(|folder| folder.strip_prefix(&root).ok());
        below.for_each(|folder| repository.limit_to(&name_of(folder)));
    }
    let mut found: Vec<PathBuf> = files(&root, &mut problems).collect();
    // A folder that Git ignores is no part of the repository around it.
    if let [folder] = folders.as_slice()
        && options.root.is_none()
        && !found.iter().any(|file| file.starts_with(folder))
    {
        root.clone_from(folder);
        problems.clear();
        found = files(folder, &mut problems).collect();
        repository = Repository::new(limits);
    }
    for (at, file) in found.into_iter().enumerate() {
        let Ok(path) = file.strip_prefix(&root) else { continue };
        let name = shown(&file, &root, &here, &options.paths, &folders);
        let is_small = || std::fs::metadata(&file).is_ok_and(|data| data.len() <= OTHER_FILE_BYTES);
        if !is_manifest(&file) && !is_small() {
            continue;
        }
        match read_file(&file, limits) {
            Ok(bytes) => repository.add(
                &name_of(path),
                Source {
                    id: id(at),
                    name,
                    bytes,
                },
            ),
            Err(error) => problems.push(unreadable(&error, &name)),
        }
    }
    Ok(Inputs {
        kind: Kind::Repository(Box::new(repository)),
        problems,
    })
}

/// The path as given plus the path below it; of a file elsewhere in the repository, its path from where the user is.
fn shown(file: &Path, root: &Path, here: &Path, given: &[PathBuf], folders: &[PathBuf]) -> String {
    for (given, folder) in given.iter().zip(folders) {
        if let Ok(below) = file.strip_prefix(folder) {
            return name_of(&tidy(&given.join(below)));
        }
    }
    if let (Some(given), Some(folder)) = (given.first(), folders.first())
        && given.is_relative()
        && let Ok(down) = folder.strip_prefix(root)
        && let Ok(below) = file.strip_prefix(root)
    {
        let up: PathBuf = down.components().map(|_| Component::ParentDir).collect();
        return name_of(&tidy(&given.join(up).join(below)));
    }
    name_of(file.strip_prefix(here).unwrap_or(file))
}

/// Without `.`, and without `..` after a folder's name.
fn tidy(path: &Path) -> PathBuf {
    let mut parts: Vec<Component<'_>> = Vec::new();
    for part in path.components() {
        match (part, parts.last()) {
            (Component::CurDir, _) => {}
            (Component::ParentDir, Some(Component::Normal(_))) => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    parts.into_iter().collect()
}

/// Every file below a folder that Git does not ignore, sorted; what cannot be walked is a problem.
fn files(folder: &Path, problems: &mut Vec<Problem>) -> impl Iterator<Item = PathBuf> + use<> {
    let mut walk = WalkBuilder::new(folder);
    walk.hidden(false)
        .require_git(true)
        .follow_links(true)
        .sort_by_file_name(Ord::cmp);
    walk.filter_entry(|entry| entry.file_name() != ".git");
    let mut found = Vec::new();
    for entry in walk.build() {
        match entry {
            Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_file()) => found.push(entry.into_path()),
            Ok(_) => {}
            Err(error) => problems.push(Problem::new("unreadable", error.to_string())),
        }
    }
    found.into_iter()
}

fn read_file(path: &Path, limits: &Limits) -> std::io::Result<Vec<u8>> {
    let file = std::fs::File::open(path)?;
    let size = file.metadata()?.len();
    read_bounded(file, usize::try_from(size).unwrap_or(usize::MAX), limits)
}

/// At most one byte more than a source may have: enough for the loader to say that it is too large.
fn read_bounded(reader: impl Read, size: usize, limits: &Limits) -> std::io::Result<Vec<u8>> {
    let most = limits.source_bytes + 1;
    let mut bytes = Vec::with_capacity(size.min(most));
    reader.take(most as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn unreadable(error: &std::io::Error, name: &str) -> Problem {
    Problem::new("unreadable", error.to_string()).in_source(name, None)
}

fn is_manifest(path: &Path) -> bool {
    path.extension()
        .and_then(|extension| extension.to_str())
        .is_some_and(|e| matches!(e, "yaml" | "yml" | "json"))
}

fn id(at: usize) -> SourceId {
    SourceId(u32::try_from(at).unwrap_or(u32::MAX))
}

pub(crate) fn name_of(path: &Path) -> String {
    path.to_string_lossy().replace('\\', "/")
}

/// The innermost Git repository that holds a folder, given by its absolute path.
pub(crate) fn git_root_around(folder: &Path) -> Option<PathBuf> {
    let root = folder.ancestors().find(|folder| folder.join(".git").exists());
    root.map(Path::to_path_buf)
}
