//! The fields of an object, each of them known, absent or in doubt.

use std::sync::Arc;

use super::kustomize::{BuiltObject, Unknown};
use super::make::{self, Doubt, Said};
use crate::tree::{Member, Node, Span, Value};

/// An object or a map of settings to read from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields<'n> {
    pub(super) node: &'n Node,
    unknown: &'n [Unknown],
    /// Something unseen may set whatever is not set here.
    unseen: Option<&'n Doubt>,
}

impl<'n> Fields<'n> {
    pub(super) fn of(object: &'n BuiltObject) -> Self {
        Self {
            node: &object.node,
            unknown: &object.unknown,
            unseen: None,
        }
    }

    pub(super) fn new(node: &'n Node, unseen: Option<&'n Doubt>) -> Self {
        Self {
            node,
            unknown: &[],
            unseen,
        }
    }

    pub(super) fn with(node: &'n Node, unknown: &'n [Unknown], unseen: Option<&'n Doubt>) -> Self {
        Self { node, unknown, unseen }
    }

    /// The line to blame for what is at a path: its own or that of the nearest map around it.
    pub(super) fn at(&self, parts: &[&str]) -> Span {
        self.node.locate(&make::path(parts))
    }

    /// What is at a path; `null` is nothing.
    pub(super) fn node(&self, parts: &[&str]) -> Result<Option<&'n Node>, Doubt> {
        let path = make::path(parts);
        let overlaps = |unknown: &&Unknown| unknown.path.iter().zip(&path).all(|(one, other)| one == other);
        if let Some(unknown) = self.unknown.iter().find(overlaps) {
            return Err(Doubt::new(Arc::clone(&unknown.reason), unknown.at));
        }
        let mut node = self.node;
        let mut above = String::new();
        for part in parts {
            let next = match &node.value {
                Value::Object(_) => node.get(part).filter(|node| node.value != Value::Null),
                _ => return Err(wrong(node, above.trim_start_matches('.'), "a map")),
            };
            let Some(next) = next else {
                return self.unseen.cloned().map_or(Ok(None), Err);
            };
            node = next;
            above = format!("{above}.{part}");
        }
        match (&node.value, self.unseen) {
            (Value::Object(_), Some(doubt)) => Err(doubt.clone()),
            _ => Ok(Some(node)),
        }
    }

    pub(super) fn flag(&self, parts: &[&str]) -> Result<Option<Said<bool>>, Doubt> {
        self.node(parts)?
            .map(|node| match node.value {
                Value::Bool(flag) => Ok(Said::new(flag, node.span)),
                _ => Err(wrong(node, &parts.join("."), "true or false")),
            })
            .transpose()
    }

    /// A text that is not empty.
    pub(super) fn text(&self, parts: &[&str]) -> Result<Option<Said<Arc<str>>>, Doubt> {
        let text = self.node(parts)?.map(|node| text(node, parts)).transpose()?;
        Ok(text.filter(|text| !text.value.is_empty()))
    }

    pub(super) fn list(&self, parts: &[&str]) -> Result<&'n [Node], Doubt> {
        match self.node(parts)? {
            None => Ok(&[]),
            Some(node) => node.as_array().ok_or_else(|| wrong(node, &parts.join("."), "a list")),
        }
    }

    pub(super) fn texts(&self, parts: &[&str]) -> Result<Vec<Said<Arc<str>>>, Doubt> {
        self.list(parts)?.iter().map(|item| text(item, parts)).collect()
    }

    /// The entries of a map of texts, of which there may be so many.
    pub(super) fn pairs(&self, parts: &[&str], most: usize) -> Result<Vec<(&'n Member, Arc<str>)>, Doubt> {
        let Some(node) = self.node(parts)? else {
            return Ok(Vec::new());
        };
        let members = node.as_object().ok_or_else(|| wrong(node, &parts.join("."), "a map"))?;
        if members.len() > most {
            return Err(Doubt::new(
                format!("`{}` has more than {most} entries", parts.join(".")),
                node.span,
            ));
        }
        let pair = |member: &'n Member| Ok((member, text(&member.node, parts)?.value));
        members.iter().map(pair).collect()
    }
}

fn text(node: &Node, parts: &[&str]) -> Result<Said<Arc<str>>, Doubt> {
    match &node.value {
        Value::String(text) => Ok(Said::new(Arc::clone(text), node.span)),
        _ => Err(wrong(node, &parts.join("."), "a text")),
    }
}

fn wrong(node: &Node, name: &str, wanted: &str) -> Doubt {
    Doubt::new(format!("`{name}` must be {wanted}"), node.span)
}
