//! What the rules say of one object, as findings: each with its place in the source, open or accepted.

use std::borrow::Cow;

use super::audit::{Audit, Cluster};
use super::frame::frame;
use super::result_of;
use crate::catalog::Control;
use crate::effective::kustomize::Unknown;
use crate::error::Problem;
use crate::exceptions::Covering;
use crate::object::Object;
use crate::rego::{self, EvalError, RawFinding, RawRelated, Rule};
use crate::report::{ControlResult, Finding, Location, ObjectRef, Related};
use crate::tree::{Span, pointer};

/// What a control says of an object that does not just pass.
pub(super) struct Judged {
    /// The control's number in the catalogue.
    pub(super) control: usize,
    pub(super) result: ControlResult,
    /// The first message of each result that needs a reason.
    pub(super) reasons: Vec<(ControlResult, String)>,
    /// With the nodes that they are about.
    pub(super) findings: Vec<(Span, Finding)>,
    /// The exception that accepts the findings, by its number.
    pub(super) accepted_by: Option<usize>,
    /// The exceptions that would, if they still held.
    pub(super) lapsed: Vec<usize>,
}

/// Judges one object.
pub(super) struct Judge<'a> {
    audit: &'a Audit<'a>,
    cluster: &'a Cluster,
    object: &'a Object,
    /// What went wrong.
    pub(super) problems: Vec<Problem>,
}

impl<'a> Judge<'a> {
    pub(super) fn new(audit: &'a Audit<'a>, cluster: &'a Cluster, object: &'a Object) -> Self {
        Self {
            audit,
            cluster,
            object,
            problems: Vec::new(),
        }
    }

    /// Takes what a control said; `None` for what is no control, which is a problem.
    pub(super) fn judge(&mut self, outcome: rego::Outcome) -> Option<Judged> {
        let Some(control) = self.audit.engine.controls.get(outcome.control) else {
            self.error(&EvalError::of_all("a control that is none was evaluated".into()));
            return None;
        };
        let (open, reported): (Vec<RawFinding>, Vec<RawFinding>) =
            outcome.findings.into_iter().partition(|raw| raw.rule == Rule::Manual);
        let mut judged = Judged {
            control: outcome.control,
            result: ControlResult::Pass,
            reasons: Vec::new(),
            findings: Vec::with_capacity(reported.len()),
            accepted_by: None,
            lapsed: Vec::new(),
        };
        let covering = match reported.is_empty() {
            true => Covering::Open(Vec::new()),
            false => self
                .audit
                .exceptions
                .covering(control, &self.cluster.name, &reference(self.object)),
        };
        let results = reported.iter().map(|raw| result_of(raw.rule));
        let manual = open.first().map(|_| ControlResult::Manual);
        let result = match covering {
            Covering::Open(lapsed) => {
                judged.lapsed = lapsed;
                results.chain(manual).min()
            }
            // What a person has to judge stays open.
            Covering::Accepted(at, exception) => {
                judged.accepted_by = Some(at);
                let reason = format!("{} ({})", exception.reason, exception.owner);
                judged.reasons.push((ControlResult::Accepted, reason));
                manual.or(Some(ControlResult::Accepted))
            }
        };
        if let Some(result) = result {
            judged.result = result;
        }
        for raw in reported.iter().chain(&open) {
            let result = result_of(raw.rule);
            let is_said = judged.reasons.iter().any(|(said, _)| *said == result);
            if result != ControlResult::Fail && !is_said {
                judged.reasons.push((result, raw.message.clone()));
            }
        }
        for raw in reported {
            let span = self.object.node.locate(&raw.path);
            let finding = self.finding(control, raw, span);
            judged.findings.push((span, finding));
        }
        Some(judged)
    }

    /// Tells what kept a control from being evaluated.
    pub(super) fn error(&mut self, error: &EvalError) {
        let control = error
            .slug
            .as_deref()
            .and_then(|slug| self.audit.engine.controls.iter().find(|control| control.slug == slug))
            .map(|control| control.id.as_str());
        let control = control.unwrap_or("the controls");
        let message = format!(
            "{control} could not be evaluated on {}: {}",
            self.object.display(),
            error.message
        );
        let object = self.object;
        let (source, position) = self.audit.texts.place(object.source(), object.node.span.start);
        self.problems
            .push(Problem::new(error.code, message).in_source(source, Some(position.line)));
    }

    fn finding(&mut self, control: &Control, raw: RawFinding, span: Span) -> Finding {
        let object = self.object;
        let related = raw.related.iter().map(|related| self.related(related)).collect();
        Finding {
            cluster: self.cluster.name.clone(),
            control: control.id.clone(),
            result: result_of(raw.rule),
            severity: control.severity,
            object: reference(object),
            pointer: pointer(&raw.path),
            location: self.location(span),
            message: self.message(control, &because(object, &raw)),
            related,
            fix: raw.fix,
            frame: (object.kind.kind != "Secret" && !control.redact)
                .then(|| self.audit.texts.get(span.source))
                .flatten()
                .map(|text| frame(text, span)),
        }
    }

    fn message(&mut self, control: &Control, message: &str) -> String {
        let limit = self.audit.engine.limits.message_bytes;
        if message.len() <= limit {
            return message.to_owned();
        }
        let text = format!(
            "a message of {} on {} is longer than {limit} bytes and was cut",
            control.id,
            self.object.display()
        );
        self.problems.push(Problem::new("limit-message-bytes", text));
        message
            .chars()
            .scan(0, |size, c| {
                *size += c.len_utf8();
                (*size <= limit).then_some(c)
            })
            .collect()
    }

    fn location(&self, span: Span) -> Location {
        let (source, position) = self.audit.texts.place(span.source, span.start);
        Location {
            source: source.to_owned(),
            line: position.line,
            column: position.column,
        }
    }

    fn related(&self, related: &RawRelated) -> Related {
        let reference_of = |json: &serde_json::Value| serde_json::from_value::<ObjectRef>(json.clone()).ok();
        let named = related.object.as_ref().and_then(reference_of);
        let target = match &named {
            None => Some(self.object),
            Some(named) => self.cluster.inventory.named(named),
        };
        Related {
            object: named.unwrap_or_else(|| reference(self.object)),
            pointer: pointer(&related.path),
            location: target.map(|target| self.location(target.node.locate(&related.path))),
        }
    }
}

fn reference(object: &Object) -> ObjectRef {
    ObjectRef {
        api_version: object.api_version.to_string(),
        kind: object.kind.kind.clone(),
        namespace: object.namespace.as_deref().unwrap_or("").to_owned(),
        name: object.name.to_string(),
    }
}

/// The message, and why it cannot be known where that is what it says.
fn because<'m>(object: &Object, raw: &'m RawFinding) -> Cow<'m, str> {
    let meets = |unknown: &&Unknown| unknown.path.iter().zip(&raw.path).all(|(a, b)| a == b);
    match object.unknown.iter().find(meets) {
        Some(unknown) if raw.rule == Rule::Unknown => format!("{}: {}", raw.message, unknown.reason).into(),
        _ => raw.message.as_str().into(),
    }
}
