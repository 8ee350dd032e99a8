//! The policies and modules in the programs that load them, each with the same verdicts as ours.

pub(crate) mod apiserver;
pub(crate) mod gatekeeper;
mod kubewarden;
mod modules;
pub(crate) mod opa_wasm;
pub(crate) mod process;
mod rego;
mod reports;
pub(crate) mod reviews;
mod steps;
pub(crate) mod webhook;

use anyhow::{Result, bail};
use policy_core::{Segment, pointer};
use serde_json::Value;

use crate::hosts::Host;
use crate::parity::{self, Same};
use crate::shell;

/// What hosts decided, each as we do.
pub(crate) type Verdicts = Vec<(Host, Same)>;

/// A name and what runs.
type Test = (&'static str, fn() -> Result<Verdicts>);

/// Every test, in the order in which they run.
const TESTS: &[Test] = &[
    ("modules", modules::run),
    ("rego", rego::run),
    ("gatekeeper", gatekeeper::run),
    ("kubewarden", kubewarden::run),
    ("opa-wasm", opa_wasm::run),
    ("webhook", webhook::run),
    ("reports", reports::run),
    ("steps", steps::run),
];

/// Runs the named tests, or all of them, and holds the hosts to what they are said to decide.
pub(crate) fn run(names: &[String]) -> Result<()> {
    if let Some(unknown) = names.iter().find(|name| TESTS.iter().all(|(known, _)| known != name)) {
        let known: Vec<&str> = TESTS.iter().map(|(name, _)| *name).collect();
        bail!("there is no host {unknown}; known are {}", known.join(", "));
    }
    let mut verdicts = Vec::new();
    for (name, test) in TESTS {
        if names.is_empty() || names.iter().any(|wanted| wanted == name) {
            verdicts.extend(shell::stage(name, test)?);
        }
    }
    parity::hold(&verdicts)
}

/// Where a finding applies, as the programs that run Rego word it: behind its message.
fn place(finding: &Value) -> String {
    let segment = |value: &Value| match value.as_u64().and_then(|at| usize::try_from(at).ok()) {
        Some(at) => Segment::Index(at),
        None => Segment::Key(value.as_str().unwrap_or("").into()),
    };
    let path: Vec<Segment> = finding["path"].as_array().into_iter().flatten().map(segment).collect();
    match pointer(&path) {
        root if root.is_empty() => root,
        pointer => format!(" at {pointer}"),
    }
}
