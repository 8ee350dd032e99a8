//! Input that cannot be read: a problem with source and line each, and everything else is still judged.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests may"
)]

use policy_core::{
    Config, ControlResult, Engine, FailOn, Input, Limits, Mode, Report, Request, Source, SourceId, Verdict,
};

const CONTROLLER: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: kustomize-controller
  namespace: flux-system
  labels: {app.kubernetes.io/part-of: flux, app.kubernetes.io/component: kustomize-controller}
spec:
  template:
    spec:
      containers:
        - name: manager
          image: ghcr.io/fluxcd/kustomize-controller:v1.9.4
          args: [--watch-all-namespaces=true]
";

fn check(engine: &Engine, sources: &[(&str, &[u8])]) -> Report {
    let input = |((name, bytes), id): (&(&str, &[u8]), u32)| {
        Input::Source(Source {
            id: SourceId(id),
            name: (*name).into(),
            bytes: bytes.to_vec(),
        })
    };
    let inputs = sources.iter().zip(0..).map(input).collect();
    engine.check(Request {
        inputs,
        mode: Some(Mode::Render),
        ..Request::default()
    })
}

fn codes(report: &Report) -> Vec<(String, String, u32)> {
    let place = |problem: &policy_core::Problem| (problem.source.clone().unwrap(), problem.line.unwrap());
    report
        .problems
        .iter()
        .map(|p| (p.code.clone(), place(p).0, place(p).1))
        .collect()
}

#[test]
fn four_bad_files_and_a_good_one() {
    let bomb = (0..9).fold("a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned(), |text, at| {
        let aliases = vec![format!("*a{at}"); 9].join(", ");
        text + &format!("a{}: &a{} [{aliases}]\n", at + 1, at + 1)
    });
    let engine = Engine::builtin().unwrap();
    let report = check(
        &engine,
        &[
            ("binary.yaml", &[0x6b, 0x3a, 0x20, 0x0a, 0xff, 0xfe, 0x80]),
            ("bomb.yaml", bomb.as_bytes()),
            ("deep.yaml", format!("a: {}", "[".repeat(100_000)).as_bytes()),
            ("good.yaml", CONTROLLER.as_bytes()),
            (
                "template.yaml",
                b"kind: Service\nmetadata:\n  name: {{ .Values.name }}\n",
            ),
        ],
    );
    let sources: Vec<String> = codes(&report).into_iter().map(|(_, source, _)| source).collect();
    assert_eq!(
        sources,
        ["binary.yaml", "bomb.yaml", "deep.yaml", "template.yaml"],
        "{:#?}",
        report.problems
    );
    assert_eq!(report.verdict, Verdict::Incomplete);
    assert!(
        report
            .findings
            .iter()
            .any(|finding| finding.control == "FX-KC-03" && finding.location.source == "good.yaml")
    );
}

#[test]
fn two_objects_of_one_identity_are_a_problem_naming_both_places() {
    let engine = Engine::builtin().unwrap();
    let report = check(
        &engine,
        &[("a.yaml", CONTROLLER.as_bytes()), ("b.yaml", CONTROLLER.as_bytes())],
    );
    assert_eq!(codes(&report), [("duplicate-object".into(), "b.yaml".into(), 1)]);
    assert!(
        report.problems[0].message.contains("a.yaml:1"),
        "{}",
        report.problems[0].message
    );
}

#[test]
fn nothing_to_check_is_incomplete() {
    let engine = Engine::builtin().unwrap();
    let service = b"apiVersion: v1\nkind: Service\nmetadata: {name: web}\n";
    for sources in [&[][..], &[("a.yaml", &b"on: push\n"[..])], &[("a.yaml", &service[..])]] {
        let report = check(&engine, sources);
        assert_eq!(report.verdict, Verdict::Incomplete);
        assert_eq!(report.problems[0].code, "no-flux");
    }
}

#[test]
fn an_object_without_a_usable_name_is_a_problem() {
    let engine = Engine::builtin().unwrap();
    let report = check(
        &engine,
        &[(
            "a.yaml",
            b"apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: 5\n",
        )],
    );
    assert_eq!(codes(&report), [("missing-name".into(), "a.yaml".into(), 4)]);
}

#[test]
fn chart_templates_and_other_yaml_are_skipped_and_counted() {
    let engine = Engine::builtin().unwrap();
    let report = check(
        &engine,
        &[
            ("chart/Chart.yaml", b"apiVersion: v2\nname: web\n"),
            ("chart/templates/web.yaml", b"kind: {{ .Values.kind }}\n"),
            ("ci.yaml", b"on: push\n"),
            ("controller.yaml", CONTROLLER.as_bytes()),
        ],
    );
    assert_eq!(report.problems, []);
    assert_eq!(report.skipped.files, 3);
}

#[test]
fn reaching_the_instruction_limit_is_a_problem_and_no_pass() {
    let limits = Limits {
        object_instructions: 100,
        fact_instructions_per_object: 100_000,
        ..Limits::standard()
    };
    let engine = Engine::builtin().unwrap().with_limits(limits);
    let report = check(&engine, &[("a.yaml", CONTROLLER.as_bytes())]);
    assert_eq!(report.verdict, Verdict::Incomplete);
    assert!(
        report
            .problems
            .iter()
            .any(|problem| problem.code == "limit-instructions"),
        "{:#?}",
        report.problems
    );
    assert!(
        report.clusters[0]
            .controls
            .iter()
            .all(|control| control.result != ControlResult::Pass)
    );
}

#[test]
fn problems_count_whatever_the_threshold() {
    let config = Config {
        fail_on: FailOn::None,
        ..Config::default()
    };
    let engine = Engine::new(policy_core::Catalog::builtin().unwrap(), config).unwrap();
    assert_eq!(
        check(&engine, &[("a.yaml", CONTROLLER.as_bytes())]).verdict,
        Verdict::Pass
    );
    assert_eq!(
        check(&engine, &[("a.yaml", CONTROLLER.as_bytes()), ("b.yaml", b"\xff")]).verdict,
        Verdict::Incomplete
    );
}
