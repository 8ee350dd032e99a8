//! Ours on whole repositories, beside what builds and checks their overlays otherwise.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::generate::{self, Tree};
use super::measure::{Cost, Meter, Subject, goal};
use crate::scratch::Scratch;

/// Runs that count; the peer takes minutes.
const RUNS: usize = 3;
/// What has to be told apart.
const STAGES: [&str; 6] = ["read", "parse", "effective", "facts", "evaluate", "render"];
const MIB: f64 = 1024.0 * 1024.0;

/// Whom to measure.
pub(super) struct Programs {
    pub(super) flux_audit: PathBuf,
    pub(super) kustomize: PathBuf,
    pub(super) conftest: PathBuf,
}

/// Measures on a repository of each size, and the second against the first.
pub(super) fn run(programs: &Programs, checks: &Path, sizes: &[usize]) -> Result<()> {
    let scratch = Scratch::new("bench-trees")?;
    let meter = Meter::new(&scratch.0)?;
    // conftest takes every module of a folder.
    let policies = scratch.0.join("checks");
    std::fs::create_dir_all(&policies)?;
    std::fs::copy(checks, policies.join("checks.rego")).with_context(|| checks.display().to_string())?;
    let mut trees = Vec::new();
    for size in sizes {
        let tree = generate::write(scratch.0.join(format!("tree-{size}")), *size)?;
        let script = peer(programs, &tree, &policies)?;
        println!(
            "\na repository of {} files, {:.1} MiB, {} overlays of teams (ours: every control; peers: ten checks)",
            tree.files,
            tree.bytes as f64 / MIB,
            tree.overlays.len()
        );
        let [ours, theirs] = meter.in_turn([ours(programs, &tree), script], RUNS)?;
        goal(
            "their time by ours",
            theirs.seconds / ours.seconds,
            |ratio| ratio > 1.0,
            "more than 1",
        );
        memory(&tree, ours);
        stages(programs, &tree)?;
        trees.push(tree);
    }
    if let [small, large, ..] = &trees[..] {
        println!("\na repository of {} files against {}", large.files, small.files);
        let [one, two] = meter.in_turn([ours(programs, small), ours(programs, large)], RUNS)?;
        goal(
            "time of the larger by that of the smaller",
            two.seconds / one.seconds,
            |ratio| ratio <= 2.2,
            "at most 2.2",
        );
    }
    Ok(())
}

fn ours(programs: &Programs, tree: &Tree) -> Subject {
    let options = [
        "check",
        "--mode",
        "git",
        "--profile",
        "base,shared,dedicated,hard",
        "--format",
        "json",
    ];
    let mut args = options.map(String::from).to_vec();
    args.push(tree.root.to_string_lossy().into_owned());
    Subject {
        name: "flux-audit",
        program: programs.flux_audit.clone(),
        args,
    }
}

/// Builds what Flux would build, into one file, and checks it.
fn peer(programs: &Programs, tree: &Tree, policies: &Path) -> Result<Subject> {
    let built = tree.root.with_extension("built.yaml");
    let script = tree.root.with_extension("sh");
    let mut text = format!("cd '{}' || exit 2\nexec 3>'{}'\n", tree.root.display(), built.display());
    for folder in tree.overlays.iter().chain(&bootstraps(tree)?) {
        writeln!(
            text,
            "'{}' build '{folder}' >&3 || exit 2; echo --- >&3",
            programs.kustomize.display()
        )?;
    }
    let conftest = programs.conftest.display();
    writeln!(
        text,
        "'{conftest}' test -p '{}' '{}'",
        policies.display(),
        built.display()
    )?;
    std::fs::write(&script, text)?;
    Ok(Subject {
        name: "kustomize, conftest",
        program: "/bin/sh".into(),
        args: vec![script.to_string_lossy().into_owned()],
    })
}

fn bootstraps(tree: &Tree) -> Result<Vec<String>> {
    let clusters = std::fs::read_dir(tree.root.join("clusters"))?;
    let mut names: Vec<String> = clusters
        .map(|cluster| {
            Ok(format!(
                "clusters/{}/flux-system",
                cluster?.file_name().to_string_lossy()
            ))
        })
        .collect::<Result<_>>()?;
    names.sort();
    Ok(names)
}

fn memory(tree: &Tree, ours: Cost) {
    let read = tree.bytes as f64 / MIB;
    println!(
        "  peak memory {:.1} MiB of {read:.1} MiB read: {:.1} times",
        ours.peak_mb,
        ours.peak_mb / read
    );
    goal(
        "peak memory by 32 MiB and 25 times what was read",
        ours.peak_mb / (32.0 + 25.0 * read),
        |ratio| ratio <= 1.0,
        "at most 1",
    );
}

/// Where the time goes, by the program's own account.
fn stages(programs: &Programs, tree: &Tree) -> Result<()> {
    let subject = ours(programs, tree);
    let output = Command::new(&subject.program).args(&subject.args).arg("-vv").output()?;
    let said = String::from_utf8_lossy(&output.stderr);
    let told: Vec<&str> = said.lines().filter_map(|line| line.strip_prefix("stage ")).collect();
    println!("  stages: {}", told.join(", "));
    for stage in STAGES {
        if !told.iter().any(|told| told.starts_with(stage)) {
            println!("  missed: nothing is said of the stage {stage}");
        }
    }
    Ok(())
}
