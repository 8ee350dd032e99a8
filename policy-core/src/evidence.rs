//! What people found out where no manifest tells.

use serde::{Deserialize, Serialize};

use crate::catalog::{Assessment, Control};
use crate::error::LoadError;
use crate::exceptions::{glob, verify_texts};
use crate::limits::Limits;
use crate::report::{ClusterReport, ControlReport, ControlResult, EvidenceReport, EvidenceReportStatus};
use crate::selector::{self, Match};
use crate::settings::{ApiVersion, Date, File, Mistake, Validity};
use crate::source::Source;

/// Answers to controls that a person has to judge; as YAML, the file `.flux-audit-evidence.yaml`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Evidence {
    /// The version of this format.
    pub api_version: ApiVersion,
    /// What the file is.
    pub kind: EvidenceKind,
    /// The answers. Of several for one control the worst counts.
    pub items: Vec<EvidenceItem>,
}

/// What a file of evidence is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum EvidenceKind {
    /// Evidence
    Evidence,
}

/// One answer. It decides where a control is manual; a `fail` also counts beside what the input shows. What the input
/// shows, no evidence hides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EvidenceItem {
    /// The ID or slug of a manual or partial control.
    pub control: String,
    /// A pattern of cluster names, in which `*` stands for any text; without one it is for every cluster.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    /// The answer.
    pub status: EvidenceStatus,
    /// Who answers for it.
    pub owner: String,
    /// The day it was found out, in UTC.
    pub date: Date,
    /// The last day on which it holds, in UTC.
    pub expires: Date,
    /// Where it is kept. This or a note must be given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// What was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// The answer of an item of evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum EvidenceStatus {
    /// The recommendation is followed
    Pass,
    /// It is not
    Fail,
    /// It is not, and the owner has accepted that
    AcceptedRisk,
}

impl EvidenceStatus {
    /// As it is written everywhere.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::AcceptedRisk => "accepted-risk",
        }
    }

    fn result(self) -> ControlResult {
        match self {
            Self::Pass => ControlResult::Pass,
            Self::Fail => ControlResult::Fail,
            Self::AcceptedRisk => ControlResult::Accepted,
        }
    }
}

impl Evidence {
    /// Reads a file of evidence. `controls` are those of the catalogue that it is for.
    ///
    /// # Errors
    /// [`LoadError::File`] with file and line for a file that cannot be read, unknown members, wrong values, names of no
    /// control, and controls that need no evidence.
    pub fn parse(source: &Source, controls: &[Control]) -> Result<Self, LoadError> {
        let (file, evidence) = File::read::<Self>(source)?;
        match evidence.verify(controls, &Limits::standard()) {
            Ok(()) => Ok(evidence),
            Err(mistake) => Err(file.mistake(&mistake)),
        }
    }

    /// What the types cannot say.
    pub(crate) fn verify(&self, controls: &[Control], limits: &Limits) -> Result<(), Mistake> {
        if self.items.len() > limits.evidence {
            let message = format!("there are more than {}", limits.evidence);
            return Err(Mistake::new("items", message));
        }
        for (at, item) in self.items.iter().enumerate() {
            let in_list = |mistake: Mistake| mistake.item(at).under("items");
            item.verify(controls, limits).map_err(in_list)?;
        }
        Ok(())
    }
}

impl EvidenceItem {
    fn verify(&self, controls: &[Control], limits: &Limits) -> Result<(), Mistake> {
        let named = &self.control;
        let control = controls.iter().find(|control| self.is_for(control));
        let control = control.ok_or_else(|| {
            let message = format!("`{named}` is not the ID or slug of a control; `flux-audit controls` lists them");
            Mistake::new("control", message)
        })?;
        if control.assessment == Assessment::Automated {
            let message = format!(
                "{} is decided by manifests alone; an exception can accept its findings",
                control.id
            );
            return Err(Mistake::new("control", message));
        }
        let texts = [
            ("owner", Some(&self.owner)),
            ("cluster", self.cluster.as_ref()),
            ("link", self.link.as_ref()),
            ("note", self.note.as_ref()),
        ];
        verify_texts(&texts, limits)?;
        if self.link.is_none() && self.note.is_none() {
            return Err(Mistake::here(
                "give a `link` or a `note`: what was seen, or where it is kept",
            ));
        }
        if self.expires < self.date {
            return Err(Mistake::new("expires", "lies before `date`"));
        }
        Ok(())
    }

    fn is_for(&self, control: &Control) -> bool {
        selector::matches(control, &self.control) == Some(Match::Exact)
    }

    /// `evidence of 2026-10-01 by platform: the note (link)`.
    fn reason(&self) -> String {
        let mut text = format!("evidence of {} by {}", self.date, self.owner);
        if let Some(note) = &self.note {
            text = format!("{text}: {note}");
        }
        match &self.link {
            Some(link) => format!("{text} ({link})"),
            None => text,
        }
    }
}

/// Evidence at the time of a check.
#[derive(Clone)]
pub(crate) struct Answers {
    items: Vec<EvidenceReport>,
    validity: Vec<Validity>,
}

impl Answers {
    pub(crate) fn new(evidence: Option<Evidence>, today: Option<&Date>) -> Self {
        let items = evidence.map_or_else(Vec::new, |evidence| evidence.items);
        let validity = |item: &EvidenceItem| Validity::of(Some(&item.date), Some(&item.expires), today);
        let validity: Vec<Validity> = items.iter().map(validity).collect();
        let report = |(item, validity): (EvidenceItem, &Validity)| EvidenceReport {
            evidence: item,
            status: match validity {
                Validity::Valid => EvidenceReportStatus::Unused,
                Validity::Early => EvidenceReportStatus::Early,
                Validity::Expired => EvidenceReportStatus::Expired,
                Validity::Undecided => EvidenceReportStatus::Undecided,
            },
            clusters: Vec::new(),
        };
        Self {
            items: items.into_iter().zip(&validity).map(report).collect(),
            validity,
        }
    }

    /// Decides what is manual in a cluster.
    pub(crate) fn decide(&mut self, cluster: &mut ClusterReport, controls: &[Control]) {
        if self.items.is_empty() {
            return;
        }
        for result in &mut cluster.controls {
            if let Some(control) = controls.iter().find(|control| control.id == result.id) {
                self.decide_one(&cluster.name, control, result);
            }
        }
    }

    fn decide_one(&mut self, cluster: &str, control: &Control, result: &mut ControlReport) {
        let (mut best, mut lapsed): (Option<usize>, Option<usize>) = (None, None);
        for (at, (report, validity)) in self.items.iter().zip(&self.validity).enumerate() {
            let item = &report.evidence;
            let here = item.cluster.as_ref().is_none_or(|pattern| glob(pattern, cluster));
            if !here || !item.is_for(control) {
                continue;
            }
            let chosen = match validity {
                Validity::Valid => &mut best,
                _ => &mut lapsed,
            };
            let known = chosen.and_then(|known| self.items.get(known));
            // Of several that hold the worst counts; of several that do not, the last day is the one to tell.
            let better = known.is_none_or(|known| match validity {
                Validity::Valid => item.status.result() < known.evidence.status.result(),
                _ => item.expires > known.evidence.expires,
            });
            if better {
                *chosen = Some(at);
            }
        }
        match best.and_then(|at| self.items.get_mut(at)) {
            Some(report) => {
                let status = report.evidence.status;
                // A failure that a person saw counts beside what the input shows; anything else only where it is silent.
                let counts = match result.result {
                    ControlResult::Manual => true,
                    ControlResult::Fail | ControlResult::NotApplicable => false,
                    _ => status == EvidenceStatus::Fail,
                };
                if counts {
                    result.result = status.result();
                    result.reason = report.evidence.reason();
                    report.status = EvidenceReportStatus::Applied;
                    report.clusters.push(cluster.to_owned());
                }
            }
            None if result.result == ControlResult::Manual => {
                let lapsed = lapsed.and_then(|at| Some((self.items.get(at)?, self.validity.get(at)?)));
                if let Some((report, validity)) = lapsed {
                    result.reason = format!("{}; {}", why_not(&report.evidence, *validity), result.reason);
                }
            }
            None => {}
        }
    }

    pub(crate) fn reports(self) -> Vec<EvidenceReport> {
        self.items
    }
}

fn why_not(item: &EvidenceItem, validity: Validity) -> String {
    let (date, owner) = (&item.date, &item.owner);
    let why = match validity {
        Validity::Expired => format!("expired on {}", item.expires),
        Validity::Early => "lies in the future".into(),
        Validity::Valid | Validity::Undecided => "may have expired: the request has no time".into(),
    };
    format!("the evidence of {date} by {owner} {why}")
}
