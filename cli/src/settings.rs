//! The files that tell what the user chose and found out: where they are, and what options change about them.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};

use policy_core::{Config, Control, Evidence, FailOn, Limits, Profile, Source, SourceId};

use crate::args::{Check, FailOnArg, ProfileArg};
use crate::{Failure, input, output};

const CONFIG: &str = ".flux-audit.yaml";
const EVIDENCE: &str = ".flux-audit-evidence.yaml";

/// The configuration file, if there is one, with the options on top.
pub(crate) fn config(options: &Check, controls: &[Control]) -> Result<Config, Failure> {
    let mut config = match file(options, options.config.as_deref(), CONFIG, "--config")? {
        Some(source) => Config::parse(&source, controls).map_err(|error| error.to_string())?,
        None => Config::default(),
    };
    if !options.profiles.is_empty() {
        config.profiles = options.profiles.iter().map(profile).collect();
    }
    if !options.select.is_empty() {
        config.select.clone_from(&options.select);
    }
    if !options.ignore.is_empty() {
        config.ignore.clone_from(&options.ignore);
    }
    config.params.extend(options.params.iter().cloned());
    if let Some(threshold) = options.fail_on {
        config.fail_on = fail_on(threshold);
    }
    Ok(config)
}

/// The file of evidence, if there is one.
pub(crate) fn evidence(options: &Check, controls: &[Control]) -> Result<Option<Evidence>, Failure> {
    let source = file(options, options.evidence.as_deref(), EVIDENCE, "--evidence")?;
    let evidence = source.map(|source| Evidence::parse(&source, controls));
    evidence.transpose().map_err(|error| error.to_string())
}

/// The file that an option names, or else the one that lies where it is looked for.
fn file(options: &Check, named: Option<&Path>, name: &str, option: &str) -> Result<Option<Source>, Failure> {
    let found = match named {
        Some(path) => Some(path.to_path_buf()),
        None => discover(options, name, option)?,
    };
    let Some(path) = found else { return Ok(None) };
    if options.verbose > 0 {
        output::to_stderr(&format!("reading {}\n", path.display()));
    }
    read(&path).map(Some)
}

/// The one file of this name in the folders to check, or else in the Git roots around what is to check.
fn discover(options: &Check, name: &str, option: &str) -> Result<Option<PathBuf>, Failure> {
    let here = std::env::current_dir().map_err(|error| format!("the current folder: {error}"))?;
    let mut found = BTreeSet::new();
    let mut add = |place: Option<PathBuf>| -> Result<(), Failure> {
        if let Some(file) = place {
            let file = std::fs::canonicalize(&file).map_err(|error| format!("{}: {error}", file.display()))?;
            found.insert(file);
        }
        Ok(())
    };
    let root = |around: &Path| options.root.clone().or_else(|| input::git_root_around(around));
    if options.paths.is_empty() {
        add(root(&here).and_then(|root| present(&root, name)))?;
    }
    for path in &options.paths {
        // What does not exist is told where the input is read.
        let Ok(absolute) = std::fs::canonicalize(if path.as_os_str() == "-" { &here } else { path }) else {
            continue;
        };
        let in_folder = present(path, name).filter(|_| path.is_dir());
        add(in_folder.or_else(|| present(&root(&absolute)?, name)))?;
    }
    let shown = |path: &Path| input::name_of(path.strip_prefix(&here).unwrap_or(path));
    if found.len() > 1 {
        let list: Vec<String> = found.iter().map(|path| shown(path)).collect();
        return Err(format!(
            "there are several, name one with {option}: {}",
            list.join(", ")
        ));
    }
    Ok(found.pop_first().map(|path| PathBuf::from(shown(&path))))
}

/// A file of a folder, if it has one: also a link that leads nowhere, which must not pass for none.
fn present(folder: &Path, name: &str) -> Option<PathBuf> {
    let file = folder.join(name);
    std::fs::symlink_metadata(&file).is_ok().then_some(file)
}

/// A file of settings.
pub(crate) fn read(path: &Path) -> Result<Source, Failure> {
    let mut bytes = Vec::new();
    // One byte more than the bound is enough for the loader to say that it is too large.
    let most = Limits::standard().settings_bytes as u64 + 1;
    std::fs::File::open(path)
        .and_then(|file| file.take(most).read_to_end(&mut bytes))
        .map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(Source {
        id: SourceId(0),
        name: input::name_of(path),
        bytes,
    })
}

fn profile(profile: &ProfileArg) -> Profile {
    match profile {
        ProfileArg::Base => Profile::Base,
        ProfileArg::Shared => Profile::Shared,
        ProfileArg::Dedicated => Profile::Dedicated,
        ProfileArg::Hard => Profile::Hard,
    }
}

fn fail_on(threshold: FailOnArg) -> FailOn {
    match threshold {
        FailOnArg::Info => FailOn::Info,
        FailOnArg::Low => FailOn::Low,
        FailOnArg::Medium => FailOn::Medium,
        FailOnArg::High => FailOn::High,
        FailOnArg::Critical => FailOn::Critical,
        FailOnArg::None => FailOn::None,
    }
}
