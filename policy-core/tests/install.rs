//! The newest Flux as it is installed, nothing changed, read back from the cluster. `install/default.yaml` has the four
//! components of `flux install`, `install/all.yaml` all seven; both were written from the project's release manifests.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests may")]

mod common;

use std::fmt::Write;

use policy_core::{ControlResult, Engine, Input, Mode, Report, Request, Source, SourceId, Verdict};

use common::root;

/// In the 120 days for which the data on releases are fresh.
const NOW: &str = "2026-11-22T00:00:00Z";

fn check(file: &str, now: Option<&str>) -> Report {
    let name = format!("policy-core/tests/install/{file}");
    let source = Source {
        id: SourceId(0),
        bytes: std::fs::read(root().join(&name)).unwrap(),
        name,
    };
    Engine::builtin().unwrap().check(Request {
        inputs: vec![Input::Source(source)],
        now: now.map(String::from),
        ..Request::default()
    })
}

/// The IDs of the controls with a result.
fn with(report: &Report, result: ControlResult) -> Vec<&str> {
    let controls = report.clusters.iter().flat_map(|cluster| &cluster.controls);
    let those = controls.filter(|control| control.result == result);
    those.map(|control| control.id.as_str()).collect()
}

/// The controls with a result, one a line, and why.
fn reasons(report: &Report, result: ControlResult) -> String {
    let controls = report.clusters.iter().flat_map(|cluster| &cluster.controls);
    let mut lines = String::new();
    for control in controls.filter(|control| control.result == result) {
        writeln!(lines, "{}: {}", control.id, control.reason).unwrap();
    }
    lines
}

#[test]
fn only_remote_bases_fail() {
    for file in ["default.yaml", "all.yaml"] {
        for now in [Some(NOW), None] {
            let report = check(file, now);
            assert_eq!(report.mode, Mode::Dump, "{file}");
            assert_eq!(report.verdict, Verdict::Fail, "{file}");
            assert_eq!(report.problems, Vec::new(), "{file}");
            assert_eq!(with(&report, ControlResult::Fail), ["FX-KC-03"], "{file}");
            assert_eq!(with(&report, ControlResult::Warn), [""; 0], "{file}");
            assert_eq!(with(&report, ControlResult::Unknown), [""; 0], "{file}");
            let [finding] = report.findings.as_slice() else {
                panic!("{file}: {:#?}", report.findings)
            };
            assert_eq!(finding.object.name, "kustomize-controller", "{file}");
            assert_eq!(finding.pointer, "/spec/template/spec/containers/0/args", "{file}");
        }
    }
}

/// The catalogue's own exception: past 120 days FX-SC-10 cannot call the release current.
#[test]
fn old_data_on_releases_warn() {
    let report = check("default.yaml", Some("2026-12-06T00:00:00Z"));
    assert_eq!(with(&report, ControlResult::Warn), ["FX-SC-10"]);
    assert_eq!(with(&report, ControlResult::Fail), ["FX-KC-03"]);
}

#[test]
fn what_it_cannot_show() {
    let [default, all] = ["default.yaml", "all.yaml"].map(|file| check(file, Some(NOW)));
    insta::assert_snapshot!("install_manual", reasons(&default, ControlResult::Manual));
    insta::assert_snapshot!(
        "install_not_applicable",
        reasons(&default, ControlResult::NotApplicable)
    );
    for result in [ControlResult::Manual, ControlResult::NotApplicable] {
        assert_eq!(reasons(&all, result), reasons(&default, result));
    }
}
