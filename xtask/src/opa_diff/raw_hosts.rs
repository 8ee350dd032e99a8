//! conftest and `opa exec`, which pass manifests as they are: nothing wraps them, and nothing must pass for that.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, bail};
use policy_core::oracle::RawControl;
use policy_core::{Limits, Source, SourceId, parse};
use serde_json::{Value, json};

use super::batch::{self, Case};
use super::{Tally, cases};
use crate::fixtures::Fixture;
use crate::shell;

/// What `opa eval` says of the documents of one fixture, as bare inputs: by document, then by control.
type Expected = Vec<BTreeMap<String, RawControl>>;

/// Runs both over the pass and fail fixtures of the controls that need nothing but the object.
pub(super) fn run(opa: &Path, conftest: &Path, scratch: &Path, fixtures: &[Fixture]) -> Result<()> {
    let controls = cases::controls()?;
    let slugs: Vec<&str> = controls
        .iter()
        .filter(|control| control.reads.is_empty())
        .map(|c| c.slug.as_str())
        .collect();
    let chosen: Vec<&Fixture> = fixtures
        .iter()
        .filter(|fixture| fixture.is_decided() && slugs.contains(&fixture.slug.as_str()))
        .collect();
    let documents: Vec<Vec<Value>> = chosen.iter().map(|fixture| documents(fixture)).collect();
    let cases: Vec<Case> = chosen
        .iter()
        .zip(&documents)
        .map(|(fixture, documents)| case(fixture, documents))
        .collect();
    let answers = batch::evaluate(opa, scratch, &slugs, &cases)?;
    let expected: Vec<Expected> = answers
        .into_iter()
        .map(|answer| {
            answer
                .outcomes
                .into_iter()
                .map(|outcome| outcome.into_iter().collect())
                .collect()
        })
        .collect();
    shell::stage("conftest", || run_conftest(conftest, &chosen, &slugs, &expected))?;
    shell::stage("opa exec", || run_exec(opa, &chosen, &documents, &expected))
}

fn documents(fixture: &Fixture) -> Vec<Value> {
    let source = Source {
        id: SourceId(0),
        name: fixture.path.clone(),
        bytes: fixture.text.clone().into_bytes(),
    };
    parse(&source, &Limits::standard())
        .documents
        .iter()
        .map(|document| document.root.to_json())
        .collect()
}

fn case(fixture: &Fixture, documents: &[Value]) -> Case {
    Case {
        name: fixture.path.clone(),
        inventory: None,
        parameters: json!({}),
        inputs: documents.to_vec(),
    }
}

fn run_conftest(conftest: &Path, fixtures: &[&Fixture], slugs: &[&str], expected: &[Expected]) -> Result<()> {
    let mut command = shell::command(
        conftest,
        &["test", "--no-fail", "--output", "json", "--policy", "policies"],
    );
    for slug in slugs {
        command.arg(format!("--namespace=flux.{slug}"));
    }
    let printed = shell::output(command.args(fixtures.iter().map(|fixture| &fixture.path)))?;
    // By file, control and rule, sorted.
    let mut said: BTreeMap<(String, String, &str), Vec<String>> = BTreeMap::new();
    for result in serde_json::from_str::<Vec<Value>>(&printed)? {
        let field = |name: &str| {
            result[name]
                .as_str()
                .map(str::to_owned)
                .with_context(|| format!("no {name}"))
        };
        let slug = field("namespace")?.trim_start_matches("flux.").to_owned();
        for (list, rule) in [("failures", "violation"), ("warnings", "warn")] {
            let messages = result[list].as_array().into_iter().flatten().map(|result| {
                let mut raw = result["metadata"].clone();
                raw["msg"] = result["msg"].clone();
                raw.as_object_mut().map(|raw| raw.remove("query"));
                batch::finding(&raw).to_string()
            });
            said.entry((field("filename")?, slug.clone(), rule))
                .or_default()
                .extend(messages);
        }
    }
    let mut tally = Tally::default();
    let mut findings = 0;
    for (fixture, expected) in fixtures.iter().zip(expected) {
        for slug in slugs {
            for rule in ["violation", "warn"] {
                let wanted = expected.iter().flat_map(|control| match rule {
                    "violation" => &control[*slug].violation,
                    _ => &control[*slug].warn,
                });
                let mut wanted: Vec<String> = wanted.map(Value::to_string).collect();
                let mut found = said
                    .remove(&(fixture.path.clone(), (*slug).to_owned(), rule))
                    .unwrap_or_default();
                wanted.sort();
                found.sort();
                findings += found.len();
                tally.equal(&wanted, &found, || {
                    format!(
                        "{}: {slug}: {rule}\n  opa eval: {wanted:?}\n  conftest: {found:?}",
                        fixture.path
                    )
                });
            }
        }
    }
    if findings == 0 {
        bail!("conftest found nothing at all");
    }
    if let Some((unknown, _)) = said.iter().find(|(_, messages)| !messages.is_empty()) {
        bail!("conftest speaks of {unknown:?}, which nobody asked");
    }
    tally.close(&format!(
        "conftest, {findings} findings: sets of a file, control and rule"
    ))
}

/// `opa exec` reads one document a file.
fn run_exec(opa: &Path, fixtures: &[&Fixture], documents: &[Vec<Value>], expected: &[Expected]) -> Result<()> {
    let mut chosen: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, fixture) in fixtures.iter().enumerate() {
        if documents[at].len() == 1 && fixture.path.contains("/fail") {
            chosen.entry(&fixture.slug).or_default().push(at);
        }
    }
    let mut tally = Tally::default();
    let mut failed = 0;
    for (slug, chosen) in chosen {
        let decision = format!("flux/{slug}/violation");
        let mut command = shell::command(opa, &["exec", "--bundle", "policies", "--decision", &decision]);
        let printed = shell::output(command.args(chosen.iter().map(|at| &fixtures[*at].path)))?;
        let results: Value = serde_json::from_str(&printed)?;
        for at in chosen {
            let path = &fixtures[at].path;
            let result = results["result"]
                .as_array()
                .into_iter()
                .flatten()
                .find(|result| result["path"] == path.as_str());
            let list = result.and_then(|result| result["result"].as_array());
            let list = list.with_context(|| format!("opa exec has no answer on {path}: {printed}"))?;
            let mut found: Vec<Value> = list.iter().map(batch::finding).collect();
            found.sort_by_cached_key(Value::to_string);
            let wanted = &expected[at][0][slug].violation;
            failed += usize::from(!found.is_empty());
            tally.equal(wanted, &found, || {
                format!("{path}: {slug}\n  opa eval: {wanted:?}\n  opa exec: {found:?}")
            });
        }
    }
    if failed == 0 {
        bail!("opa exec let every manifest pass");
    }
    tally.close(&format!("opa exec, {failed} with findings: manifests that fail"))
}
