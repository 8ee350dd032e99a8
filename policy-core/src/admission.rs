//! AdmissionReview in, AdmissionReview out. Whatever goes wrong denies.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::api::{AdmissionResponse, AdmissionReview, AdmissionStatus};
use crate::catalog::{Control, Mode, Severity};
use crate::config::OnUnknown;
use crate::engine::{Engine, Input, Request, source_id};
use crate::exceptions::Exception;
use crate::report::{ControlResult, ExceptionReport, ExceptionStatus, Finding, Report};
use crate::review_inventory::ReviewInventory;
use crate::source::Source;

const API_VERSION: &str = "admission.k8s.io/v1";
const KIND: &str = "AdmissionReview";

impl Engine {
    /// Reviews an `admission.k8s.io/v1` AdmissionReview (JSON) and answers with one, as [`Engine::admit`].
    pub fn review(&self, review: &[u8], now: Option<&str>) -> Vec<u8> {
        self.admit(review, now).to_json()
    }

    /// Reviews an `admission.k8s.io/v1` AdmissionReview (JSON).
    ///
    /// A problem denies. A fail, and an unknown unless the configuration says to warn, denies at or above `enforce`;
    /// every other fail, unknown and warn is a warning, and so is what an exception accepts. The audit annotation
    /// `denied-by` lists the controls that deny, and `not-evaluated` those that need an inventory. Only
    /// `response.allowed: true` is an admission.
    ///
    /// DELETE and CONNECT are admitted, and the annotation `not-judged` says so: they leave nothing in the cluster that
    /// a control could speak of, and a bad object must be free to go.
    ///
    /// Without `now`, the time as in [`Request::now`], exceptions that expire do not count.
    pub fn admit(&self, review: &[u8], now: Option<&str>) -> AdmissionReview {
        self.decide(review, now, None)
    }

    /// As [`Engine::admit`], seen together with the other objects of the cluster, so that no control is left out for
    /// want of an inventory. The object takes the place of the one of its name.
    pub fn admit_with(&self, review: &[u8], now: Option<&str>, inventory: &ReviewInventory) -> AdmissionReview {
        self.decide(review, now, Some(inventory))
    }

    fn decide(&self, review: &[u8], now: Option<&str>, inventory: Option<&ReviewInventory>) -> AdmissionReview {
        let Some(RequestHead { uid, operation }) = RequestHead::read(review) else {
            return AdmissionReview::denied("", 400, "the request is not an AdmissionReview with `request.uid`");
        };
        if let Some(operation @ ("DELETE" | "CONNECT")) = operation.as_deref() {
            return AdmissionReview::allowed(&uid).annotated("not-judged", operation);
        }
        let source = Source {
            id: source_id(0),
            name: KIND.into(),
            bytes: review.to_vec(),
        };
        let request = Request {
            inputs: vec![Input::Source(source)],
            mode: Some(Mode::Admission),
            now: now.map(str::to_owned),
            ..Request::default()
        };
        self.answer(&uid, &self.check_with(request, inventory), inventory.is_some())
    }

    fn answer(&self, uid: &str, report: &Report, has_inventory: bool) -> AdmissionReview {
        // An object without any Flux in it is none of our business; everything else must have been understood.
        if let Some(problem) = report.problems.iter().find(|problem| problem.code != "no-flux") {
            let message = format!("flux-audit could not judge the object: {}", problem.message);
            return AdmissionReview::denied(uid, 422, &message);
        }
        if report.skipped.files > 0 {
            return AdmissionReview::denied(uid, 422, "there is no Kubernetes object in the request");
        }
        let (blocking, other): (Vec<&Finding>, Vec<&Finding>) = report.findings.iter().partition(|f| self.blocks(f));
        let denying: BTreeSet<&str> = blocking.iter().map(|finding| finding.control.as_str()).collect();
        let mut answer = match blocking.is_empty() {
            true => AdmissionReview::allowed(uid),
            false => {
                let sentences: Vec<String> = blocking.iter().map(|finding| sentence(finding)).collect();
                let remedies = denying.iter().filter_map(|id| self.remedy(id));
                let message: Vec<String> = [sentences.join("; ")].into_iter().chain(remedies).collect();
                AdmissionReview::denied(uid, 403, &message.join(". "))
            }
        };
        let warnings = other.iter().map(|finding| sentence(finding));
        answer.response.warnings = warnings.chain(report.exceptions.iter().flat_map(exceptional)).collect();
        let not_evaluated: Vec<&str> = match has_inventory {
            true => Vec::new(),
            false => self
                .needing_inventory(report)
                .map(|control| control.id.as_str())
                .collect(),
        };
        let denying: Vec<&str> = denying.into_iter().collect();
        for (key, controls) in [("denied-by", denying), ("not-evaluated", not_evaluated)] {
            if !controls.is_empty() {
                answer = answer.annotated(key, &controls.join(","));
            }
        }
        answer
    }

    /// What a control's remediation begins with, on one line.
    fn remedy(&self, id: &str) -> Option<String> {
        let control = self.controls().iter().find(|control| control.id == id)?;
        let paragraph = control.remediation.trim().split("\n\n").next()?;
        let words: Vec<&str> = paragraph.split_whitespace().collect();
        Some(format!(
            "To mend {id}: {}",
            words.join(" ").trim_end_matches(['.', ':'])
        ))
    }

    fn blocks(&self, finding: &Finding) -> bool {
        self.denies(finding.result, finding.severity)
    }

    /// Whether a result of a control of this severity denies.
    pub(crate) fn denies(&self, result: ControlResult, severity: Severity) -> bool {
        let result = match result {
            ControlResult::Fail => true,
            ControlResult::Unknown => self.config.on_unknown == OnUnknown::Deny,
            _ => false,
        };
        result && severity >= self.config.enforce
    }

    fn needing_inventory<'a>(&'a self, report: &'a Report) -> impl Iterator<Item = &'a Control> {
        let reported = |control: &&Control| {
            report
                .clusters
                .iter()
                .flat_map(|cluster| &cluster.controls)
                .any(|result| result.id == control.id)
        };
        self.controls()
            .iter()
            .filter(|control| !control.reads.is_empty())
            .filter(reported)
    }
}

/// What an exception accepts, and why it no longer does.
fn exceptional(report: &ExceptionReport) -> Vec<String> {
    let Exception { reason, owner, .. } = &report.exception;
    let mut lines: Vec<String> = report
        .findings
        .iter()
        .map(|finding| format!("accepted by {owner} ({reason}): {}", sentence(finding)))
        .collect();
    let expires = report.exception.expires.as_ref().filter(|_| report.matches > 0);
    match (report.status, expires) {
        (ExceptionStatus::Expired, Some(day)) => {
            lines.push(format!(
                "{}: the exception of {owner} expired on {day}",
                report.exception.control
            ));
        }
        (ExceptionStatus::Undecided, Some(day)) => {
            let control = &report.exception.control;
            lines.push(format!(
                "{control}: the exception of {owner} until {day} does not count, because the review has no time"
            ));
        }
        _ => {}
    }
    lines
}

fn sentence(finding: &Finding) -> String {
    phrase(&finding.control, finding.result, &finding.message, &finding.pointer)
}

/// A finding in one sentence.
pub(crate) fn phrase(control: &str, result: ControlResult, message: &str, pointer: &str) -> String {
    let doubt = if result == ControlResult::Unknown {
        "cannot decide: "
    } else {
        ""
    };
    format!("{control}: {doubt}{message} at {pointer}")
}

impl AdmissionReview {
    /// A denial with an HTTP status code and what is wrong.
    pub fn denied(uid: &str, code: u16, message: &str) -> Self {
        let status = AdmissionStatus {
            code,
            message: message.to_owned(),
        };
        Self::answer(uid, false, Some(status))
    }

    fn allowed(uid: &str) -> Self {
        Self::answer(uid, true, None)
    }

    fn answer(uid: &str, allowed: bool, status: Option<AdmissionStatus>) -> Self {
        Self {
            api_version: API_VERSION.into(),
            kind: KIND.into(),
            response: AdmissionResponse {
                allowed,
                audit_annotations: BTreeMap::new(),
                status,
                uid: uid.to_owned(),
                warnings: Vec::new(),
            },
        }
    }

    fn annotated(mut self, key: &str, value: &str) -> Self {
        self.response.audit_annotations.insert(key.to_owned(), value.to_owned());
        self
    }

    /// The JSON that a host sends back.
    pub fn to_json(&self) -> Vec<u8> {
        match serde_json::to_vec(self) {
            Ok(bytes) => bytes,
            // No such value exists; if it did, this is no admission.
            Err(error) => error.to_string().into_bytes(),
        }
    }
}

/// What a host needs of a request besides its object.
#[derive(Debug)]
pub struct RequestHead {
    /// What the answer has to repeat.
    pub uid: String,
    /// `CREATE`, `UPDATE`, `DELETE` or `CONNECT`.
    pub operation: Option<String>,
}

impl RequestHead {
    /// Reads it from an AdmissionReview (JSON); `None` where this is none, or has no uid.
    pub fn read(review: &[u8]) -> Option<Self> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Review {
            api_version: String,
            kind: String,
            request: Inner,
        }
        #[derive(Deserialize)]
        struct Inner {
            uid: String,
            operation: Option<String>,
        }
        let Review {
            api_version,
            kind,
            request: Inner { uid, operation },
        } = serde_json::from_slice(review).ok()?;
        (api_version == API_VERSION && kind == KIND && !uid.is_empty()).then_some(Self { uid, operation })
    }
}
