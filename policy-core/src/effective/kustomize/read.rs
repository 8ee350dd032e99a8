//! Settings out of nodes, as Go's JSON decoder takes them: names in any case, `null` for absent, no unknown fields.

use std::sync::Arc;

use super::fault::Fault;
use crate::tree::{Member, Node, Span, Value};

/// A text and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Text {
    pub(super) value: Arc<str>,
    pub(super) span: Span,
}

/// A key and its text.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    pub(super) key: Arc<str>,
    pub(super) key_span: Span,
    pub(super) value: Text,
}

/// The fields of a map of settings.
pub(super) struct Fields<'n> {
    members: &'n [Member],
    pub(super) span: Span,
}

impl<'n> Fields<'n> {
    /// The fields of a map that may have those of `known` only.
    pub(super) fn strict(node: &'n Node, known: &[&str]) -> Result<Self, Fault> {
        let fields = Self::any(node)?;
        for member in fields.members {
            if !known.iter().any(|name| name.eq_ignore_ascii_case(&member.key)) {
                let message = format!(
                    "`{}` is no field that kustomize knows here; remove or correct it",
                    member.key
                );
                return Err(Fault::new("kustomize-field", member.key_span, message));
            }
        }
        Ok(fields)
    }

    /// The fields of a map that may have others as well.
    pub(super) fn any(node: &'n Node) -> Result<Self, Fault> {
        let members = match &node.value {
            Value::Object(members) => members.as_slice(),
            Value::Null => &[],
            _ => return Err(wrong(node, "a map")),
        };
        Ok(Self {
            members,
            span: node.span,
        })
    }

    fn member(&self, name: &str) -> Option<&'n Member> {
        let mut named = self
            .members
            .iter()
            .rev()
            .filter(|member| member.key.eq_ignore_ascii_case(name));
        named.find(|member| member.node.value != Value::Null)
    }

    pub(super) fn node(&self, name: &str) -> Option<&'n Node> {
        self.member(name).map(|member| &member.node)
    }

    /// Where the field's key stands, or the map.
    pub(super) fn key_span(&self, name: &str) -> Span {
        self.member(name).map_or(self.span, |member| member.key_span)
    }

    /// Every member, as it is.
    pub(super) fn members(&self) -> &'n [Member] {
        self.members
    }

    /// A text that is not empty.
    pub(super) fn text(&self, name: &str) -> Result<Option<Text>, Fault> {
        let text = self.node(name).map(text).transpose()?;
        Ok(text.filter(|text| !text.value.is_empty()))
    }

    /// A text that may be empty.
    pub(super) fn any_text(&self, name: &str) -> Result<Option<Text>, Fault> {
        self.node(name).map(text).transpose()
    }

    pub(super) fn flag(&self, name: &str) -> Result<bool, Fault> {
        match self.node(name) {
            None => Ok(false),
            Some(Node {
                value: Value::Bool(flag),
                ..
            }) => Ok(*flag),
            Some(node) => Err(wrong(node, "true or false")),
        }
    }

    pub(super) fn int(&self, name: &str) -> Result<Option<(i64, Span)>, Fault> {
        match self.node(name) {
            None => Ok(None),
            Some(node) => match &node.value {
                Value::Number(number) => match number.as_i64() {
                    Some(int) => Ok(Some((int, node.span))),
                    None => Err(wrong(node, "an integer")),
                },
                _ => Err(wrong(node, "an integer")),
            },
        }
    }

    pub(super) fn list(&self, name: &str) -> Result<&'n [Node], Fault> {
        match self.node(name) {
            None => Ok(&[]),
            Some(node) => node.as_array().ok_or_else(|| wrong(node, "a list")),
        }
    }

    pub(super) fn texts(&self, name: &str) -> Result<Vec<Text>, Fault> {
        self.list(name)?.iter().map(text).collect()
    }

    pub(super) fn pairs(&self, name: &str) -> Result<Vec<Pair>, Fault> {
        let Some(node) = self.node(name) else {
            return Ok(Vec::new());
        };
        let members = node.as_object().ok_or_else(|| wrong(node, "a map"))?;
        members
            .iter()
            .map(|member| {
                Ok(Pair {
                    key: Arc::clone(&member.key),
                    key_span: member.key_span,
                    value: text(&member.node)?,
                })
            })
            .collect()
    }
}

fn text(node: &Node) -> Result<Text, Fault> {
    match &node.value {
        Value::String(value) => Ok(Text {
            value: Arc::clone(value),
            span: node.span,
        }),
        Value::Null => Ok(Text {
            value: "".into(),
            span: node.span,
        }),
        _ => Err(wrong(node, "a string; put it in quotes")),
    }
}

fn wrong(node: &Node, wanted: &str) -> Fault {
    Fault::new("kustomize-field", node.span, format!("the value must be {wanted}"))
}
