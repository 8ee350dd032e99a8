//! Objects that nobody wrote: nodes made here stand at the line that asks for them.

use std::sync::Arc;

use super::kustomize::{BuiltObject, Unknown};
use crate::tree::{Member, Node, Segment, Span, Value};

/// A value and the line that set it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said<T> {
    pub(super) value: T,
    pub(super) at: Span,
}

impl<T> Said<T> {
    pub(super) fn new(value: impl Into<T>, at: Span) -> Self {
        Self {
            value: value.into(),
            at,
        }
    }
}

/// Why something cannot be known, and what is to blame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Doubt {
    pub(super) reason: Arc<str>,
    pub(super) at: Span,
}

impl Doubt {
    pub(super) fn new(reason: impl Into<Arc<str>>, at: Span) -> Self {
        Self {
            reason: reason.into(),
            at,
        }
    }
}

/// A text to show, without the rest where it is long.
pub(super) fn short(text: &str) -> String {
    const MOST: usize = 60;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{:?}…", text.get(..end).unwrap_or("")),
        None => format!("{text:?}"),
    }
}

/// Plain data as a node, all of which stands at one place.
pub(super) fn node(value: serde_json::Value, at: Span) -> Node {
    use serde_json::Value as Json;
    let value = match value {
        Json::Null => Value::Null,
        Json::Bool(flag) => Value::Bool(flag),
        Json::Number(number) => Value::Number(number),
        Json::String(text) => Value::String(text.into()),
        Json::Array(items) => Value::Array(items.into_iter().map(|item| node(item, at)).collect()),
        Json::Object(members) => Value::Object(
            members
                .into_iter()
                .map(|(key, value)| Member {
                    key: key.into(),
                    key_span: at,
                    node: node(value, at),
                })
                .collect(),
        ),
    };
    Node { span: at, value }
}

/// A string.
pub(super) fn text(value: impl Into<Arc<str>>, at: Span) -> Node {
    Node {
        span: at,
        value: Value::String(value.into()),
    }
}

/// A path; what is a number is an index.
pub(super) fn path(parts: &[&str]) -> Vec<Segment> {
    let segment = |part: &&str| match part.parse() {
        Ok(at) => Segment::Index(at),
        Err(_) => Segment::Key((*part).into()),
    };
    parts.iter().map(segment).collect()
}

/// What a path leads to.
pub(super) fn find<'n>(node: &'n Node, parts: &[&str]) -> Option<&'n Node> {
    parts.iter().try_fold(node, |node, part| match &node.value {
        Value::Array(items) => items.get(part.parse::<usize>().ok()?),
        _ => node.get(part),
    })
}

/// What a path leads to, to change it.
pub(super) fn find_mut<'n>(node: &'n mut Node, parts: &[&str]) -> Option<&'n mut Node> {
    parts.iter().try_fold(node, |node, part| match &mut node.value {
        Value::Array(items) => items.get_mut(part.parse::<usize>().ok()?),
        Value::Object(members) => members
            .iter_mut()
            .find(|member| &*member.key == *part)
            .map(|member| &mut member.node),
        _ => None,
    })
}

/// Sets what is at a path; maps that are missing on the way are made.
pub(super) fn set(node: &mut Node, parts: &[&str], value: Node) {
    let Some((part, rest)) = parts.split_first() else {
        *node = value;
        return;
    };
    let at = value.span;
    let member = match &mut node.value {
        Value::Array(items) => {
            if let Some(item) = part.parse().ok().and_then(|at: usize| items.get_mut(at)) {
                set(item, rest, value);
            }
            return;
        }
        Value::Object(members) => {
            let known = members.iter().position(|member| &*member.key == *part);
            let index = known.unwrap_or(members.len());
            if known.is_none() {
                members.push(Member {
                    key: (*part).into(),
                    key_span: at,
                    node: self::node(serde_json::json!({}), at),
                });
            }
            members.get_mut(index)
        }
        _ => None,
    };
    if let Some(member) = member {
        if rest.is_empty() {
            member.key_span = at;
        }
        set(&mut member.node, rest, value);
    }
}

/// Puts an item at the end of the list at a path; the list is made where there is none.
pub(super) fn push(node: &mut Node, parts: &[&str], item: Node) {
    if find(node, parts).is_none() {
        set(node, parts, self::node(serde_json::json!([]), item.span));
    }
    if let Some(Node {
        value: Value::Array(items),
        ..
    }) = find_mut(node, parts)
    {
        items.push(item);
    }
}

/// Takes away what is at a path.
pub(super) fn remove(node: &mut Node, parts: &[&str]) {
    let Some((last, above)) = parts.split_last() else {
        return;
    };
    match find_mut(node, above).map(|node| &mut node.value) {
        Some(Value::Object(members)) => members.retain(|member| &*member.key != *last),
        Some(Value::Array(items)) => {
            if let Some(at) = last.parse().ok().filter(|at| *at < items.len()) {
                items.remove(at);
            }
        }
        _ => {}
    }
}

/// An object as it was made, all of it known.
pub(super) fn object(value: serde_json::Value, at: Span) -> BuiltObject {
    built(node(value, at), Vec::new())
}

/// An object of this content.
pub(super) fn built(node: Node, unknown: Vec<Unknown>) -> BuiltObject {
    BuiltObject {
        base: node.span,
        node,
        unknown,
    }
}

/// Notes that a part of an object cannot be known; the whole of it for the empty path.
pub(super) fn doubt(object: &mut BuiltObject, parts: &[&str], doubt: &Doubt) {
    let unknown = Unknown {
        path: path(parts),
        reason: Arc::clone(&doubt.reason),
        at: doubt.at,
    };
    if !object.unknown.contains(&unknown) {
        object.unknown.push(unknown);
    }
}
