//! What a host gets, and what a check says of it.

use anyhow::{Result, bail};
use policy_core::oracle::{self, RawCluster};
use policy_core::{Assessment, Catalog, ControlResult, Engine, Mode};
use rayon::prelude::*;
use serde::Serialize;
use serde_json::{Value, json};

use crate::fixtures::{self, Fixture};
use crate::parity;

/// Entry points and the results that they tell.
pub(super) const RESULTS: [(&str, ControlResult); 3] = [
    ("flux/violations", ControlResult::Fail),
    ("flux/unknown", ControlResult::Unknown),
    ("flux/warn", ControlResult::Warn),
];

/// One file of the corpus.
#[derive(Serialize)]
pub(super) struct Case {
    name: String,
    /// `data` with its parameters and inventory.
    pub(super) data: Value,
    /// The inputs.
    pub(super) objects: Vec<Value>,
    /// For each entry point of [`RESULTS`] what all objects together yield: `control pointer message`, sorted.
    pub(super) expected: [Vec<String>; 3],
    /// Whether it is a manifest of the examples.
    #[serde(skip)]
    pub(super) is_example: bool,
    /// The controls with a result.
    #[serde(skip)]
    pub(super) decided: Vec<String>,
}

/// Every file twice: as it is, with the inventory that it makes, and as its objects come under admission, without.
pub(super) fn all() -> Result<Vec<Case>> {
    let controls = Catalog::builtin()?.controls().to_vec();
    let manual = controls
        .iter()
        .filter(|control| control.assessment == Assessment::Manual);
    let manual: Vec<&str> = manual.map(|control| control.id.as_str()).collect();
    let is_automatic = |id: &String| !manual.contains(&id.as_str());
    let of_fixture = |fixture: &Fixture| {
        let engine = Engine::new(Catalog::builtin()?, fixture.config(&controls))?;
        let in_mode = |mode| {
            let raw = oracle::evaluate(&engine, fixture.request(mode), Some("no such control"));
            let [RawCluster { inventory, objects, .. }] = raw.clusters.as_slice() else {
                bail!("{} is not one cluster", fixture.path);
            };
            let mut data = json!({"parameters": raw.parameters});
            if let Some(inventory) = inventory {
                data["inventory"] = inventory.clone();
            }
            let report = engine.check(fixture.request(mode));
            let findings = |wanted: ControlResult| {
                let found = report.findings.iter().filter(|finding| finding.result == wanted);
                let mut lines: Vec<String> = found
                    .map(|finding| format!("{} {} {}", finding.control, finding.pointer, finding.message))
                    .collect();
                lines.sort();
                lines
            };
            Ok(Case {
                name: format!("{} in mode {:?}", fixture.path, raw.mode),
                data,
                objects: objects.iter().map(|object| object.object.clone()).collect(),
                expected: RESULTS.map(|(_, result)| findings(result)),
                is_example: fixture.is_example(),
                decided: parity::decided(&report).into_iter().filter(is_automatic).collect(),
            })
        };
        Ok([in_mode(None)?, in_mode(Some(Mode::Admission))?])
    };
    let cases = fixtures::corpus()?
        .par_iter()
        .map(of_fixture)
        .collect::<Result<Vec<_>>>()?;
    Ok(cases.into_iter().flatten().collect())
}

impl Case {
    /// What it is, for people.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// A finding as [`Case::expected`] has it.
    pub(super) fn line(finding: &Value) -> String {
        let segments = finding["path"].as_array().into_iter().flatten();
        let pointer: String = segments
            .map(|segment| match segment.as_str() {
                Some(key) => format!("/{}", key.replace('~', "~0").replace('/', "~1")),
                None => format!("/{segment}"),
            })
            .collect();
        let text = |key: &str| finding[key].as_str().unwrap_or("?");
        format!("{} {pointer} {}", text("control"), text("msg"))
    }
}
