//! The npm package: built, packed, and tested as a user would use it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::json;
use wasm_bindgen_cli_support::Bindgen;

use crate::{shell, size, wasm};

/// How large the module may be as a server sends it, compressed by brotli.
const DOWNLOAD: usize = 900_000;

/// Builds the package in `wasm/pkg` and packs it.
pub(crate) fn run() -> Result<()> {
    let Some(npm) = npm()? else { return Ok(()) };
    build(npm)?;
    let tarball = pack(npm)?;
    eprintln!("{}", tarball.display());
    Ok(())
}

/// Installs the packed package in an empty folder and uses it from JavaScript and from TypeScript.
pub(crate) fn test() -> Result<()> {
    let Some(npm) = npm()? else { return Ok(()) };
    shell::stage("npm package", || build(npm))?;
    let tarball = pack(npm)?;
    let folder = std::env::temp_dir().join(format!("flux-audit-npm-{}", std::process::id()));
    std::fs::create_dir(&folder)?;
    let tested = shell::stage("npm test", || use_package(npm, &tarball, &folder));
    std::fs::remove_dir_all(&folder)?;
    tested
}

/// Builds the package; its folder, or `None` where there is no Node.
pub(crate) fn folder() -> Result<Option<PathBuf>> {
    let Some(npm) = npm()? else { return Ok(None) };
    build(npm)?;
    Ok(Some(package()))
}

fn package() -> PathBuf {
    shell::root().join("wasm/pkg")
}

/// The name of npm, where there is one; without it we fail under CI.
pub(crate) fn npm() -> Result<Option<&'static str>> {
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
        bail!("this needs Node and npm, and one of them is missing");
    }
    eprintln!("skipped: this needs Node and npm, and one of them is missing");
    Ok(None)
}

/// Everything that the package holds, into an emptied `wasm/pkg`.
fn build(npm: &str) -> Result<()> {
    let module = wasm::NPM.build()?;
    let package = package();
    if package.exists() {
        std::fs::remove_dir_all(&package)?;
    }
    std::fs::create_dir_all(&package)?;
    // One module for every entry.
    let mut bindgen = Bindgen::new();
    bindgen
        .input_path(&module)
        .out_name("flux_audit")
        .typescript(true)
        .remove_producers_section(true);
    bindgen.omit_default_module_path(false).web(true)?.generate(&package)?;
    hide_loading(&package.join("flux_audit.d.ts"))?;
    let sources = shell::root().join("wasm/npm");
    tools(npm)?;
    shell::run(shell::command("node", &[&tool("typescript/bin/tsc"), "-p"]).arg(&sources))?;
    copy(&sources.join("README.md"), &package)?;
    copy(&shell::root().join("LICENSE"), &package)?;
    std::fs::write(package.join("package.json"), manifest(&sources.join("package.json"))?)?;
    Ok(())
}

/// How the module is loaded is told by our own entries. The bindings' types of it need those of a browser, which no
/// program for Node has.
fn hide_loading(types: &Path) -> Result<()> {
    let text = std::fs::read_to_string(types)?;
    let (own, _) = text
        .split_once("export type InitInput")
        .context("the bindings declare their loading in another way than this expects")?;
    let loading = "export function initSync(source: { module: unknown }): unknown;\n\
                   export default function init(source?: { module_or_path: unknown }): Promise<unknown>;\n";
    Ok(std::fs::write(types, format!("{own}{loading}"))?)
}

/// The manifest with the version, as text: the order of conditions counts.
fn manifest(source: &Path) -> Result<String> {
    let text = std::fs::read_to_string(source)?;
    let (head, tail) = text
        .split_once("\"version\": \"0.0.0\"")
        .with_context(|| format!("{}: no `version` to replace", source.display()))?;
    Ok(format!("{head}\"version\": \"{}\"{tail}", policy_core::VERSION))
}

/// Installs the tools that `wasm/package.json` names, where they are not as the lock has them.
fn tools(npm: &str) -> Result<()> {
    let folder = shell::root().join("wasm");
    let modified = |file: &str| std::fs::metadata(folder.join(file)).and_then(|data| data.modified());
    if modified("node_modules/.package-lock.json")
        .is_ok_and(|done| modified("package-lock.json").is_ok_and(|lock| lock <= done))
    {
        return Ok(());
    }
    shell::run(shell::command(npm, &["ci", "--silent", "--no-audit", "--no-fund"]).current_dir(&folder))
}

/// A file of the tools.
fn tool(path: &str) -> String {
    let file = shell::root().join("wasm/node_modules").join(path);
    file.to_string_lossy().into_owned()
}

/// Packs the package; its path.
fn pack(npm: &str) -> Result<PathBuf> {
    let name = shell::output(shell::command(npm, &["pack", "--silent"]).current_dir(package()))?;
    Ok(package().join(name.trim()))
}

fn use_package(npm: &str, tarball: &Path, folder: &Path) -> Result<()> {
    let tests = shell::root().join("wasm/test");
    for name in ["use.mjs", "use.ts", "web.ts", "tsconfig.node.json", "tsconfig.web.json"] {
        copy(&tests.join(name), folder)?;
    }
    std::fs::write(folder.join("package.json"), r#"{"private": true, "type": "module"}"#)?;
    let tarball = tarball.to_str().context("the path of the package is not UTF-8")?;
    shell::run(shell::command(npm, &["install", "--silent", "--no-audit", "--no-fund", tarball]).current_dir(folder))?;
    let installed = folder.join("node_modules/flux-audit");
    for name in ["LICENSE", "README.md"] {
        if !installed.join(name).is_file() {
            bail!("the package has no {name}");
        }
    }
    let sent = size::print("npm module", &std::fs::read(installed.join("flux_audit_bg.wasm"))?)?;
    if sent > DOWNLOAD {
        bail!("the module is {sent} bytes to download, more than {DOWNLOAD}: see `cargo xtask size`");
    }
    expectations(folder)?;
    shell::stage("package lint", || {
        node(folder, &[&tool("publint/src/cli.js"), "run", tarball, "--strict"])?;
        let attw = tool("@arethetypeswrong/cli/dist/index.js");
        node(
            folder,
            &[
                &attw,
                tarball,
                "--profile",
                "esm-only",
                "--no-emoji",
                "--format",
                "ascii",
            ],
        )
    })?;
    shell::stage("types", || {
        let (tsc, types) = (tool("typescript/bin/tsc"), tool("@types"));
        for project in ["tsconfig.node.json", "tsconfig.web.json"] {
            node(folder, &[&tsc, "--project", project, "--typeRoots", &types])?;
        }
        Ok(())
    })?;
    shell::stage("Node", || node(folder, &["use.mjs"]))?;
    shell::stage("README", || examples(folder))?;
    let browser = tests.join("browser.mjs");
    shell::stage("browser", || {
        node(folder, &[&browser.to_string_lossy(), &folder.to_string_lossy()])
    })
}

/// Runs the README's examples for Node, and leaves those for browsers in the folder.
fn examples(folder: &Path) -> Result<()> {
    let script = shell::root().join("wasm/test/readme.mjs");
    let readme = shell::root().join("wasm/npm/README.md");
    let (script, readme) = (script.to_string_lossy(), readme.to_string_lossy());
    node(folder, &[&script, &readme, &folder.to_string_lossy()])?;
    let insecure = shell::root().join("examples/insecure");
    std::fs::copy(insecure.join("sources/charts.yaml"), folder.join("apps.yaml"))?;
    for entry in walkdir::WalkDir::new(&insecure) {
        let entry = entry?;
        let copy = folder.join("fleet").join(entry.path().strip_prefix(&insecure)?);
        if entry.file_type().is_dir() {
            std::fs::create_dir_all(copy)?;
        } else {
            std::fs::copy(entry.path(), copy)?;
        }
    }
    let says = |example: &str, code: i32, text: &str| -> Result<()> {
        let output = shell::command("node", &[example]).current_dir(folder).output()?;
        let printed = String::from_utf8_lossy(&output.stdout);
        if output.status.code() != Some(code) || !printed.contains(text) {
            let said = String::from_utf8_lossy(&output.stderr);
            bail!("{example}: {}, and not `{text}`\n{printed}{said}", output.status);
        }
        Ok(())
    };
    says("example-file.js", 1, "verdict: fail")?;
    says("example-folder.js", 0, "tenants/payments/secret.yaml:8: FX-SEC-02")?;
    says("example-lock-down.js", 0, "--no-cross-namespace-refs=true")?;
    says("example-engine.js", 0, "line 3 of config.yaml")
}

/// Runs a script of Node to its end.
fn node(folder: &Path, args: &[&str]) -> Result<()> {
    shell::run(shell::command("node", args).current_dir(folder))
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
    let mut folder_request = request.clone();
    folder_request["folder"] = json!(true);
    let mut git_request = request.clone();
    git_request["mode"] = json!("git");
    let expected = json!({
        "config": config,
        "request": request,
        "review": review,
        "report": report,
        "folder": native(json!({"op": "check", "config": config, "request": folder_request}))?,
        "lockDown": native(json!({"op": "lock-down", "config": config, "request": git_request}))?,
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
