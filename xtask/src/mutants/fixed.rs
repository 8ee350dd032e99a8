//! Mutants against the control's fixtures, by the strict interpreter.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use policy_core::{Catalog, Config, ControlResult, Engine, Source, SourceId};

use crate::fixtures::Fixture;

/// A control's results on a fixture, where its findings are, and how many problems there were.
type Verdict = (Vec<ControlResult>, BTreeSet<(u32, String)>, usize);

/// A control's fixtures and what it says of them.
pub(super) struct Fixed<'f> {
    path: &'f str,
    groups: Vec<Group<'f>>,
}

/// Fixtures that one engine can check.
struct Group<'f> {
    config: Config,
    fixtures: Vec<(&'f Fixture, Verdict)>,
}

impl<'f> Fixed<'f> {
    pub(super) fn new(slug: &str, path: &'f str, text: &str, fixtures: &'f [Fixture]) -> Result<Self> {
        let catalog = catalog(path, text)?;
        let mut groups: Vec<Group> = Vec::new();
        for fixture in fixtures.iter().filter(|fixture| fixture.slug == slug) {
            let config = fixture.config(catalog.controls());
            let engine = engine(path, text, &config)?;
            let judged = (fixture, judge(&engine, fixture));
            match groups.iter_mut().find(|group| group.config == config) {
                Some(group) => group.fixtures.push(judged),
                None => groups.push(Group {
                    config,
                    fixtures: vec![judged],
                }),
            }
        }
        Ok(Self { path, groups })
    }

    /// Whether a fixture tells the mutant from the control.
    pub(super) fn kills(&self, mutant: &str) -> Result<bool> {
        for group in &self.groups {
            let engine = engine(self.path, mutant, &group.config)?;
            let differs = |(fixture, verdict): &(&Fixture, Verdict)| judge(&engine, fixture) != *verdict;
            if group.fixtures.iter().any(differs) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn catalog(path: &str, text: &str) -> Result<Catalog> {
    let source = Source {
        id: SourceId(0),
        name: path.into(),
        bytes: text.into(),
    };
    Catalog::load(&[source]).with_context(|| path.to_owned())
}

fn engine(path: &str, text: &str, config: &Config) -> Result<Engine> {
    Ok(Engine::new(catalog(path, text)?, config.clone())?)
}

fn judge(engine: &Engine, fixture: &Fixture) -> Verdict {
    let report = engine.check(fixture.request(None));
    let controls = report.clusters.iter().flat_map(|cluster| &cluster.controls);
    let findings = report.findings.iter();
    (
        controls.map(|control| control.result).collect(),
        findings
            .map(|finding| (finding.location.line, finding.pointer.clone()))
            .collect(),
        report.problems.len(),
    )
}
