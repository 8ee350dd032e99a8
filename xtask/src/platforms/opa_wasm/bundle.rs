//! Go OPA with its WebAssembly engine: our module as the policy of a bundle.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::cases::{Case, RESULTS};
use crate::opa_diff::OPA;
use crate::shell;

/// The package is that of OPA; the tag adds the engine.
const TAG: &str = "opa_wasm";

pub(super) fn run(module: &Path, cases: &[Case], folder: &Path) -> Result<()> {
    let Some(opa) = shell::go_program_with("opa-wasm", OPA.1, OPA.2, &[TAG])? else {
        return Ok(());
    };
    let host = Go {
        opa,
        bundle: bundle(module, folder)?,
        folder: folder.to_path_buf(),
    };
    let (with, without): (Vec<&Case>, Vec<&Case>) = cases.iter().partition(|case| case.data.get("inventory").is_some());
    let mut compared = host.without_data(&without)?;
    compared += host.with_data(&with)?;
    host.refuses()?;
    println!("Go OPA: {compared} objects, the same findings");
    Ok(())
}

/// A bundle whose policy is our module: one decision for each entry point.
fn bundle(module: &Path, folder: &Path) -> Result<PathBuf> {
    let bundle = folder.join("bundle");
    std::fs::create_dir_all(&bundle)?;
    std::fs::copy(module, bundle.join("policy.wasm"))?;
    let entries = RESULTS
        .map(|(entry, _)| entry)
        .into_iter()
        .chain(["gatekeeper/violation"]);
    let entries: Vec<Value> = entries
        .map(|entry| json!({"entrypoint": entry, "module": "/policy.wasm"}))
        .collect();
    let manifest = json!({"roots": ["flux", "gatekeeper"], "wasm": entries});
    std::fs::write(bundle.join(".manifest"), manifest.to_string())?;
    Ok(bundle)
}

struct Go {
    opa: PathBuf,
    bundle: PathBuf,
    folder: PathBuf,
}

impl Go {
    /// Everything in one process: parameters come with the inputs.
    fn without_data(&self, cases: &[&Case]) -> Result<usize> {
        let inputs = |case: &Case| -> Vec<Value> {
            let input = |object: &Value| json!({"parameters": case.data["parameters"], "review": {"object": object}});
            case.objects.iter().map(input).collect()
        };
        let batch: Vec<Vec<Value>> = cases.iter().map(|case| inputs(case)).collect();
        self.compare(cases, &json!({"batch": batch}), None)
    }

    /// A process for each, so a few: those with the most to say.
    fn with_data(&self, cases: &[&Case]) -> Result<usize> {
        const CASES: usize = 12;
        let mut cases = cases.to_vec();
        cases.sort_by_key(|case| std::cmp::Reverse(case.expected.iter().map(Vec::len).sum::<usize>()));
        let mut compared = 0;
        for case in cases.into_iter().take(CASES) {
            compared += self.compare(&[case], &json!({"batch": [case.objects]}), Some(&case.data))?;
        }
        Ok(compared)
    }

    fn compare(&self, cases: &[&Case], input: &Value, data: Option<&Value>) -> Result<usize> {
        for (at, (entry, _)) in RESULTS.iter().enumerate() {
            let rule = format!("data.{}", entry.replace('/', "."));
            let query =
                format!("[[found | some one in case; found := {rule} with input as one] | some case in input.batch]");
            let answer = self.eval(&query, input, data)?;
            let found = answer.as_array().context("a list of cases")?;
            for (case, found) in cases.iter().zip(found) {
                let sets = found.as_array().context("a list of results")?;
                // A result that is undefined would be left out.
                if sets.len() != case.objects.len() {
                    bail!(
                        "{}: {} results for {} objects",
                        case.name(),
                        sets.len(),
                        case.objects.len()
                    );
                }
                let findings = sets.iter().flat_map(|set| set.as_array().into_iter().flatten());
                let mut lines: Vec<String> = findings.map(Case::line).collect();
                lines.sort();
                if lines != case.expected[at] {
                    bail!(
                        "{} {entry}: {lines:#?} instead of {:#?}",
                        case.name(),
                        case.expected[at]
                    );
                }
            }
        }
        Ok(cases.iter().map(|case| case.objects.len()).sum())
    }

    /// The one value of a query.
    fn eval(&self, query: &str, input: &Value, data: Option<&Value>) -> Result<Value> {
        let place = self.folder.join("input.json");
        std::fs::write(&place, input.to_string())?;
        let mut opa = shell::command(&self.opa, &["eval", "--format=raw", "--strict-builtin-errors"]);
        opa.arg("--bundle").arg(&self.bundle).arg("--input").arg(&place);
        if let Some(data) = data {
            let place = self.folder.join("data.json");
            std::fs::write(&place, data.to_string())?;
            opa.arg("--data").arg(&place);
        }
        Ok(serde_json::from_str(&shell::output(opa.arg(query))?)?)
    }

    /// What cannot be judged is an error of the program, not an empty set.
    fn refuses(&self) -> Result<()> {
        for input in [
            json!(null),
            json!({}),
            json!({"apiVersion": "v1", "kind": "List", "items": []}),
        ] {
            for (entry, _) in RESULTS {
                let query = format!("data.{}", entry.replace('/', "."));
                if let Ok(answer) = self.eval(&query, &input, None) {
                    bail!("{entry} of {input} is {answer}");
                }
            }
        }
        Ok(())
    }
}
