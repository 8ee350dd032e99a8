//! Running other programs, from the root of the repository.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail};

/// The root of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap_or(Path::new("."))
        .to_path_buf()
}

/// Where cargo builds.
pub(crate) fn target_dir() -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| PathBuf::from("target"), PathBuf::from);
    root().join(target)
}

/// A program to run at the root.
pub(crate) fn command(program: impl AsRef<OsStr>, args: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(args).current_dir(root());
    command
}

/// The cargo that runs us.
pub(crate) fn cargo(args: &[&str]) -> Command {
    command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()), args)
}

/// Runs to the end; a failure is an error.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start {command:?}"))?;
    if !status.success() {
        bail!("{command:?}: {status}");
    }
    Ok(())
}

/// What the program prints; a failure is an error with what it said.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("cannot start {command:?}"))?;
    if !output.status.success() {
        bail!(
            "{command:?}: {}\n{}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Runs a stage and says how long it took.
pub(crate) fn stage<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    eprintln!("== {name}");
    let start = Instant::now();
    let done = work().with_context(|| name.to_owned());
    eprintln!("== {name}: {:.1} s", start.elapsed().as_secs_f64());
    done
}

/// Where programs that tests need are kept between runs: outside the checkout, and never relied upon.
pub(crate) fn tools() -> Result<PathBuf> {
    let home = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    let home = home.or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".cache")));
    let tools = home
        .context("neither XDG_CACHE_HOME nor HOME is set")?
        .join("flux-audit/bin");
    std::fs::create_dir_all(&tools)?;
    Ok(tools)
}

/// A Go program by module and version, built where it is not kept yet. `None` where there is no Go, unless under CI.
pub(crate) fn go_program(name: &str, module: &str, version: &str) -> Result<Option<PathBuf>> {
    let program = tools()?.join(format!("{name}-{version}"));
    if program.exists() {
        return Ok(Some(program));
    }
    if command("go", &["version"]).output().is_err() {
        if std::env::var_os("CI").is_some() {
            bail!("{name} is needed here, and there is no Go to build it");
        }
        eprintln!("skipped: there is no Go to build {name}");
        return Ok(None);
    }
    stage(&format!("build {name} {version}"), || {
        let place = tools()?.join(format!("{name}.build"));
        run(command("go", &["install", &format!("{module}@{version}")])
            .env("GOBIN", &place)
            .env("GOFLAGS", "-buildvcs=false"))?;
        std::fs::rename(place.join(name), &program)?;
        std::fs::remove_dir_all(&place)?;
        Ok(Some(program))
    })
}
