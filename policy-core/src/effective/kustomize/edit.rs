//! Small changes to nodes.

use std::sync::Arc;

use crate::tree::{Member, Node, Span, Value};

/// A string.
pub(in crate::effective) fn text(value: impl Into<Arc<str>>, span: Span) -> Node {
    Node {
        span,
        value: Value::String(value.into()),
    }
}

/// A map without members.
pub(in crate::effective) fn map(span: Span) -> Node {
    Node {
        span,
        value: Value::Object(Vec::new().into()),
    }
}

/// Sets a member, in its place or at the end; nothing happens where the node is not a map.
pub(in crate::effective) fn set(node: &mut Node, key: &str, key_span: Span, value: Node) {
    let Value::Object(members) = &mut node.value else {
        return;
    };
    match members.iter_mut().find(|member| &*member.key == key) {
        Some(member) => {
            member.key_span = key_span;
            member.node = value;
        }
        None => members.push(Member {
            key: key.into(),
            key_span,
            node: value,
        }),
    }
}

/// Takes a member out.
pub(in crate::effective) fn remove(node: &mut Node, key: &str) -> Option<Member> {
    let Value::Object(members) = &mut node.value else {
        return None;
    };
    let at = members.iter().position(|member| &*member.key == key)?;
    Some(members.remove(at))
}

pub(in crate::effective) fn get_mut<'n>(node: &'n mut Node, key: &str) -> Option<&'n mut Node> {
    let Value::Object(members) = &mut node.value else {
        return None;
    };
    // Found before it is reached for writing, which copies what is shared.
    let at = members.iter().position(|member| &*member.key == key)?;
    members.get_mut(at).map(|member| &mut member.node)
}

/// The map under a key, made where there is none.
pub(in crate::effective) fn map_under<'n>(node: &'n mut Node, key: &str, span: Span) -> Option<&'n mut Node> {
    if node.get(key).is_none_or(|node| node.value == Value::Null) {
        set(node, key, span, map(span));
    }
    get_mut(node, key)
}

/// Takes one for each node; false where there are not enough.
pub(in crate::effective) fn spend(node: &Node, left: &mut usize) -> bool {
    let Some(less) = left.checked_sub(1) else {
        return false;
    };
    *left = less;
    match &node.value {
        Value::Array(items) => items.iter().all(|item| spend(item, left)),
        Value::Object(members) => members.iter().all(|member| spend(&member.node, left)),
        _ => true,
    }
}

/// How deep lists and maps are nested.
pub(in crate::effective) fn depth(node: &Node) -> usize {
    match &node.value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.iter().map(|member| depth(&member.node)).max().unwrap_or(0),
        _ => 0,
    }
}

/// Whether this is `null`, or a list or map with nothing in it.
pub(in crate::effective) fn is_empty(node: &Node) -> bool {
    match &node.value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}
