//! Every renderer, on one report that holds each result, a problem and a file that was skipped.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests may")]

use policy_core::{
    Catalog, Config, Detail, Engine, Evidence, Format, Input, Mode, Profile, Report, ReportApi, Request, Source,
    SourceId, Time, render,
};

const CONTROLLER: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: kustomize-controller
  namespace: flux-system
  labels: {app.kubernetes.io/component: kustomize-controller, app.kubernetes.io/part-of: flux}
spec:
  selector: {matchLabels: {app: kustomize-controller}}
  template:
    metadata:
      labels: {app: kustomize-controller, app.kubernetes.io/component: kustomize-controller, app.kubernetes.io/part-of: flux}
    spec:
      containers:
        - name: manager
          image: ghcr.io/fluxcd/kustomize-controller:v1.9.2
          args: [--watch-all-namespaces=true, \"--insecure-kubeconfig-exec=$(EXEC)\"]
          env: [{name: EXEC, valueFrom: {configMapKeyRef: {name: settings, key: exec}}}]
          securityContext: {capabilities: {drop: [ALL]}}
";

/// A fail, an unknown, a warning, a manual control, one that passes, one that speaks of nothing here; a broken file.
fn report() -> (Engine, Report) {
    let select = [
        "FX-KC-03",
        "FX-KC-01",
        "FX-PSS-05",
        "FX-PROC-01",
        "FX-PSS-01",
        "FX-HC-01",
    ];
    let config = Config {
        profiles: vec![Profile::Base],
        select: select.map(String::from).to_vec(),
        ..Config::default()
    };
    let engine = Engine::new(Catalog::builtin().unwrap(), config).unwrap();
    let files = [
        ("clusters/a/controller.yaml", CONTROLLER),
        ("clusters/a/broken.yaml", "apiVersion: v1\nkind: [Secret\n"),
        ("values.yaml", "replicas: 2\n"),
    ];
    let inputs = files.into_iter().zip(0..).map(|((name, text), id)| {
        Input::Source(Source {
            id: SourceId(id),
            name: name.into(),
            bytes: text.into(),
        })
    });
    let report = engine.check(Request {
        inputs: inputs.collect(),
        mode: Some(Mode::Render),
        now: Some("2026-11-22T03:00:00Z".into()),
        ..Request::default()
    });
    (engine, report)
}

fn rendered(format: Format) -> String {
    let (engine, report) = report();
    render(&report, engine.controls(), format)
}

fn text(detail: Detail) -> String {
    rendered(Format::Text { color: false, detail })
}

const SETTINGS: &str = "\
apiVersion: audit.plugin.fluxcd.io/v1beta1
kind: Config
select: [FX-KC-03, FX-KC-01, FX-PSS-05, FX-PROC-01, FX-PROC-02, FX-SC-04]
exceptions:
  - control: FX-KC-03
    object: {kind: Deployment, namespace: flux-system, name: kustomize-*}
    reason: remote bases are vendored by the end of the year
    owner: platform
    expires: 2026-12-31
  - control: FX-PSS-05
    object: {kind: Deployment, name: '*'}
    reason: an old decision
    owner: platform
    expires: 2026-01-31
  - control: FX-KC-01
    cluster: clusters/*
    object: {apiVersion: apps/v1, kind: Deployment, name: gone}
    reason: \"two\\nlines\"
    owner: platform
";

const EVIDENCE: &str = "\
apiVersion: audit.plugin.fluxcd.io/v1beta1
kind: Evidence
items:
  - {control: FX-PROC-01, status: pass, owner: security, date: 2026-10-01, expires: 2027-10-01, note: subscribed to the feed}
  - {control: FX-PROC-02, status: pass, owner: security, date: 2025-10-01, expires: 2026-10-01, link: https://wiki.example/cis}
  - {control: FX-SC-04, status: accepted-risk, owner: security, date: 2026-10-01, expires: 2027-10-01, note: no cosign yet}
";

const TENANT: &str =
    "apiVersion: v1\nkind: Namespace\nmetadata: {name: team, labels: {toolkit.fluxcd.io/tenant: team}}\n";

/// Exceptions and evidence, some of which no longer hold, and a profile that fits.
fn decided(format: Format) -> String {
    let source = |id: u32, name: &str, text: &str| Source {
        id: SourceId(id),
        name: name.into(),
        bytes: text.into(),
    };
    let catalog = Catalog::builtin().unwrap();
    let config = Config::parse(&source(0, ".flux-audit.yaml", SETTINGS), catalog.controls()).unwrap();
    let evidence = Evidence::parse(&source(0, ".flux-audit-evidence.yaml", EVIDENCE), catalog.controls()).unwrap();
    let engine = Engine::new(catalog, config).unwrap();
    let report = engine.check(Request {
        inputs: vec![
            Input::Source(source(0, "controller.yaml", CONTROLLER)),
            Input::Source(source(1, "tenant.yaml", TENANT)),
        ],
        mode: Some(Mode::Render),
        now: Some("2026-11-22T03:00:00Z".into()),
        evidence: Some(evidence),
        ..Request::default()
    });
    render(&report, engine.controls(), format)
}

#[test]
fn text_of_what_people_decided() {
    insta::assert_snapshot!(decided(Format::Text {
        color: false,
        detail: Detail::Normal
    }));
}

#[test]
fn text_of_what_people_decided_in_brief() {
    insta::assert_snapshot!(decided(Format::Text {
        color: false,
        detail: Detail::Brief
    }));
}

#[test]
fn json_of_what_people_decided() {
    insta::assert_snapshot!(decided(Format::Json));
}

#[test]
fn text_normal() {
    insta::assert_snapshot!(text(Detail::Normal));
}

#[test]
fn text_brief() {
    insta::assert_snapshot!(text(Detail::Brief));
}

#[test]
fn text_full() {
    insta::assert_snapshot!(text(Detail::Full));
}

#[test]
fn text_in_color_says_the_same() {
    let color = rendered(Format::Text {
        color: true,
        detail: Detail::Normal,
    });
    let mut plain = String::new();
    let mut rest = color.as_str();
    while let Some((before, escape)) = rest.split_once("\u{1b}[") {
        plain += before;
        rest = escape.split_once('m').map_or("", |(_, after)| after);
    }
    assert_eq!(plain + rest, text(Detail::Normal));
    assert_ne!(color, text(Detail::Normal));
}

#[test]
fn json() {
    insta::assert_snapshot!(rendered(Format::Json));
}

fn policy_report(api: ReportApi) -> Format {
    Format::PolicyReport {
        api,
        time: Some(Time::parse("2026-11-22T03:00:00Z").unwrap()),
    }
}

#[test]
fn openreports() {
    insta::assert_snapshot!(rendered(policy_report(ReportApi::OpenReports)));
}

#[test]
fn openreports_of_what_people_decided() {
    insta::assert_snapshot!(decided(policy_report(ReportApi::OpenReports)));
}

#[test]
fn policyreport() {
    insta::assert_snapshot!(rendered(policy_report(ReportApi::PolicyReport)));
}

/// The line may hold more than the finding tells.
#[test]
fn a_line_that_is_not_shown_still_has_its_place() {
    let config = Config {
        select: vec!["FX-SEC-02".into()],
        ..Config::default()
    };
    let engine = Engine::new(Catalog::builtin().unwrap(), config).unwrap();
    let secret =
        "apiVersion: v1\nkind: Secret\nmetadata: {name: db, namespace: apps}\nstringData: {password: hunter2}\n";
    let report = engine.check(Request {
        inputs: vec![Input::Source(Source {
            id: SourceId(0),
            name: "db.yaml".into(),
            bytes: secret.into(),
        })],
        mode: Some(Mode::Git),
        ..Request::default()
    });
    let detail = Detail::Brief;
    let text = render(&report, engine.controls(), Format::Text { color: false, detail });
    assert!(text.contains("--> db.yaml:4:24\n"), "{text}");
    assert!(!text.contains("hunter2"), "{text}");
}
