//! The objects for dashboards of policies: nothing of a report gets lost in them, and nothing looks better than it is.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests may"
)]

use std::collections::BTreeSet;

use policy_core::{Format, Report, ReportApi, Time, render};
use serde_json::{Value, json};

/// A report of these clusters, findings and problems.
fn report(clusters: &Value, findings: &[Value], problems: &Value) -> Report {
    let is_undecided = clusters == &json!([]) || problems != &json!([]);
    let verdict = if is_undecided { "incomplete" } else { "fail" };
    let report = json!({
        "apiVersion": "audit.plugin.fluxcd.io/v1beta1", "kind": "Report", "verdict": verdict, "mode": "dump",
        "profiles": ["base"], "clusters": clusters, "findings": findings, "exceptions": [], "evidence": [],
        "suggestions": [], "skipped": {"files": 0}, "problems": problems,
    });
    serde_json::from_value(report).unwrap()
}

fn cluster(name: &str, controls: &[(&str, &str)]) -> Value {
    let control = |(id, result): &(&str, &str)| {
        json!({
            "id": id, "result": result, "severity": "high", "inferred": false, "reason": "why",
            "objects": {"pass": 0, "fail": 0, "warn": 0, "unknown": 0, "manual": 0, "accepted": 0},
        })
    };
    let controls: Vec<Value> = controls.iter().map(control).collect();
    json!({"name": name, "fluxVersion": null, "controls": controls})
}

fn finding(cluster: &str, control: &str, result: &str, namespace: &str, name: &str) -> Value {
    json!({
        "cluster": cluster, "control": control, "result": result, "severity": "high",
        "object": {"apiVersion": "apps/v1", "kind": "Deployment", "namespace": namespace, "name": name},
        "pointer": "/spec", "location": {"source": "a.yaml", "line": 7, "column": 3}, "message": "what is wrong",
        "related": [], "fix": [],
    })
}

/// The items of the List, by either API; what must hold of any is checked here.
fn items(report: &Report) -> Vec<Value> {
    let of = |api, time| -> Vec<Value> {
        let text = render(report, &[], Format::PolicyReport { api, time });
        let list: Value = serde_json::from_str(&text).unwrap();
        assert_eq!((&list["apiVersion"], &list["kind"]), (&json!("v1"), &json!("List")));
        list["items"].as_array().unwrap().clone()
    };
    let items = of(ReportApi::OpenReports, None);
    let mut names = BTreeSet::new();
    for item in &items {
        let metadata = &item["metadata"];
        let place = (metadata["namespace"].as_str(), metadata["name"].as_str().unwrap());
        assert!(names.insert(place), "{place:?} twice");
        let kind = if place.0.is_some() { "Report" } else { "ClusterReport" };
        assert_eq!(
            (&item["apiVersion"], &item["kind"]),
            (&json!("openreports.io/v1alpha1"), &json!(kind))
        );
        for result in ["pass", "fail", "warn", "error", "skip"] {
            let count = results(item).filter(|entry| entry["result"] == result).count();
            assert_eq!(item["summary"][result], count, "{result} in {place:?}");
        }
    }
    let others = of(ReportApi::PolicyReport, None);
    assert_eq!(items.len(), others.len());
    for (item, mut other) in items.iter().zip(others) {
        let kind = item["kind"].as_str().unwrap().replace("Report", "PolicyReport");
        assert_eq!(
            (&other["apiVersion"], &other["kind"]),
            (&json!("wgpolicyk8s.io/v1alpha2"), &json!(kind))
        );
        for field in ["apiVersion", "kind", "source"] {
            other[field] = item[field].clone();
        }
        assert_eq!(*item, other);
    }
    items
}

#[test]
fn results_have_the_time_that_is_given() {
    let report = report(&json!([cluster("", &[("FX-KC-03", "pass")])]), &[], &json!([]));
    let entry = |time| -> Value {
        let api = ReportApi::OpenReports;
        let list: Value = serde_json::from_str(&render(&report, &[], Format::PolicyReport { api, time })).unwrap();
        list["items"][0]["results"][0].clone()
    };
    let time = Time::parse("2026-11-22T03:00:00Z").unwrap();
    assert_eq!(
        entry(Some(time))["timestamp"],
        json!({"seconds": 1_795_316_400, "nanos": 0})
    );
    assert_eq!(entry(None).get("timestamp"), None);
}

fn results(item: &Value) -> impl Iterator<Item = &Value> {
    item["results"].as_array().unwrap().iter()
}

/// The report of this name, in this namespace or in none.
fn named<'i>(items: &'i [Value], namespace: Option<&str>, name: &str) -> &'i Value {
    let is = |item: &&Value| item["metadata"]["name"] == name && item["metadata"]["namespace"].as_str() == namespace;
    items.iter().find(is).expect(name)
}

#[test]
fn only_a_pass_is_a_pass() {
    let expected = [
        ("pass", "pass"),
        ("fail", "fail"),
        ("warn", "warn"),
        ("unknown", "error"),
        ("manual", "skip"),
        ("accepted", "skip"),
        ("not-applicable", "skip"),
    ];
    for (ours, theirs) in expected {
        let items = items(&report(&json!([cluster("", &[("FX-KC-03", ours)])]), &[], &json!([])));
        let entry = results(named(&items, None, "flux-audit")).next().unwrap();
        assert_eq!(entry["result"], theirs, "{ours}");
        assert_eq!(entry["properties"]["outcome"], ours);
        assert_eq!(entry["scored"], matches!(ours, "pass" | "fail"));
    }
}

#[test]
fn a_finding_is_in_its_namespace_and_stands_for_its_control() {
    let clusters = json!([cluster("", &[("FX-KC-03", "fail"), ("FX-KC-01", "pass")])]);
    let findings = [
        finding("", "FX-KC-03", "fail", "flux-system", "kustomize-controller"),
        finding("", "FX-KC-03", "warn", "flux-system", "other"),
        finding("", "FX-KC-03", "fail", "", "no-namespace"),
        finding("", "FX-KC-03", "fail", "${NAMESPACE}", "none-that-could-be"),
    ];
    let items = items(&report(&clusters, &findings, &json!([])));
    assert_eq!(items.len(), 2);
    let own: Vec<&Value> = results(named(&items, Some("flux-system"), "flux-audit")).collect();
    let expected = json!({
        "source": "flux-audit", "policy": "FX-KC-03", "rule": "FX-KC-03", "category": "Flux: Kustomize Controller",
        "severity": "high", "result": "fail", "scored": true, "message": "what is wrong",
        "resources": [{
            "apiVersion": "apps/v1", "kind": "Deployment", "namespace": "flux-system", "name": "kustomize-controller",
        }],
        "properties": {
            "outcome": "fail", "pointer": "/spec", "source": "a.yaml", "line": "7",
            "resultID": own[0]["properties"]["resultID"],
        },
    });
    assert_eq!(*own[0], expected);
    assert_eq!(own.len(), 2);
    let rest: Vec<(&str, &Value)> = results(named(&items, None, "flux-audit"))
        .map(|entry| (entry["rule"].as_str().unwrap(), &entry["resources"][0]["name"]))
        .collect();
    let expected = [
        ("FX-KC-03", &json!("no-namespace")),
        ("FX-KC-03", &json!("none-that-could-be")),
        ("FX-KC-01", &Value::Null),
    ];
    assert_eq!(rest, expected);
}

#[test]
fn results_have_ids_of_their_own() {
    let findings = [
        finding("", "FX-KC-03", "fail", "a", "same"),
        finding("", "FX-KC-03", "fail", "b", "same"),
        finding("", "FX-KC-03", "unknown", "a", "same"),
        finding("", "FX-KC-01", "fail", "a", "same"),
        finding("other", "FX-KC-01", "fail", "a", "same"),
    ];
    let clusters = json!([
        cluster("", &[("FX-KC-03", "pass")]),
        cluster("other", &[("FX-KC-03", "pass")])
    ]);
    let problems = json!([{"code": "syntax", "message": "one"}, {"code": "syntax", "message": "two"}]);
    let items = items(&report(&clusters, &findings, &problems));
    let all = || items.iter().flat_map(results);
    let ids: BTreeSet<&str> = all()
        .map(|entry| entry["properties"]["resultID"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), all().count());
}

#[test]
fn clusters_are_never_merged() {
    let names = ["clusters/a", "clusters-a"];
    let clusters: Vec<Value> = names
        .iter()
        .map(|name| cluster(name, &[("FX-KC-03", "fail")]))
        .collect();
    let findings = names.map(|name| finding(name, "FX-KC-03", "fail", "flux-system", "kustomize-controller"));
    let items = items(&report(&clusters.into(), &findings, &json!([])));
    let cluster_of = |item: &Value| item["metadata"]["annotations"]["audit.plugin.fluxcd.io/cluster"].clone();
    let found: Vec<Value> = items.iter().map(cluster_of).collect();
    assert_eq!(
        found,
        [
            json!(null),
            json!("clusters-a"),
            json!("clusters-a"),
            json!("clusters/a"),
            json!("clusters/a")
        ]
    );
    for item in &items[1..] {
        assert!(results(item).all(|entry| entry["properties"]["cluster"] == cluster_of(item)));
        let label = item["metadata"]["labels"]["audit.plugin.fluxcd.io/cluster"]
            .as_str()
            .unwrap();
        assert_eq!(item["metadata"]["name"], format!("flux-audit-{label}"));
    }
}

#[test]
fn problems_are_errors_in_sight_of_each_cluster() {
    let problems = json!([{"code": "syntax", "message": "no YAML", "source": "a.yaml", "line": 3}]);
    let clusters = json!([
        cluster("a", &[("FX-KC-03", "pass")]),
        cluster("b", &[("FX-KC-03", "pass")])
    ]);
    let items = items(&report(&clusters, &[], &problems));
    let entry = results(named(&items, None, "flux-audit")).next().unwrap();
    assert_eq!((&entry["result"], &entry["rule"]), (&json!("error"), &json!("syntax")));
    assert_eq!(
        (&entry["properties"]["source"], &entry["properties"]["line"]),
        (&json!("a.yaml"), &json!("3"))
    );
    assert_eq!(items.len(), 3);
    assert!(items.iter().all(|item| item["summary"]["error"] == 1));
    assert!(
        items
            .iter()
            .all(|item| item["metadata"]["annotations"]["audit.plugin.fluxcd.io/verdict"] == "incomplete")
    );
}

#[test]
fn an_incomplete_audit_always_has_an_error() {
    let items = items(&report(&json!([]), &[], &json!([])));
    assert_eq!(items[0]["summary"]["error"], 1);
}

#[test]
fn many_results_are_several_reports() {
    let clusters = json!([cluster("", &[])]);
    let many = (0..4000).map(|at| finding("", "FX-KC-03", "fail", "flux-system", &format!("object-{at}")));
    let items = items(&report(&clusters, &many.collect::<Vec<_>>(), &json!([])));
    let parts = &items[1..];
    assert!(parts.len() > 1, "{}", parts.len());
    assert_eq!(parts[1]["metadata"]["name"], "flux-audit-2");
    assert_eq!(parts.iter().flat_map(results).count(), 4000);
    assert!(parts.iter().all(|part| part.to_string().len() < 1 << 20));
}

#[test]
fn other_hosts_give_the_time_with_the_call() {
    let report = report(&json!([cluster("", &[("FX-KC-03", "pass")])]), &[], &json!([]));
    let call = |now: &Value| -> Value {
        let call = json!({"op": "render", "report": report, "format": "openreports", "now": now});
        serde_json::from_slice(&policy_core::api::call(call.to_string().as_bytes())).unwrap()
    };
    let has_time = |answer: &Value| answer["ok"].as_str().unwrap().contains("\"seconds\": 1795316400");
    assert!(has_time(&call(&json!("2026-11-22T03:00:00Z"))));
    assert!(!has_time(&call(&Value::Null)));
    let refused = call(&json!("yesterday"));
    assert_eq!(
        (&refused["error"]["code"], refused.get("ok")),
        (&json!("bad-request"), None)
    );
}
