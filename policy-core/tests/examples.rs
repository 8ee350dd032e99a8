//! The two example installations: their markers are exactly the findings, and the hardened one passes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests may"
)]

mod common;

use std::collections::BTreeSet;

use policy_core::{Engine, Input, Mode, Report, Request, Sessions, Source, SourceId, Verdict};

use common::{markers, root};

fn check(folder: &str) -> (Report, BTreeSet<(String, u32, String)>) {
    let engine = Engine::builtin().unwrap();
    let files = walkdir::WalkDir::new(root().join(folder))
        .sort_by_file_name()
        .into_iter()
        .map(Result::unwrap);
    let mut marked = BTreeSet::new();
    let mut inputs = Vec::new();
    for (file, id) in files
        .filter(|file| file.path().extension().is_some_and(|e| e == "yaml"))
        .zip(0..)
    {
        let name = file.path().strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
        let bytes = std::fs::read(file.path()).unwrap();
        let text = String::from_utf8(bytes.clone()).unwrap();
        marked.extend(
            markers(&text)
                .into_iter()
                .map(|(line, what)| (name.clone(), line, what)),
        );
        inputs.push(Input::Source(Source {
            id: SourceId(id),
            name,
            bytes,
        }));
    }
    let now = Some("2026-11-22T00:00:00Z".into());
    let request = Request {
        inputs,
        mode: Some(Mode::Render),
        now,
        ..Request::default()
    };
    let resolved = engine.resolve(request);
    // As front ends do; all but one, which is left to the next step.
    (1..=resolved.len()).rev().for_each(|at| resolved.load(at));
    let audit = engine.prepare(resolved);
    let report = |mut sessions: Sessions| {
        let objects = 0..audit.len();
        audit.finish(objects.map(|at| audit.evaluate(&mut sessions, at)).collect())
    };
    let together = report(audit.sessions());
    assert_eq!(
        serde_json::to_value(&together).unwrap(),
        serde_json::to_value(report(audit.sessions_apart())).unwrap(),
        "a thread of its own says something else"
    );
    (together, marked)
}

#[test]
fn insecure_has_exactly_the_marked_findings() {
    let (report, marked) = check("examples/insecure");
    let found = report.findings.iter().map(|finding| {
        let what = format!("{} {}", finding.control, finding.pointer);
        (finding.location.source.clone(), finding.location.line, what)
    });
    let found: BTreeSet<_> = found.collect();
    let missing: Vec<_> = marked.difference(&found).collect();
    let unmarked: Vec<_> = found.difference(&marked).collect();
    assert!(
        missing.is_empty() && unmarked.is_empty(),
        "missing {missing:#?}\nunmarked {unmarked:#?}"
    );
    assert!(report.problems.is_empty(), "{:#?}", report.problems);
    assert_ne!(report.verdict, Verdict::Pass);
}

#[test]
fn hardened_passes() {
    let (report, marked) = check("examples/hardened");
    assert!(marked.is_empty());
    assert_eq!(report.findings, Vec::new());
    assert_eq!(report.problems, Vec::new());
    assert_eq!(report.verdict, Verdict::Pass);
}
