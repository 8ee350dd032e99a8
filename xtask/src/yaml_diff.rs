//! Our loader against the Go program `xtask/yaml-diff`, which reads as kubectl does.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use policy_core::{Limits, Parsed, Source, SourceId, parse};
use serde::Deserialize;
use serde_json::Value;

use crate::shell;

/// What lies under the repository and is always read.
const FOLDERS: [&str; 3] = ["policy-core/tests/yaml", "policies", "examples"];
/// The cases of another dialect.
const KUSTOMIZE: &str = "policy-core/tests/yaml/kustomize/";
const EXCEPTIONS: &str = "xtask/yaml-diff/exceptions.txt";

/// One line of the Go program.
#[derive(Deserialize)]
struct Theirs {
    path: String,
    documents: Vec<Document>,
}

#[derive(Deserialize)]
struct Document {
    json: Option<Value>,
    error: Option<String>,
}

/// A difference that has a reason.
struct Exception {
    pattern: String,
    line: usize,
    uses: usize,
}

#[derive(Default)]
struct Counts {
    documents: usize,
    same: usize,
    refused: usize,
    excepted: usize,
}

/// Reads the repository's YAML and JSON, and that below `folder`, with both loaders.
pub(crate) fn run(folder: Option<&Path>) -> Result<()> {
    let Some(program) = program()? else { return Ok(()) };
    let root = shell::root();
    let mut paths = Vec::new();
    for folder in FOLDERS {
        files(&root.join(folder), &mut paths)?;
    }
    if let Some(folder) = folder {
        files(&std::path::absolute(folder)?, &mut paths)?;
    }
    let mut exceptions = exceptions(&root)?;
    let mut counts = Counts::default();
    let mut differences = Vec::new();
    for theirs in run_program(&program, &paths)? {
        let path = Path::new(&theirs.path);
        let name = path
            .strip_prefix(&root)
            .unwrap_or(path)
            .to_string_lossy()
            .replace('\\', "/");
        let source = Source {
            id: SourceId(0),
            name: name.clone(),
            bytes: std::fs::read(path)?,
        };
        let ours = parse(&source, &Limits::standard());
        counts.documents += theirs.documents.len();
        match compare(&ours, &theirs) {
            Ok(true) => counts.same += 1,
            Ok(false) => counts.refused += 1,
            Err(difference) => match exceptions
                .iter_mut()
                .find(|exception| matches(&exception.pattern, &name))
            {
                Some(exception) => {
                    exception.uses += 1;
                    counts.excepted += 1;
                }
                None => differences.push(format!("{name}: {difference}")),
            },
        }
    }
    let in_repository = |exception: &&Exception| FOLDERS.iter().any(|folder| exception.pattern.starts_with(folder));
    for unused in exceptions
        .iter()
        .filter(|exception| exception.uses == 0)
        .filter(in_repository)
    {
        differences.push(format!(
            "{EXCEPTIONS}:{}: `{}` excepts nothing; remove it",
            unused.line, unused.pattern
        ));
    }
    differences.iter().for_each(|difference| eprintln!("{difference}"));
    let Counts {
        documents,
        same,
        refused,
        excepted,
    } = counts;
    println!(
        "yaml-diff: {} files with {documents} documents: {same} read alike, {refused} refused by both, {excepted} excepted, {} differ",
        paths.len(),
        differences.len()
    );
    if !differences.is_empty() {
        bail!("{} differences from sigs.k8s.io/yaml", differences.len());
    }
    Ok(())
}

/// Whether both read the file alike (or refuse it: `false`).
fn compare(ours: &Parsed, theirs: &Theirs) -> Result<bool, String> {
    let error = theirs.documents.iter().find_map(|document| document.error.as_deref());
    let refusal = ours.problems.iter().find(|problem| problem.code != "duplicate-key");
    match (refusal, error) {
        (None, Some(error)) => return Err(format!("we read what Go refuses: {error}")),
        (Some(problem), None) => {
            let line = problem.line.unwrap_or(0);
            return Err(format!(
                "we refuse what Go reads: line {line}: {}: {}",
                problem.code, problem.message
            ));
        }
        // The report is incomplete whatever else the file holds.
        (Some(_), Some(_)) => return Ok(false),
        (None, None) => {}
    }
    let documents: Vec<&Value> = theirs
        .documents
        .iter()
        .filter_map(|document| document.json.as_ref())
        .collect();
    if documents.len() != ours.documents.len() {
        return Err(format!(
            "we read {} documents, Go {}",
            ours.documents.len(),
            documents.len()
        ));
    }
    for (at, (ours, theirs)) in ours.documents.iter().zip(documents).enumerate() {
        if let Some(place) = difference(&ours.root.to_json(), theirs) {
            return Err(format!("document {}: {place}", at + 1));
        }
    }
    Ok(true)
}

/// The first place where two values differ.
fn difference(ours: &Value, theirs: &Value) -> Option<String> {
    match (ours, theirs) {
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            let mut pairs = left.iter().zip(right).enumerate();
            pairs.find_map(|(at, (left, right))| Some(format!("/{at}{}", difference(left, right)?)))
        }
        (Value::Object(left), Value::Object(right)) if left.len() == right.len() => {
            left.iter().find_map(|(key, value)| match right.get(key) {
                Some(other) => Some(format!("/{key}{}", difference(value, other)?)),
                None => Some(format!(": Go has no key {key:?}")),
            })
        }
        _ if ours == theirs || same_number(ours, theirs) => None,
        _ => Some(format!(": we read {ours}, Go {theirs}")),
    }
}

/// Numbers are equal where their nearest floats are; one place off is the JSON reader's, here.
fn same_number(ours: &Value, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Value::Number(ours), Value::Number(theirs)) => match (ours.as_f64(), theirs.as_f64()) {
            (Some(ours), Some(theirs)) => (ours - theirs).abs() <= ours.abs() * 1e-15,
            _ => false,
        },
        _ => false,
    }
}

/// Every YAML and JSON file below a folder, but the expectations of our own tests and hidden folders.
fn files(folder: &Path, paths: &mut Vec<PathBuf>) -> Result<()> {
    let kustomize = shell::root().join(KUSTOMIZE);
    let hidden = |entry: &walkdir::DirEntry| entry.depth() > 0 && entry.file_name().to_string_lossy() == ".git";
    for entry in walkdir::WalkDir::new(folder)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| !hidden(entry))
    {
        let path = entry?.into_path();
        let is_input = path
            .extension()
            .is_some_and(|extension| ["yaml", "yml", "json"].iter().any(|e| extension == *e));
        let is_expected = path.to_string_lossy().ends_with(".expected.json");
        if path.is_file() && is_input && !is_expected && !path.starts_with(&kustomize) {
            paths.push(path);
        }
    }
    Ok(())
}

/// Lines of `PATTERN: REASON`; `*` in a pattern stands for anything.
fn exceptions(root: &Path) -> Result<Vec<Exception>> {
    let text = std::fs::read_to_string(root.join(EXCEPTIONS)).context(EXCEPTIONS)?;
    let mut exceptions = Vec::new();
    for (at, line) in text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
    {
        match line.split_once(": ") {
            Some((pattern, reason)) if !reason.trim().is_empty() => {
                exceptions.push(Exception {
                    pattern: pattern.into(),
                    line: at + 1,
                    uses: 0,
                });
            }
            _ => bail!("{EXCEPTIONS}:{}: write `PATTERN: REASON`", at + 1),
        }
    }
    Ok(exceptions)
}

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((start, rest)) => name.strip_prefix(start).is_some_and(|name| {
            (0..=name.len())
                .filter_map(|at| name.get(at..))
                .any(|tail| matches(rest, tail))
        }),
    }
}

/// The Go program, built where this version of it is not kept yet.
fn program() -> Result<Option<PathBuf>> {
    let sources = shell::root().join("xtask/yaml-diff");
    let mut hasher = DefaultHasher::new();
    for file in ["main.go", "go.mod", "go.sum"] {
        std::fs::read(sources.join(file))?.hash(&mut hasher);
    }
    let program = shell::tools()?.join(format!("yaml-diff-{:016x}", hasher.finish()));
    if program.exists() {
        return Ok(Some(program));
    }
    if shell::command("go", &["version"]).output().is_err() {
        if std::env::var_os("CI").is_some() {
            bail!("there is no Go to build xtask/yaml-diff");
        }
        eprintln!("skipped: there is no Go to build xtask/yaml-diff");
        return Ok(None);
    }
    shell::stage("build xtask/yaml-diff", || {
        let mut build = shell::command("go", &["build", "-buildvcs=false", "-o"]);
        shell::run(build.arg(&program).arg(".").current_dir(&sources))?;
        Ok(Some(program))
    })
}

fn run_program(program: &Path, paths: &[PathBuf]) -> Result<Vec<Theirs>> {
    let mut child = std::process::Command::new(program)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut stdin = child.stdin.take().context("no standard input")?;
    let list: String = paths.iter().map(|path| format!("{}\n", path.display())).collect();
    // It writes while it reads: both pipes could fill up.
    let writer = std::thread::spawn(move || stdin.write_all(list.as_bytes()));
    let output = child.wait_with_output()?;
    writer.join().map_err(|_| anyhow::anyhow!("the writer failed"))??;
    if !output.status.success() {
        bail!("{}: {}", program.display(), output.status);
    }
    let lines = String::from_utf8(output.stdout)?;
    let read: Vec<Theirs> = lines.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    if read.len() != paths.len() {
        bail!("{} answers to {} files", read.len(), paths.len());
    }
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_stands_for_anything() {
        assert!(matches("policies/*/a*.yaml", "policies/flux/x/abc.yaml"));
        assert!(matches("a", "a"));
        assert!(!matches("a*b", "ab.yaml"));
        assert!(!matches("b*", "ab"));
    }
}
