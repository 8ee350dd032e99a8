//! Reviews of objects that are seen together with those of the cluster.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test")]

use policy_core::{AdmissionResponse, Catalog, Config, Engine, Input, Profile, Source, SourceId};
use serde_json::{Value, json};

fn engine(control: &str) -> Engine {
    let config = Config {
        profiles: vec![Profile::Shared],
        select: vec![control.to_owned()],
        ..Config::default()
    };
    Engine::new(Catalog::builtin().unwrap(), config).unwrap()
}

/// An instance of kustomize-controller for what the selector selects.
fn instance(name: &str, selector: &str) -> Value {
    let labels = json!({"app": name, "app.kubernetes.io/component": "kustomize-controller",
        "app.kubernetes.io/part-of": "flux"});
    json!({"apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": name, "namespace": "flux-system", "labels": labels},
        "spec": {"selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [{
                "name": "manager", "image": "ghcr.io/fluxcd/kustomize-controller:v1.9.4",
                "args": ["--watch-all-namespaces=true",
                    format!("--watch-label-selector={selector}")]}]}}}})
}

fn sources(objects: &[Value]) -> Vec<Input> {
    let source = |(id, object): (u32, &Value)| {
        Input::Source(Source {
            id: SourceId(id),
            name: format!("{id}.json"),
            bytes: object.to_string().into_bytes(),
        })
    };
    (0..).zip(objects).map(source).collect()
}

fn review(engine: &Engine, cluster: &[Value], operation: &str, object: &Value) -> AdmissionResponse {
    let inventory = engine
        .review_inventory(sources(cluster))
        .unwrap_or_else(|problems| panic!("{problems:?}"));
    assert_eq!(inventory.len(), cluster.len());
    let review = json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
        "request": {"uid": "1", "operation": operation, "object": object}});
    engine
        .admit_with(review.to_string().as_bytes(), None, &inventory)
        .response
}

fn cluster() -> Vec<Value> {
    vec![
        instance("kustomize-controller", "!sharding.fluxcd.io/key"),
        instance("kustomize-controller-shard1", "sharding.fluxcd.io/key=shard1"),
        instance("kustomize-controller-shard2", "sharding.fluxcd.io/key=shard2"),
    ]
}

#[test]
fn an_object_is_judged_with_the_others() {
    let engine = engine("FX-RES-02");
    let third = instance("kustomize-controller-shard3", "sharding.fluxcd.io/key=shard3");
    let admitted = review(&engine, &cluster(), "CREATE", &third);
    assert!(admitted.allowed, "{admitted:?}");
    assert!(
        admitted.audit_annotations.is_empty(),
        "nothing was left out: {admitted:?}"
    );
    let copied = instance("kustomize-controller-shard3", "sharding.fluxcd.io/key=shard2");
    let denied = review(&engine, &cluster(), "CREATE", &copied);
    assert!(!denied.allowed, "{denied:?}");
    assert_eq!(denied.audit_annotations["denied-by"], "FX-RES-02");
}

/// What the old state of the object has on its side does not help the new one.
#[test]
fn an_update_is_judged_by_what_it_makes() {
    let engine = engine("FX-RES-02");
    let good = instance("kustomize-controller-shard2", "sharding.fluxcd.io/key=other");
    assert!(review(&engine, &cluster(), "UPDATE", &good).allowed);
    let bad = instance("kustomize-controller-shard2", "sharding.fluxcd.io/key=shard1");
    assert!(!review(&engine, &cluster(), "UPDATE", &bad).allowed);
    // And what is wrong in the cluster does not hold up what mends it.
    let mut broken = cluster();
    broken[2] = bad;
    assert!(review(&engine, &broken, "UPDATE", &good).allowed);
}

#[test]
fn without_an_inventory_the_control_is_named_as_left_out() {
    let engine = engine("FX-RES-02");
    let copied = instance("kustomize-controller-shard3", "sharding.fluxcd.io/key=shard2");
    let review = json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
        "request": {"uid": "1", "operation": "CREATE", "object": copied}});
    let response = engine.admit(review.to_string().as_bytes(), None).response;
    assert_eq!(response.audit_annotations["not-evaluated"], "FX-RES-02");
}

#[test]
fn an_inventory_that_could_mislead_is_refused() {
    let engine = engine("FX-RES-02");
    let first = cluster().remove(0);
    let twice = [first.clone(), first];
    let no_name = [json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {}})];
    for (code, objects) in [
        ("duplicate-object", &twice[..]),
        ("missing-name", &no_name),
        ("empty-inventory", &[]),
    ] {
        let problems = engine.review_inventory(sources(objects)).err().unwrap();
        assert!(
            problems.iter().any(|problem| problem.code == code),
            "{code}: {problems:?}"
        );
    }
}
