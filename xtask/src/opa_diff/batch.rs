//! Many evaluations in one run of `opa eval`.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result, bail};
use policy_core::oracle::RawControl;
use serde_json::{Value, json};

use crate::shell;

/// Inputs that share `data.inventory`.
pub(super) struct Case {
    /// Where it comes from, for messages.
    pub(super) name: String,
    /// `data.inventory`, where there is one.
    pub(super) inventory: Option<Value>,
    /// `input.parameters` for the facts.
    pub(super) parameters: Value,
    /// Each a whole `input`.
    pub(super) inputs: Vec<Value>,
}

/// What OPA says of one case.
pub(super) struct Answer {
    /// `data.lib.facts.all`; `None` without an inventory.
    pub(super) facts: Option<Value>,
    /// By input, then by control.
    pub(super) outcomes: Vec<Vec<(String, RawControl)>>,
}

/// Cases evaluated by one process: one that fails is found by running its cases again, alone.
const CHUNK: usize = 200;

/// Evaluates every control of `slugs` on every input.
pub(super) fn evaluate(opa: &Path, scratch: &Path, slugs: &[&str], cases: &[Case]) -> Result<Vec<Answer>> {
    std::fs::write(scratch.join("batch.rego"), module(slugs))?;
    let mut answers = Vec::new();
    for chunk in cases.chunks(CHUNK) {
        match run(opa, scratch, chunk) {
            Ok(found) => answers.extend(found),
            Err(error) if chunk.len() == 1 => return Err(error),
            Err(_) => {
                for case in chunk {
                    let found = run(opa, scratch, std::slice::from_ref(case)).with_context(|| case.name.clone())?;
                    answers.extend(found);
                }
            }
        }
    }
    Ok(answers)
}

/// One array of findings for each rule of each control; comprehensions keep undefined controls apart.
fn module(slugs: &[&str]) -> String {
    let mut text = String::from(
        "package batch\n\n\
         answers[i] := {\"facts\": facts, \"outcomes\": outcomes} if {\n\
         \tsome i, case in data.cases\n\
         \tcase.inventory\n\
         \tfacts := [f | f := data.lib.facts.all with input as {\"parameters\": case.parameters} with data.inventory as case.inventory]\n\
         \toutcomes := [o | some x in case.inputs; o := outcome with input as x with data.inventory as case.inventory]\n\
         }\n\n\
         answers[i] := {\"facts\": [], \"outcomes\": outcomes} if {\n\
         \tsome i, case in data.cases\n\
         \tnot case.inventory\n\
         \toutcomes := [o | some x in case.inputs; o := outcome with input as x]\n\
         }\n\n\
         outcome := {\n",
    );
    for slug in slugs {
        _ = write!(
            text,
            "\t\"{slug}\": {{\"subject\": [true | data.flux.{slug}.subject == true]"
        );
        for rule in ["violation", "warn", "unknown", "manual"] {
            _ = write!(text, ", \"{rule}\": [x | some x in data.flux.{slug}.{rule}]");
        }
        text += "},\n";
    }
    text + "}\n"
}

fn run(opa: &Path, scratch: &Path, cases: &[Case]) -> Result<Vec<Answer>> {
    let documents = cases.iter().map(|case| {
        let mut document = json!({"parameters": case.parameters, "inputs": case.inputs});
        if let Some(inventory) = &case.inventory {
            document["inventory"] = inventory.clone();
        }
        document
    });
    let data = scratch.join("cases.json");
    std::fs::write(&data, json!({"cases": documents.collect::<Vec<_>>()}).to_string())?;
    let mut command = shell::command(
        opa,
        &[
            "eval",
            "--format",
            "raw",
            "--strict-builtin-errors",
            "--ignore",
            "*.yaml",
        ],
    );
    command
        .args(["--data", "policies"])
        .arg("--data")
        .arg(&data)
        .arg("--data")
        .arg(scratch.join("batch.rego"));
    let printed = shell::output(command.arg("data.batch.answers"))?;
    let answers: Value = serde_json::from_str(&printed)?;
    (0..cases.len())
        .map(|at| answer(&answers[at.to_string()], &cases[at]))
        .collect()
}

fn answer(answer: &Value, case: &Case) -> Result<Answer> {
    let lists = answer["outcomes"]
        .as_array()
        .with_context(|| format!("{}: no answer", case.name))?;
    if lists.len() != case.inputs.len() {
        bail!("{}: {} answers to {} inputs", case.name, lists.len(), case.inputs.len());
    }
    let outcomes = lists.iter().map(|controls| {
        let controls = controls.as_object().context("an outcome is not an object")?;
        controls
            .iter()
            .map(|(slug, outcome)| Ok((slug.clone(), control(outcome)?)))
            .collect::<Result<Vec<_>>>()
    });
    Ok(Answer {
        facts: answer["facts"][0].as_object().map(|facts| Value::Object(facts.clone())),
        outcomes: outcomes.collect::<Result<_>>()?,
    })
}

fn control(outcome: &Value) -> Result<RawControl> {
    let list = |rule: &str| -> Result<Vec<Value>> {
        let list = outcome[rule]
            .as_array()
            .with_context(|| format!("`{rule}` is not an array"))?;
        let mut findings: Vec<Value> = list.iter().map(finding).collect();
        findings.sort_by_cached_key(Value::to_string);
        Ok(findings)
    };
    Ok(RawControl {
        subject: outcome["subject"] == json!([true]),
        violation: list("violation")?,
        warn: list("warn")?,
        unknown: list("unknown")?,
        manual: list("manual")?,
    })
}

/// A finding in the oracle's form; anything else than the known members stays, and differs.
pub(crate) fn finding(raw: &Value) -> Value {
    let (Some(outer), Some(details)) = (raw.as_object(), raw["details"].as_object()) else {
        return raw.clone();
    };
    let mut form = json!({"related": [], "fix": []});
    for (key, value) in outer.iter().filter(|(key, _)| *key != "details").chain(details) {
        form[key.as_str()] = value.clone();
    }
    form
}
