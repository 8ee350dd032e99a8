//! Ours against `opa eval`. That our two evaluators agree is a test of the engine.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result, bail};
use policy_core::oracle::{self, Raw, RawControl, RawObject};
use policy_core::{Catalog, Control, Engine, Mode, Request};
use rayon::prelude::*;
use serde_json::{Value, json};

use super::Tally;
use super::batch::{self, Case};
use crate::fixtures::{self, Fixture};
use crate::shell;

/// A fixture as we see it.
struct Evaluated {
    path: String,
    /// What OPA is asked.
    forms: &'static [Form],
    whole: Raw,
    /// In mode `admission` without any parameter: what a host gives that passes bare objects.
    bare: Raw,
}

/// Evaluates and compares every fixture, and so many with changes, each of these in one form.
pub(super) fn run(opa: &Path, scratch: &Path, fixtures: &[Fixture], mutations: usize) -> Result<()> {
    // All of them at once would not fit into memory.
    const AT_ONCE: usize = 2000;
    let evaluated = shell::stage("evaluate the fixtures", || all(fixtures, |_| &FORMS))?;
    let mut tallies = Tallies::default();
    compare(opa, scratch, &evaluated, &mut tallies)?;
    drop(evaluated);
    for mutated in fixtures::mutated(fixtures, mutations).chunks(AT_ONCE) {
        let form = |at: usize| std::slice::from_ref(&FORMS[at % FORMS.len()]);
        let evaluated = shell::stage(&format!("evaluate {} mutations", mutated.len()), || all(mutated, form))?;
        compare(opa, scratch, &evaluated, &mut tallies)?;
    }
    tallies.close()
}

/// What was compared.
#[derive(Default)]
struct Tallies {
    facts: Tally,
    results: Tally,
}

impl Tallies {
    fn close(self) -> Result<()> {
        let closed = [
            self.facts.close("facts of clusters"),
            self.results.close("results of a control on an object"),
        ];
        let failures: Vec<String> = closed
            .into_iter()
            .filter_map(|closed| Some(closed.err()?.to_string()))
            .collect();
        if failures.is_empty() {
            Ok(())
        } else {
            bail!("{}", failures.join("\n"))
        }
    }
}

/// Evaluates every fixture.
fn all(fixtures: &[Fixture], forms: impl Fn(usize) -> &'static [Form] + Sync) -> Result<Vec<Evaluated>> {
    let controls = controls()?;
    // Few configurations, and an engine takes a while.
    let mut engines: BTreeMap<String, Engine> = BTreeMap::new();
    let mut keys = Vec::new();
    for fixture in fixtures {
        let config = fixture.config(&controls);
        let key = serde_json::to_string(&config)?;
        if !engines.contains_key(&key) {
            let engine = Engine::new(Catalog::builtin()?, config).with_context(|| fixture.path.clone())?;
            engines.insert(key.clone(), engine);
        }
        keys.push(key);
    }
    let plain = Engine::builtin()?;
    let evaluate = |(at, (fixture, key)): (usize, (&Fixture, &String))| Evaluated {
        path: fixture.path.clone(),
        forms: forms(at),
        whole: oracle::evaluate(&engines[key], fixture.request(None), None),
        bare: oracle::evaluate(
            &plain,
            Request {
                now: None,
                ..fixture.request(Some(Mode::Admission))
            },
            None,
        ),
    };
    Ok(fixtures.par_iter().zip(&keys).enumerate().map(evaluate).collect())
}

/// The controls that have rules.
pub(super) fn controls() -> Result<Vec<Control>> {
    Ok(Engine::builtin()?
        .controls()
        .iter()
        .filter(|control| !control.kinds.is_empty())
        .cloned()
        .collect())
}

/// Which of the ways to put the same question a case is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// A review, with `data.inventory.facts` supplied
    Supplied,
    /// A review; the rules compute the facts
    Computed,
    /// The object is the input, and there is no inventory
    Bare,
}

const FORMS: [Form; 3] = [Form::Supplied, Form::Computed, Form::Bare];

/// Holds `opa eval` to our results.
fn compare(opa: &Path, scratch: &Path, evaluated: &[Evaluated], tallies: &mut Tallies) -> Result<()> {
    let controls = controls()?;
    let slugs: Vec<&str> = controls.iter().map(|control| control.slug.as_str()).collect();
    let mut cases = Vec::new();
    let mut owners = Vec::new();
    for case in evaluated {
        let at = owners.len();
        for form in case.forms.iter().copied() {
            let raw = if form == Form::Bare { &case.bare } else { &case.whole };
            for cluster in 0..raw.clusters.len() {
                cases.push(question(case, form, cluster)?);
                owners.push((case, form, cluster));
            }
        }
        if owners.len() == at {
            bail!("{}: nothing was evaluated", case.path);
        }
    }
    let answers = shell::stage(&format!("opa eval of {} cases", cases.len()), || {
        batch::evaluate(opa, scratch, &slugs, &cases)
    })?;
    let Tallies { facts, results } = tallies;
    for ((case, form, cluster), answer) in owners.into_iter().zip(&answers) {
        let raw = if form == Form::Bare { &case.bare } else { &case.whole };
        let cluster = &raw.clusters[cluster];
        let place = format!("{} ({})", case.path, name(form));
        if form != Form::Bare {
            facts.equal(&cluster.facts, &answer.facts, || {
                facts_difference(&place, &cluster.facts, &answer.facts)
            });
        }
        for (object, theirs) in cluster.objects.iter().zip(&answer.outcomes) {
            compare_object(results, &place, object, theirs);
        }
    }
    Ok(())
}

fn name(form: Form) -> &'static str {
    match form {
        Form::Supplied => "facts supplied",
        Form::Computed => "facts computed",
        Form::Bare => "bare input",
    }
}

fn question(case: &Evaluated, form: Form, cluster: usize) -> Result<Case> {
    let raw = if form == Form::Bare { &case.bare } else { &case.whole };
    let cluster = &raw.clusters[cluster];
    let mut inventory = cluster.inventory.clone();
    if let (Form::Supplied, Some(inventory)) = (form, &mut inventory) {
        let facts = cluster.facts.clone();
        inventory["facts"] = facts.with_context(|| format!("{}: no facts: {:?}", case.path, raw.problems))?;
    }
    let input = |object: &RawObject| match form {
        Form::Bare => object.object.clone(),
        _ => json!({"review": {"object": object.object}, "parameters": raw.parameters}),
    };
    Ok(Case {
        name: format!("{} ({})", case.path, name(form)),
        inventory,
        parameters: raw.parameters.clone(),
        inputs: cluster.objects.iter().map(input).collect(),
    })
}

/// Of a control whose `kinds` leave the object out, OPA must have nothing to say either.
fn compare_object(tally: &mut Tally, place: &str, object: &RawObject, theirs: &[(String, RawControl)]) {
    for error in &object.errors {
        tally.differences.push(format!("{place}: {}: {error}", object.name));
    }
    let silent = RawControl::default();
    for (slug, theirs) in theirs {
        let ours = object.controls.get(slug).unwrap_or(&silent);
        tally.equal(ours, theirs, || {
            format!(
                "{place}: {}: {slug}\n  ours:   {}\n  theirs: {}",
                object.name,
                show(ours),
                show(theirs)
            )
        });
    }
}

/// The parts that say something.
fn show(control: &RawControl) -> Value {
    let mut shown = json!({"subject": control.subject});
    let rules = [
        ("violation", &control.violation),
        ("warn", &control.warn),
        ("unknown", &control.unknown),
        ("manual", &control.manual),
    ];
    for (rule, findings) in rules {
        if !findings.is_empty() {
            shown[rule] = findings.clone().into();
        }
    }
    shown
}

fn facts_difference(place: &str, ours: &Option<Value>, theirs: &Option<Value>) -> String {
    let (Some(ours), Some(theirs)) = (ours, theirs) else {
        return format!("{place}: facts: ours {}, theirs {}", ours.is_some(), theirs.is_some());
    };
    let mut text = format!("{place}: facts");
    let keys = ours
        .as_object()
        .into_iter()
        .chain(theirs.as_object())
        .flat_map(|facts| facts.keys());
    for key in keys.collect::<BTreeSet<_>>() {
        if ours[key] != theirs[key] {
            text += &format!("\n  {key}\n    ours:   {}\n    theirs: {}", ours[key], theirs[key]);
        }
    }
    text
}
