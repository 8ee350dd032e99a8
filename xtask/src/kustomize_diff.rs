//! Our kustomize against the real one: the cases of the repository, random overlays, and any folder.

mod random;

#[path = "../../policy-core/tests/common/kustomize.rs"]
pub(crate) mod cases;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use policy_core::kustomize::{self, Files, KUSTOMIZATION_NAMES};
use policy_core::{Limits, Source, SourceId};

use crate::scratch::Scratch;
use crate::shell;
use cases::Agreement;

pub(crate) const KUSTOMIZE: (&str, &str, &str) = ("kustomize", "sigs.k8s.io/kustomize/kustomize/v5", "v5.7.1");
const CASES: &str = "policy-core/tests/kustomize";

/// What to run over.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// A folder; every kustomization below it is built
    dir: Option<PathBuf>,
    /// So many random overlays
    #[arg(long, default_value_t = 300)]
    random: u64,
    /// The first seed of the random overlays
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Keep the random overlays that differ in this folder
    #[arg(long)]
    keep: Option<PathBuf>,
    /// Write what the real program makes of the cases of the repository
    #[arg(long)]
    write: bool,
}

impl Options {
    /// What needs nothing but the repository.
    pub(crate) fn standard() -> Self {
        Self {
            dir: None,
            random: 300,
            seed: 1,
            keep: None,
            write: false,
        }
    }
}

#[derive(Default)]
struct Counts {
    equal: usize,
    unknown: usize,
    failures: usize,
    differences: Vec<String>,
}

impl Counts {
    fn add(&mut self, name: &str, result: Result<Agreement, String>) {
        match result {
            Ok(Agreement::Equal) => self.equal += 1,
            Ok(Agreement::Unknown) => self.unknown += 1,
            Ok(Agreement::Failure) => self.failures += 1,
            Err(difference) => self.differences.push(format!("{name}: {difference}")),
        }
    }

    fn print(&self, what: &str) {
        for difference in &self.differences {
            eprintln!("{difference}");
        }
        println!(
            "{what}: {} equal, {} unknown, {} failures of both, {} different",
            self.equal,
            self.unknown,
            self.failures,
            self.differences.len()
        );
    }
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let Some(program) = program()? else {
        return Ok(());
    };
    let mut different = 0;
    let mut all = vec![
        ("cases", cases(&program, options.write)?),
        ("random", randoms(&program, options)?),
    ];
    if let Some(dir) = &options.dir {
        all.push(("folder", folder(&program, dir)?));
    }
    for (what, counts) in all {
        counts.print(what);
        different += counts.differences.len();
    }
    if different > 0 {
        bail!("{different} builds differ from kustomize {}", KUSTOMIZE.2);
    }
    Ok(())
}

/// The real program, where it can be had.
pub(crate) fn program() -> Result<Option<PathBuf>> {
    shell::go_program(KUSTOMIZE.0, KUSTOMIZE.1, KUSTOMIZE.2)
}

/// What the real program prints, or nothing where it fails.
fn real(program: &Path, folder: &Path) -> Result<Option<String>> {
    let mut command = Command::new(program);
    // As Flux builds: files may lie outside of the folder.
    command
        .args(["build", "--load-restrictor", "LoadRestrictionsNone"])
        .arg(folder);
    let output = command
        .output()
        .with_context(|| format!("cannot start {}", program.display()))?;
    if std::env::var_os("KUSTOMIZE_DIFF_VERBOSE").is_some() && !output.status.success() {
        eprintln!(
            "{}: {}",
            folder.display(),
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(if output.status.success() {
        Some(String::from_utf8(output.stdout)?)
    } else {
        None
    })
}

fn cases(program: &Path, write: bool) -> Result<Counts> {
    let mut counts = Counts::default();
    let mut folders: Vec<PathBuf> = std::fs::read_dir(shell::root().join(CASES))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    folders.sort();
    for case in folders {
        let name = case.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let real = real(program, &case.join("entry"))?;
        let (expected, failure) = (case.join("expected.yaml"), case.join("expected-error"));
        if write {
            for path in [&expected, &failure] {
                if path.exists() {
                    std::fs::remove_file(path)?;
                }
            }
            match &real {
                Some(text) => std::fs::write(&expected, text)?,
                None => std::fs::write(&failure, "kustomize fails\n")?,
            }
        }
        if std::fs::read_to_string(&expected).ok() != real {
            counts.differences.push(format!(
                "{name}: what is expected is not what kustomize makes; run with --write"
            ));
        }
        let built = kustomize::build(&cases::tree(&case)?, "entry", &Limits::standard());
        counts.add(&name, cases::compare(&built, real.as_deref()));
    }
    Ok(counts)
}

fn randoms(program: &Path, options: &Options) -> Result<Counts> {
    let mut counts = Counts::default();
    let scratch = Scratch::new("kustomize")?;
    let place = options.keep.as_ref().unwrap_or(&scratch.0);
    for seed in options.seed..options.seed + options.random {
        let overlay = random::overlay(seed);
        let folder = place.join(seed.to_string());
        let mut files = Files::new(&Limits::standard());
        for ((path, text), id) in overlay.into_iter().zip(0..) {
            let file = folder.join(&path);
            std::fs::create_dir_all(file.parent().unwrap_or(&folder))?;
            std::fs::write(&file, &text)?;
            let source = Source {
                id: SourceId(id),
                name: path.clone(),
                bytes: text.into_bytes(),
            };
            files.insert(&path, source);
        }
        let real = real(program, &folder.join("entry"))?;
        let built = kustomize::build(&files, "entry", &Limits::standard());
        let result = cases::compare(&built, real.as_deref());
        if result.is_ok() {
            std::fs::remove_dir_all(&folder)?;
        }
        counts.add(&format!("seed {seed}"), result);
    }
    Ok(counts)
}

fn folder(program: &Path, dir: &Path) -> Result<Counts> {
    let mut counts = Counts::default();
    let files = cases::tree(dir)?;
    let folders: Vec<&str> = files
        .paths()
        .filter_map(|path| {
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
            KUSTOMIZATION_NAMES.contains(&name).then_some(folder)
        })
        .collect();
    for folder in folders {
        let real = real(program, &dir.join(folder))?;
        let built = kustomize::build(&files, folder, &Limits::standard());
        counts.add(folder, cases::compare(&built, real.as_deref()));
    }
    Ok(counts)
}
