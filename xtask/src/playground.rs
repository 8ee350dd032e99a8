//! The playground: a static site, and the same as one file, built on the npm package.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::{npm, shell};

/// Builds the site in `playground/dist`, with `flux-audit.html` for machines without a network.
pub(crate) fn run() -> Result<()> {
    if let Some(folder) = build()? {
        eprintln!("{}", folder.join("dist").display());
    }
    Ok(())
}

/// Builds the site and serves it on loopback until interrupted.
pub(crate) fn serve() -> Result<()> {
    match build()? {
        Some(folder) => shell::run(&mut npm(&folder, &["run", "preview"])),
        None => Ok(()),
    }
}

/// Tests the parts in Node, and the built site in Chromium as a user would use it; reports against the command line's.
pub(crate) fn test() -> Result<()> {
    let Some(folder) = build()? else { return Ok(()) };
    let program = shell::flux_audit()?;
    let run = |script: &str| npm(&folder, &["run", script]);
    shell::stage("playground units", || {
        shell::run(run("test:unit").env("FLUX_AUDIT", &program))
    })?;
    let Some(chromium) = chromium()? else { return Ok(()) };
    shell::stage("playground in Chromium", || {
        shell::run(
            run("test:browser")
                .env("CHROMIUM", chromium)
                .env("FLUX_AUDIT", &program),
        )
    })
}

/// The built playground's folder, or `None` where there is no Node.
fn build() -> Result<Option<PathBuf>> {
    if shell::stage("npm package", npm::folder)?.is_none() {
        return Ok(None);
    }
    let folder = shell::root().join("playground");
    shell::stage("playground", || {
        shell::run(&mut npm(&folder, &["ci", "--silent", "--no-audit", "--no-fund"]))?;
        shell::run(&mut npm(&folder, &["run", "build"]))
    })?;
    Ok(Some(folder))
}

fn npm(folder: &Path, args: &[&str]) -> Command {
    let name = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let mut command = shell::command(name, args);
    command.current_dir(folder);
    command
}

/// The browser of the tests; without it we fail under CI.
fn chromium() -> Result<Option<PathBuf>> {
    let given = std::env::var_os("CHROMIUM").map(PathBuf::from);
    let known = [
        "/usr/bin/chromium",
        "/usr/bin/chromium-browser",
        "/usr/bin/google-chrome",
    ]
    .map(PathBuf::from);
    if let Some(found) = given.into_iter().chain(known).find(|path| path.exists()) {
        return Ok(Some(found));
    }
    if std::env::var_os("CI").is_some() {
        bail!("the playground is tested in Chromium, and there is none; CHROMIUM names it");
    }
    eprintln!("skipped: the playground is tested in Chromium, and there is none; CHROMIUM names it");
    Ok(None)
}
