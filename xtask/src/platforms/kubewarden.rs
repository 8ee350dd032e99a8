//! Kubewarden: the policy under the WASI of wasmtime, as its host runs it.

use anyhow::Result;
use serde_json::{Value, json};

use super::reviews::{self, Review};
use super::{Verdicts, modules};
use crate::hosts::{Host, Hosts};
use crate::opa_diff::Tally;
use crate::parity::Same;
use crate::{shell, wasm};

/// Every object of the corpus; `cargo xtask test` has the policy's other tests.
pub(crate) fn run() -> Result<Verdicts> {
    let module = wasm::KUBEWARDEN.build()?;
    let reviews = shell::stage("reviews", || {
        reviews::all(&Hosts::new(crate::gatekeeper::has_template)?)
    })?;
    let settings = serde_json::to_value(reviews::config())?;
    let input =
        |review: &Review| json!({"request": reviews::request(&review.object), "settings": settings}).to_string();
    let inputs: Vec<String> = reviews.iter().map(input).collect();
    let now = reviews::NOW.1.to_string();
    let answers = modules::answers("kubewarden", &module, &[&now], &inputs)?;
    let mut tally = Tally::default();
    let mut same = Same::new();
    for (review, answer) in reviews.iter().zip(&answers) {
        let answer: Value = serde_json::from_str(answer)?;
        tally.equal(&told(&review.response), &answer, || {
            format!(
                "{}\n  ours:       {}\n  kubewarden: {answer}",
                review.name, review.response
            )
        });
        for control in &review.controls {
            *same.entry(control.clone()).or_default() += 1;
        }
    }
    tally.close("Kubewarden: objects")?;
    Ok(vec![(Host::Kubewarden, same)])
}

/// What Kubewarden is to be told, from the `response` of a review.
fn told(response: &Value) -> Value {
    let mut told = json!({"accepted": response["allowed"]});
    if let Some(status) = response.get("status") {
        told["message"] = status["message"].clone();
        told["code"] = status["code"].clone();
    }
    for (name, theirs) in [("warnings", "warnings"), ("auditAnnotations", "audit_annotations")] {
        if let Some(value) = response.get(name) {
            told[theirs] = value.clone();
        }
    }
    told
}
