//! Every fixture: the result that its name says, and exactly the findings that it marks.

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

use policy_core::{Assessment, Catalog, Engine};

use common::{fixtures, markers, problems, result};

#[test]
fn every_fixture_has_its_result_and_findings() {
    let mut wrong = Vec::new();
    for fixture in fixtures() {
        let engine = fixture.engine(Catalog::builtin().unwrap());
        let report = engine.check(fixture.request(&fixture.text));
        let found: BTreeSet<(u32, String)> = report
            .findings
            .iter()
            .map(|finding| (finding.location.line, finding.pointer.clone()))
            .collect();
        let marked = markers(&fixture.text);
        if result(&report) != fixture.expected() {
            wrong.push(format!("{}: the result is {}", fixture.name, result(&report)));
        }
        for (line, pointer) in found.difference(&marked) {
            wrong.push(format!("{}:{line}: {pointer} is found but not marked", fixture.name));
        }
        for (line, pointer) in marked.difference(&found) {
            wrong.push(format!("{}:{line}: {pointer} is marked but not found", fixture.name));
        }
        wrong.extend(
            problems(&report)
                .into_iter()
                .map(|problem| format!("{}: {problem}", fixture.name)),
        );
        let silent = report.clusters[0]
            .controls
            .iter()
            .filter(|control| control.reason.is_empty() && !["pass", "fail"].contains(&result(&report).as_str()));
        wrong.extend(silent.map(|control| format!("{}: {} gives no reason", fixture.name, control.id)));
    }
    assert!(
        wrong.is_empty(),
        "{} findings differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn every_control_has_fixtures_that_pass_and_fail() {
    let fixtures = fixtures();
    for control in Engine::builtin().unwrap().controls() {
        if control.assessment == Assessment::Manual {
            continue;
        }
        let results: BTreeSet<String> = fixtures
            .iter()
            .filter(|fixture| fixture.control.id == control.id)
            .map(|fixture| fixture.expected())
            .collect();
        assert!(results.contains("pass"), "{} has no pass fixture", control.id);
        assert!(
            results.contains("fail") || results.contains("warn"),
            "{} has no fail or warn fixture",
            control.id
        );
    }
}
