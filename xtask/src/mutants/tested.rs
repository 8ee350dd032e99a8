//! Mutants against `opa test`. Each is a package of its own with a copy of the control's tests, so that one process
//! judges many.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::fixed::Fixed;
use super::syntax::Mutant;
use crate::shell;

/// How many mutants one process judges.
const BATCH: usize = 80;

pub(super) struct Tested<'m> {
    pub(super) killed: usize,
    pub(super) survivors: Vec<&'m Mutant>,
}

/// Runs the control's tests on each mutant, and its fixtures on what survives them. Mutants that OPA does not compile are
/// no mutants.
pub(super) fn run<'m>(
    opa: &Path,
    scratch: &Path,
    slug: &str,
    text: &str,
    mutants: &'m [Mutant],
    fixed: &Fixed,
) -> Result<Tested<'m>> {
    let mut tested = Tested {
        killed: 0,
        survivors: Vec::new(),
    };
    let tests = test_files(slug)?;
    let names = test_names(&tests);
    for batch in mutants.chunks(BATCH) {
        let folder = scratch.join("flux");
        std::fs::create_dir_all(&folder)?;
        for (at, mutant) in batch.iter().enumerate() {
            let name = format!("{slug}__m{at}");
            std::fs::write(
                folder.join(format!("{name}.rego")),
                renamed(&mutant.apply(text), slug, &name),
            )?;
        }
        let valid = compiled(opa, &folder, slug, batch.len())?;
        for at in &valid {
            let name = format!("{slug}__m{at}");
            for (file, test) in &tests {
                std::fs::write(folder.join(format!("m{at}_{file}")), renamed(test, slug, &name))?;
            }
        }
        let mut killed = killed(opa, &folder, slug, &names, &valid)?;
        let alive = valid.difference(&killed).copied().collect();
        killed.extend(fixed.kills(opa, &folder, &alive)?);
        tested.killed += killed.len();
        let alive = valid.difference(&killed).filter_map(|at| batch.get(*at));
        tested.survivors.extend(alive);
        std::fs::remove_dir_all(&folder)?;
    }
    Ok(tested)
}

/// The control's Rego files besides its rules.
fn test_files(slug: &str) -> Result<Vec<(String, String)>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(shell::root().join("policies/flux").join(slug))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with("_test.rego") {
            files.push((name, std::fs::read_to_string(entry.path())?));
        }
    }
    if files.is_empty() {
        bail!("{slug} has no tests");
    }
    Ok(files)
}

/// The names of the rules that are tests.
fn test_names(files: &[(String, String)]) -> Vec<String> {
    let lines = files.iter().flat_map(|(_, text)| text.lines());
    let name = |line: &str| {
        line.split(' ')
            .next()
            .filter(|name| name.starts_with("test_"))
            .map(str::to_owned)
    };
    lines.filter_map(name).collect()
}

/// The module without METADATA, its package and its imports of the control by another name.
fn renamed(text: &str, slug: &str, name: &str) -> String {
    let package = format!("flux.{slug}");
    let start = text.find("\npackage ").map_or(0, |at| at + 1);
    let mut rest = &text[start..];
    let mut out = String::new();
    while let Some(at) = rest.find(&package) {
        let (before, after) = rest.split_at(at + package.len());
        out.push_str(before);
        let whole = after.strip_prefix("_test").unwrap_or(after);
        if !whole.starts_with(|next: char| next.is_alphanumeric() || next == '_') {
            out.push_str(name.strip_prefix(slug).unwrap_or_default());
        }
        rest = after;
    }
    out.push_str(rest);
    out
}

fn number(path: &str, slug: &str) -> Option<usize> {
    let rest = path.split(&format!("{slug}__m")).nth(1)?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// Which mutants OPA compiles. Each round of the compiler names those that fail one of its stages.
fn compiled(opa: &Path, folder: &Path, slug: &str, count: usize) -> Result<BTreeSet<usize>> {
    let mut valid: BTreeSet<usize> = (0..count).collect();
    loop {
        let mut check = shell::command(opa, &["check", "--format", "json", "--max-errors", "0"]);
        let output = check
            .args(["--ignore", "*.yaml", "policies/lib"])
            .arg(folder)
            .output()?;
        if output.status.success() {
            return Ok(valid);
        }
        let said = [output.stdout, output.stderr].concat();
        let said: Value = serde_json::from_slice(&said).with_context(|| String::from_utf8_lossy(&said).into_owned())?;
        let errors = said["errors"].as_array().context("opa check fails without errors")?;
        let before = valid.len();
        for error in errors {
            let file = error["location"]["file"].as_str().unwrap_or_default();
            let at = number(file, slug).with_context(|| format!("opa check: {error}"))?;
            if valid.remove(&at) {
                std::fs::remove_file(folder.join(format!("{slug}__m{at}.rego")))?;
            }
        }
        if valid.len() == before {
            bail!("opa check fails for what is gone");
        }
    }
}

/// The mutants of which a test fails.
fn killed(opa: &Path, folder: &Path, slug: &str, names: &[String], valid: &BTreeSet<usize>) -> Result<BTreeSet<usize>> {
    match alive(opa, folder, slug, names, valid) {
        Ok(alive) => Ok(valid.difference(&alive).copied().collect()),
        // One of them breaks the evaluation; `opa test` tells which.
        Err(_) => failing(opa, folder, slug),
    }
}

/// The mutants of which every test holds, asked until one does not: `opa test` would go on.
fn alive(opa: &Path, folder: &Path, slug: &str, names: &[String], valid: &BTreeSet<usize>) -> Result<BTreeSet<usize>> {
    let mut module = String::from("package batch\n");
    for at in valid {
        _ = write!(module, "\nalive contains {at} if {{\n");
        for name in names {
            _ = writeln!(module, "\tdata.flux.{slug}__m{at}_test.{name} == true");
        }
        module += "}\n";
    }
    let file = folder.join("batch.rego");
    std::fs::write(&file, module)?;
    let mut eval = shell::command(
        opa,
        &[
            "eval",
            "--format",
            "raw",
            "--ignore",
            "*.yaml",
            "--data",
            "policies/lib",
        ],
    );
    let printed = shell::output(eval.arg("--data").arg(folder).arg("data.batch.alive"));
    std::fs::remove_file(file)?;
    Ok(serde_json::from_str(&printed?)?)
}

/// The mutants of which `opa test` says that a test fails.
fn failing(opa: &Path, folder: &Path, slug: &str) -> Result<BTreeSet<usize>> {
    let run = format!(r"^data\.flux\.{slug}__m");
    let mut test = shell::command(
        opa,
        &["test", "--format", "json", "--parallel", "1", "--timeout", "300s"],
    );
    let output = test
        .args(["--ignore", "*.yaml", "--run", &run, "policies/lib"])
        .arg(folder)
        .output()?;
    let results: Value = serde_json::from_slice(&output.stdout)
        .with_context(|| format!("opa test: {}", String::from_utf8_lossy(&output.stderr)))?;
    let mut killed = BTreeSet::new();
    for test in results.as_array().context("opa test gives no list")? {
        if test["fail"] == true || test.get("error").is_some() {
            let package = test["package"].as_str().unwrap_or_default();
            killed.insert(number(package, slug).with_context(|| format!("opa test: {test}"))?);
        }
    }
    Ok(killed)
}
