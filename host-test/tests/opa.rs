//! The policy for hosts of OPA's WebAssembly interface, in the one for Rust.

mod common;

use std::collections::BTreeMap;

use host_test::opa::Host;
use policy_core::oracle::{self, RawCluster};
use policy_core::{Catalog, Config, ControlResult, Engine, Input, Mode, Report, Request};
use rayon::prelude::*;
use serde_json::{Value, json};
use wasmtime::{ExternType, Module};

const NOW: &str = "2026-11-22T03:00:00Z";
/// The entry points of findings, and the results they tell.
const RESULTS: [(&str, ControlResult); 3] = [
    ("flux/violations", ControlResult::Fail),
    ("flux/unknown", ControlResult::Unknown),
    ("flux/warn", ControlResult::Warn),
];

fn module() -> Module {
    let bytes = common::built(
        "FLUX_AUDIT_OPA_WASM",
        "wasm32-unknown-unknown/wasm/flux_audit_opa.policy.wasm",
    );
    Module::new(&wasmtime::Engine::default(), bytes).expect("a module that wasmtime takes")
}

fn profiles() -> Value {
    json!(["base", "shared", "dedicated", "hard"])
}

fn engine() -> Engine {
    let config: Config = serde_json::from_value(json!({"profiles": profiles()})).expect("a configuration");
    Engine::new(Catalog::builtin().expect("the catalogue"), config).expect("an engine")
}

fn request(name: &str, text: &str, mode: Mode) -> Request {
    Request {
        inputs: vec![Input::Source(common::source(name, text))],
        mode: Some(mode),
        now: Some(NOW.into()),
        ..Request::default()
    }
}

/// Control, message and pointer of each finding, and how often.
type Findings = BTreeMap<(ControlResult, String, String, String), usize>;

fn of_report(report: &Report) -> Findings {
    let mut findings = Findings::new();
    for finding in &report.findings {
        let key = (
            finding.result,
            finding.control.clone(),
            finding.message.clone(),
            finding.pointer.clone(),
        );
        *findings.entry(key).or_insert(0) += 1;
    }
    findings
}

fn of_module(host: &mut Host, objects: &[Value], what: &str) -> Findings {
    let mut findings = Findings::new();
    for object in objects {
        for (entry, result) in RESULTS {
            let members = host
                .evaluate(entry, object)
                .unwrap_or_else(|error| panic!("{what}: {error:?}"));
            for member in members {
                let text = |key: &str| member[key].as_str().expect("a text").to_owned();
                *findings
                    .entry((result, text("control"), text("msg"), pointer(&member["path"])))
                    .or_insert(0) += 1;
            }
        }
    }
    findings
}

fn pointer(path: &Value) -> String {
    let segments = path
        .as_array()
        .expect("a path")
        .iter()
        .map(|segment| match segment.as_str() {
            Some(key) => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
            None => format!("/{segment}"),
        });
    segments.collect()
}

#[test]
fn every_fixture_has_the_findings_of_a_check_with_and_without_data() {
    let (module, engine) = (module(), engine());
    let count = |(name, text): &(String, String)| {
        let mut total = 0;
        for mode in [Mode::Render, Mode::Admission] {
            let what = format!("{name} {mode:?}");
            let raw = oracle::evaluate(&engine, request(name, text, mode), Some("no such control"));
            let [RawCluster { inventory, objects, .. }] = raw.clusters.as_slice() else {
                panic!("{what}: not one cluster");
            };
            let parameters = json!({"mode": mode, "profiles": profiles(), "now": NOW});
            let mut data = json!({"parameters": parameters});
            if let Some(inventory) = inventory {
                data["inventory"] = inventory.clone();
            }
            let objects: Vec<Value> = objects.iter().map(|object| object.object.clone()).collect();
            let mut host = Host::start(&module, Some(&data)).expect("an instance");
            let found = of_module(&mut host, &objects, &what);
            assert_eq!(found, of_report(&engine.check(request(name, text, mode))), "{what}");
            total += found.values().sum::<usize>();
        }
        total
    };
    let total: usize = common::fixtures().par_iter().map(count).sum();
    assert!(total > 1000, "{total} findings");
    println!("{total} findings");
}

/// What one host takes for an admission where the shape is another: a set of objects with a message and nothing else.
#[test]
fn the_first_entry_point_denies_as_a_review_does_in_gatekeepers_shape() {
    let (module, engine) = (module(), engine());
    let mut host = Host::start(&module, None).expect("an instance");
    assert_eq!(host.default_entrypoint(), Some("gatekeeper/violation"));
    let parameters = json!({"profiles": profiles(), "now": NOW});
    let mut decisions = [0, 0];
    for (name, text) in common::fixtures() {
        for object in common::documents(&name, &text) {
            let request = json!({"uid": "1", "operation": "CREATE", "object": object});
            let review = json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request});
            let answer: Value =
                serde_json::from_slice(&engine.review(review.to_string().as_bytes(), Some(NOW))).expect("JSON");
            let input = json!({"parameters": parameters, "review": request});
            let said = match host.evaluate("gatekeeper/violation", &input) {
                Ok(said) => said,
                // What cannot be judged is an error here, and a denial there. Reviews look into lists.
                Err(_) => {
                    let is_list = object["items"].is_array();
                    assert!(
                        is_list || answer["response"]["status"]["code"] == 422,
                        "{name}: {answer}"
                    );
                    continue;
                }
            };
            let is_shape = |one: &Value| {
                one.as_object()
                    .is_some_and(|one| one.len() == 1 && one["msg"].is_string())
            };
            assert!(said.iter().all(is_shape), "{name}: {said:?}");
            // One without a name is refused before any rule sees it.
            if answer["response"]["status"]["code"] != 422 {
                assert_eq!(
                    said.is_empty(),
                    answer["response"]["allowed"] == true,
                    "{name}: {said:?} {answer}"
                );
                decisions[usize::from(said.is_empty())] += 1;
            }
            for one in said {
                let message = answer["response"]["status"]["message"].as_str().expect("a message");
                let said = one["msg"].as_str().expect("a text");
                assert!(message.contains(said), "{name}: {said}: {message}");
            }
        }
    }
    assert!(decisions.iter().all(|count| *count > 100), "{decisions:?}");
}

#[test]
fn what_cannot_be_judged_is_an_error_and_the_instance_lives_on() {
    let module = module();
    let good = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a"}});
    let mut host = Host::start(&module, None).expect("an instance");
    for input in [
        json!(null),
        json!("Pod"),
        json!([]),
        json!({}),
        json!({"kind": "Pod"}),
        json!({"apiVersion": "v1", "kind": "List", "items": []}),
        json!({"review": {"object": null}}),
        json!({"parameters": {"profile": "base"}, "review": {"object": good}}),
    ] {
        for entry in [
            "gatekeeper/violation",
            "flux/violations",
            "flux/unknown",
            "flux/warn",
            "flux/not_evaluated",
        ] {
            let answer = host.evaluate(entry, &input);
            assert!(answer.is_err(), "{entry} {input}: {answer:?}");
        }
        assert_eq!(
            host.evaluate("flux/violations", &good).expect("an answer"),
            Vec::<Value>::new()
        );
    }
    for data in [
        json!([]),
        json!({"parameters": {"select": ["FX-KC-99"]}}),
        json!({"inventory": {"cluster": 1}}),
    ] {
        let mut host = Host::start(&module, Some(&data)).expect("an instance");
        assert!(host.evaluate("flux/violations", &good).is_err(), "{data}");
    }
}

#[test]
fn memory_stays_flat() {
    let module = module();
    let mut host = Host::start(&module, None).expect("an instance");
    let labels = json!({"app.kubernetes.io/part-of": "flux", "app.kubernetes.io/component": "helm-controller"});
    let object = json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "helm-controller", "namespace": "flux-system", "labels": labels},
        "spec": {"template": {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "manager"}]}}},
    });
    let mut sizes = Vec::new();
    for _ in 0..3 {
        for _ in 0..300 {
            assert!(!host.evaluate("flux/violations", &object).expect("an answer").is_empty());
            assert!(host.evaluate("flux/violations", &json!({"kind": "List"})).is_err());
        }
        sizes.push(host.memory());
    }
    assert!(
        sizes[0] > 0 && sizes.windows(2).all(|pair| pair[0] == pair[1]),
        "{sizes:?}"
    );
}

#[test]
fn it_is_what_hosts_expect() {
    let module = module();
    let imports: Vec<String> = module
        .imports()
        .map(|one| format!("{} {}", one.module(), one.name()))
        .collect();
    assert_eq!(imports, ["env opa_abort", "env memory"]);
    let memory = module
        .imports()
        .find_map(|one| one.ty().memory().cloned())
        .expect("a memory");
    assert_eq!((memory.minimum(), memory.maximum()), (2, None));
    let functions = |ty: &ExternType| ty.func().is_some();
    for export in module.exports() {
        let name = export.name();
        let known = name.starts_with("opa_") || ["builtins", "entrypoints", "eval", "memory"].contains(&name);
        assert!(known, "{name}");
        let is_version = name.ends_with("_version");
        assert_eq!(functions(&export.ty()), !is_version && name != "memory", "{name}");
    }
}
