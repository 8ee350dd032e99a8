//! Mutants against the control's fixtures, by the strict interpreter.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use policy_core::{Catalog, ControlResult, Engine, Source, SourceId};

use crate::fixtures::Fixture;

/// A control's result on a fixture, and where its findings are.
type Verdict = (Vec<ControlResult>, BTreeSet<(u32, String)>, usize);

/// A control's fixtures and what it says of them.
pub(super) struct Fixed<'f> {
    path: &'f str,
    fixtures: Vec<(&'f Fixture, Verdict)>,
}

impl<'f> Fixed<'f> {
    pub(super) fn new(slug: &str, path: &'f str, text: &str, fixtures: &'f [Fixture]) -> Result<Self> {
        let own = fixtures.iter().filter(|fixture| fixture.slug == slug);
        let judged = own.map(|fixture| Ok((fixture, judge(fixture, path, text)?)));
        Ok(Self {
            path,
            fixtures: judged.collect::<Result<_>>()?,
        })
    }

    /// Whether a fixture tells the mutant from the control.
    pub(super) fn kills(&self, mutant: &str) -> Result<bool> {
        for (fixture, verdict) in &self.fixtures {
            if judge(fixture, self.path, mutant)? != *verdict {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn judge(fixture: &Fixture, path: &str, text: &str) -> Result<Verdict> {
    let source = Source {
        id: SourceId(0),
        name: path.into(),
        bytes: text.into(),
    };
    let catalog = Catalog::load(&[source]).with_context(|| path.to_owned())?;
    let config = fixture.config(catalog.controls());
    let report = Engine::new(catalog, config)?.check(fixture.request(None));
    let controls = report.clusters.iter().flat_map(|cluster| &cluster.controls);
    let findings = report.findings.iter();
    Ok((
        controls.map(|control| control.result).collect(),
        findings
            .map(|finding| (finding.location.line, finding.pointer.clone()))
            .collect(),
        report.problems.len(),
    ))
}
