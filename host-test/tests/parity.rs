//! The same request, the same bytes: in WebAssembly as natively.

mod common;

use std::path::PathBuf;

use host_test::Host;
use policy_core::api::AdmissionReview;
use rayon::prelude::*;
use serde_json::Value;

/// The answer, after comparing it with the native one.
fn same(host: &mut Host, request: &[u8], what: &str) -> Vec<u8> {
    let native = policy_core::api::call(request);
    let wasm = host.call(request).unwrap_or_else(|stop| panic!("{what}: {stop:?}"));
    assert!(
        native == wasm,
        "{what}:\nnative {}\nwasm   {}",
        String::from_utf8_lossy(&native),
        String::from_utf8_lossy(&wasm)
    );
    wasm
}

/// The check of these files and every rendering of its report.
fn compare(host: &mut Host, files: &[(String, String)], what: &str) {
    let answer = same(host, &common::check(files), what);
    let answer = String::from_utf8(answer).expect("UTF-8");
    let report = answer.strip_prefix("{\"ok\":").and_then(|rest| rest.strip_suffix('}'));
    let report = report.unwrap_or_else(|| panic!("{what}: {answer}"));
    for format in ["text", "json", "openreports", "policyreport"] {
        let request = format!("{{\"op\":\"render\",\"report\":{report},\"format\":\"{format}\"}}");
        same(host, request.as_bytes(), &format!("{what} as {format}"));
    }
}

fn folders(parent: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(common::root().join(parent)).expect("a folder that can be read");
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_dir())
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "{parent} is empty");
    paths
}

#[test]
fn every_fixture() {
    common::fixtures().par_iter().for_each_init(common::host, |host, file| {
        compare(host, std::slice::from_ref(file), &file.0);
    });
}

#[test]
fn every_example() {
    let mut host = common::host();
    for example in folders("examples") {
        let files = common::manifests(&example);
        for file in &files {
            compare(&mut host, std::slice::from_ref(file), &file.0);
        }
        compare(&mut host, &files, &example.display().to_string());
    }
}

#[test]
fn every_example_under_review() {
    let mut host = common::host();
    for example in folders("examples") {
        for (name, text) in common::manifests(&example) {
            let source = policy_core::Source {
                id: policy_core::SourceId(0),
                name: name.clone(),
                bytes: text.into(),
            };
            for document in policy_core::parse(&source, &policy_core::Limits::standard()).documents {
                let request = serde_json::json!({"op": "review", "review": {
                    "apiVersion": "admission.k8s.io/v1",
                    "kind": "AdmissionReview",
                    "request": {"uid": "1", "operation": "CREATE", "object": document.root.to_json()},
                }});
                let answer = same(&mut host, request.to_string().as_bytes(), &name);
                is_typed(&answer, &name);
            }
        }
    }
}

/// The declared types are what a review says.
fn is_typed(answer: &[u8], what: &str) {
    let answer: Value = serde_json::from_slice(answer).expect("JSON");
    let typed: AdmissionReview =
        serde_json::from_value(answer["ok"].clone()).unwrap_or_else(|error| panic!("{what}: {error}"));
    assert_eq!(serde_json::to_value(typed).expect("JSON"), answer["ok"], "{what}");
}

#[test]
fn what_needs_no_input() {
    let mut host = common::host();
    for op in ["controls", "version"] {
        let answer = same(&mut host, format!("{{\"op\":\"{op}\"}}").as_bytes(), op);
        assert!(answer.starts_with(b"{\"ok\":"), "{}", String::from_utf8_lossy(&answer));
    }
}

#[test]
fn what_does_not_parse() {
    let mut host = common::host();
    for text in [
        "a: [",
        "a:\n\t- b",
        "a: 1\na: 2\napiVersion: v1\nkind: Pod",
        "{{ .Values }}",
        "",
        "\u{feff}a: b",
        "&a [*a]",
        "%",
    ] {
        compare(&mut host, &[("bad.yaml".into(), text.into())], text);
    }
    let deep = "- ".repeat(100_000);
    compare(&mut host, &[("deep.yaml".into(), deep)], "deep");
}

#[test]
fn an_engine_that_is_kept_gives_the_same_as_a_fresh_one() {
    let mut host = common::host();
    let files = common::manifests(&common::root().join("examples/insecure"));
    let all = common::check(&files);
    let first = same(&mut host, &all, "first");
    let other = same(&mut host, &common::passing(), "another configuration");
    assert_ne!(first, other);
    assert!(common::is_pass(&other), "{}", String::from_utf8_lossy(&other));
    assert_eq!(first, same(&mut host, &all, "again"));
    let bad = br#"{"op":"check","config":{"select":["nothing"]},"request":{"sources":[]}}"#;
    assert_eq!(
        common::error_code(&same(&mut host, bad, "bad configuration")).as_deref(),
        Some("bad-config")
    );
    assert_eq!(first, same(&mut host, &all, "after a bad one"));
}

/// Repositories are worked out in the module as they are natively: every tree, and every example as a repository.
#[test]
fn every_repository() {
    let mut host = common::host();
    for tree in folders("host-test/trees").into_iter().chain(folders("examples")) {
        let sources: Vec<Value> = common::texts(&tree)
            .into_iter()
            .map(|(name, text)| serde_json::json!({"name": name, "text": text}))
            .collect();
        let request = |op: &str| {
            let request = serde_json::json!({
                "op": op,
                "config": {"profiles": ["base", "shared", "dedicated", "hard"]},
                "request": {"sources": sources, "mode": "git", "now": "2026-11-22T03:00:00Z"},
            });
            request.to_string().into_bytes()
        };
        let what = tree.display().to_string();
        let answer = same(&mut host, &request("check"), &what);
        let answer: Value = serde_json::from_slice(&answer).expect("JSON");
        assert_eq!(answer["ok"]["mode"], "git", "{what}");
        let answer = same(&mut host, &request("lock-down"), &format!("the lock-down of {what}"));
        let answer: Value = serde_json::from_slice(&answer).expect("JSON");
        assert!(answer["ok"]["patches"].is_array(), "{what}");
    }
}
