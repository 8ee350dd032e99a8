//! The exported bundle in OPA and conftest: the package `main` says of the corpus what the engine says.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use policy_core::oracle::{self, Raw, RawObject};
use policy_core::{Catalog, Config, Control, Engine, Mode, Profile, Request};
use rayon::prelude::*;
use serde_json::{Value, json};

use super::{Verdicts, place};
use crate::fixtures::{self, Fixture};
use crate::hosts::Host;
use crate::opa_diff::{CONFTEST, OPA, Tally, batch};
use crate::parity::Same;
use crate::scratch::Scratch;
use crate::shell;

/// The time of checks whose fixtures name none.
const NOW: &str = "2026-11-22T00:00:00Z";
/// Cases that one process of OPA evaluates.
const CHUNK: usize = 200;

/// Exports the bundle as a user would, and asks both programs.
pub(crate) fn run() -> Result<Verdicts> {
    let Some(opa) = shell::go_program(OPA.0, OPA.1, OPA.2)? else {
        return Ok(Vec::new());
    };
    let Some(conftest) = shell::go_program(CONFTEST.0, CONFTEST.1, CONFTEST.2)? else {
        return Ok(Vec::new());
    };
    let scratch = Scratch::new("bundle")?;
    let bundle = scratch.0.join("bundle");
    let mut export = shell::command(shell::flux_audit()?, &["export", "opa"]);
    shell::run(export.arg(&bundle))?;
    let tools = Tools {
        opa,
        conftest,
        bundle,
        scratch: scratch.0.clone(),
    };
    tools.build()?;
    let corpus = fixtures::corpus()?;
    let cases = shell::stage("evaluate the corpus", || cases(&corpus))?;
    let evaluations: Vec<Evaluation> = cases
        .iter()
        .flat_map(|case| [&case.full, &case.alone].map(evaluation))
        .collect();
    let failures: Vec<String> = [
        shell::stage("opa eval", || tools.evaluate(&evaluations)),
        shell::stage("opa eval of wrapped objects", || tools.wrapped(&cases)),
        shell::stage("conftest and opa exec", || tools.manifests(&cases)),
    ]
    .into_iter()
    .filter_map(|done| Some(format!("{:#}", done.err()?)))
    .collect();
    if !failures.is_empty() {
        bail!("{}", failures.join("\n"));
    }
    let (mut opa, mut conftest) = (Same::new(), Same::new());
    for case in &cases {
        for (of_host, judged) in [(&mut opa, &case.full), (&mut conftest, &case.alone)] {
            for control in &judged.decided {
                *of_host.entry(control.clone()).or_default() += 1;
            }
        }
    }
    Ok(vec![(Host::Opa, opa), (Host::Conftest, conftest)])
}

struct Tools {
    opa: PathBuf,
    conftest: PathBuf,
    bundle: PathBuf,
    scratch: PathBuf,
}

/// A file of the corpus, evaluated by the engine in its own mode and with its own settings; and as objects without an inventory, for
/// every profile, all files with the same settings.
struct Case {
    path: String,
    full: Judged,
    alone: Judged,
}

struct Judged {
    name: String,
    settings: Value,
    /// With the facts.
    inventory: Option<Value>,
    objects: Vec<(Value, Said)>,
    /// The controls that speak of an object, once for each.
    decided: Vec<String>,
}

/// What the package `main` says, or must say, of an object: each list sorted.
#[derive(Clone, Debug, Default, PartialEq)]
struct Said {
    deny: Vec<Value>,
    warn: Vec<Value>,
    manual: Vec<Value>,
    not_evaluated: BTreeSet<String>,
}

impl Said {
    fn sort(&mut self) {
        for list in [&mut self.deny, &mut self.warn, &mut self.manual] {
            list.sort_by_cached_key(Value::to_string);
            list.dedup();
        }
    }
}

fn cases(corpus: &[Fixture]) -> Result<Vec<Case>> {
    let controls = Engine::builtin()?.controls().to_vec();
    let everything = Config {
        profiles: vec![Profile::Base, Profile::Shared, Profile::Dedicated, Profile::Hard],
        ..Config::default()
    };
    let every_profile = Engine::new(Catalog::builtin()?, everything.clone())?;
    let mut engines: BTreeMap<String, Engine> = BTreeMap::new();
    let mut configs = Vec::new();
    for fixture in corpus {
        let config = fixture.config(&controls);
        let key = serde_json::to_string(&config)?;
        if !engines.contains_key(&key) {
            let engine = Engine::new(Catalog::builtin()?, config.clone()).with_context(|| fixture.path.clone())?;
            engines.insert(key.clone(), engine);
        }
        configs.push((config, key));
    }
    let case = |(fixture, (config, key)): (&Fixture, &(Config, String))| {
        let request = fixture.request(None);
        let request = Request {
            now: request.now.or(Some(NOW.into())),
            ..request
        };
        let full = oracle::evaluate(&engines[key], request, None);
        let request = Request {
            now: Some(NOW.into()),
            ..fixture.request(Some(Mode::Admission))
        };
        let alone = oracle::evaluate(&every_profile, request, None);
        let judged = |config: &Config, raw: &Raw| judged(&controls, config, raw).context(fixture.path.clone());
        Ok(Case {
            path: fixture.path.clone(),
            full: judged(config, &full)?,
            alone: judged(&everything, &alone)?,
        })
    };
    corpus.par_iter().zip(&configs).map(case).collect()
}

fn judged(controls: &[Control], config: &Config, raw: &Raw) -> Result<Judged> {
    let [cluster] = raw.clusters.as_slice() else {
        bail!("{} clusters", raw.clusters.len());
    };
    let mut inventory = cluster.inventory.clone();
    if let Some(inventory) = &mut inventory {
        inventory["facts"] = cluster.facts.clone().context("no facts")?;
    }
    let mut settings = raw.parameters.clone();
    settings.as_object_mut().map(|settings| settings.remove("onUnknown"));
    let objects = cluster.objects.iter().map(|object| {
        if let Some(error) = object.errors.first() {
            bail!("{}: {error}", object.name);
        }
        Ok((
            object.object.clone(),
            said(controls, config, raw.mode, inventory.is_some(), object),
        ))
    });
    let decided = cluster.objects.iter().flat_map(|object| {
        let is_decided = |control: &&Control| {
            let found = object.controls.get(&control.slug);
            found.is_some_and(|found| found.subject) && decides(control, config, raw.mode, inventory.is_some())
        };
        controls.iter().filter(is_decided).map(|control| control.id.clone())
    });
    Ok(Judged {
        decided: decided.collect(),
        name: format!("mode {}", crate::docs::word(&raw.mode)),
        objects: objects.collect::<Result<_>>()?,
        settings,
        inventory,
    })
}

fn is_selected(control: &Control, config: &Config) -> bool {
    let selected = |profile: &Profile| *profile == Profile::Base || config.profiles.contains(profile);
    control.profiles.iter().any(selected)
}

/// Whether a selected control can decide in a mode.
fn decides(control: &Control, config: &Config, mode: Mode, has_inventory: bool) -> bool {
    is_selected(control, config) && control.modes.contains(&mode) && (control.reads.is_empty() || has_inventory)
}

/// What `main` must say: of the controls of the selected profiles, those that the mode and the inventory allow to decide.
fn said(controls: &[Control], config: &Config, mode: Mode, has_inventory: bool, object: &RawObject) -> Said {
    let mut said = Said::default();
    for control in controls {
        let Some(found) = object.controls.get(&control.slug) else {
            continue;
        };
        if !is_selected(control, config) {
            continue;
        }
        if !decides(control, config, mode, has_inventory) {
            said.not_evaluated.insert(control.id.clone());
            continue;
        }
        let answers = |findings: &[Value], doubt: &str| -> Vec<Value> {
            findings
                .iter()
                .map(|finding| answer(control, object, finding, doubt))
                .collect()
        };
        said.deny.extend(answers(&found.violation, ""));
        said.warn.extend(answers(&found.warn, ""));
        said.warn.extend(answers(&found.unknown, "cannot decide: "));
        said.manual.extend(answers(&found.manual, ""));
    }
    said.sort();
    said
}

/// A finding as `main` words it.
fn answer(control: &Control, object: &RawObject, finding: &Value, doubt: &str) -> Value {
    let text = |pointer: &str| object.object.pointer(pointer).and_then(Value::as_str).unwrap_or("");
    let place = place(finding);
    let message = finding["msg"].as_str().unwrap_or("");
    let mut answer = finding.clone();
    answer["msg"] = format!("{}: {}: {doubt}{message}{place}", control.id, object.name).into();
    answer["message"] = message.into();
    answer["control"] = control.id.clone().into();
    answer["severity"] = control.severity.name().into();
    answer["object"] = json!({
        "apiVersion": text("/apiVersion"),
        "kind": text("/kind"),
        "namespace": text("/metadata/namespace"),
        "name": text("/metadata/name"),
    });
    answer
}

/// Inputs that share data, and what `main` must say of each.
struct Evaluation<'c> {
    name: String,
    settings: &'c Value,
    inventory: Option<&'c Value>,
    inputs: Vec<(Value, &'c Said)>,
}

fn evaluation(judged: &Judged) -> Evaluation<'_> {
    Evaluation {
        name: judged.name.clone(),
        settings: &judged.settings,
        inventory: judged.inventory.as_ref(),
        inputs: judged
            .objects
            .iter()
            .map(|(object, said)| (object.clone(), said))
            .collect(),
    }
}

impl Tools {
    /// OPA's own opinion of the bundle.
    fn build(&self) -> Result<()> {
        shell::run(shell::command(&self.opa, &["check", "--strict", "--bundle"]).arg(&self.bundle))?;
        let mut build = shell::command(&self.opa, &["build", "--bundle"]);
        let archive = self.scratch.join("bundle.tar.gz");
        shell::run(build.arg(&self.bundle).arg("--output").arg(&archive))?;
        let manifest = shell::output(shell::command(&self.opa, &["inspect", "--format", "json"]).arg(&archive))?;
        let manifest: Value = serde_json::from_str(&manifest)?;
        match manifest["manifest"]["revision"].as_str() {
            Some(revision) if revision.starts_with(policy_core::VERSION) => Ok(()),
            other => bail!("the built bundle has the revision {other:?}"),
        }
    }

    fn evaluate(&self, evaluations: &[Evaluation]) -> Result<()> {
        std::fs::write(self.scratch.join("batch.rego"), BATCH)?;
        let chunks = evaluations.par_chunks(CHUNK).enumerate();
        let answers = chunks
            .map(|(at, chunk)| self.answers(at, chunk))
            .collect::<Result<Vec<_>>>()?;
        let mut tally = Tally::default();
        let mut findings = 0;
        for (evaluation, answers) in evaluations.iter().zip(answers.iter().flatten()) {
            if evaluation.inputs.len() != answers.len() {
                bail!("{}: {} answers", evaluation.name, answers.len());
            }
            for ((input, wanted), found) in evaluation.inputs.iter().zip(answers) {
                findings += found.deny.len() + found.warn.len();
                tally.equal(*wanted, found, || {
                    format!("{}: {input}\n  ours: {wanted:?}\n  main: {found:?}", evaluation.name)
                });
            }
        }
        if findings == 0 {
            bail!("`main` found nothing at all");
        }
        tally.close(&format!("opa eval of data.main, {findings} findings: objects"))
    }

    /// By evaluation, then by input.
    fn answers(&self, number: usize, evaluations: &[Evaluation]) -> Result<Vec<Vec<Said>>> {
        let cases = evaluations.iter().map(|evaluation| {
            let inputs: Vec<&Value> = evaluation.inputs.iter().map(|(input, _)| input).collect();
            let mut case = json!({"settings": evaluation.settings, "inputs": inputs});
            if let Some(inventory) = evaluation.inventory {
                case["inventory"] = inventory.clone();
            }
            case
        });
        let data = self.scratch.join(format!("cases-{number}.json"));
        std::fs::write(&data, json!({"cases": cases.collect::<Vec<_>>()}).to_string())?;
        let mut command = shell::command(&self.opa, &["eval", "--format", "raw", "--strict-builtin-errors"]);
        command.arg("--bundle").arg(&self.bundle);
        command.arg("--data").arg(&data);
        command.arg("--data").arg(self.scratch.join("batch.rego"));
        let answers: Value = serde_json::from_str(&shell::output(command.arg("data.batch.answers"))?)?;
        std::fs::remove_file(&data)?;
        (0..evaluations.len())
            .map(|at| {
                let list = answers[at.to_string()].as_array().context("no answer")?;
                list.iter().map(read).collect()
            })
            .collect()
    }

    /// The forms in which objects arrive: in a list, in a review, combined by conftest.
    fn wrapped(&self, cases: &[Case]) -> Result<()> {
        let mut evaluations = Vec::new();
        for case in cases.iter().step_by(20) {
            for (object, said) in &case.alone.objects {
                let combined = json!([{"path": "a.yaml", "contents": object}]);
                let review = json!({"kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1", "request": {"object": object}});
                let list = json!({"kind": "List", "apiVersion": "v1", "items": [object]});
                let target = json!({"review": {"object": object}});
                let inputs = [combined, review, list, target];
                evaluations.push(Evaluation {
                    name: format!("{} (wrapped)", case.path),
                    settings: &case.alone.settings,
                    inventory: None,
                    inputs: inputs.map(|input| (input, said)).into(),
                });
            }
        }
        self.evaluate(&evaluations)
    }

    /// conftest and `opa exec` on the files as they are, with a folder of settings.
    fn manifests(&self, cases: &[Case]) -> Result<()> {
        let settings = &cases.first().context("no fixtures")?.alone.settings;
        let folder = self.scratch.join("settings");
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join(".manifest"), r#"{"roots": ["flux_audit"]}"#)?;
        std::fs::write(folder.join("data.json"), json!({"flux_audit": settings}).to_string())?;
        let chunks = cases.par_chunks(CHUNK);
        let done = chunks.map(|cases| Ok((self.conftest(&folder, cases)?, self.exec(&folder, cases)?)));
        let done = done.collect::<Result<Vec<_>>>()?;
        let (mut conftest, mut exec) = (Tally::default(), Tally::default());
        for (tested, executed) in done {
            conftest.add(tested);
            exec.add(executed);
        }
        conftest.close("conftest, failures and warnings of a file")?;
        exec.close("opa exec, findings of a file")
    }

    fn conftest(&self, settings: &Path, cases: &[Case]) -> Result<Tally> {
        let mut command = shell::command(&self.conftest, &["test", "--no-fail", "--output", "json"]);
        command.arg("--policy").arg(&self.bundle).arg("--data").arg(settings);
        let printed = shell::output(command.args(cases.iter().map(|case| &case.path)))?;
        let mut found: BTreeMap<String, [Vec<String>; 2]> = BTreeMap::new();
        for result in serde_json::from_str::<Vec<Value>>(&printed)? {
            let file = result["filename"].as_str().context("no filename")?.to_owned();
            let lists = found.entry(file).or_default();
            for (list, name) in lists.iter_mut().zip(["failures", "warnings"]) {
                list.extend(result[name].as_array().into_iter().flatten().map(message));
            }
        }
        let mut tally = Tally::default();
        for case in cases {
            let mut wanted: [Vec<String>; 2] = Default::default();
            for (_, said) in &case.alone.objects {
                wanted[0].extend(said.deny.iter().map(message));
                wanted[1].extend(said.warn.iter().map(message));
            }
            let mut found = found.remove(&case.path).unwrap_or_default();
            wanted.iter_mut().chain(&mut found).for_each(|list| list.sort());
            tally.equal(&wanted, &found, || {
                format!("{}\n  ours:     {wanted:?}\n  conftest: {found:?}", case.path)
            });
        }
        Ok(tally)
    }

    /// `opa exec` reads the first document of a file.
    fn exec(&self, settings: &Path, cases: &[Case]) -> Result<Tally> {
        let single: Vec<&Case> = cases.iter().filter(|case| case.alone.objects.len() == 1).collect();
        let mut tally = Tally::default();
        if single.is_empty() {
            return Ok(tally);
        }
        let mut command = shell::command(&self.opa, &["exec", "--decision", "main/deny"]);
        command.arg("--bundle").arg(&self.bundle).arg("--bundle").arg(settings);
        let printed = shell::output(command.args(single.iter().map(|case| &case.path)))?;
        let printed: Value = serde_json::from_str(&printed)?;
        let results = printed["result"].as_array().context("no results")?;
        for case in single {
            let result = results.iter().find(|result| result["path"] == case.path.as_str());
            let list = result.and_then(|result| result["result"].as_array());
            let list = list.with_context(|| format!("opa exec has no answer on {}: {result:?}", case.path))?;
            let mut found: Vec<Value> = list.iter().map(batch::finding).collect();
            found.sort_by_cached_key(Value::to_string);
            let wanted = &case.alone.objects[0].1.deny;
            tally.equal(wanted, &found, || {
                format!("{}\n  ours:     {wanted:?}\n  opa exec: {found:?}", case.path)
            });
        }
        Ok(tally)
    }
}

/// Asks `main` about every input of every case.
const BATCH: &str = "package batch

answers[i] := outcomes if {
	some i, case in data.cases
	case.inventory
	outcomes := [said |
		some one in case.inputs
		said := outcome with input as one with data.inventory as case.inventory with data.flux_audit as case.settings
	]
}

answers[i] := outcomes if {
	some i, case in data.cases
	not case.inventory
	outcomes := [said | some one in case.inputs; said := outcome with input as one with data.flux_audit as case.settings]
}

outcome := {
	\"deny\": data.main.deny,
	\"warn\": data.main.warn,
	\"manual\": data.main.manual,
	\"not_evaluated\": {skipped.control | some skipped in data.main.not_evaluated},
}
";

fn read(answer: &Value) -> Result<Said> {
    let list = |name: &str| answer[name].as_array().with_context(|| format!("no `{name}`"));
    let findings = |name: &str| Ok::<_, anyhow::Error>(list(name)?.iter().map(batch::finding).collect());
    let mut said = Said {
        deny: findings("deny")?,
        warn: findings("warn")?,
        manual: findings("manual")?,
        not_evaluated: list("not_evaluated")?
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
    };
    said.sort();
    Ok(said)
}

fn message(finding: &Value) -> String {
    finding["msg"].as_str().unwrap_or("").to_owned()
}
