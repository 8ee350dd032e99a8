//! `examples/platform`, a dump of a whole cluster: every control has a result on it that is explained, and with the
//! other examples every family of controls has what passes and what fails.

#![allow(clippy::indexing_slicing, reason = "tests may")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

const ALL: &str = "base,shared,dedicated,hard";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the root")
        .to_path_buf()
}

/// The report on an example in every profile.
fn report(example: &str) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_flux-audit"))
        .args(["check", example, "--profile", ALL, "--format", "json"])
        .args(["--now", "2026-11-22T00:00:00Z"])
        .current_dir(root())
        .output()
        .expect("the program starts");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value[name].as_array().expect(name)
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().expect(name)
}

/// The controls of `policies/ids.lock` in a state.
fn ids(state: &str) -> BTreeSet<String> {
    let lock = std::fs::read_to_string(root().join("policies/ids.lock")).expect("the lock");
    let rows = lock.lines().filter(|line| !line.starts_with('#'));
    let rows = rows.map(|line| line.split_whitespace().collect::<Vec<_>>());
    rows.filter(|row| row.last() == Some(&state))
        .map(|row| row[0].to_owned())
        .collect()
}

/// `FX-NET` of `FX-NET-03`.
fn family(id: &str) -> &str {
    id.rsplit_once('-').expect("a number").0
}

#[test]
fn every_control_has_a_result_and_a_reason() {
    let report = report("examples/platform");
    assert_eq!(report["mode"], "dump");
    assert_eq!(report["verdict"], "fail");
    assert_eq!(report["problems"], serde_json::json!([]));
    let [cluster] = list(&report, "clusters") else {
        unreachable!("a dump is one cluster")
    };
    let controls = list(cluster, "controls");
    let judged: BTreeSet<String> = controls.iter().map(|control| text(control, "id").to_owned()).collect();
    assert_eq!(judged, ids("active"));
    for control in controls {
        let explained = !text(control, "reason").trim().is_empty();
        let decided = ["pass", "fail"].contains(&text(control, "result"));
        assert!(decided || explained, "{control}");
    }
}

#[test]
fn markers_are_exactly_the_findings() {
    let mut marked = BTreeSet::new();
    for entry in std::fs::read_dir(root().join("examples/platform")).expect("the example") {
        let path = entry.expect("a file").path();
        let name = path.strip_prefix(root()).expect("in the repository").to_owned();
        let name = name.to_str().expect("UTF-8").replace('\\', "/");
        let manifest = std::fs::read_to_string(&path).expect("UTF-8");
        let lines = manifest.lines().zip(1_u64..);
        let lines = lines.filter_map(|(line, number)| Some((number, line.split_once(" # ~ ")?.1)));
        for (line, markers) in lines {
            let markers = markers.split(';').map(|marker| marker.trim().to_owned());
            marked.extend(markers.map(|marker| (name.clone(), line, marker)));
        }
    }
    let report = report("examples/platform");
    let found = list(&report, "findings").iter().map(|finding| {
        let location = &finding["location"];
        let marker = format!("{} {}", text(finding, "control"), text(finding, "pointer"));
        let line = location["line"].as_u64().expect("a line");
        (text(location, "source").to_owned(), line, marker)
    });
    let found: BTreeSet<_> = found.collect();
    let missing: Vec<_> = marked.difference(&found).collect();
    let unmarked: Vec<_> = found.difference(&marked).collect();
    assert!(
        missing.is_empty() && unmarked.is_empty(),
        "missing {missing:#?}\nunmarked {unmarked:#?}"
    );
}

#[test]
fn every_family_passes_and_fails_somewhere() {
    let mut seen: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for example in ["examples/platform", "examples/insecure", "examples/hardened"] {
        let report = report(example);
        let clusters = list(&report, "clusters").iter();
        for control in clusters.flat_map(|cluster| list(cluster, "controls")) {
            let results = seen.entry(family(text(control, "id")).to_owned()).or_default();
            results.insert(text(control, "result").to_owned());
        }
    }
    let families: BTreeSet<String> = ids("active").iter().map(|id| family(id).to_owned()).collect();
    for name in families {
        let results = seen.get(&name).expect("every active control is judged");
        assert!(
            results.contains("pass") && results.contains("fail"),
            "{name}: {results:?}"
        );
    }
}
