//! Go OPA with its WebAssembly engine: our module as the policy of a bundle.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use rayon::prelude::*;
use serde_json::{Value, json};

use super::cases::{Case, RESULTS};
use crate::opa_diff::OPA;
use crate::shell;

/// The package is that of OPA; the tag adds the engine.
const TAG: &str = "opa_wasm";
/// Cases that have a process of their own, since each has its data.
const WITH_DATA: usize = 6;

/// All cases without data, and of those with data the ones that have the most to say.
pub(super) fn run(module: &Path, cases: &[Case], folder: &Path) -> Result<()> {
    let Some(opa) = shell::go_program_with("opa-wasm", OPA.1, OPA.2, &[TAG])? else {
        return Ok(());
    };
    let host = Go {
        opa,
        folder: folder.join("go"),
    };
    host.bundle(module)?;
    let (mut with, mut without): (Vec<&Case>, Vec<&Case>) =
        cases.iter().partition(|case| case.data.get("inventory").is_some());
    // The module keeps what the last parameters came to.
    without.sort_by_cached_key(|case| case.data["parameters"].to_string());
    let mut compared = host.compare(&without, None)?;
    // Facts are worked out for each object again, which the large examples take minutes for.
    with.retain(|case| !case.is_example);
    with.sort_by_key(|case| std::cmp::Reverse(case.expected.iter().map(Vec::len).sum::<usize>()));
    for case in with.into_iter().take(WITH_DATA) {
        compared += host.compare(&[case], Some(&case.data))?;
    }
    host.refuses()?;
    println!("Go OPA: {compared} objects, the same findings");
    Ok(())
}

struct Go {
    opa: PathBuf,
    folder: PathBuf,
}

impl Go {
    /// A bundle whose policy is our module: one decision for each entry point.
    fn bundle(&self, module: &Path) -> Result<()> {
        let bundle = self.folder.join("bundle");
        std::fs::create_dir_all(&bundle)?;
        std::fs::copy(module, bundle.join("policy.wasm"))?;
        let entries = RESULTS.map(|(entry, _)| json!({"entrypoint": entry, "module": "/policy.wasm"}));
        let manifest = json!({"roots": ["flux", "inventory", "parameters"], "wasm": entries});
        Ok(std::fs::write(bundle.join(".manifest"), manifest.to_string())?)
    }

    /// The objects of these cases; without data the parameters come with each object.
    fn compare(&self, cases: &[&Case], data: Option<&Value>) -> Result<usize> {
        let input = |case: &Case, object: &Value| match data {
            Some(_) => object.clone(),
            None => json!({"parameters": case.data["parameters"], "review": {"object": object}}),
        };
        let of_case = |case: &&Case| {
            case.objects
                .iter()
                .map(|object| input(case, object))
                .collect::<Vec<_>>()
        };
        let inputs: Vec<Value> = cases.iter().flat_map(of_case).collect();
        self.prepare(&inputs, data)?;
        RESULTS.par_iter().enumerate().try_for_each(|(at, (entry, _))| {
            let mut answers = self.decide(entry, inputs.len())?.into_iter();
            for case in cases {
                let mut lines = Vec::new();
                for answer in answers.by_ref().take(case.objects.len()) {
                    let set = answer["result"].as_array();
                    let set = set.with_context(|| format!("{} {entry}: {answer}", case.name()))?;
                    lines.extend(set.iter().map(Case::line));
                }
                lines.sort();
                if lines != case.expected[at] {
                    bail!(
                        "{} {entry}: {lines:#?} instead of {:#?}",
                        case.name(),
                        case.expected[at]
                    );
                }
            }
            Ok(())
        })?;
        Ok(inputs.len())
    }

    /// Writes what the processes read.
    fn prepare(&self, inputs: &[Value], data: Option<&Value>) -> Result<()> {
        let folder = self.inputs();
        if folder.exists() {
            std::fs::remove_dir_all(&folder)?;
        }
        std::fs::create_dir_all(&folder)?;
        for (at, input) in inputs.iter().enumerate() {
            std::fs::write(folder.join(format!("{at:06}.json")), input.to_string())?;
        }
        let data = data.unwrap_or(&json!({})).to_string();
        Ok(std::fs::write(self.folder.join("bundle/data.json"), data)?)
    }

    fn inputs(&self) -> PathBuf {
        self.folder.join("inputs")
    }

    /// What one process decides of each of so many inputs, in their order.
    fn decide(&self, entry: &str, inputs: usize) -> Result<Vec<Value>> {
        let mut opa = shell::command(
            &self.opa,
            &["exec", "--log-level=error", "--decision", entry, "--bundle"],
        );
        let answer: Value =
            serde_json::from_str(&shell::output(opa.arg(self.folder.join("bundle")).arg(self.inputs()))?)?;
        let mut answers = answer["result"].as_array().context("a list of results")?.clone();
        answers.sort_by_cached_key(|answer| answer["path"].to_string());
        if answers.len() != inputs {
            bail!("{entry}: {} results for {inputs} inputs", answers.len());
        }
        Ok(answers)
    }

    /// What cannot be judged is an error, not an empty set; and what comes after it is judged.
    fn refuses(&self) -> Result<()> {
        let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}});
        let list = json!({"apiVersion": "v1", "kind": "List", "items": []});
        let inputs = [json!({}), json!({"kind": "Pod"}), list, pod];
        self.prepare(&inputs, None)?;
        for (entry, _) in RESULTS {
            let answers = self.decide(entry, inputs.len())?;
            let results: Vec<Option<&Value>> = answers.iter().map(|answer| answer.get("result")).collect();
            if results != [None, None, None, Some(&json!([]))] {
                bail!("{entry}: {answers:#?}");
            }
        }
        Ok(())
    }
}
