//! Mutants against the control's fixtures: the same question as a check puts, with the facts that it works out, but to
//! OPA (`cargo xtask opa-diff` holds our evaluators to it), since one process answers for many mutants.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result, bail};
use policy_core::{Catalog, Engine, oracle};
use serde_json::{Value, json};

use crate::fixtures::Fixture;
use crate::shell;

/// What a check asks of a control on its fixtures, as data of OPA.
pub(super) struct Fixed {
    slug: String,
    cases: Value,
}

impl Fixed {
    pub(super) fn new(slug: &str, fixtures: &[Fixture]) -> Result<Self> {
        let catalog = Catalog::builtin()?;
        let mut cases = Vec::new();
        for fixture in fixtures.iter().filter(|fixture| fixture.slug == slug) {
            let engine = Engine::new(Catalog::builtin()?, fixture.config(catalog.controls()))?;
            let raw = oracle::evaluate(&engine, fixture.request(None), Some(slug));
            for cluster in &raw.clusters {
                let concerned = cluster
                    .objects
                    .iter()
                    .filter(|object| object.controls.contains_key(slug));
                let input = |object: &Value| json!({"review": {"object": object}, "parameters": raw.parameters});
                let inputs: Vec<Value> = concerned.map(|object| input(&object.object)).collect();
                let mut case = json!({"inputs": inputs});
                if let Some(inventory) = &cluster.inventory {
                    case["inventory"] = inventory.clone();
                    case["inventory"]["facts"] = cluster.facts.clone().context("an inventory without facts")?;
                }
                cases.push(case);
            }
        }
        Ok(Self {
            slug: slug.to_owned(),
            cases: json!({"cases": cases}),
        })
    }

    /// Which of the mutants, packages of the modules in a folder, a fixture tells from the control.
    pub(super) fn kills(&self, opa: &Path, folder: &Path, mutants: &BTreeSet<usize>) -> Result<BTreeSet<usize>> {
        if mutants.is_empty() {
            return Ok(BTreeSet::new());
        }
        if let Ok(killed) = self.differing(opa, folder, mutants) {
            return Ok(killed);
        }
        // One of them breaks the evaluation, which no fixture lets pass; the control itself does not.
        let mut killed = BTreeSet::new();
        self.differing(opa, folder, &killed)?;
        for mutant in mutants {
            let alone = BTreeSet::from([*mutant]);
            if self.differing(opa, folder, &alone).is_ok_and(|found| found.is_empty()) {
                continue;
            }
            killed.insert(*mutant);
        }
        Ok(killed)
    }

    fn differing(&self, opa: &Path, folder: &Path, mutants: &BTreeSet<usize>) -> Result<BTreeSet<usize>> {
        let [data, module] = ["cases.json", "batch.rego"].map(|name| folder.join(name));
        std::fs::write(&data, self.cases.to_string())?;
        std::fs::write(&module, self.module(mutants))?;
        let own = format!("policies/flux/{0}/{0}.rego", self.slug);
        let mut eval = shell::command(opa, &["eval", "--format", "raw", "--ignore", "*.yaml"]);
        // A guard of a type is there for the strict interpreter, which raises what this raises.
        eval.args([
            "--strict-builtin-errors",
            "--data",
            "policies/lib",
            "--data",
            &own,
            "--data",
        ])
        .arg(folder);
        let printed = shell::output(eval.arg("data.batch.differing"));
        std::fs::remove_file(data)?;
        std::fs::remove_file(module)?;
        let found: Vec<usize> = serde_json::from_str(&printed?)?;
        let found: BTreeSet<usize> = found.into_iter().collect();
        if !found.is_subset(mutants) {
            bail!("opa eval answers for mutants that were not asked");
        }
        Ok(found)
    }

    /// What other tests hold decides: results and places (the fixtures' own), the other nodes of a failure (the
    /// silent-pass hunter), and fixes (each is applied).
    fn module(&self, mutants: &BTreeSet<usize>) -> String {
        let slug = &self.slug;
        let mut text = String::from("package batch\n\n");
        let said = |package: &str| {
            let rules = [
                (
                    "violation",
                    "[f.details.path, object.get(f.details, [\"related\"], []), object.get(f.details, [\"fix\"], [])]",
                ),
                ("warn", "[f.details.path, object.get(f.details, [\"fix\"], [])]"),
                ("unknown", "f.details.path"),
                ("manual", "f.details.path"),
            ];
            let rules = rules.map(|(rule, what)| format!("{{{what} | some f in data.flux.{package}.{rule}}}"));
            format!("[{{true | data.flux.{package}.subject}}, {}]", rules.join(", "))
        };
        _ = write!(text, "said := {}\n\nothers := {{\n", said(slug));
        for mutant in mutants {
            _ = writeln!(text, "\t\"{mutant}\": {},", said(&format!("{slug}__m{mutant}")));
        }
        text + "}\n\n\
            different := {to_number(mutant) | own := said; some mutant, other in others; other != own}\n\n\
            differing contains mutant if {\n\
            \tsome case in data.cases\n\
            \tcase.inventory\n\
            \tsome x in case.inputs\n\
            \tfound := different with input as x with data.inventory as case.inventory\n\
            \tsome mutant in found\n\
            }\n\n\
            differing contains mutant if {\n\
            \tsome case in data.cases\n\
            \tnot case.inventory\n\
            \tsome x in case.inputs\n\
            \tfound := different with input as x\n\
            \tsome mutant in found\n\
            }\n"
    }
}
