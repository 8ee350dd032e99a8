//! Repositories of many layouts, `host-test/trees`, each with what an audit of it must say in its `expected.yaml`:
//!
//! - `profiles` (default: base and shared), `now`, and `exit`, the code of every format;
//! - `clusters`: all of them by name, with `fluxVersion` and results of controls (`a|b`: either);
//! - `findings`: `FILE[:LINE] CONTROL [RESULT]`, each of which has to be there; `none`: `PATH CONTROL`, of which nothing may;
//! - `inferred`: `CLUSTER CONTROL`, decided on an object that the tree only implies;
//! - `problems`: `FILE[:LINE]`, all of them (default: none); `notes`: some of them; `skipped`: how many files at least.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// What every invented secret of the trees begins with, and the same in base64.
const CANARIES: [&str; 3] = ["CANARY-", "CANARYKEY", "Q0FOQVJZL"];

fn root() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the root");
    root.to_path_buf()
}

/// The names of the trees.
fn trees() -> Vec<String> {
    let entries = std::fs::read_dir(root().join("host-test/trees")).expect("the trees");
    let mut names: Vec<String> = entries
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8"))
        .collect();
    names.sort();
    assert!(!names.is_empty());
    names
}

/// Audits a tree as the repository that it would be, in the mode that a folder has without a word.
fn check(tree: &str, expected: &Value, more: &[&str]) -> Output {
    let folder = format!("host-test/trees/{tree}");
    let profiles = match &expected["profiles"] {
        Value::Null => "base,shared".to_owned(),
        profiles => texts(profiles).join(","),
    };
    let now = expected["now"].as_str().expect("a time");
    let mut command = Command::new(env!("CARGO_BIN_EXE_flux-audit"));
    command
        .args([
            "check",
            &folder,
            "--root",
            &folder,
            "--profile",
            &profiles,
            "--now",
            now,
        ])
        .args(more)
        .current_dir(root());
    command.output().expect("the program runs")
}

fn expected(tree: &str) -> Value {
    let path = root().join("host-test/trees").join(tree).join("expected.yaml");
    let text = std::fs::read_to_string(path).expect("expected.yaml");
    policy_core::parse_value(&text).unwrap_or_else(|error| panic!("{tree}: {error}"))
}

fn texts(list: &Value) -> Vec<&str> {
    let items = list.as_array().map_or(&[][..], Vec::as_slice);
    items.iter().map(|item| item.as_str().expect("a text")).collect()
}

/// The path from the tree on.
fn within<'a>(source: &'a str, tree: &str) -> &'a str {
    let folder = format!("host-test/trees/{tree}/");
    source.strip_prefix(folder.as_str()).unwrap_or(source)
}

/// Whether `FILE[:LINE]` is the place of a finding or problem.
fn is_at(wanted: &str, source: &Value, line: &Value, tree: &str) -> bool {
    let source = within(source.as_str().unwrap_or(""), tree);
    wanted == source || wanted == format!("{source}:{line}")
}

/// Whether a path is a folder or file, or below it.
fn below(source: &str, path: &str) -> bool {
    source
        .strip_prefix(path)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// What the report does not say as it must.
fn differences(tree: &str, expected: &Value, report: &Value) -> Vec<String> {
    let mut differences = Vec::new();
    if report["mode"] != "git" {
        differences.push(format!("mode {}", report["mode"]));
    }
    differences.extend(clusters(expected, report));
    differences.extend(findings(tree, expected, report));
    differences.extend(problems(tree, expected, report));
    let skipped = report["skipped"]["files"].as_u64();
    if skipped < expected["skipped"].as_u64() {
        differences.push(format!("{skipped:?} files are skipped"));
    }
    differences
}

fn clusters(expected: &Value, report: &Value) -> Vec<String> {
    let mut differences = Vec::new();
    let wanted = expected["clusters"].as_object().expect("clusters");
    let ours = report["clusters"].as_array().expect("clusters");
    let name = |cluster: &Value| cluster["name"].as_str().expect("a name").to_owned();
    for cluster in ours.iter().filter(|cluster| !wanted.contains_key(&name(cluster))) {
        differences.push(format!("there is a cluster {}", name(cluster)));
    }
    for (wanted_name, results) in wanted {
        let Some(cluster) = ours.iter().find(|cluster| name(cluster) == *wanted_name) else {
            differences.push(format!("there is no cluster {wanted_name}"));
            continue;
        };
        for (key, result) in results.as_object().expect("results") {
            let control = control(cluster, key);
            let found = match key.as_str() {
                "fluxVersion" => &cluster["fluxVersion"],
                _ => &control["result"],
            };
            let result = result.as_str().expect("a text");
            if !result.split('|').any(|result| found == result) {
                let reason = &control["reason"];
                differences.push(format!("{wanted_name}: {key} is {found}, not {result}: {reason}"));
            }
        }
    }
    for entry in texts(&expected["inferred"]) {
        let (cluster, id) = entry.rsplit_once(' ').expect("a cluster and a control");
        let found = ours.iter().find(|one| name(one) == cluster);
        if found.is_none_or(|cluster| control(cluster, id)["inferred"] != true) {
            differences.push(format!("{entry} is not inferred"));
        }
    }
    differences
}

fn control<'a>(cluster: &'a Value, id: &str) -> &'a Value {
    let mut controls = cluster["controls"].as_array().expect("controls").iter();
    controls.find(|control| control["id"] == id).unwrap_or(&Value::Null)
}

fn findings(tree: &str, expected: &Value, report: &Value) -> Vec<String> {
    let ours = report["findings"].as_array().expect("findings");
    let mut differences = Vec::new();
    for entry in texts(&expected["findings"]) {
        let mut words = entry.split(' ');
        let (place, id) = (words.next().expect("a place"), words.next().expect("a control"));
        let result = words.next();
        let there = ours.iter().any(|finding| {
            let at = &finding["location"];
            finding["control"] == id
                && result.is_none_or(|result| finding["result"] == result)
                && is_at(place, &at["source"], &at["line"], tree)
        });
        if !there {
            let places = ours.iter().filter(|finding| finding["control"] == id);
            let places: Vec<String> = places.map(|finding| place_of(finding, tree)).collect();
            differences.push(format!("no finding {entry}; those of {id}: {}", places.join(", ")));
        }
    }
    for entry in texts(&expected["none"]) {
        let (path, id) = entry.split_once(' ').expect("a path and a control");
        let of_control = ours.iter().filter(|finding| finding["control"] == id);
        let there = of_control.map(|finding| place_of(finding, tree));
        differences.extend(
            there
                .filter(|place| below(place.split(':').next().unwrap_or(""), path))
                .map(|place| format!("{id} finds something at {place}")),
        );
    }
    differences
}

/// `FILE:LINE RESULT`.
fn place_of(finding: &Value, tree: &str) -> String {
    let at = &finding["location"];
    let source = within(at["source"].as_str().expect("a source"), tree);
    let result = finding["result"].as_str().expect("a result");
    format!("{source}:{} {result}", at["line"])
}

fn problems(tree: &str, expected: &Value, report: &Value) -> Vec<String> {
    let wanted = texts(&expected["problems"]);
    let ours = report["problems"].as_array().expect("problems");
    let is = |wanted: &str, problem: &Value| is_at(wanted, &problem["source"], &problem["line"], tree);
    let missing = wanted
        .iter()
        .filter(|wanted| !ours.iter().any(|problem| is(wanted, problem)));
    let unexpected = ours
        .iter()
        .filter(|problem| !wanted.iter().any(|wanted| is(wanted, problem)));
    let notes = report["notes"].as_array().map_or(&[][..], Vec::as_slice);
    let unnoted = texts(&expected["notes"])
        .into_iter()
        .filter(|wanted| !notes.iter().any(|note| is(wanted, note)));
    missing
        .map(|wanted| format!("no problem at {wanted}"))
        .chain(unnoted.map(|wanted| format!("no note at {wanted}")))
        .chain(unexpected.map(|problem| format!("problem {problem}")))
        .collect()
}

#[test]
fn every_tree_says_what_it_must() {
    let mut differences = Vec::new();
    for tree in trees() {
        let expected = expected(&tree);
        let exit = expected["exit"].as_i64();
        for format in ["text", "json"] {
            let output = check(&tree, &expected, &["--format", format]);
            let code = output.status.code().map(i64::from);
            if code != exit {
                differences.push(format!("{tree}: exit code {code:?} and not {exit:?} as {format}"));
            }
            if format == "json" && !output.stdout.is_empty() {
                let report = serde_json::from_slice(&output.stdout).expect("JSON");
                let told = self::differences(&tree, &expected, &report);
                differences.extend(told.into_iter().map(|difference| format!("{tree}: {difference}")));
            }
        }
    }
    assert!(differences.is_empty(), "\n{}", differences.join("\n"));
}

#[test]
fn no_output_holds_a_secret() {
    let mut planted = 0;
    for tree in trees() {
        let expected = expected(&tree);
        for options in [&["--format", "json"][..], &[], &["-v"], &["-vv"], &["-q"]] {
            let output = check(&tree, &expected, &[options, &["--profile", "hard,dedicated"]].concat());
            for bytes in [&output.stdout, &output.stderr] {
                let text = String::from_utf8_lossy(bytes);
                for line in text.lines() {
                    let leaks = CANARIES.iter().any(|canary| line.contains(canary));
                    assert!(!leaks, "{tree} {options:?}: {line}");
                }
            }
        }
        planted += canaries(&root().join("host-test/trees").join(tree));
    }
    assert!(planted >= 10, "{planted} canaries are there to be found");
}

/// How many files below a folder hold one.
fn canaries(folder: &Path) -> usize {
    let entries = std::fs::read_dir(folder).expect("a folder");
    let count = |path: PathBuf| match path.is_dir() {
        true => canaries(&path),
        false => {
            let text = std::fs::read_to_string(&path).expect("a text");
            usize::from(CANARIES.iter().any(|canary| text.contains(canary)))
        }
    };
    entries.map(|entry| count(entry.expect("an entry").path())).sum()
}
