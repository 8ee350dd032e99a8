//! `opa check`, `opa fmt` and `opa test`, with every line covered.

use std::path::Path;

use anyhow::{Context, Error, Result, bail};
use serde_json::Value;

use crate::shell;

/// Runs all three, and returns what failed.
pub(super) fn run(opa: &Path) -> Vec<Error> {
    let check = shell::stage("opa check --strict", || {
        shell::run(&mut shell::command(
            opa,
            &["check", "--strict", "--ignore", "*.yaml", "policies"],
        ))
    });
    let format = shell::stage("opa fmt", || {
        let unformatted = shell::output(&mut shell::command(opa, &["fmt", "--list", "policies"]))?;
        if !unformatted.trim().is_empty() {
            bail!("not formatted, run `opa fmt --write policies`:\n{unformatted}");
        }
        Ok(())
    });
    let test = shell::stage("opa test", || coverage(opa));
    [check, format, test].into_iter().filter_map(Result::err).collect()
}

fn coverage(opa: &Path) -> Result<()> {
    // A busy machine is no failure.
    let test = ["test", "--timeout", "300s", "--ignore", "*.yaml", "policies"];
    let Ok(report) = shell::output(shell::command(opa, &test).args(["--coverage", "--format", "json"])) else {
        // The coverage report leaves out what failed.
        shell::run(&mut shell::command(opa, &test))?;
        bail!("opa test passes, but not with --coverage");
    };
    let report: Value = serde_json::from_str(&report)?;
    let files = report["files"].as_object().context("no files in the coverage report")?;
    let mut uncovered = Vec::new();
    let mut lines = 0;
    for (path, file) in files.iter().filter(|(path, _)| !path.ends_with("_test.rego")) {
        lines += file["covered_lines"].as_u64().unwrap_or(0);
        for range in file["not_covered"].as_array().into_iter().flatten() {
            let (start, end) = (&range["start"]["row"], &range["end"]["row"]);
            uncovered.push(if start == end {
                format!("{path}:{start}")
            } else {
                format!("{path}:{start}-{end}")
            });
        }
    }
    println!("opa test: {lines} lines of {} files covered", files.len());
    if !uncovered.is_empty() {
        bail!("no test covers\n{}", uncovered.join("\n"));
    }
    if lines == 0 {
        bail!("the coverage report is empty");
    }
    Ok(())
}
