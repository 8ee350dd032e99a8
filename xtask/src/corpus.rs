//! Our audit of real repositories against what people concluded by reading them.

mod score;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use policy_core::Report;

use crate::shell;
use score::{Row, Score, Standing};

/// What has to agree, of the rows that count, in percent.
const GOAL: f64 = 95.0;
/// Rows that agree, and all rows.
type Tally = (usize, usize);

/// Audits each repository of the folder and scores its `expected.json`.
pub(crate) fn run(dir: &Path) -> Result<()> {
    let file = dir.join("expected.json");
    let text = std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    let rows: Vec<Row> = serde_json::from_str(&text).with_context(|| file.display().to_string())?;
    let program = shell::stage("build", shell::flux_audit)?;
    let known = controls(&program)?;
    let mut scores = Vec::new();
    for repository in rows.iter().map(|row| &row.repo).collect::<BTreeSet<_>>() {
        let folder = std::path::absolute(dir.join(repository.replace('/', "+")))?;
        let report = audit(&program, &folder)?;
        introduce(repository, &report);
        let is_bootstrap = |path: &str| folder.join(path).join("gotk-sync.yaml").is_file();
        let of_repository = rows.iter().filter(|row| row.repo == *repository);
        scores.extend(of_repository.map(|row| score::score(row, &report, &known, &is_bootstrap)));
    }
    conclude(&scores)
}

/// The IDs of the controls that exist.
fn controls(program: &Path) -> Result<BTreeSet<String>> {
    let listed = shell::output(Command::new(program).args(["controls", "--format", "json"]))?;
    let listed: Vec<serde_json::Value> = serde_json::from_str(&listed)?;
    let ids = listed.iter().map(|control| control["id"].as_str().map(str::to_owned));
    ids.collect::<Option<_>>().context("a control without an ID")
}

/// The report, with paths from the folder on.
fn audit(program: &PathBuf, folder: &Path) -> Result<Report> {
    let options = ["check", "--mode", "git", "--profile", "base,shared", "--format", "json"];
    let output = Command::new(program).args(options).arg(folder).output()?;
    if !matches!(output.status.code(), Some(0 | 1 | 3)) {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("{}: {}\n{said}", folder.display(), output.status);
    }
    let mut report: Report = serde_json::from_slice(&output.stdout)?;
    score::strip(&mut report, &folder.to_string_lossy());
    Ok(report)
}

fn introduce(repository: &str, report: &Report) {
    let names: Vec<&str> = report.clusters.iter().map(|cluster| cluster.name.as_str()).collect();
    println!("{repository}: {:?}; clusters: {}", report.verdict, names.join(", "));
    for problem in &report.problems {
        let source = problem.source.as_deref().unwrap_or("");
        let line = problem.line.map(|line| line.to_string()).unwrap_or_default();
        println!("  problem: {source}:{line}: {}: {}", problem.code, problem.message);
    }
}

/// Prints everything that matters about the scores; fails where the goal is missed.
fn conclude(scores: &[Score]) -> Result<()> {
    let mut by_control: BTreeMap<&str, Tally> = BTreeMap::new();
    for score in scores.iter().filter(|score| score.standing == Standing::Counted) {
        let tally = by_control.entry(&score.row.control).or_default();
        tally.0 += usize::from(score.agrees());
        tally.1 += 1;
    }
    println!("\nagreement by control");
    for (control, tally) in &by_control {
        println!("  {control:<20} {}", share(*tally));
    }
    let total = by_control
        .values()
        .fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    println!("  {:<20} {}", "all", share(total));
    section(scores, "disagreements", |score| {
        score.standing == Standing::Counted && !score.agrees()
    });
    section(scores, "medium confidence, not counted", |score| {
        score.standing == Standing::Medium
    });
    section(scores, "controls that do not exist, not counted", |score| {
        score.standing == Standing::NoSuchControl
    });
    section(scores, "RED: we pass what fails", |score| {
        score.standing != Standing::NoSuchControl && score.passes_a_failure()
    });
    if total.1 == 0 {
        bail!("there is no row to score");
    }
    let counted = scores.iter().filter(|score| score.standing == Standing::Counted);
    let red = counted.filter(|score| score.passes_a_failure()).count();
    if red > 0 || percent(total) < GOAL {
        bail!(
            "{:.1} % agree (goal: {GOAL} %), {red} failures pass (goal: none)",
            percent(total)
        );
    }
    Ok(())
}

fn section(scores: &[Score], title: &str, belongs: impl Fn(&Score) -> bool) {
    let scores: Vec<&Score> = scores.iter().filter(|score| belongs(score)).collect();
    println!("\n{title}: {}", scores.len());
    for score in scores {
        println!("  {score}");
    }
}

fn percent((agreeing, all): Tally) -> f64 {
    // Small numbers, exact in an f64.
    100.0 * agreeing as f64 / all as f64
}

fn share(tally: Tally) -> String {
    format!("{:>3} of {:>3}  {:>5.1} %", tally.0, tally.1, percent(tally))
}
