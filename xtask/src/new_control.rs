//! `cargo xtask new-control`: a folder that passes every test and fails its own purpose until it is filled in.

use anyhow::{Result, bail};

use crate::shell::root;

pub(crate) fn run(id: &str, slug: &str) -> Result<()> {
    if !slug
        .chars()
        .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
    {
        bail!("a slug is lower case with underscores, such as `no_submodules`");
    }
    let folder = root().join("policies/flux").join(slug);
    if folder.exists() {
        bail!("{} is already there", folder.display());
    }
    register(id, slug)?;
    std::fs::create_dir_all(folder.join("testdata"))?;
    let fill = |text: &str| text.replace("@ID@", id).replace("@SLUG@", slug);
    let files = [
        (format!("{slug}.rego"), CONTROL),
        (format!("{slug}_test.rego"), TEST),
        ("testdata/pass.yaml".into(), PASS),
        ("testdata/fail.yaml".into(), FAIL),
    ];
    for (name, text) in files {
        std::fs::write(folder.join(&name), fill(text))?;
        println!("wrote policies/flux/{slug}/{name}");
    }
    println!("now say what it is about, in the METADATA and in the rules; then `cargo xtask test`");
    Ok(())
}

/// Marks the ID as active in `ids.lock`, or adds it.
fn register(id: &str, slug: &str) -> Result<()> {
    let path = root().join("policies/ids.lock");
    let text = std::fs::read_to_string(&path)?;
    let since = env!("CARGO_PKG_VERSION");
    let line = format!("{id:<11} {slug:<33} {since:<6} active");
    let (header, mut rows): (Vec<&str>, Vec<&str>) = text.lines().partition(|line| line.starts_with('#'));
    if let Some(row) = rows.iter().find(|row| row.split_whitespace().next() == Some(id))
        && !row.ends_with("planned")
    {
        bail!("{id} is taken: {row}");
    }
    rows.retain(|row| row.split_whitespace().next() != Some(id));
    rows.push(&line);
    rows.sort_unstable();
    std::fs::write(
        path,
        header
            .into_iter()
            .chain(rows)
            .map(|line| format!("{line}\n"))
            .collect::<String>(),
    )?;
    Ok(())
}

const CONTROL: &str = r#"# METADATA
# title: Sources are not suspended
# description: Looks at `spec.suspend` of each GitRepository.
# scope: package
# related_resources:
#   - ref: https://fluxcd.io/flux/components/source/gitrepositories/
#     description: GitRepository
# custom:
#   id: @ID@
#   severity: low
#   profiles: [hard]
#   assessment: automated
#   modes: [git, render, dump, admission]
#   kinds: [source.toolkit.fluxcd.io/GitRepository]
#   reads: []
#   origin: extension
#   rationale: Say why it matters.
#   audit: Say how a person checks it.
#   remediation: Say how to mend it.
#   since: 0.1.0
package flux.@SLUG@

import data.lib.flux
import data.lib.result
import data.lib.shape

subject if flux.kind_is("source.toolkit.fluxcd.io", "GitRepository")

violation contains result.at(["spec", "suspend"], "the source is suspended") if {
	subject
	flux.object.spec.suspend == true
}

unknown contains finding if {
	subject
	some finding in shape.check([[[["spec"]], "object"], [[["spec", "suspend"]], "boolean"]])
}
"#;

const TEST: &str = r#"package flux.@SLUG@_test

import data.flux.@SLUG@ as control

source(suspend) := {
	"apiVersion": "source.toolkit.fluxcd.io/v1",
	"kind": "GitRepository",
	"metadata": {"name": "apps", "namespace": "team"},
	"spec": {"suspend": suspend},
}

test_running if {
	control.subject with input as source(false)
	count(control.violation) == 0 with input as source(false)
}

test_suspended if count(control.violation) == 1 with input as source(true)

test_wrong_type if count(control.unknown) == 1 with input as source("yes")
"#;

const PASS: &str = r"apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata:
  name: apps
  namespace: team
spec:
  interval: 10m
  url: https://git.example.com/team/apps
";

const FAIL: &str = r"apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata:
  name: apps
  namespace: team
spec:
  interval: 10m
  suspend: true # ~ /spec/suspend
  url: https://git.example.com/team/apps
";
