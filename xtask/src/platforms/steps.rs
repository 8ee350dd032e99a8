//! The commands of `docs/hosts.md`, run as they stand there.

use std::path::Path;

use anyhow::{Context, Result, ensure};

use super::gatekeeper::GATOR;
use super::{Verdicts, webhook};
use crate::kustomize_diff::KUSTOMIZE;
use crate::opa_diff::{CONFTEST, OPA};
use crate::scratch::Scratch;
use crate::shell;

const PAGE: &str = "docs/hosts.md";

/// Runs them in a folder that has what a clone has, with the programs on the path.
pub(crate) fn run() -> Result<Verdicts> {
    let scratch = Scratch::new("steps")?;
    let programs = scratch.0.join("bin");
    std::fs::create_dir(&programs)?;
    for (name, module, version) in [OPA, CONFTEST, GATOR, KUSTOMIZE] {
        let Some(program) = shell::go_program(name, module, version)? else {
            return Ok(Verdicts::new());
        };
        std::fs::copy(program, programs.join(name))?;
    }
    std::fs::rename(webhook::served::program(&scratch)?, programs.join("flux-audit"))?;
    let clone = scratch.0.join("clone");
    for folder in ["examples", "platforms"] {
        copy(&shell::root().join(folder), &clone.join(folder))?;
    }
    // Which makes it the root of a repository.
    std::fs::create_dir(clone.join(".git"))?;
    let page = std::fs::read_to_string(shell::root().join(PAGE))?;
    let mut blocks = 0;
    for block in page.split("```sh\n").skip(1) {
        let (commands, _) = block.split_once("```").context("a block without an end")?;
        let path = std::env::var("PATH")?;
        let script = format!("set -euo pipefail\n{commands}");
        let mut bash = shell::command("bash", &["-c", &script]);
        bash.current_dir(&clone)
            .env("PATH", format!("{}:{path}", programs.display()));
        shell::output(&mut bash).with_context(|| format!("{PAGE}:\n{commands}"))?;
        blocks += 1;
    }
    ensure!(blocks > 3, "{PAGE} has {blocks} blocks of commands");
    println!("{blocks} blocks of commands run as written");
    Ok(Verdicts::new())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    for entry in walkdir::WalkDir::new(from) {
        let entry = entry?;
        let target = to.join(entry.path().strip_prefix(from)?);
        if entry.file_type().is_dir() {
            std::fs::create_dir_all(target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
