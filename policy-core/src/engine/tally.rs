//! Adds up what was said of the objects of one cluster.

use std::collections::BTreeMap;

use super::audit::{Audit, Cluster, Outcome};
use super::judge::Judged;
use crate::catalog::Mode;
use crate::error::Problem;
use crate::report::{ClusterReport, ControlReport, ControlResult, Counts, Finding};
use crate::tree::Span;

/// The sums over one cluster.
pub(super) struct Tally<'a> {
    audit: &'a Audit<'a>,
    cluster: &'a Cluster,
    /// By the controls' numbers in the catalogue.
    sums: Vec<Sum>,
    findings: Vec<(Span, Finding)>,
    /// Findings that an exception accepts, with its number.
    accepted: Vec<(usize, Span, Finding)>,
    /// The findings that exceptions would cover if they still held, by their number.
    pub(super) lapsed: BTreeMap<usize, u64>,
    pub(super) problems: Vec<Problem>,
}

#[derive(Default)]
struct Sum {
    counts: Counts,
    inferred: bool,
    /// The first message of each result.
    reasons: BTreeMap<ControlResult, String>,
}

impl<'a> Tally<'a> {
    pub(super) fn new(audit: &'a Audit<'a>, cluster: &'a Cluster) -> Self {
        Self {
            audit,
            cluster,
            sums: audit.engine.controls.iter().map(|_| Sum::default()).collect(),
            findings: Vec::new(),
            accepted: Vec::new(),
            lapsed: BTreeMap::new(),
            problems: Vec::new(),
        }
    }

    /// Whether something was judged that makes up for the lack of Flux. In a repository and in a cluster, what passes
    /// does not; single manifests need not be an installation.
    pub(super) fn stands_for_flux(&self) -> bool {
        match self.audit.mode {
            Mode::Git | Mode::Dump => !self.findings.is_empty(),
            Mode::Render | Mode::Admission => self.sums.iter().any(|sum| sum.counts != Counts::default()),
        }
    }

    pub(super) fn add(&mut self, outcome: Outcome) {
        let Some(object) = self.cluster.inventory.objects().get(outcome.object) else {
            return;
        };
        self.problems.extend(outcome.problems);
        for control in outcome.passed {
            if let Some(sum) = self.sums.get_mut(control) {
                sum.counts.pass += 1;
                sum.inferred |= object.inferred;
            }
        }
        for judged in outcome.judged {
            self.add_judged(object.inferred, judged);
        }
        for control in outcome.missing {
            if let Some(sum) = self.sums.get_mut(control) {
                sum.counts.unknown += 1;
                sum.reasons
                    .entry(ControlResult::Unknown)
                    .or_insert_with(|| "the evaluation failed; see the problems".into());
            }
        }
    }

    fn add_judged(&mut self, inferred: bool, judged: Judged) {
        let Some(sum) = self.sums.get_mut(judged.control) else {
            return;
        };
        let count = match judged.result {
            ControlResult::Fail => &mut sum.counts.fail,
            ControlResult::Unknown => &mut sum.counts.unknown,
            ControlResult::Warn => &mut sum.counts.warn,
            ControlResult::Manual => &mut sum.counts.manual,
            ControlResult::Accepted => &mut sum.counts.accepted,
            ControlResult::Pass | ControlResult::NotApplicable => &mut sum.counts.pass,
        };
        *count += 1;
        sum.inferred |= inferred;
        for (result, reason) in judged.reasons {
            sum.reasons.entry(result).or_insert(reason);
        }
        for at in judged.lapsed {
            *self.lapsed.entry(at).or_insert(0) += judged.findings.len() as u64;
        }
        let findings = judged.findings.into_iter();
        match judged.accepted_by {
            Some(at) => self
                .accepted
                .extend(findings.map(|(span, finding)| (at, span, finding))),
            None => self.findings.extend(findings),
        }
    }

    /// The findings by place and control, and those that exceptions accept, with their numbers.
    pub(super) fn findings(&mut self) -> (Vec<Finding>, Vec<(usize, Finding)>) {
        let mut findings = std::mem::take(&mut self.findings);
        findings.sort_by(|a, b| order(a.0, &a.1).cmp(&order(b.0, &b.1)));
        let mut accepted = std::mem::take(&mut self.accepted);
        accepted.sort_by(|a, b| order(a.1, &a.2).cmp(&order(b.1, &b.2)));
        (
            findings.into_iter().map(|(_, finding)| finding).collect(),
            accepted.into_iter().map(|(at, _, finding)| (at, finding)).collect(),
        )
    }

    /// The result of each selected control, by ID.
    pub(super) fn report(self) -> ClusterReport {
        let cluster = self.cluster;
        let engine = self.audit.engine;
        let mut controls: Vec<ControlReport> = Vec::new();
        for (control, sum) in engine.controls.iter().zip(self.sums) {
            if !engine.selected.contains(&control.slug) {
                continue;
            }
            let (result, reason) = match cluster.plan.undecidable.get(&control.slug) {
                Some(reason) => (ControlResult::Manual, reason.clone()),
                None => {
                    let result = worst(&sum.counts);
                    let reason = match result {
                        ControlResult::Pass | ControlResult::Fail => String::new(),
                        ControlResult::NotApplicable => "nothing that it speaks of is in this input".into(),
                        _ => sum
                            .reasons
                            .get(&result)
                            .cloned()
                            .unwrap_or_else(|| "see the findings".into()),
                    };
                    (result, reason)
                }
            };
            controls.push(ControlReport {
                id: control.id.clone(),
                result,
                severity: control.severity,
                objects: sum.counts,
                inferred: sum.inferred,
                reason,
            });
        }
        controls.sort_by(|a, b| a.id.cmp(&b.id));
        ClusterReport {
            name: cluster.name.clone(),
            flux_version: cluster.flux_version.clone(),
            controls,
        }
    }
}

/// What findings of a cluster are sorted by.
fn order(span: Span, finding: &Finding) -> (Span, &str, &str, &str) {
    (span, &finding.control, &finding.pointer, &finding.message)
}

fn worst(counts: &Counts) -> ControlResult {
    match counts {
        Counts { fail: 1.., .. } => ControlResult::Fail,
        Counts { unknown: 1.., .. } => ControlResult::Unknown,
        Counts { warn: 1.., .. } => ControlResult::Warn,
        Counts { manual: 1.., .. } => ControlResult::Manual,
        Counts { accepted: 1.., .. } => ControlResult::Accepted,
        Counts { pass: 1.., .. } => ControlResult::Pass,
        _ => ControlResult::NotApplicable,
    }
}
