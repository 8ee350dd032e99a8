//! The manifests as the real kustomize renders them, under our own audit.

use std::process::Command;

use anyhow::{Result, bail, ensure};
use policy_core::{Catalog, Config, ControlResult, Engine, Input, Mode, Profile, Report, Request, Source, SourceId};

use crate::{kustomize_diff, shell};

/// An audit wants some Flux to speak of.
const FLUX: &str = "
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata:
  name: flux-system
  namespace: flux-system
spec:
  interval: 1h
  url: https://git.example.com/fleet
";

pub(crate) fn run() -> Result<()> {
    let Some(kustomize) = kustomize_diff::program()? else {
        return Ok(());
    };
    let folder = shell::root().join("platforms/webhook");
    let rendered = shell::output(Command::new(&kustomize).arg("build").arg(&folder))?;
    nothing_is_wrong_with(&rendered)?;
    pods_are_as_those_of_flux_must_be(&rendered)?;
    cert_manager_can_be_added(&kustomize, &rendered)
}

/// All profiles, and no finding at any severity about an object of ours.
fn nothing_is_wrong_with(rendered: &str) -> Result<()> {
    let everything = Config {
        profiles: vec![Profile::Base, Profile::Shared, Profile::Dedicated, Profile::Hard],
        ..Config::default()
    };
    let report = audit(everything, format!("{rendered}{FLUX}"))?;
    let ours: Vec<_> = report
        .findings
        .iter()
        .filter(|finding| finding.object.name.starts_with("flux-audit"))
        .collect();
    ensure!(ours.is_empty(), "the manifests have findings: {ours:#?}");
    Ok(())
}

/// The same pods under the labels of a controller: whatever Flux's own pods have to hold, these hold.
fn pods_are_as_those_of_flux_must_be(rendered: &str) -> Result<()> {
    const NAME: &str = "app.kubernetes.io/name: flux-audit";
    ensure!(rendered.contains(NAME), "the label that stands for Flux's own is gone");
    let pods = Config {
        select: vec!["FX-PSS".into()],
        profiles: vec![Profile::Base, Profile::Hard],
        ..Config::default()
    };
    let flux = "app.kubernetes.io/part-of: flux";
    let component = "app.kubernetes.io/component: source-controller";
    // Every place in which the label stands, at its own indentation.
    let relabelled: String = rendered
        .lines()
        .flat_map(|line| match line.split_once(NAME) {
            Some((indent, _)) => vec![format!("{indent}{flux}\n"), format!("{indent}{component}\n")],
            None => vec![format!("{line}\n")],
        })
        .collect();
    let report = audit(pods, relabelled)?;
    ensure!(
        report.findings.is_empty(),
        "a controller may not have such pods: {:#?}",
        report.findings
    );
    let passed: Vec<&str> = report
        .clusters
        .iter()
        .flat_map(|cluster| &cluster.controls)
        .filter(|control| control.result == ControlResult::Pass)
        .map(|control| control.id.as_str())
        .collect();
    println!("as pods of Flux they pass {}", passed.join(", "));
    ensure!(
        passed.contains(&"FX-PSS-07"),
        "FX-PSS-07 does not take the pods for Flux's"
    );
    Ok(())
}

fn cert_manager_can_be_added(kustomize: &std::path::Path, plain: &str) -> Result<()> {
    let scratch = crate::scratch::Scratch::new("cert-manager")?;
    let overlay = scratch.0.join("overlay");
    std::fs::create_dir_all(&overlay)?;
    shell::run(
        Command::new("cp")
            .arg("-r")
            .arg(shell::root().join("platforms/webhook"))
            .arg(&scratch.0),
    )?;
    std::fs::write(
        overlay.join("kustomization.yaml"),
        "resources: [../webhook]\ncomponents: [../webhook/cert-manager]\n",
    )?;
    let rendered = shell::output(Command::new(kustomize).arg("build").arg(&overlay))?;
    for part in [
        "cert-manager.io/inject-ca-from: flux-audit/flux-audit",
        "secretName: flux-audit-tls",
    ] {
        ensure!(rendered.contains(part), "`{part}` is not in what the component adds");
    }
    ensure!(rendered.len() > plain.len(), "the component replaces what is there");
    Ok(())
}

fn audit(config: Config, manifests: String) -> Result<Report> {
    let engine = Engine::new(Catalog::builtin()?, config)?;
    let source = Source {
        id: SourceId(0),
        name: "platforms/webhook".into(),
        bytes: manifests.into_bytes(),
    };
    let report = engine.check(Request {
        inputs: vec![Input::Source(source)],
        mode: Some(Mode::Render),
        ..Request::default()
    });
    match report.problems.first() {
        Some(problem) => bail!("the manifests cannot be read: {problem:?}"),
        None => Ok(report),
    }
}
