//! The generated templates in Gatekeeper's own `gator`: the suites pass, and every fixture gets the engine's results.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use policy_core::Mode;
use policy_core::oracle::{RawControl, RawObject};
use rayon::prelude::*;
use serde_json::{Value, json};

use super::{Verdicts, place};
use crate::fixtures::{self, Fixture};
use crate::gatekeeper::{self, Decidable, FOLDER, Judge, Judged, Report, constraint, live_objects};
use crate::hosts::Host;
use crate::opa_diff::{Tally, batch};
use crate::parity::Same;
use crate::scratch::Scratch;
use crate::{shell, yaml};

/// The version whose behaviour the templates are held to.
pub(crate) const GATOR: (&str, &str, &str) = (
    "gator",
    "github.com/open-policy-agent/gatekeeper/v3/cmd/gator",
    "v3.23.1",
);
/// An API server keeps objects of 1.5 MB at most, in JSON and with their managed fields.
const LARGEST_TEMPLATE: u64 = 512 * 1024;

/// Runs the suites, and `gator test` on every fixture of every control that Gatekeeper can decide.
pub(crate) fn run() -> Result<Verdicts> {
    let Some(gator) = shell::go_program(GATOR.0, GATOR.1, GATOR.2)? else {
        return Ok(Vec::new());
    };
    let controls: Vec<Decidable> = gatekeeper::candidates()?.into_iter().filter_map(Result::ok).collect();
    let controls: Vec<&Decidable> = controls.iter().filter(|control| template(control).exists()).collect();
    sizes(&controls)?;
    shell::stage("gator verify", || {
        shell::run(&mut shell::command(&gator, &["verify", &format!("{FOLDER}/...")]))
    })?;
    shell::stage("gator sync test", || synchronised(&gator, &controls))?;
    let same = shell::stage("gator test", || compare(&gator, &controls))?;
    Ok(vec![(Host::Gatekeeper, same)])
}

fn template(control: &Decidable) -> PathBuf {
    shell::root()
        .join(FOLDER)
        .join(&control.control.slug)
        .join("template.yaml")
}

fn sizes(controls: &[&Decidable]) -> Result<()> {
    let mut sizes = Vec::new();
    for control in controls {
        sizes.push((
            std::fs::metadata(template(control))?.len(),
            control.control.slug.as_str(),
        ));
    }
    let (largest, slug) = sizes.iter().max().context("no templates")?;
    let all: u64 = sizes.iter().map(|(size, _)| size).sum();
    println!(
        "{} templates of {} KiB; the largest is {slug}: {} KiB",
        sizes.len(),
        all / 1024,
        largest / 1024
    );
    if *largest > LARGEST_TEMPLATE {
        bail!("the template of {slug} has {largest} bytes");
    }
    Ok(())
}

/// The SyncSet holds what the templates ask for.
fn synchronised(gator: &Path, controls: &[&Decidable]) -> Result<()> {
    let mut command = shell::command(gator, &["sync", "test", "--force-omit-gvk-manifest"]);
    command.args(["--filename", &format!("{FOLDER}/syncset.yaml")]);
    for control in controls {
        command.arg("--filename").arg(template(control));
    }
    shell::run(&mut command)
}

fn compare(gator: &Path, controls: &[&Decidable]) -> Result<Same> {
    let scratch = Scratch::new("gatekeeper")?;
    let controls: BTreeMap<&str, &Decidable> = controls.iter().map(|c| (c.control.slug.as_str(), *c)).collect();
    let mut judge = Judge::new()?;
    let mut chosen = Vec::new();
    for file in fixtures::corpus()? {
        let objects = live_objects(&file);
        let own = controls.get(file.slug.as_str());
        // An example is of every control that speaks of something in it.
        let speaking = controls
            .values()
            .filter(|control| file.is_example() && objects.iter().any(|object| control.speaks_of(object)));
        for control in own.into_iter().chain(speaking) {
            let file = file.under(&control.control.slug);
            judge.prepare(&file)?;
            chosen.push((chosen.len(), file, *control));
        }
    }
    let judge = &judge;
    let done = chosen.par_iter().map(|(at, fixture, control)| {
        let Some(alone) = judge.judge(fixture, Mode::Dump, &[])? else {
            return Ok(Done::NothingLive);
        };
        let constraints = constraints(control, &alone.parameters);
        // What `gator test` is given is its inventory, the template and the constraints too: a control that looks for
        // admission policies sees them.
        let judged = match judges_policies(control) {
            true => {
                let mut others: Vec<Value> = constraints.iter().map(|(.., constraint)| constraint.clone()).collect();
                others.push(read(&template(control))?);
                judge.judge(fixture, Mode::Dump, &others)?
            }
            false => None,
        };
        let file = scratch.0.join(format!("{at}.yaml"));
        let documents = constraints.iter().map(|(.., constraint)| constraint);
        let documents = documents.chain(alone.objects.iter().map(|object| &object.object));
        std::fs::write(&file, documents.map(yaml::document).collect::<Vec<_>>().join("---\n"))?;
        test(
            gator,
            &file,
            fixture,
            control,
            &constraints,
            judged.as_ref().unwrap_or(&alone),
        )
    });
    let done = done.collect::<Result<Vec<_>>>()?;
    let (mut tally, mut same) = (Tally::default(), Same::new());
    let (mut findings, mut without, mut refused) = (0, 0, Vec::new());
    for (done, (_, _, control)) in done.into_iter().zip(&chosen) {
        match done {
            Done::NothingLive => without += 1,
            Done::Refused(reason) => refused.push(reason),
            Done::Tested {
                judged,
                findings: found,
                tally: one,
            } => {
                *same.entry(control.control.id.clone()).or_default() += judged;
                findings += found;
                tally.add(one);
            }
        }
    }
    println!(
        "{without} fixtures hold files only, {} objects that gator does not take:",
        refused.len()
    );
    for reason in &refused {
        println!("  {reason}");
    }
    if findings == 0 {
        bail!("gator found nothing at all");
    }
    tally.close(&format!(
        "gator test, {findings} findings: results of a constraint on an object"
    ))?;
    Ok(same)
}

enum Done {
    NothingLive,
    /// What it said
    Refused(String),
    Tested {
        /// Objects that the control speaks of
        judged: usize,
        findings: usize,
        tally: Tally,
    },
}

/// Findings by constraint and object.
type Found = BTreeMap<(String, String), BTreeSet<String>>;

/// Both constraints of a control, with either setting of `onUnknown`, under names of their own.
fn constraints(control: &Decidable, parameters: &Value) -> Vec<(Report, &'static str, Value)> {
    let mut constraints = Vec::new();
    for on_unknown in ["deny", "warn"] {
        for report in [Report::Fail, Report::Warn] {
            let mut parameters = parameters.clone();
            parameters["onUnknown"] = on_unknown.into();
            let mut constraint = constraint(control, report, &parameters);
            constraint["metadata"]["name"] = format!("{}-{on_unknown}", report.constraint(control)).into();
            constraints.push((report, on_unknown, constraint));
        }
    }
    constraints
}

fn judges_policies(control: &Decidable) -> bool {
    control
        .control
        .reads
        .iter()
        .any(|kind| kind.group.ends_with(".gatekeeper.sh"))
}

/// A file with one object.
fn read(path: &Path) -> Result<Value> {
    policy_core::parse_value(&std::fs::read_to_string(path)?).map_err(anyhow::Error::msg)
}

fn test(
    gator: &Path,
    file: &Path,
    fixture: &Fixture,
    control: &Decidable,
    constraints: &[(Report, &'static str, Value)],
    judged: &Judged,
) -> Result<Done> {
    let mut wanted = Found::new();
    for (report, on_unknown, constraint) in constraints {
        let name = constraint["metadata"]["name"].as_str().context("no name")?;
        for object in &judged.objects {
            let Some(said) = object.controls.get(&control.control.slug) else {
                continue;
            };
            let expected = expected(&control.control.id, said, *report, on_unknown);
            if !expected.is_empty() {
                let key = (name.to_owned(), identity(&object.object));
                wanted.entry(key).or_default().extend(expected);
            }
        }
    }
    let mut command = shell::command(gator, &["test", "--output", "json", "--filename"]);
    command
        .arg(template(control))
        .arg("--filename")
        .arg(file)
        .env("GOGC", "off");
    let output = command.output().context("cannot start gator")?;
    std::fs::remove_file(file)?;
    let said = String::from_utf8_lossy(&output.stderr);
    let Ok(results) = serde_json::from_slice::<Option<Vec<Value>>>(&output.stdout) else {
        return Ok(Done::Refused(format!("{}: {}", fixture.path, said.trim())));
    };
    let mut found = Found::new();
    for result in results.unwrap_or_default() {
        let name = result["constraint"]["metadata"]["name"]
            .as_str()
            .context("no constraint")?
            .to_owned();
        let finding = json!({"msg": result["msg"], "details": result["metadata"]["details"]});
        let finding = batch::finding(&finding).to_string();
        found
            .entry((name, identity(&result["violatingObject"])))
            .or_default()
            .insert(finding);
    }
    let mut tally = Tally::default();
    let keys: BTreeSet<&(String, String)> = wanted.keys().chain(found.keys()).collect();
    let findings = found.values().map(BTreeSet::len).sum();
    for key in keys {
        tally.equal(&wanted.get(key), &found.get(key), || {
            format!(
                "{}: {key:?}\n  ours:  {:?}\n  gator: {:?}",
                fixture.path,
                wanted.get(key),
                found.get(key)
            )
        });
    }
    tally.equal(&wanted.len(), &found.len(), || {
        format!("{}: not the same objects", fixture.path)
    });
    let speaks = |object: &&RawObject| {
        let said = object.controls.get(&control.control.slug);
        said.is_some_and(|said| said.subject)
    };
    Ok(Done::Tested {
        judged: judged.objects.iter().filter(speaks).count(),
        findings,
        tally,
    })
}

/// What a constraint must report.
fn expected(id: &str, said: &RawControl, report: Report, on_unknown: &str) -> Vec<String> {
    let sets: Vec<(&[Value], &str)> = match (report, on_unknown) {
        (Report::Fail, "deny") => vec![(&said.violation, ""), (&said.unknown, "cannot decide: ")],
        (Report::Fail, _) => vec![(&said.violation, "")],
        (Report::Warn, "deny") => vec![(&said.warn, "")],
        (Report::Warn, _) => vec![(&said.warn, ""), (&said.unknown, "cannot decide: ")],
    };
    let findings = sets
        .into_iter()
        .flat_map(|(list, doubt)| list.iter().map(move |finding| (finding, doubt)));
    findings
        .map(|(finding, doubt)| {
            let place = place(finding);
            let mut answer = finding.clone();
            answer["msg"] = format!("{id}: {doubt}{}{place}", finding["msg"].as_str().unwrap_or("")).into();
            answer.to_string()
        })
        .collect()
}

fn identity(object: &Value) -> String {
    let metadata = &object["metadata"];
    json!([
        object["apiVersion"],
        object["kind"],
        metadata["namespace"],
        metadata["name"]
    ])
    .to_string()
}
