//! What the tests of the plain interface share.

#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part")]

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use host_test::{Host, Limits, Module};
use serde_json::Value;

/// The module, compiled once in a test binary.
pub fn module() -> &'static Module {
    static MODULE: OnceLock<Module> = OnceLock::new();
    MODULE.get_or_init(|| {
        let path = std::env::var_os("FLUX_AUDIT_ABI_WASM").map_or_else(default_path, PathBuf::from);
        let bytes = std::fs::read(&path)
            .unwrap_or_else(|error| panic!("{}: {error}: build it first: cargo xtask test", path.display()));
        Module::compile(&bytes).expect("a module that wasmtime takes")
    })
}

/// Another module, as bytes: from the variable, or where it is built.
pub fn built(variable: &str, place: &str) -> Vec<u8> {
    let path = std::env::var_os(variable).map_or_else(|| target().join(place), PathBuf::from);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}: build it first: cargo xtask test", path.display()))
}

/// A fresh instance with more than enough of everything.
pub fn host() -> Host {
    module().start(Limits::GENEROUS).expect("an instance")
}

fn default_path() -> PathBuf {
    target().join("wasm32-unknown-unknown/wasm/flux_audit_abi.wasm")
}

/// The target folder that this test was built in.
fn target() -> PathBuf {
    let test = std::env::current_exe().expect("the path of the test");
    test.ancestors().nth(3).expect("target/debug/deps/test").to_path_buf()
}

/// The root of the repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the folder above")
}

/// The YAML and JSON files below `folder`, by name: path from the root, and text.
pub fn manifests(folder: &Path) -> Vec<(String, String)> {
    let is_manifest = |path: &Path| {
        path.extension()
            .is_some_and(|ext| ["yaml", "yml", "json"].iter().any(|e| ext == *e))
    };
    if !folder.exists() {
        return Vec::new();
    }
    let files = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter();
    let paths = files.map(|entry| entry.expect("a folder that can be read").into_path());
    let read = |path: PathBuf| {
        let name = path
            .strip_prefix(root())
            .expect("below the root")
            .to_str()
            .expect("a UTF-8 path")
            .replace('\\', "/");
        String::from_utf8(std::fs::read(&path).expect("a file that can be read"))
            .ok()
            .map(|text| (name, text))
    };
    paths
        .filter(|path| path.is_file() && is_manifest(path))
        .filter_map(read)
        .collect()
}

/// Every fixture of every control.
pub fn fixtures() -> Vec<(String, String)> {
    let policies = manifests(&root().join("policies/flux"));
    let fixtures = policies.into_iter().filter(|(name, _)| name.contains("/testdata/"));
    let fixtures: Vec<_> = fixtures.collect();
    assert!(!fixtures.is_empty(), "there are no fixtures");
    fixtures
}

/// A text as a source.
pub fn source(name: &str, text: &str) -> policy_core::Source {
    policy_core::Source {
        id: policy_core::SourceId(0),
        name: name.into(),
        bytes: text.into(),
    }
}

/// The documents of a text, as JSON.
pub fn documents(name: &str, text: &str) -> Vec<Value> {
    let parsed = policy_core::parse(&source(name, text), &policy_core::Limits::standard());
    parsed
        .documents
        .iter()
        .map(|document| document.root.to_json())
        .collect()
}

/// Every file of a repository that is text, by its path from the repository's root.
pub fn texts(repository: &Path) -> Vec<(String, String)> {
    let files = walkdir::WalkDir::new(repository).sort_by_file_name().into_iter();
    let paths = files.map(|entry| entry.expect("a folder that can be read").into_path());
    let read = |path: PathBuf| {
        let name = path.strip_prefix(repository).expect("below the root").to_str();
        let name = name.expect("a UTF-8 path").replace('\\', "/");
        let text = String::from_utf8(std::fs::read(&path).expect("a file that can be read"));
        text.ok().map(|text| (name, text))
    };
    paths.filter(|path| path.is_file()).filter_map(read).collect()
}

/// A check of these files with every control on.
pub fn check(files: &[(String, String)]) -> Vec<u8> {
    let sources: Vec<Value> = files
        .iter()
        .map(|(name, text)| serde_json::json!({"name": name, "text": text}))
        .collect();
    let request = serde_json::json!({
        "op": "check",
        "config": {"profiles": ["base", "shared", "dedicated", "hard"]},
        "request": {"sources": sources, "now": "2026-11-22T03:00:00Z"},
    });
    request.to_string().into_bytes()
}

/// A check that passes, for hosts that want to see whether an instance works.
pub fn passing() -> Vec<u8> {
    let text = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: a, namespace: b}\n";
    let sources = serde_json::json!([{"name": "a.yaml", "text": text}]);
    let request =
        serde_json::json!({"op": "check", "config": {"select": ["FX-KC-03"]}, "request": {"sources": sources}});
    request.to_string().into_bytes()
}

/// Whether a host may take this answer for success.
pub fn is_pass(answer: &[u8]) -> bool {
    let answer: Option<Value> = serde_json::from_slice(answer).ok();
    answer.is_some_and(|answer| answer["ok"]["verdict"] == "pass" || answer["ok"]["response"]["allowed"] == true)
}

/// The code of an error answer.
pub fn error_code(answer: &[u8]) -> Option<String> {
    let answer: Value = serde_json::from_slice(answer).ok()?;
    answer["error"]["code"].as_str().map(str::to_owned)
}
