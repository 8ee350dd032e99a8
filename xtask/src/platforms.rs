//! The policies and modules in the programs that load them, each with the same verdicts as ours.

pub(crate) mod apiserver;
mod gatekeeper;
mod kubewarden;
pub(crate) mod opa_wasm;
pub(crate) mod process;
mod rego;
mod reports;
pub(crate) mod webhook;

use anyhow::{Result, bail};
use policy_core::{Segment, pointer};
use serde_json::Value;

use crate::shell;

/// A name and a test.
type Host = (&'static str, fn() -> Result<()>);

/// Every host, in the order in which they run.
const HOSTS: &[Host] = &[
    ("rego", rego::run),
    ("gatekeeper", gatekeeper::run),
    ("kubewarden", kubewarden::run),
    ("opa-wasm", opa_wasm::run),
    ("webhook", webhook::run),
    ("reports", reports::run),
];

/// Runs the named hosts, or all of them.
pub(crate) fn run(names: &[String]) -> Result<()> {
    if let Some(unknown) = names.iter().find(|name| HOSTS.iter().all(|(host, _)| host != name)) {
        let known: Vec<&str> = HOSTS.iter().map(|(host, _)| *host).collect();
        bail!("there is no host {unknown}; known are {}", known.join(", "));
    }
    for (host, test) in HOSTS {
        if names.is_empty() || names.iter().any(|name| name == host) {
            shell::stage(host, test)?;
        }
    }
    Ok(())
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
