//! Flux's substitution of variables after a build (`spec.postBuild`), with its own rules.
//!
//! Flux writes each object as YAML, replaces the expressions in that text, and reads it again. So a value may change its
//! type (`replicas: ${n}` becomes a number, in quotes or not, since the writer drops those that it does not need), and
//! may become a list or a map. Here each string is written, replaced and read by itself, in its place.

mod expression;
mod operators;
mod scan;
#[cfg(test)]
mod tests;
mod written;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::kustomize::{BuiltObject, Files, Unknown};
use crate::error::Problem;
use crate::source::Source;
use crate::tree::Value as Content;
use crate::tree::{Member, Node, Segment, Span};
use crate::yaml::{self, Dialect};
use expression::Expanded;
use written::Place;

/// The label, or annotation, with which an object keeps out of it, when `disabled`.
pub(super) const DISABLED: &str = "kustomize.toolkit.fluxcd.io/substitute";

/// So many problems are enough for one Kustomization.
const MAX_PROBLEMS: usize = 100;

/// The variables of a Kustomization.
#[derive(Clone, Debug, Default)]
pub(super) struct Variables {
    known: BTreeMap<Arc<str>, Arc<str>>,
    hidden: BTreeMap<Arc<str>, Hidden>,
    /// Any other variable may be set where it cannot be seen.
    rest: Option<Hidden>,
}

/// Why the value of a variable cannot be known.
#[derive(Clone, Debug)]
pub(super) struct Hidden {
    pub(super) reason: Arc<str>,
    /// What is to blame.
    pub(super) at: Span,
}

/// What is known of a variable.
enum Value<'v> {
    Known(&'v str),
    Hidden(&'v Hidden),
    Unset,
}

/// How many steps the substitutions of a Kustomization may still take; one copies a byte.
#[derive(Debug)]
pub(super) struct Steps {
    pub(super) left: usize,
}

impl Steps {
    fn take(&mut self, steps: usize) -> Option<()> {
        let left = self.left.checked_sub(steps);
        self.left = left.unwrap_or(0);
        left.map(|_| ())
    }
}

impl Variables {
    /// Sets a variable over what was known of it. Flux drops the line breaks of values.
    pub(super) fn set(&mut self, name: &Arc<str>, value: &str) {
        self.hidden.remove(name);
        self.known.insert(Arc::clone(name), value.replace('\n', "").into());
    }

    /// A variable is set, and to what cannot be known.
    pub(super) fn hide(&mut self, name: &Arc<str>, hidden: Hidden) {
        self.known.remove(name);
        self.hidden.insert(Arc::clone(name), hidden);
    }

    /// Variables are set that cannot be seen; any that was known may be another now.
    pub(super) fn hide_all(&mut self, hidden: Hidden) {
        self.known.clear();
        self.hidden.clear();
        self.rest = Some(hidden);
    }

    /// Whether there are none; Flux then leaves every expression as it stands.
    pub(super) fn is_empty(&self) -> bool {
        self.known.is_empty() && self.hidden.is_empty() && self.rest.is_none()
    }

    fn get(&self, name: &str) -> Value<'_> {
        match (self.known.get(name), self.hidden.get(name), &self.rest) {
            (Some(value), _, _) => Value::Known(value),
            (None, Some(hidden), _) | (None, None, Some(hidden)) => Value::Hidden(hidden),
            (None, None, None) => Value::Unset,
        }
    }
}

/// Whether Flux takes a name for that of a variable; it refuses all of them for one that it does not.
pub(super) fn is_name(name: &str) -> bool {
    let mut letters = name.bytes();
    letters
        .next()
        .is_some_and(|letter| letter == b'_' || letter.is_ascii_alphabetic())
        && letters.all(|letter| letter == b'_' || letter.is_ascii_alphanumeric())
}

/// Whether an object takes part.
pub(super) fn takes_part(object: &BuiltObject) -> bool {
    let metadata = object.node.get("metadata");
    let says = |field: &str| {
        let value = metadata.and_then(|metadata| metadata.get(field)?.get(DISABLED));
        value.and_then(Node::as_str) == Some("disabled")
    };
    !says("labels") && !says("annotations")
}

/// Replaces the expressions in an object. A problem means that Flux applies nothing of the Kustomization.
pub(super) fn substitute(
    object: &mut BuiltObject,
    variables: &Variables,
    files: &Files,
    steps: &mut Steps,
) -> Vec<Problem> {
    let mut work = Work {
        variables,
        files,
        steps,
        path: Vec::new(),
        unknown: std::mem::take(&mut object.unknown),
        problems: Vec::new(),
    };
    work.node(&mut object.node, Place::Value);
    object.unknown = work.unknown;
    work.problems
}

struct Work<'w> {
    variables: &'w Variables,
    files: &'w Files,
    steps: &'w mut Steps,
    /// Where the work is.
    path: Vec<Segment>,
    unknown: Vec<Unknown>,
    problems: Vec<Problem>,
}

impl Work<'_> {
    fn node(&mut self, node: &mut Node, place: Place) {
        match &mut node.value {
            Content::String(text) => {
                let text = Arc::clone(text);
                match self.text(&text, place, node.span) {
                    Some(Read::Value(value)) => node.value = value,
                    Some(Read::Key(_)) | None => {}
                }
            }
            Content::Array(items) => {
                for (at, item) in items.iter_mut().enumerate() {
                    self.path.push(Segment::Index(at));
                    self.node(item, Place::Item);
                    self.path.pop();
                }
            }
            Content::Object(members) => {
                self.keys(members);
                for member in members {
                    self.path.push(Segment::Key(Arc::clone(&member.key)));
                    self.node(&mut member.node, Place::Value);
                    self.path.pop();
                }
            }
            Content::Null | Content::Bool(_) | Content::Number(_) => {}
        }
    }

    /// Of keys that become equal, the last counts.
    fn keys(&mut self, members: &mut Vec<Member>) {
        let mut renamed = false;
        for member in members.iter_mut() {
            let old = Arc::clone(&member.key);
            if let Some(Read::Key(key)) = self.text(&old, Place::Key, member.key_span)
                && key != old
            {
                self.rename(&old, &key);
                member.key = key;
                renamed = true;
            }
        }
        if renamed {
            let mut seen = std::collections::BTreeSet::new();
            members.reverse();
            members.retain(|member| seen.insert(Arc::clone(&member.key)));
            members.reverse();
        }
    }

    /// What is unknown below a key stays so below its new name.
    fn rename(&mut self, old: &Arc<str>, new: &Arc<str>) {
        let depth = self.path.len();
        for unknown in &mut self.unknown {
            if unknown.path.starts_with(&self.path)
                && let Some(Segment::Key(key)) = unknown.path.get_mut(depth)
                && key == old
            {
                *key = Arc::clone(new);
            }
        }
    }

    /// What a string becomes, where it changes and that can be known.
    fn text(&mut self, text: &Arc<str>, place: Place, span: Span) -> Option<Read> {
        if !text.contains("${") && !text.contains("$$") || self.problems.len() >= MAX_PROBLEMS {
            return None;
        }
        let pieces = match expression::parse(&place.document(text)) {
            Ok(pieces) => pieces,
            Err(expression::Refused(message)) => {
                self.refuse(
                    "substitute-syntax",
                    span,
                    format!("{message}; write `$${{` for what is none"),
                );
                return None;
            }
        };
        let document = match expression::expand(&pieces, self.variables, self.steps) {
            Expanded::Text(document) => document,
            Expanded::Hidden(Hidden { reason, at }) => {
                self.doubt(reason, at);
                return None;
            }
            Expanded::Unset(name) => {
                let reason = format!(
                    "the variable {name} has no value: Flux 2.9 and later fail for it, older ones put nothing in its place"
                );
                self.doubt(reason.into(), span);
                return None;
            }
            Expanded::TooMuch => {
                let message = "the substitutions of this Kustomization grow too large; use fewer or shorter values";
                self.refuse("limit-substitution", span, message.to_owned());
                return None;
            }
        };
        let read = self.read(&document, place, span);
        if read.is_none() {
            let message =
                "with the values of its variables this is no YAML; correct the values, or put it in quotes twice";
            self.refuse("substitute-yaml", span, message.to_owned());
        }
        read
    }

    fn read(&self, document: &str, place: Place, span: Span) -> Option<Read> {
        let source = Source {
            id: span.source,
            name: self.files.name(span.source).to_owned(),
            bytes: document.as_bytes().to_vec(),
        };
        let mut parsed = yaml::parse(&source, Dialect::Kubectl, self.files.limits());
        let harmless = |code: &str| matches!(code, "unknown-tag" | "duplicate-key");
        if !parsed.problems.iter().all(|problem| harmless(&problem.code)) || parsed.documents.len() != 1 {
            return None;
        }
        let mut alone = match parsed.documents.pop()?.root.value {
            Content::Object(members) if members.len() == 1 && place == Place::Key => {
                return members.into_iter().next().map(|member| Read::Key(member.key));
            }
            Content::Object(members) if members.len() == 1 && place == Place::Value => members.into_iter().next()?.node,
            Content::Array(items) if items.len() == 1 && place == Place::Item => items.into_iter().next()?,
            _ => return None,
        };
        stand_at(&mut alone, span);
        Some(Read::Value(alone.value))
    }

    fn refuse(&mut self, code: &str, span: Span, message: String) {
        let problem = Problem::new(code, message).in_source(self.files.name(span.source), self.files.line(span));
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    /// What stands here cannot be known; of a key, nothing in its map.
    fn doubt(&mut self, reason: Arc<str>, at: Span) {
        let path = self.path.clone();
        let known = |unknown: &Unknown| unknown.path == path && unknown.reason == reason;
        if !self.unknown.iter().any(known) {
            self.unknown.push(Unknown { path, reason, at });
        }
    }
}

/// What was read where a string stood.
enum Read {
    Key(Arc<str>),
    Value(Content),
}

/// Puts a value, and all in it, where the string was that it comes from.
fn stand_at(node: &mut Node, span: Span) {
    node.span = span;
    match &mut node.value {
        Content::Array(items) => items.iter_mut().for_each(|item| stand_at(item, span)),
        Content::Object(members) => {
            for member in members {
                member.key_span = span;
                stand_at(&mut member.node, span);
            }
        }
        _ => {}
    }
}
