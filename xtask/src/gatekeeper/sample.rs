//! Samples from the fixtures, and the suite that `gator verify` runs on them. What a sample has to give is told by the name
//! of its fixture; the engine only says which object of it is meant.

use anyhow::Result;
use policy_core::oracle::{RawControl, RawObject};
use serde_json::{Value, json};

use super::{Decidable, Judge, Judged, Report, template};
use crate::fixtures::Fixture;

/// One object that gives one result.
pub(super) struct Sample {
    /// `pass`, `fail`, `unknown` or `warn`.
    pub(super) verdict: &'static str,
    object: Value,
    /// All objects of the fixture, for a control that needs them.
    inventory: Vec<Value>,
    /// Where they are not the shipped ones.
    parameters: Option<Value>,
}

impl Sample {
    fn report(&self) -> Report {
        match self.verdict {
            "warn" => Report::Warn,
            _ => Report::Fail,
        }
    }

    fn place(&self, file: &str) -> String {
        format!("samples/{}/{file}", self.verdict)
    }
}

/// One sample for each result that there is a fixture of, those with the shipped parameters first.
pub(super) fn choose(control: &Decidable, fixtures: &[Fixture], judge: &mut Judge) -> Result<Vec<Sample>> {
    let mut samples = Vec::new();
    for verdict in ["pass", "fail", "unknown", "warn"] {
        let mut own: Vec<&Fixture> = fixtures
            .iter()
            .filter(|fixture| fixture.slug == control.control.slug && is_named(fixture, verdict))
            .collect();
        own.sort_by_key(|fixture| (fixture.name().len(), fixture.path.clone()));
        let mut found: Option<Sample> = None;
        for fixture in own {
            judge.prepare(fixture)?;
            let Some(judged) = judge.judge(fixture, control.mode, &[])? else {
                continue;
            };
            let sample = sample(control, verdict, &judged);
            match &sample {
                Some(shipped) if shipped.parameters.is_none() => {
                    found = sample;
                    break;
                }
                Some(_) if found.is_none() => found = sample,
                _ => {}
            }
        }
        samples.extend(found);
    }
    Ok(samples)
}

/// `fail.yaml` and `fail-what.yaml` are fixtures of `fail`.
fn is_named(fixture: &Fixture, verdict: &str) -> bool {
    let stem = fixture.name().trim_end_matches(".yaml");
    stem.strip_prefix(verdict)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

fn sample(control: &Decidable, verdict: &'static str, judged: &Judged) -> Option<Sample> {
    let said = |object: &RawObject| object.controls.get(&control.control.slug).cloned();
    let quiet = |said: &RawControl| {
        [&said.violation, &said.unknown, &said.warn, &said.manual]
            .iter()
            .all(|list| list.is_empty())
    };
    let gives = |object: &&RawObject| {
        said(object).is_some_and(|said| match verdict {
            "pass" => said.subject && quiet(&said),
            "fail" => !said.violation.is_empty(),
            "unknown" => !said.unknown.is_empty() && said.violation.is_empty(),
            _ => !said.warn.is_empty(),
        })
    };
    let all_quiet = judged.objects.iter().filter_map(said).all(|said| quiet(&said));
    let named = |object: &&RawObject| object.object["metadata"]["name"].is_string();
    let object = judged
        .objects
        .iter()
        .filter(|object| verdict != "pass" || all_quiet && gives(object));
    let object = object.filter(named).find(gives)?;
    let needs_others = !control.control.reads.is_empty();
    let inventory = judged
        .objects
        .iter()
        .filter(|_| needs_others)
        .map(|object| object.object.clone());
    Some(Sample {
        verdict,
        object: object.object.clone(),
        inventory: inventory.collect(),
        parameters: (judged.parameters != control.parameters()).then(|| judged.parameters.clone()),
    })
}

/// The suite and the files of its samples, each with its documents.
pub(super) fn files(control: &Decidable, samples: &[Sample]) -> Vec<(String, Vec<Value>)> {
    let mut files = Vec::new();
    let mut tests = Vec::new();
    for sample in samples {
        let mut case = json!({
            "name": sample.verdict,
            "object": sample.place("object.yaml"),
            "assertions": assertions(control, sample.verdict),
        });
        files.push((sample.place("object.yaml"), vec![sample.object.clone()]));
        if !sample.inventory.is_empty() {
            files.push((sample.place("inventory.yaml"), sample.inventory.clone()));
            case["inventory"] = json!([sample.place("inventory.yaml")]);
        }
        let constraint = match &sample.parameters {
            None => sample.report().file().to_owned(),
            Some(parameters) => {
                let own = template::constraint(control, sample.report(), parameters);
                files.push((sample.place("constraint.yaml"), vec![own]));
                sample.place("constraint.yaml")
            }
        };
        tests.push(json!({
            "name": sample.verdict, "template": "template.yaml", "constraint": constraint, "cases": [case],
        }));
        if sample.verdict == "pass" && !sample.inventory.is_empty() {
            let message = format!("^{}: {}$", control.control.id, template::UNSYNCHRONISED);
            let case = json!({
                "name": "no-inventory",
                "object": sample.place("object.yaml"),
                "assertions": [{"violations": 1, "message": message}],
            });
            tests.push(json!({
                "name": "no-inventory", "template": "template.yaml", "constraint": constraint, "cases": [case],
            }));
        }
    }
    let suite = json!({
        "apiVersion": "test.gatekeeper.sh/v1alpha1",
        "kind": "Suite",
        "metadata": {"name": control.control.slug.replace('_', "-")},
        "tests": tests,
    });
    files.push(("suite.yaml".into(), vec![suite]));
    files
}

/// What the fixture's name promises.
fn assertions(control: &Decidable, verdict: &str) -> Value {
    let id = &control.control.id;
    match verdict {
        "pass" => json!([{"violations": "no"}]),
        "unknown" => json!([{"violations": "yes", "message": format!("^{id}: cannot decide: ")}]),
        _ => json!([{"violations": "yes", "message": format!("^{id}: ")}]),
    }
}
