//! The policy for Kubewarden decides as a review does, run as Kubewarden runs it: a WASI program, afresh for each request.

mod common;

use std::time::{Duration, Instant};

use host_test::kubewarden::Policy;
use policy_core::api::AdmissionReview;
use policy_core::{Catalog, Config, Engine};
use serde_json::{Value, json};

const NOW: &str = "2026-11-22T03:00:00Z";
const NOW_SECONDS: u64 = 1_795_316_400;

fn policy() -> Policy {
    let bytes = common::built(
        "FLUX_AUDIT_KUBEWARDEN_WASM",
        "wasm32-wasip1/wasm/flux-audit-kubewarden.wasm",
    );
    Policy::load(&bytes, NOW_SECONDS).expect("a policy that needs WASI and nothing else")
}

fn answer(policy: &Policy, command: &str, input: &Value) -> Value {
    let (code, output) = policy
        .run(&["policy.wasm", command], input.to_string().as_bytes())
        .expect("a program");
    assert_eq!(code, 0, "{input}");
    serde_json::from_slice(&output).expect("JSON")
}

/// What Kubewarden is to be told, from what a review says.
fn expected(engine: &Engine, request: &Value) -> Value {
    let review = json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request});
    let answer = engine.review(review.to_string().as_bytes(), Some(NOW));
    let AdmissionReview { response, .. } = serde_json::from_slice(&answer).expect("a review");
    let mut decision = json!({"accepted": response.allowed});
    if let Some(status) = response.status {
        decision["message"] = status.message.into();
        decision["code"] = status.code.into();
    }
    if !response.warnings.is_empty() {
        decision["warnings"] = response.warnings.into();
    }
    if !response.audit_annotations.is_empty() {
        decision["audit_annotations"] = json!(response.audit_annotations);
    }
    decision
}

#[test]
fn every_fixture_is_decided_as_by_a_review() {
    let policy = policy();
    let settings = json!({"profiles": ["base", "shared", "dedicated", "hard"]});
    let config: Config = serde_json::from_value(settings.clone()).expect("a configuration");
    let engine = Engine::new(Catalog::builtin().expect("the catalogue"), config).expect("an engine");
    let mut decisions = [0, 0];
    let mut time = Duration::ZERO;
    for (name, text) in common::fixtures() {
        let documents = common::documents(&name, &text);
        // What several objects say together is no matter of a review.
        let [object] = documents.as_slice() else { continue };
        let request = json!({"uid": "1", "operation": "CREATE", "object": object});
        let start = Instant::now();
        let answer = self::answer(&policy, "validate", &json!({"request": request, "settings": settings}));
        time += start.elapsed();
        assert_eq!(answer, expected(&engine, &request), "{name}");
        decisions[usize::from(answer["accepted"] == true)] += 1;
    }
    let [denied, accepted] = decisions;
    assert!(denied > 100 && accepted > 100, "{denied} denied, {accepted} accepted");
    let each = time.as_secs_f64() * 1000.0 / f64::from(denied + accepted);
    println!("{denied} denied, {accepted} accepted, {each:.2} ms a request");
}

#[test]
fn the_clock_of_the_host_decides_whether_an_exception_holds() {
    let policy = policy();
    let labels = json!({"app.kubernetes.io/part-of": "flux", "app.kubernetes.io/component": "kustomize-controller"});
    let container = json!({
        "name": "manager", "image": "ghcr.io/fluxcd/kustomize-controller:v1.9.4", "args": ["--no-remote-bases=false"],
    });
    let object = json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "kustomize-controller", "namespace": "flux-system", "labels": labels},
        "spec": {"template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}}},
    });
    let accepted = |expires: &str| {
        let exception = json!({
            "control": "FX-KC-03", "object": {"kind": "Deployment", "name": "*"},
            "reason": "r", "owner": "o", "expires": expires,
        });
        let settings = json!({"select": ["FX-KC-03"], "exceptions": [exception]});
        let request = json!({"uid": "1", "operation": "CREATE", "object": object});
        answer(&policy, "validate", &json!({"request": request, "settings": settings}))["accepted"].clone()
    };
    assert_eq!(accepted("2026-11-22"), true);
    assert_eq!(accepted("2026-11-21"), false);
}

#[test]
fn settings_that_are_none_are_refused_by_name() {
    let policy = policy();
    assert_eq!(answer(&policy, "validate-settings", &json!({})), json!({"valid": true}));
    let refused = answer(
        &policy,
        "validate-settings",
        &json!({"profile": "base", "enforced": "low"}),
    );
    assert_eq!(refused["valid"], false);
    let message = refused["message"].as_str().expect("a message");
    assert!(message.contains("enforced, profile"), "{message}");
}

#[test]
fn whatever_goes_wrong_is_no_admission() {
    let policy = policy();
    for input in [
        "",
        "null",
        "{}",
        "{\"request\":{\"uid\":\"1\"},\"settings\":{}}",
        "[[[[",
        "\u{0}",
    ] {
        let (code, output) = policy
            .run(&["policy.wasm", "validate"], input.as_bytes())
            .expect("a program");
        let answer: Value = serde_json::from_slice(&output).expect("JSON");
        assert_eq!((code, &answer["accepted"]), (0, &json!(false)), "{input}");
    }
    let deep = "[".repeat(100_000);
    let (code, output) = policy
        .run(&["policy.wasm", "validate"], deep.as_bytes())
        .expect("a program");
    assert!(code != 0 || !String::from_utf8_lossy(&output).contains("\"accepted\":true"));
    for args in [&["policy.wasm"][..], &["policy.wasm", "mutate"]] {
        let (code, output) = policy.run(args, b"{}").expect("a program");
        assert!(code > 0 && output.is_empty(), "{args:?}: {code}");
    }
}

/// Whatever exports a name of OPA's is taken for Rego, and its answers are read otherwise.
#[test]
fn it_is_a_wasi_program_and_nothing_else() {
    let policy = policy();
    let exports: Vec<&str> = policy.module.exports().map(|export| export.name()).collect();
    assert!(
        exports.contains(&"_start") && exports.contains(&"memory"),
        "{exports:?}"
    );
    let others = ["opa_", "wapc", "__guest_call"];
    assert!(
        exports
            .iter()
            .all(|name| others.iter().all(|other| !name.starts_with(other))),
        "{exports:?}"
    );
    let imports = policy.module.imports().map(|import| import.module().to_owned());
    assert!(imports.into_iter().all(|module| module == "wasi_snapshot_preview1"));
}
