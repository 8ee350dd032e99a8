//! Configuration files, exceptions, evidence and suggestions.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may"
)]

use policy_core::{
    Catalog, Config, ControlReport, ControlResult, Detail, Engine, Evidence, EvidenceReportStatus, ExceptionStatus,
    FailOn, Format, Input, Limits, Mode, OnUnknown, Profile, Report, Request, Severity, Source, SourceId, Verdict,
    render,
};

const HEAD: &str = "apiVersion: audit.plugin.fluxcd.io/v1beta1\nkind: Config\n";
const EVIDENCE: &str = "apiVersion: audit.plugin.fluxcd.io/v1beta1\nkind: Evidence\nitems:\n";
const NOW: &str = "2026-11-22T03:00:00Z";

/// Fails FX-KC-03, warns of FX-PSS-05, and cannot decide FX-KC-01.
const CONTROLLER: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: kustomize-controller
  namespace: flux-system
  labels: {app.kubernetes.io/component: kustomize-controller, app.kubernetes.io/part-of: flux}
spec:
  template:
    metadata:
      labels: {app: kustomize-controller, app.kubernetes.io/component: kustomize-controller, app.kubernetes.io/part-of: flux}
    spec:
      containers:
        - name: manager
          image: ghcr.io/fluxcd/kustomize-controller:v1.9.2
          args: [\"--insecure-kubeconfig-exec=$(EXEC)\"]
          env: [{name: EXEC, valueFrom: {configMapKeyRef: {name: settings, key: exec}}}]
";

fn source(name: &str, text: &str) -> Source {
    Source {
        id: SourceId(0),
        name: name.into(),
        bytes: text.into(),
    }
}

fn config(text: &str) -> Result<Config, String> {
    let catalog = Catalog::builtin().unwrap();
    Config::parse(&source("c.yaml", &format!("{HEAD}{text}")), catalog.controls()).map_err(|error| error.to_string())
}

fn evidence(items: &str) -> Result<Evidence, String> {
    let catalog = Catalog::builtin().unwrap();
    Evidence::parse(&source("e.yaml", &format!("{EVIDENCE}{items}")), catalog.controls())
        .map_err(|error| error.to_string())
}

fn engine(text: &str) -> Engine {
    Engine::new(Catalog::builtin().unwrap(), config(text).unwrap()).unwrap()
}

fn request(text: &str, now: Option<&str>) -> Request {
    Request {
        inputs: vec![Input::Source(source("a.yaml", text))],
        mode: Some(Mode::Render),
        now: now.map(String::from),
        ..Request::default()
    }
}

fn check(settings: &str, text: &str) -> Report {
    engine(settings).check(request(text, Some(NOW)))
}

fn control<'r>(report: &'r Report, id: &str) -> &'r ControlReport {
    let controls = &report.clusters[0].controls;
    controls.iter().find(|control| control.id == id).unwrap()
}

/// An exception for the controller above, with more members.
fn exception(control: &str, more: &str) -> String {
    format!(
        "select: [FX-KC-01, FX-KC-03]\nexceptions:\n- control: {control}\n  object: {{kind: Deployment, name: kustomize-*}}\n  reason: agreed\n  owner: platform\n{more}"
    )
}

#[test]
fn a_file_sets_everything() {
    let text = "\
profiles: [shared, hard]
select: [FX-KC]
ignore: [no_remote_bases]
params: {maxConcurrent: 10, platform: openshift}
failOn: high
enforce: critical
onUnknown: warn
exceptions:
  - control: FX-KC-01
    cluster: clusters/*
    object: {apiVersion: apps/*, kind: Deployment, namespace: flux-system, name: kustomize-controller}
    reason: a reason
    owner: platform
    expires: 2027-01-31
";
    let config = config(text).unwrap();
    assert_eq!(config.profiles, [Profile::Shared, Profile::Hard]);
    assert_eq!(config.select, ["FX-KC"]);
    assert_eq!(config.ignore, ["no_remote_bases"]);
    assert_eq!(config.params["maxConcurrent"], 10);
    assert_eq!(config.params["platform"], "openshift");
    assert_eq!(config.fail_on, FailOn::High);
    assert_eq!(config.enforce, Severity::Critical);
    assert_eq!(config.on_unknown, OnUnknown::Warn);
    let exception = &config.exceptions[0];
    assert_eq!(exception.cluster.as_deref(), Some("clusters/*"));
    assert_eq!(exception.object.namespace.as_deref(), Some("flux-system"));
    assert_eq!(exception.expires.as_ref().unwrap().as_str(), "2027-01-31");
    // What the file says and what its JSON form says is one thing.
    let json = serde_json::to_value(&config).unwrap();
    assert_eq!(serde_json::from_value::<Config>(json).unwrap(), config);
}

#[test]
fn an_empty_configuration_is_the_default() {
    assert_eq!(config("").unwrap(), Config::default());
}

#[test]
fn what_is_wrong_in_a_file_is_told_with_its_line() {
    let good = "object: {kind: A, name: b}, reason: r, owner: o";
    for (text, why) in [
        ("skip: [all]", "c.yaml:3: unknown field `skip`"),
        ("failOn: never", "c.yaml:3: failOn: unknown variant `never`"),
        ("failOn: 3", "c.yaml:3: failOn: must be one of"),
        ("profiles: base", "c.yaml:3: profiles: invalid type"),
        (
            "profiles:\n- base\n- none",
            "c.yaml:5: profiles[1]: unknown variant `none`",
        ),
        ("exceptions:", "c.yaml:3: exceptions: invalid type"),
        (
            "select:\n- FX-KC\n- FX-NO-01",
            "c.yaml:5: select[1]: `FX-NO-01` names no control",
        ),
        ("ignore: [nothing]", "c.yaml:3: ignore[0]: `nothing` names no control"),
        (
            "params:\n  none: 1",
            "c.yaml:4: params.none: no control has such a parameter",
        ),
        (
            "params:\n  mode: dump",
            "c.yaml:4: params.mode: no control has such a parameter",
        ),
        (
            "params:\n\n  maxConcurrent: ten",
            "c.yaml:5: params.maxConcurrent: must be of type integer",
        ),
        (
            "params:\n  maxConcurrent: 0",
            "c.yaml:4: params.maxConcurrent: must be at least 1",
        ),
        ("params:\n  platform: gke", "c.yaml:4: params.platform: must be one of"),
        (
            "params:\n  fluxNamespaces:\n  - a\n  - 1",
            "c.yaml:6: params.fluxNamespaces[1]: must be of type string",
        ),
        (
            "exceptions:\n- control: FX-KC-03",
            "c.yaml:4: exceptions[0]: missing field `object`",
        ),
        (
            "exceptions:\n- {control: FX-KC-03, object: {name: b}, reason: r, owner: o}",
            "missing field `kind`",
        ),
        (
            &format!("exceptions:\n- {{control: FX-NO-01, {good}}}"),
            "c.yaml:4: exceptions[0].control: `FX-NO-01` names no control",
        ),
        (
            &format!("exceptions:\n- {{control: FX-KC-03, {good}, expiry: 2027-01-01}}"),
            "unknown field `expiry`",
        ),
        (
            &format!("exceptions:\n- {{control: FX-KC-03, {good},\n   expires: soon}}"),
            "c.yaml:5: exceptions[0].expires: `soon` is not a day",
        ),
        (
            &format!("exceptions:\n- {{control: FX-KC-03, {good}, expires: 2027-02-29}}"),
            "`2027-02-29` is not a day",
        ),
        (
            "exceptions:\n- {control: FX-KC-03, object: {kind: A, name: b}, reason: ' ', owner: o}",
            "exceptions[0].reason: must not be empty",
        ),
        (
            "exceptions:\n- {control: FX-KC-03, object: {kind: A, name: b}, reason: r, owner: no}",
            "exceptions[0].owner: must be a text; put it in quotes",
        ),
        (
            "exceptions:\n- {control: FX-KC-03, object: {kind: A, name: ''}, reason: r, owner: o}",
            "exceptions[0].object.name: must not be empty",
        ),
        ("failOn: low\nfailOn: none", "c.yaml:4: "),
        ("a: [", "c.yaml:3: "),
        ("---\nkind: Config", "a second document"),
    ] {
        let error = config(text).unwrap_err();
        assert!(error.contains(why), "{text}\n{error}");
    }
}

#[test]
fn a_file_says_what_it_is() {
    let catalog = Catalog::builtin().unwrap();
    for (text, why) in [
        ("", "c.yaml:1: the file is empty"),
        ("# nothing\n", "c.yaml:1: the file is empty"),
        ("- a", "c.yaml:1: the file must be a mapping"),
        ("kind: Config", "c.yaml:1: `apiVersion` is missing"),
        (
            "apiVersion: audit.plugin.fluxcd.io/v1beta1",
            "c.yaml:1: `kind` is missing",
        ),
        (
            "apiVersion: audit.plugin.fluxcd.io/v1\nkind: Config",
            "c.yaml:1: apiVersion: unknown variant",
        ),
        (
            "apiVersion: audit.plugin.fluxcd.io/v1beta1\nkind: Report",
            "c.yaml:2: kind: unknown variant `Report`",
        ),
    ] {
        let error = Config::parse(&source("c.yaml", text), catalog.controls())
            .unwrap_err()
            .to_string();
        assert!(error.starts_with(why), "{text}: {error}");
    }
    let padding = "#".repeat(Limits::standard().settings_bytes);
    assert!(config(&padding).unwrap_err().contains("more than"));
}

#[test]
fn exceptions_have_bounds() {
    let limits = Limits::standard();
    let mut config = config(&exception("FX-KC-03", "")).unwrap();
    let one = config.exceptions[0].clone();
    config.exceptions = vec![one.clone(); limits.exceptions];
    assert!(Engine::new(Catalog::builtin().unwrap(), config.clone()).is_ok());
    config.exceptions.push(one.clone());
    let error = |config: &Config| {
        Engine::new(Catalog::builtin().unwrap(), config.clone())
            .map(|_| ())
            .unwrap_err()
            .to_string()
    };
    assert!(error(&config).contains("more than 1000"), "{}", error(&config));
    config.exceptions = vec![one];
    config.exceptions[0].reason = "a".repeat(limits.settings_text_bytes);
    assert!(Engine::new(Catalog::builtin().unwrap(), config.clone()).is_ok());
    config.exceptions[0].reason += "a";
    assert!(
        error(&config).contains("exceptions[0].reason: is longer"),
        "{}",
        error(&config)
    );
}

#[test]
fn what_is_accepted_does_not_decide_and_is_shown() {
    let open = check("select: [FX-KC-03]", CONTROLLER);
    assert_eq!(open.verdict, Verdict::Fail);
    let settings = exception("FX-KC-03", "  expires: 2026-11-22\n").replace("FX-KC-01, ", "");
    let report = check(&settings, CONTROLLER);
    assert_eq!(report.verdict, Verdict::Pass, "the last day counts");
    assert!(report.findings.is_empty());
    let [one] = &report.exceptions[..] else {
        panic!("{:?}", report.exceptions)
    };
    assert_eq!((one.status, one.matches), (ExceptionStatus::Applied, 1));
    assert_eq!(one.findings[0].message, open.findings[0].message);
    let control = control(&report, "FX-KC-03");
    assert_eq!(control.result, ControlResult::Accepted);
    assert_eq!(control.reason, "agreed (platform)");
    assert_eq!(
        (control.objects.accepted, control.objects.fail, control.objects.pass),
        (1, 0, 0)
    );
}

#[test]
fn an_accepted_unknown_is_complete() {
    assert_eq!(check("select: [FX-KC-01]", CONTROLLER).verdict, Verdict::Incomplete);
    let report = check(
        &exception("kubeconfig_exec", "").replace("kubeconfig_exec", "FX-KC"),
        CONTROLLER,
    );
    assert_eq!(report.verdict, Verdict::Pass, "a family");
    assert_eq!(report.exceptions[0].matches, 2);
    assert_eq!(control(&report, "FX-KC-01").result, ControlResult::Accepted);
}

#[test]
fn only_what_the_pattern_says_is_accepted() {
    let other = CONTROLLER.replace("namespace: flux-system", "namespace: flux-two");
    let both = format!("{CONTROLLER}---\n{other}");
    let settings = |object: &str| {
        format!(
            "select: [FX-KC-03]\nexceptions: [{{control: no_remote_bases, object: {{{object}}}, reason: r, owner: o}}]"
        )
    };
    for (object, accepted) in [
        ("kind: '*', name: '*'", 2),
        ("kind: Deployment, name: kustomize-controller", 2),
        ("apiVersion: apps/v1, kind: Deployment, name: '*', namespace: flux-*", 2),
        ("kind: Deployment, name: '*', namespace: flux-two", 1),
        ("kind: Deployment, name: '*', namespace: flux", 0),
        ("kind: Deployment, name: '*', namespace: ''", 0),
        ("kind: deployment, name: '*'", 0),
        ("kind: Deployment, name: kustomize", 0),
        ("apiVersion: apps/v2, kind: Deployment, name: '*'", 0),
    ] {
        let report = check(&settings(object), &both);
        assert_eq!(report.exceptions[0].matches, accepted, "{object}");
        assert_eq!(report.findings.len() as u64, 2 - accepted, "{object}");
        let verdict = if accepted == 2 { Verdict::Pass } else { Verdict::Fail };
        assert_eq!(report.verdict, verdict, "{object}");
        let counts = control(&report, "FX-KC-03").objects;
        assert_eq!((counts.accepted, counts.fail), (accepted, 2 - accepted), "{object}");
    }
    let elsewhere = settings("kind: '*', name: '*'").replace("object:", "cluster: clusters/*, object:");
    assert_eq!(
        check(&elsewhere, CONTROLLER).exceptions[0].status,
        ExceptionStatus::Unused
    );
}

#[test]
fn an_exception_that_expired_or_cannot_be_dated_accepts_nothing() {
    let settings = exception("FX-KC-03", "  expires: 2026-11-21\n").replace("FX-KC-01, ", "");
    let expired = check(&settings, CONTROLLER);
    let undated = engine(&settings).check(request(CONTROLLER, None));
    let wrongly = engine(&settings).check(request(CONTROLLER, Some("2026-11-20")));
    for (report, status) in [
        (&expired, ExceptionStatus::Expired),
        (&undated, ExceptionStatus::Undecided),
        (&wrongly, ExceptionStatus::Undecided),
    ] {
        assert_ne!(report.verdict, Verdict::Pass);
        assert_eq!(report.findings.len(), 1);
        let one = &report.exceptions[0];
        assert_eq!((one.status, one.matches, one.findings.len()), (status, 1, 0));
        assert_eq!(control(report, "FX-KC-03").result, ControlResult::Fail);
    }
    // One without a last day needs no clock.
    let forever = exception("FX-KC-03", "").replace("FX-KC-01, ", "");
    assert_eq!(engine(&forever).check(request(CONTROLLER, None)).verdict, Verdict::Pass);
}

#[test]
fn the_first_that_holds_accepts() {
    let item = |owner: &str, expires: &str| {
        format!(
            "- {{control: FX-KC-03, object: {{kind: '*', name: '*'}}, reason: r, owner: {owner}, expires: {expires}}}\n"
        )
    };
    let list = item("old", "2020-01-01") + &item("new", "2030-01-01") + &item("spare", "2030-01-01");
    let report = check(&format!("select: [FX-KC-03]\nexceptions:\n{list}"), CONTROLLER);
    let told: Vec<_> = report.exceptions.iter().map(|one| (one.status, one.matches)).collect();
    assert_eq!(
        told,
        [
            (ExceptionStatus::Expired, 0),
            (ExceptionStatus::Applied, 1),
            (ExceptionStatus::Unused, 0)
        ]
    );
}

#[test]
fn an_exception_never_hides_a_problem() {
    let everything =
        "select: [FX-KC-03]\nexceptions: [{control: FX, object: {kind: '*', name: '*'}, reason: r, owner: o}]";
    let report = check(everything, &format!("{CONTROLLER}---\na: [\n"));
    assert!(report.findings.is_empty());
    assert_eq!(report.problems.len(), 1);
    assert_eq!(report.verdict, Verdict::Incomplete);
}

fn review(settings: &str, now: Option<&str>) -> serde_json::Value {
    let object: serde_json::Value = policy_core::parse_value(CONTROLLER).unwrap();
    let review = serde_json::json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
        "request": {"uid": "1", "operation": "CREATE", "object": object}});
    let answer = engine(settings).review(review.to_string().as_bytes(), now);
    let answer: serde_json::Value = serde_json::from_slice(&answer).unwrap();
    answer["response"].clone()
}

#[test]
fn a_review_honours_exceptions_and_says_so() {
    assert_eq!(review("select: [FX-KC-03]", Some(NOW))["allowed"], false);
    let settings = exception("FX-KC", "  expires: 2026-12-31\n");
    let admitted = review(&settings, Some(NOW));
    assert_eq!(admitted["allowed"], true);
    let warnings = admitted["warnings"].to_string();
    assert!(
        warnings.contains("accepted by platform (agreed): FX-KC-03: "),
        "{warnings}"
    );
    for (now, why) in [
        (
            Some("2027-01-01T00:00:00Z"),
            "the exception of platform expired on 2026-12-31",
        ),
        (None, "the review has no time"),
    ] {
        let denied = review(&settings, now);
        assert_eq!(denied["allowed"], false);
        assert!(denied["warnings"].to_string().contains(why), "{denied}");
    }
}

fn item(control: &str, status: &str, more: &str) -> String {
    format!(
        "- {{control: {control}, status: {status}, owner: security, date: 2026-10-01, expires: 2027-10-01, note: seen{more}}}\n"
    )
}

fn with_evidence(select: &str, items: &str, text: &str, now: Option<&str>) -> Report {
    engine(&format!("select: [{select}]\nfailOn: info")).check(Request {
        evidence: Some(evidence(items).unwrap()),
        ..request(text, now)
    })
}

#[test]
fn evidence_decides_a_manual_control() {
    for (status, result, verdict) in [
        ("pass", ControlResult::Pass, Verdict::Pass),
        ("fail", ControlResult::Fail, Verdict::Fail),
        ("accepted-risk", ControlResult::Accepted, Verdict::Pass),
    ] {
        let report = with_evidence("FX-PROC-01", &item("FX-PROC-01", status, ""), CONTROLLER, Some(NOW));
        let control = control(&report, "FX-PROC-01");
        assert_eq!((control.result, report.verdict), (result, verdict));
        assert_eq!(control.reason, "evidence of 2026-10-01 by security: seen");
        assert_eq!(report.evidence[0].status, EvidenceReportStatus::Applied);
        assert_eq!(report.evidence[0].clusters, [""]);
        let brief = Format::Text {
            color: false,
            detail: Detail::Brief,
        };
        let text = render(&report, &[], brief);
        assert_eq!(
            text.contains("(0 failed, 1 failed by evidence, "),
            status == "fail",
            "{text}"
        );
        assert!(
            text.contains(&format!("applied    {status}: 2026-10-01 by security")),
            "{text}"
        );
    }
}

#[test]
fn evidence_that_does_not_hold_leaves_the_control_manual_and_says_why() {
    let items = item("FX-PROC-01", "pass", "");
    for (now, status, why) in [
        (
            Some("2027-10-02T00:00:00Z"),
            EvidenceReportStatus::Expired,
            "expired on 2027-10-01",
        ),
        (
            Some("2026-09-30T23:59:59Z"),
            EvidenceReportStatus::Early,
            "lies in the future",
        ),
        (
            None,
            EvidenceReportStatus::Undecided,
            "may have expired: the request has no time",
        ),
    ] {
        let report = with_evidence("FX-PROC-01", &items, CONTROLLER, now);
        let control = control(&report, "FX-PROC-01");
        assert_eq!(control.result, ControlResult::Manual);
        let told = format!("the evidence of 2026-10-01 by security {why}; a person has to");
        assert!(control.reason.starts_with(&told), "{}", control.reason);
        assert_eq!(report.evidence[0].status, status);
    }
    let report = with_evidence("FX-PROC-01", &items, CONTROLLER, Some("2027-10-01T23:59:59Z"));
    assert_eq!(
        control(&report, "FX-PROC-01").result,
        ControlResult::Pass,
        "the last day counts"
    );
}

#[test]
fn evidence_for_another_cluster_or_control_decides_nothing() {
    for items in [
        item("FX-PROC-01", "pass", ", cluster: clusters/*"),
        item("FX-PROC-02", "pass", ""),
    ] {
        let report = with_evidence("FX-PROC-01", &items, CONTROLLER, Some(NOW));
        assert_eq!(control(&report, "FX-PROC-01").result, ControlResult::Manual);
        assert_eq!(report.evidence[0].status, EvidenceReportStatus::Unused);
    }
}

#[test]
fn of_several_answers_the_worst_counts() {
    let (pass, fail) = (item("FX-PROC-01", "pass", ""), item("FX-PROC-01", "fail", ""));
    let accepted = item("FX-PROC-01", "accepted-risk", "");
    for (items, result) in [
        (format!("{pass}{fail}{accepted}"), ControlResult::Fail),
        (format!("{fail}{pass}"), ControlResult::Fail),
        (format!("{pass}{accepted}"), ControlResult::Accepted),
    ] {
        let report = with_evidence("FX-PROC-01", &items, CONTROLLER, Some(NOW));
        assert_eq!(control(&report, "FX-PROC-01").result, result);
        let applied = report
            .evidence
            .iter()
            .filter(|one| one.status == EvidenceReportStatus::Applied);
        assert_eq!(applied.count(), 1);
    }
}

#[test]
fn no_evidence_turns_what_the_input_shows_into_a_pass() {
    // A version that is no longer supported: the partial control fails by itself.
    let old = CONTROLLER.replace("v1.9.2", "v1.0.0");
    let alone = with_evidence("FX-SC-10", "  []", &old, Some(NOW));
    assert_eq!(control(&alone, "FX-SC-10").result, ControlResult::Fail);
    for status in ["pass", "accepted-risk"] {
        let report = with_evidence("FX-SC-10", &item("FX-SC-10", status, ""), &old, Some(NOW));
        assert_eq!(control(&report, "FX-SC-10").result, ControlResult::Fail);
        assert_eq!(report.verdict, Verdict::Fail);
        assert_eq!(report.evidence[0].status, EvidenceReportStatus::Unused);
    }
    // And what a person saw failing fails, whatever the manifests show.
    let current = with_evidence("FX-SC-10", "  []", CONTROLLER, Some(NOW));
    assert_ne!(control(&current, "FX-SC-10").result, ControlResult::Fail);
    let report = with_evidence("FX-SC-10", &item("FX-SC-10", "fail", ""), CONTROLLER, Some(NOW));
    assert_eq!(control(&report, "FX-SC-10").result, ControlResult::Fail);
    assert_eq!(report.verdict, Verdict::Fail);
}

#[test]
fn what_is_wrong_in_evidence_is_told_with_its_line() {
    let good = "status: pass, owner: o, date: 2026-01-01, expires: 2026-02-01, note: seen";
    for (items, why) in [
        (
            format!("- {{control: FX-KC-03, {good}}}"),
            "e.yaml:4: items[0].control: FX-KC-03 is decided by manifests alone",
        ),
        (
            format!("- {{control: FX-NO-01, {good}}}"),
            "e.yaml:4: items[0].control: `FX-NO-01` is not the ID",
        ),
        (format!("- {{control: FX-PROC, {good}}}"), "`FX-PROC` is not the ID"),
        (
            format!("- {{control: FX-PROC-01, {good}, by: me}}"),
            "unknown field `by`",
        ),
        (
            format!("- {{control: FX-PROC-01, {good}}}").replace(", note: seen", ""),
            "items[0]: give a `link` or a `note`",
        ),
        (
            format!("- {{control: FX-PROC-01, {good}}}").replace("note: seen", "note: ''"),
            "items[0].note: must not be empty",
        ),
        (
            format!("- {{control: FX-PROC-01, {good}}}").replace(", expires: 2026-02-01", ""),
            "missing field `expires`",
        ),
        (
            format!("- {{control: FX-PROC-01, {good}}}").replace("2026-02-01", "2025-02-01"),
            "items[0].expires: lies before `date`",
        ),
        (
            format!("- {{control: FX-PROC-01, {good}}}").replace("pass", "fine"),
            "e.yaml:4: items[0].status: unknown variant `fine`",
        ),
    ] {
        let error = evidence(&items).unwrap_err();
        assert!(error.contains(why), "{items}\n{error}");
    }
}

#[test]
fn evidence_that_cannot_be_used_is_a_problem() {
    let mut evidence = evidence(&item("FX-PROC-01", "pass", "")).unwrap();
    evidence.items[0].control = "FX-KC-03".into();
    let report = engine("select: [FX-PROC-01]").check(Request {
        evidence: Some(evidence),
        ..request(CONTROLLER, Some(NOW))
    });
    assert_eq!(report.problems[0].code, "invalid-evidence");
    assert_eq!(report.verdict, Verdict::Incomplete);
    assert_eq!(control(&report, "FX-PROC-01").result, ControlResult::Manual);
}

#[test]
fn evidence_has_a_bound() {
    let one = evidence(&item("FX-PROC-01", "pass", "")).unwrap();
    let limits = Limits {
        evidence: 1,
        ..Limits::standard()
    };
    for (count, problems) in [(1, 0), (2, 1)] {
        let evidence = Evidence {
            items: vec![one.items[0].clone(); count],
            ..one.clone()
        };
        let engine = engine("select: [FX-PROC-01]").with_limits(limits.clone());
        let report = engine.check(Request {
            evidence: Some(evidence),
            ..request(CONTROLLER, Some(NOW))
        });
        assert_eq!(report.problems.len(), problems);
    }
}

#[test]
fn profiles_that_fit_are_suggested() {
    let tenant = "apiVersion: v1\nkind: Namespace\nmetadata: {name: team, labels: {toolkit.fluxcd.io/tenant: team}}\n";
    let role = tenant.replace("toolkit.fluxcd.io/tenant: team", "toolkit.fluxcd.io/role: tenant");
    let platform = tenant.replace("toolkit.fluxcd.io/tenant: team", "toolkit.fluxcd.io/role: platform");
    let local = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: apps, namespace: hub}\nspec: {prune: true}\n";
    let remote = local.replace("prune: true", "kubeConfig: {secretRef: {name: spoke}}");
    let suggested = |settings: &str, text: &str| -> Vec<Profile> {
        check(settings, text)
            .suggestions
            .iter()
            .map(|one| one.profile)
            .collect()
    };
    assert_eq!(suggested("", tenant), [Profile::Shared]);
    assert_eq!(suggested("", &role), [Profile::Shared]);
    assert_eq!(suggested("", &remote), [Profile::Dedicated]);
    assert_eq!(
        suggested("", &format!("{tenant}---\n{remote}")),
        [Profile::Shared, Profile::Dedicated]
    );
    assert_eq!(
        suggested("profiles: [dedicated]", &format!("{tenant}---\n{remote}")),
        [Profile::Shared]
    );
    for text in [platform.as_str(), local] {
        assert_eq!(suggested("", text), []);
    }
    assert_eq!(suggested("profiles: [shared]", tenant), []);
    assert!(check("", tenant).suggestions[0].reason.ends_with("see Namespace team"));
}

#[test]
fn every_host_reads_the_same_files() {
    let call = |request: serde_json::Value| -> serde_json::Value {
        serde_json::from_slice(&policy_core::api::call(request.to_string().as_bytes())).unwrap()
    };
    let file = |text: &str| serde_json::json!({"name": "c.yaml", "text": text});
    let settings = exception("FX-KC-03", "  expires: 2026-12-31\n");
    let read = call(serde_json::json!({"op": "config", "file": file(&format!("{HEAD}{settings}"))}));
    assert_eq!(read["ok"], serde_json::to_value(config(&settings).unwrap()).unwrap());
    let items = item("FX-PROC-01", "pass", "");
    let found = call(serde_json::json!({"op": "evidence", "file": file(&format!("{EVIDENCE}{items}"))}));
    assert_eq!(found["ok"], serde_json::to_value(evidence(&items).unwrap()).unwrap());
    for op in ["config", "evidence"] {
        let refused = call(serde_json::json!({"op": op, "file": file("kind: Other")}));
        assert_eq!(refused["error"]["code"], "bad-config");
        assert!(refused["error"]["message"].as_str().unwrap().starts_with("c.yaml:1: "));
    }
    // What was read is what a check and a review take.
    let sources = serde_json::json!([{"name": "a.yaml", "text": CONTROLLER}]);
    let request = serde_json::json!({"sources": sources, "mode": "render", "now": NOW, "evidence": found["ok"]});
    let report = call(serde_json::json!({"op": "check", "config": read["ok"], "request": request}));
    assert_eq!(report["ok"]["exceptions"][0]["status"], "applied");
    assert_eq!(report["ok"]["evidence"][0]["status"], "unused");
    let review = serde_json::json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
        "request": {"uid": "1", "object": policy_core::parse_value(CONTROLLER).unwrap()}});
    let only = call(
        serde_json::json!({"op": "config", "file": file(&format!("{HEAD}{}", settings.replace("FX-KC-01, ", "")))}),
    );
    for (now, allowed) in [(serde_json::json!(NOW), true), (serde_json::json!(null), false)] {
        let answer = call(serde_json::json!({"op": "review", "config": only["ok"], "review": review, "now": now}));
        assert_eq!(answer["ok"]["response"]["allowed"], allowed, "{answer}");
    }
}

#[test]
fn a_thousand_exceptions_that_almost_match_accept_nothing() {
    let one = config(&exception("FX-KC-03", "")).unwrap();
    let mut exceptions = vec![one.exceptions[0].clone(); 1000];
    for (at, exception) in exceptions.iter_mut().enumerate() {
        exception.object.name = format!("*a*a*a*a*{at}");
    }
    let config = Config { exceptions, ..one };
    let name = "a".repeat(200);
    let text: String = (0..100)
        .map(|at| CONTROLLER.replace("name: kustomize-controller\n", &format!("name: {name}{at}x\n")) + "---\n")
        .collect();
    let engine = Engine::new(Catalog::builtin().unwrap(), config).unwrap();
    let report = engine.check(request(&text, Some(NOW)));
    assert_eq!(control(&report, "FX-KC-03").objects.fail, 100);
}
