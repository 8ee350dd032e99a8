//! The npm package: built, packed, and tested as a user would use it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::json;
use wasm_bindgen_cli_support::Bindgen;

use crate::shell;

/// Builds the package in `wasm/pkg` and packs it.
pub(crate) fn run() -> Result<()> {
    let Some(npm) = npm()? else { return Ok(()) };
    build()?;
    let tarball = pack(npm)?;
    eprintln!("{}", tarball.display());
    Ok(())
}

/// Installs the packed package in an empty folder and uses it from JavaScript and from TypeScript.
pub(crate) fn test() -> Result<()> {
    let Some(npm) = npm()? else { return Ok(()) };
    shell::stage("npm package", build)?;
    let tarball = pack(npm)?;
    let folder = std::env::temp_dir().join(format!("flux-audit-npm-{}", std::process::id()));
    std::fs::create_dir(&folder)?;
    let tested = shell::stage("npm test", || use_package(npm, &tarball, &folder));
    std::fs::remove_dir_all(&folder)?;
    tested
}

/// Builds the package; its folder, or `None` where there is no Node.
pub(crate) fn folder() -> Result<Option<PathBuf>> {
    let Some(_) = npm()? else { return Ok(None) };
    build()?;
    Ok(Some(package()))
}

fn package() -> PathBuf {
    shell::root().join("wasm/pkg")
}

/// The name of npm, where there is one; without it we fail under CI.
fn npm() -> Result<Option<&'static str>> {
    let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
    let exists = |program: &str| {
        Command::new(program)
            .arg("--version")
            .output()
            .is_ok_and(|output| output.status.success())
    };
    if exists(npm) && exists("node") {
        return Ok(Some(npm));
    }
    if std::env::var_os("CI").is_some() {
        bail!("the npm package needs Node and npm, and one of them is missing");
    }
    eprintln!("skipped: the npm package needs Node and npm, and one of them is missing");
    Ok(None)
}

/// Everything that the package holds, into an emptied `wasm/pkg`.
fn build() -> Result<()> {
    let target = "wasm32-unknown-unknown";
    shell::run(&mut shell::cargo(&[
        "build",
        "--package=flux-audit-wasm",
        "--profile=wasm",
        "--target",
        target,
    ]))?;
    let package = package();
    if package.exists() {
        std::fs::remove_dir_all(&package)?;
    }
    std::fs::create_dir_all(&package)?;
    let module = shell::target_dir().join(target).join("wasm/flux_audit_wasm.wasm");
    // One module for both entries: the one for Node loads it from its file.
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(&module)
        .out_name("flux_audit")
        .typescript(true)
        .remove_producers_section(true);
    bindgen.omit_default_module_path(false).web(true)?.generate(&package)?;
    for name in ["node.js", "node.d.ts", "README.md"] {
        copy(&shell::root().join("wasm/npm").join(name), &package)?;
    }
    copy(&shell::root().join("LICENSE"), &package)?;
    std::fs::write(package.join("package.json"), manifest()?)?;
    Ok(())
}

fn manifest() -> Result<String> {
    let manifest = json!({
        "name": "flux-audit",
        "version": policy_core::VERSION,
        "description": "Audits Flux CD installations against the project's security best practices",
        "license": "Apache-2.0",
        "type": "module",
        "engines": {"node": ">=20"},
        "exports": {
            ".": {"types": "./node.d.ts", "default": "./node.js"},
            "./web": {"types": "./flux_audit.d.ts", "default": "./flux_audit.js"},
            "./flux_audit_bg.wasm": "./flux_audit_bg.wasm",
        },
        "files": ["node.js", "node.d.ts", "flux_audit.js", "flux_audit.d.ts", "flux_audit_bg.wasm"],
        "sideEffects": ["./node.js"],
    });
    Ok(serde_json::to_string_pretty(&manifest)? + "\n")
}

/// Packs the package; its path.
fn pack(npm: &str) -> Result<PathBuf> {
    let name = shell::output(shell::command(npm, &["pack", "--silent"]).current_dir(package()))?;
    Ok(package().join(name.trim()))
}

fn use_package(npm: &str, tarball: &Path, folder: &Path) -> Result<()> {
    let tests = shell::root().join("wasm/test");
    for name in ["package.json", "use.mjs", "use.ts"] {
        copy(&tests.join(name), folder)?;
    }
    let tarball = tarball.to_str().context("the path of the package is not UTF-8")?;
    shell::run(shell::command(npm, &["install", "--silent", "--no-audit", "--no-fund", tarball]).current_dir(folder))?;
    expectations(folder)?;
    shell::run(shell::command("node", &["use.mjs"]).current_dir(folder))?;
    let tsc = folder.join("node_modules/typescript/bin/tsc");
    let options = [
        "--strict", "--noEmit", "--module", "nodenext", "--target", "es2022", "use.ts",
    ];
    shell::run(shell::command("node", &[]).arg(tsc).args(options).current_dir(folder))
}

/// A request, and what the native engine says to it, for the script to compare.
fn expectations(folder: &Path) -> Result<()> {
    let example = shell::root().join("examples/insecure");
    let mut sources = Vec::new();
    for entry in walkdir::WalkDir::new(&example).sort_by_file_name() {
        let path = entry?.into_path();
        if path.extension().is_some_and(|ext| ext == "yaml") {
            let name = path.strip_prefix(&example)?.to_string_lossy().replace('\\', "/");
            sources.push(json!({"name": name, "text": std::fs::read_to_string(&path)?}));
        }
    }
    let config = json!({"profiles": ["base", "shared", "dedicated", "hard"]});
    let request = json!({"sources": sources, "now": "2026-11-22T03:00:00Z"});
    let review = json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {"uid": "1", "object": {
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization", "metadata": {"name": "a", "namespace": "b"},
    }}});
    let native = |call: serde_json::Value| -> Result<String> {
        let answer = String::from_utf8(policy_core::api::call(call.to_string().as_bytes()))?;
        let ok = answer.strip_prefix("{\"ok\":").and_then(|rest| rest.strip_suffix('}'));
        Ok(ok
            .with_context(|| format!("the native engine says {answer}"))?
            .to_owned())
    };
    let report = native(json!({"op": "check", "config": config, "request": request}))?;
    let parsed: serde_json::Value = serde_json::from_str(&report)?;
    let expected = json!({
        "config": config,
        "request": request,
        "review": review,
        "report": report,
        "text": native(json!({"op": "render", "report": parsed, "format": "text"}))?,
        "json": native(json!({"op": "render", "report": parsed, "format": "json"}))?,
        "controls": native(json!({"op": "controls"}))?,
        "reviewed": native(json!({"op": "review", "config": config, "review": review}))?,
        "version": native(json!({"op": "version"}))?,
    });
    Ok(std::fs::write(folder.join("expected.json"), expected.to_string())?)
}

fn copy(file: &Path, folder: &Path) -> Result<()> {
    let name = file.file_name().context("a path without a name")?;
    std::fs::copy(file, folder.join(name)).with_context(|| file.display().to_string())?;
    Ok(())
}
