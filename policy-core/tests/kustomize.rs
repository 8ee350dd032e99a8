//! The cases of `tests/kustomize`, held to what the real kustomize made of them (`cargo xtask kustomize-diff --write`).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests may"
)]

#[path = "common/kustomize.rs"]
mod cases;

use std::path::Path;

use cases::{Agreement, compare, tree};
use policy_core::{Limits, kustomize};

#[test]
fn every_case_is_as_kustomize_builds_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/kustomize");
    let mut wrong = Vec::new();
    let mut count = 0;
    for case in std::fs::read_dir(root).unwrap() {
        let case = case.unwrap().path();
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        let expected = std::fs::read_to_string(case.join("expected.yaml")).ok();
        assert!(
            expected.is_some() != case.join("expected-error").exists(),
            "{name}: expected.yaml or expected-error; run `cargo xtask kustomize-diff --write`"
        );
        let files = tree(&case).unwrap();
        let built = kustomize::build(&files, "entry", &Limits::standard());
        match compare(&built, expected.as_deref()) {
            Ok(Agreement::Unknown) if !name.starts_with("unknown-") => {
                let reason = built.objects.iter().flat_map(|object| &object.unknown).next();
                wrong.push(format!("{name}: unknown: {reason:?} {:?}", built.missing));
            }
            Ok(Agreement::Failure) if built.problems.is_empty() && !name.starts_with("unknown-") => {
                wrong.push(format!("{name}: no problem"));
            }
            Ok(_) => {}
            Err(difference) => wrong.push(format!("{name}: {difference}")),
        }
        for problem in &built.problems {
            // Where the folder itself has no file, there is none to name.
            let nameless = name == "error-no-kustomization";
            if !nameless && (problem.source.is_none() || problem.line.is_none()) {
                wrong.push(format!("{name}: no place: {}", problem.message));
            }
        }
        count += 1;
    }
    assert!(count >= 80, "{count} cases");
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}
