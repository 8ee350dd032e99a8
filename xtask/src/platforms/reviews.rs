//! The objects of the corpus under review, one by one.

use anyhow::Result;
use policy_core::oracle::{self, RawCluster};
use policy_core::{Catalog, Config, Control, Engine, Mode, Profile};
use rayon::prelude::*;
use serde_json::{Value, json};

use crate::fixtures::{self, Fixture};
use crate::hosts::{Host, Hosts};

/// The time of the reviews, and the same in seconds since 1970.
pub(super) const NOW: (&str, u64) = ("2026-11-22T03:00:00Z", 1_795_316_400);

/// One object.
pub(super) struct Review {
    /// Where it comes from, for people.
    pub(super) name: String,
    pub(super) object: Value,
    /// The `response` of the engine.
    pub(super) response: Value,
    /// The controls that speak of it, by ID.
    pub(super) controls: Vec<String>,
}

/// With every profile, and nothing else set.
pub(super) fn config() -> Config {
    Config {
        profiles: vec![Profile::Base, Profile::Shared, Profile::Dedicated, Profile::Hard],
        ..Config::default()
    }
}

/// Each object of the corpus without the others.
pub(super) fn all(hosts: &Hosts) -> Result<Vec<Review>> {
    let engine = Engine::new(Catalog::builtin()?, config())?;
    let decided = |control: &&Control| hosts.why_not(Host::Kubewarden, control).is_none();
    let decided: Vec<&Control> = engine.controls().iter().filter(decided).collect();
    let of_fixture = |fixture: &Fixture| {
        let mut reviews = Vec::new();
        let raw = oracle::evaluate(&engine, fixture.request(Some(Mode::Admission)), None);
        for object in raw.clusters.into_iter().flat_map(|RawCluster { objects, .. }| objects) {
            let speaks = |control: &&&Control| object.controls.get(&control.slug).is_some_and(|said| said.subject);
            let controls = decided.iter().filter(speaks);
            let controls = controls.map(|control| control.id.clone()).collect();
            reviews.push(Review {
                name: format!("{}: {}", fixture.path, object.name),
                response: response(&engine.admit(&review(&object.object), Some(NOW.0)))?,
                object: object.object,
                controls,
            });
        }
        Ok(reviews)
    };
    let reviews = fixtures::corpus()?
        .par_iter()
        .map(of_fixture)
        .collect::<Result<Vec<_>>>()?;
    Ok(reviews.into_iter().flatten().collect())
}

/// A request to create an object.
pub(super) fn request(object: &Value) -> Value {
    json!({"uid": "1", "operation": "CREATE", "object": object})
}

/// An AdmissionReview of it.
pub(crate) fn review(object: &Value) -> Vec<u8> {
    let review = json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": request(object)});
    review.to_string().into_bytes()
}

/// What a review was answered.
pub(super) fn response(review: &policy_core::api::AdmissionReview) -> Result<Value> {
    Ok(serde_json::to_value(&review.response)?)
}
