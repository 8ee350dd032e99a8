//! Ours, as users get it, and the peers on the same input, in the same minutes.

mod generate;
mod measure;
mod tree;
pub(crate) mod webhook;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use anyhow::Result;

use crate::opa_diff::{CONFTEST, OPA};
use crate::scratch::Scratch;
use crate::{dist, kustomize_diff, npm, shell, wasm};
use measure::{Meter, Subject, goal};

/// Runs of each program that count, after one that warms up.
const RUNS: usize = 5;
/// Twice the larger one must not cost much more than twice as much.
const SCALING: (usize, usize) = (10_000, 20_000);

/// What to measure on.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Kind {
    /// Streams of documents
    Documents,
    /// Repositories
    Trees,
    /// The same documents in OPA's host for JavaScript, beside checks that OPA built to WebAssembly
    OpaWasm,
    /// Reviews by the webhook; only by name
    Webhook,
}

struct Bench {
    meter: Meter,
    flux_audit: PathBuf,
    opa: PathBuf,
    conftest: PathBuf,
    /// The plain module, and the program that runs it in wasmtime.
    abi: PathBuf,
    host_check: PathBuf,
    /// `None` where there is no Node.
    npm_package: Option<PathBuf>,
    input: PathBuf,
    scratch: Scratch,
}

/// Measures at each size, on YAML and on JSON. It prints whether each goal is met, and fails only where a program does.
pub(crate) fn run(input: &Path, sizes: &[usize]) -> Result<()> {
    let Some(opa) = shell::go_program(OPA.0, OPA.1, OPA.2)? else {
        return Ok(());
    };
    let Some(conftest) = shell::go_program(CONFTEST.0, CONFTEST.1, CONFTEST.2)? else {
        return Ok(());
    };
    let (flux_audit, abi, npm_package) = shell::stage("build", || {
        let host = ["build", "--release", "--package", "host-test", "--example", "check"];
        shell::run(&mut shell::cargo(&host))?;
        Ok((flux_audit()?, wasm::ABI.build()?, npm::folder()?))
    })?;
    let scratch = Scratch::new("bench")?;
    let input = std::path::absolute(input)?;
    let bench = Bench {
        meter: Meter::new(&scratch.0)?,
        flux_audit,
        opa,
        conftest,
        abi,
        host_check: shell::target_dir().join("release/examples/check"),
        npm_package,
        input,
        scratch,
    };
    bench.generate(sizes)?;
    for size in sizes {
        bench.compare(*size)?;
    }
    bench.scale()
}

/// Ours, built once for all kinds of input.
fn flux_audit() -> Result<PathBuf> {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    if let Some(program) = BUILT.get() {
        return Ok(program.clone());
    }
    let program = dist::build()?;
    Ok(BUILT.get_or_init(|| program).clone())
}

/// Writes a repository of about so many files, the same one each time.
pub(crate) fn write_repository(root: PathBuf, files: usize) -> Result<()> {
    generate::write(root, files).map(drop)
}

/// Measures on generated repositories of so many files.
pub(crate) fn run_trees(input: &Path, sizes: &[usize]) -> Result<()> {
    let Some(conftest) = shell::go_program(CONFTEST.0, CONFTEST.1, CONFTEST.2)? else {
        return Ok(());
    };
    let Some(kustomize) = kustomize_diff::program()? else {
        return Ok(());
    };
    let programs = tree::Programs {
        flux_audit: shell::stage("build", flux_audit)?,
        kustomize,
        conftest,
    };
    tree::run(&programs, &std::path::absolute(input)?.join("ten-checks.rego"), sizes)
}

impl Bench {
    fn generate(&self, sizes: &[usize]) -> Result<()> {
        let mut python = shell::command("python3", &[]);
        python
            .arg(self.input.join("gen.py"))
            .args(sizes.iter().chain([&SCALING.0, &SCALING.1]).map(usize::to_string));
        shell::run(python.current_dir(&self.scratch.0))?;
        // conftest takes every module of a folder.
        let checks = self.scratch.0.join("checks");
        std::fs::create_dir_all(&checks)?;
        std::fs::copy(self.input.join("ten-checks.rego"), checks.join("ten-checks.rego"))?;
        Ok(())
    }

    fn compare(&self, size: usize) -> Result<()> {
        let (yaml, json) = (self.file(size, "yaml"), self.file(size, "json"));
        println!("\n{size} documents (ours: every control; peers: ten checks)");
        let checks = self.scratch.0.join("checks").to_string_lossy().into_owned();
        let conftest = Subject {
            name: "conftest, YAML",
            program: self.conftest.clone(),
            args: vec!["test".into(), "-p".into(), checks, yaml.clone()],
        };
        let [ours, theirs] = self
            .meter
            .in_turn([self.ours("flux-audit, YAML", &yaml), conftest], RUNS)?;
        goal(
            "YAML: conftest's time by ours",
            theirs.seconds / ours.seconds,
            |ratio| ratio >= 5.0,
            "at least 5",
        );
        goal(
            "YAML: our peak memory by conftest's",
            ours.peak_mb / theirs.peak_mb,
            |ratio| ratio <= 1.0,
            "at most 1",
        );
        let [ours, theirs] = self
            .meter
            .in_turn([self.ours("flux-audit, JSON", &json), self.opa_eval(&json)], RUNS)?;
        goal(
            "JSON: opa eval's time by ours",
            theirs.seconds / ours.seconds,
            |ratio| ratio >= 1.0,
            "at least 1",
        );
        goal(
            "JSON: our peak memory by opa eval's",
            ours.peak_mb / theirs.peak_mb,
            |ratio| ratio <= 1.0,
            "at most 1",
        );
        self.stages(&yaml)?;
        self.stages(&json)?;
        self.hosts(&yaml)
    }

    /// The same check inside other hosts, where the engine is loaded already.
    fn hosts(&self, yaml: &str) -> Result<()> {
        let mut times = shell::output(Command::new(&self.host_check).arg(&self.abi).arg(yaml))?;
        match &self.npm_package {
            Some(package) => {
                let script = shell::root().join("wasm/test/bench.mjs");
                times += &shell::output(Command::new("node").arg(script).arg(package).arg(yaml))?;
            }
            None => times += "Node (not there)",
        }
        let times: Vec<&str> = times.lines().collect();
        println!("  one check of the YAML, seconds: {}", times.join(", "));
        Ok(())
    }

    fn scale(&self) -> Result<()> {
        println!("\n{} documents against {}", SCALING.1, SCALING.0);
        let [small, large] = self.meter.in_turn(
            [
                self.ours("flux-audit, 10,000", &self.file(SCALING.0, "yaml")),
                self.ours("flux-audit, 20,000", &self.file(SCALING.1, "yaml")),
            ],
            RUNS,
        )?;
        goal(
            "YAML: time of 20,000 by that of 10,000",
            large.seconds / small.seconds,
            |ratio| ratio <= 2.3,
            "at most 2.3",
        );
        Ok(())
    }

    fn file(&self, size: usize, extension: &str) -> String {
        self.scratch
            .0
            .join(format!("in-{size}.{extension}"))
            .to_string_lossy()
            .into_owned()
    }

    fn ours(&self, name: &'static str, file: &str) -> Subject {
        let options = [
            "check",
            file,
            "--mode",
            "render",
            "--profile",
            "base,shared,dedicated,hard",
            "--format",
            "json",
        ];
        Subject {
            name,
            program: self.flux_audit.clone(),
            args: options.map(String::from).to_vec(),
        }
    }

    fn opa_eval(&self, json: &str) -> Subject {
        let modules =
            ["ten-checks.rego", "batch.rego"].map(|name| self.input.join(name).to_string_lossy().into_owned());
        let [checks, batch] = modules;
        let options = [
            "eval",
            "-f",
            "raw",
            "-d",
            &checks,
            "-d",
            &batch,
            "-i",
            json,
            "count(data.batch.results)",
        ];
        Subject {
            name: "opa eval, JSON",
            program: self.opa.clone(),
            args: options.map(String::from).to_vec(),
        }
    }

    /// Where the time goes, by the program's own account.
    fn stages(&self, file: &str) -> Result<()> {
        let subject = self.ours("stages", file);
        let output = Command::new(&subject.program).args(&subject.args).arg("-vv").output()?;
        let said = String::from_utf8_lossy(&output.stderr);
        let stages: Vec<&str> = said.lines().filter_map(|line| line.strip_prefix("stage ")).collect();
        let kind = file.rsplit('.').next().unwrap_or("").to_uppercase();
        println!("  stages, {kind}: {}", stages.join(", "));
        Ok(())
    }
}
