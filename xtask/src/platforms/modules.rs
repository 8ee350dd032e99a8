//! The engine as WebAssembly, under wasmtime and in Node: the same reports, byte for byte.

use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use policy_core::{Report, api};
use rayon::prelude::*;
use serde_json::json;

use super::Verdicts;
use crate::hosts::Host;
use crate::opa_diff::Tally;
use crate::parity::Same;
use crate::scratch::Scratch;
use crate::{fixtures, npm, parity, shell, wasm};

const SCRIPT: &str = include_str!("modules/answers.mjs");
const EXAMPLES: [&str; 3] = ["examples/hardened", "examples/insecure", "examples/platform"];

/// A check, as the plain interface takes it, and what the engine answers.
struct Case {
    name: String,
    request: String,
    answer: String,
}

/// Every file of the corpus, and every example as a folder.
pub(crate) fn run() -> Result<Verdicts> {
    let cases = shell::stage("native", cases)?;
    let mut same = Same::new();
    for case in &cases {
        let report = report(&case.answer).with_context(|| case.name.clone())?;
        for control in parity::decided(&report) {
            *same.entry(control).or_default() += 1;
        }
    }
    let requests: Vec<String> = cases.iter().map(|case| case.request.clone()).collect();
    let mut verdicts = vec![(Host::Native, same.clone())];
    shell::stage("wasmtime", || {
        let module = wasm::ABI.build()?;
        compare("wasmtime", &cases, &answers("abi", &module, &[], &requests)?)
    })?;
    verdicts.push((Host::Wasmtime, same.clone()));
    if shell::stage("npm package", || node(&cases, &requests))? {
        verdicts.push((Host::Node, same));
    }
    Ok(verdicts)
}

fn cases() -> Result<Vec<Case>> {
    let controls = policy_core::Engine::builtin()?.controls().to_vec();
    let mut requests = Vec::new();
    let mut corpus = fixtures::corpus()?;
    // A host keeps its engine until it is asked for another.
    corpus.sort_by_cached_key(|fixture| json!(fixture.config(&controls)).to_string());
    for fixture in corpus {
        let request = fixture.request(None);
        let request = json!({
            "op": "check",
            "config": fixture.config(&controls),
            "request": {
                "sources": [{"name": fixture.path, "text": fixture.text}],
                "mode": request.mode,
                "now": request.now,
            },
        });
        requests.push((fixture.path, request.to_string()));
    }
    for example in EXAMPLES {
        let mut sources = Vec::new();
        for entry in walkdir::WalkDir::new(shell::root().join(example)).sort_by_file_name() {
            let path = entry?.into_path();
            if path.is_file() {
                let name = path.strip_prefix(shell::root())?.to_string_lossy().replace('\\', "/");
                sources.push(json!({"name": name, "text": std::fs::read_to_string(path)?}));
            }
        }
        let request = json!({"op": "check", "config": super::reviews::config(), "request": {
            "sources": sources, "folder": true, "now": super::reviews::NOW.0}});
        requests.push((example.to_owned(), request.to_string()));
    }
    let cases = requests
        .into_par_iter()
        .map_init(api::Host::new, |host, (name, request)| {
            let answer = String::from_utf8(host.call(request.as_bytes()))?;
            Ok(Case { name, request, answer })
        });
    cases.collect()
}

fn report(answer: &str) -> Result<Report> {
    let report = answer.strip_prefix("{\"ok\":").and_then(|rest| rest.strip_suffix('}'));
    Ok(serde_json::from_str(report.with_context(|| answer.to_owned())?)?)
}

fn compare(host: &str, cases: &[Case], answers: &[String]) -> Result<()> {
    let mut tally = Tally::default();
    for (case, answer) in cases.iter().zip(answers) {
        tally.equal(&case.answer, answer, || {
            format!("{}\n  native: {}\n  {host}: {answer}", case.name, case.answer)
        });
    }
    tally.close(&format!("{host}: reports"))
}

/// Whether there is a Node.
fn node(cases: &[Case], requests: &[String]) -> Result<bool> {
    let Some(package) = npm::folder()? else {
        return Ok(false);
    };
    let scratch = Scratch::new("npm-parity")?;
    let script = scratch.0.join("answers.mjs");
    std::fs::write(&script, SCRIPT)?;
    let answers = on_every_core(requests, |requests| {
        let mut node = shell::command("node", &[]);
        lines(node.arg(&script).arg(package.join("node.js")), requests)
    })?;
    compare("npm", cases, &answers)?;
    Ok(true)
}

/// What a module answers to each input, under wasmtime.
pub(super) fn answers(interface: &str, module: &Path, args: &[&str], inputs: &[String]) -> Result<Vec<String>> {
    let mut example = vec!["--quiet", "--example", "answers"];
    shell::run(shell::cargo(&["build"]).args(&example))?;
    example.extend(["--", interface]);
    on_every_core(inputs, |inputs| {
        lines(shell::cargo(&["run"]).args(&example).arg(module).args(args), inputs)
    })
}

/// The answers of as many processes as there are cores.
fn on_every_core(
    inputs: &[String],
    answers: impl Fn(&[String]) -> Result<Vec<String>> + Send + Sync,
) -> Result<Vec<String>> {
    let share = inputs.len().div_ceil(rayon::current_num_threads()).max(1);
    let answers: Vec<Vec<String>> = inputs.par_chunks(share).map(answers).collect::<Result<_>>()?;
    Ok(answers.into_iter().flatten().collect())
}

/// A line for each line.
fn lines(command: &mut std::process::Command, inputs: &[String]) -> Result<Vec<String>> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let mut input = child.stdin.take().context("no standard input")?;
    let output = std::thread::scope(|scope| {
        let writing = scope.spawn(move || inputs.iter().try_for_each(|line| writeln!(input, "{line}")));
        let output = child.wait_with_output();
        // A program that stopped early says itself why.
        drop(writing.join());
        output
    })?;
    if !output.status.success() {
        bail!("{command:?}: {}", output.status);
    }
    let answers: Vec<String> = String::from_utf8(output.stdout)?.lines().map(str::to_owned).collect();
    if answers.len() != inputs.len() {
        bail!("{command:?}: {} answers to {} inputs", answers.len(), inputs.len());
    }
    Ok(answers)
}
