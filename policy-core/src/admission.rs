//! AdmissionReview in, AdmissionReview out. Whatever goes wrong denies.

use serde_json::{Value, json};

use crate::catalog::{Control, Mode};
use crate::config::OnUnknown;
use crate::engine::{Engine, Input, Request, source_id};
use crate::exceptions::Exception;
use crate::report::{ControlResult, ExceptionReport, ExceptionStatus, Finding, Report};
use crate::source::Source;

impl Engine {
    /// Reviews an `admission.k8s.io/v1` AdmissionReview (JSON) and answers with one.
    ///
    /// A problem denies. A fail, and an unknown unless the configuration says to warn, denies at or above `enforce`;
    /// every other fail, unknown and warn is a warning, and so is what an exception accepts. Controls that need an
    /// inventory are listed in the audit annotation `not-evaluated`. Only `response.allowed: true` is an admission.
    ///
    /// Without `now`, the time as in [`Request::now`], exceptions that expire do not count.
    pub fn review(&self, review: &[u8], now: Option<&str>) -> Vec<u8> {
        let uid = request_uid(review);
        let source = Source {
            id: source_id(0),
            name: "AdmissionReview".into(),
            bytes: review.to_vec(),
        };
        let request = Request {
            inputs: vec![Input::Source(source)],
            mode: Some(Mode::Admission),
            now: now.map(str::to_owned),
            ..Request::default()
        };
        let response = match &uid {
            Some(uid) => self.response(uid, &self.check(request)),
            None => denied("", 400, "the request is not an AdmissionReview with `request.uid`"),
        };
        let answer = json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "response": response});
        answer.to_string().into_bytes()
    }

    fn response(&self, uid: &str, report: &Report) -> Value {
        // An object without any Flux in it is none of our business; everything else must have been understood.
        if let Some(problem) = report.problems.iter().find(|problem| problem.code != "no-flux") {
            return denied(
                uid,
                422,
                &format!("flux-audit could not judge the object: {}", problem.message),
            );
        }
        let (blocking, other): (Vec<&Finding>, Vec<&Finding>) = report.findings.iter().partition(|f| self.blocks(f));
        let warnings = other.iter().map(|finding| sentence(finding));
        let warnings: Vec<String> = warnings.chain(report.exceptions.iter().flat_map(exceptional)).collect();
        let not_evaluated: Vec<&str> = self
            .needing_inventory(report)
            .map(|control| control.id.as_str())
            .collect();
        let mut response = match blocking.is_empty() {
            true => json!({"uid": uid, "allowed": true}),
            false => {
                let messages: Vec<String> = blocking.iter().map(|finding| sentence(finding)).collect();
                denied(uid, 403, &messages.join("; "))
            }
        };
        if let Some(response) = response.as_object_mut() {
            if !warnings.is_empty() {
                response.insert("warnings".into(), warnings.into());
            }
            if !not_evaluated.is_empty() {
                response.insert(
                    "auditAnnotations".into(),
                    json!({"not-evaluated": not_evaluated.join(",")}),
                );
            }
        }
        response
    }

    fn blocks(&self, finding: &Finding) -> bool {
        let result = match finding.result {
            ControlResult::Fail => true,
            ControlResult::Unknown => self.config.on_unknown == OnUnknown::Deny,
            _ => false,
        };
        result && finding.severity >= self.config.enforce
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
    let doubt = if finding.result == ControlResult::Unknown {
        "cannot decide: "
    } else {
        ""
    };
    format!("{}: {doubt}{} at {}", finding.control, finding.message, finding.pointer)
}

fn denied(uid: &str, code: u16, message: &str) -> Value {
    json!({"uid": uid, "allowed": false, "status": {"code": code, "message": message}})
}

fn request_uid(review: &[u8]) -> Option<String> {
    let review: Value = serde_json::from_slice(review).ok()?;
    let is_review = review.get("kind")? == "AdmissionReview" && review.get("apiVersion")? == "admission.k8s.io/v1";
    let uid = review.get("request")?.get("uid")?.as_str()?;
    (is_review && !uid.is_empty()).then(|| uid.to_owned())
}
