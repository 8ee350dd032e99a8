//! The program as it is given to users: the compiler sees where a check spends its time, and arranges the code for that
//! (profile-guided optimisation, <https://doc.rust-lang.org/rustc/profile-guided-optimization.html>).

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::scratch::Scratch;
use crate::{bench, shell};

/// Files of the generated repository that is checked for the profile.
const FILES: usize = 3_000;

/// Builds `flux-audit`, checks our own examples, fixtures and a generated repository with it, and builds it for what that
/// showed. Returns where it is.
pub(crate) fn build() -> Result<PathBuf> {
    let merge = llvm_profdata()?;
    // Cargo knows a build by its flags, so these are the same each time.
    let counts = shell::target_dir().join("dist/counts");
    let profile = counts.with_extension("profdata");
    if counts.exists() {
        std::fs::remove_dir_all(&counts)?;
    }
    train(&compile(&format!("-Cprofile-generate={}", counts.display()))?)?;
    shell::run(Command::new(merge).arg("merge").arg("-o").arg(&profile).arg(&counts))?;
    compile(&format!("-Cprofile-use={}", profile.display()))
}

/// Builds with one more flag for rustc. A target that is named keeps the flag from what runs while building.
fn compile(flag: &str) -> Result<PathBuf> {
    let (host, folder) = (host()?, shell::target_dir().join("dist"));
    let mut build = shell::cargo(&["build", "--locked", "--quiet", "--release", "-p", "flux-audit"]);
    build.args(["--target", &host]).arg("--target-dir").arg(&folder);
    // Flags are apart by a character that no path has.
    shell::run(build.env("CARGO_ENCODED_RUSTFLAGS", flag).env_remove("RUSTFLAGS"))?;
    let name = format!("flux-audit{}", std::env::consts::EXE_SUFFIX);
    Ok(folder.join(host).join("release").join(name))
}

/// Runs what users run: clusters, manifests in one stream, repositories; every control, and the text of a report.
fn train(program: &Path) -> Result<()> {
    let scratch = Scratch::new("dist")?;
    bench::write_repository(scratch.0.clone(), FILES)?;
    let repository = scratch.0.to_string_lossy();
    let every = ["--profile", "base,shared,dedicated,hard", "--format", "json"];
    let as_json = |mode: &str, path: &str| [&["check", path, "--mode", mode], &every[..]].concat().join("\n");
    let runs = [
        as_json("git", &repository),
        as_json("render", &repository),
        as_json("dump", "policies"),
        as_json("render", "policies"),
        as_json("dump", "examples/platform"),
        "check\nexamples/insecure".into(),
        "check\nexamples/hardened".into(),
    ];
    for run in runs {
        let args: Vec<&str> = run.lines().collect();
        let output = shell::command(program, &args).output()?;
        // Pass, fail, or incomplete; anything else is no check.
        if !matches!(output.status.code(), Some(0 | 1 | 3)) {
            bail!(
                "{args:?}: {}\n{}",
                output.status,
                String::from_utf8_lossy(&output.stderr)
            );
        }
    }
    Ok(())
}

fn host() -> Result<String> {
    let said = shell::output(&mut shell::command("rustc", &["-vV"]))?;
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).context("rustc does not tell its host")
}

/// LLVM's own program for profiles, from a component of the toolchain that is installed where it is missing.
fn llvm_profdata() -> Result<PathBuf> {
    let sysroot = shell::output(&mut shell::command("rustc", &["--print", "sysroot"]))?;
    let name = format!("llvm-profdata{}", std::env::consts::EXE_SUFFIX);
    let path = Path::new(sysroot.trim())
        .join("lib/rustlib")
        .join(host()?)
        .join("bin")
        .join(name);
    if !path.is_file() {
        shell::run(&mut shell::command("rustup", &["component", "add", "llvm-tools"]))?;
    }
    Ok(path)
}
