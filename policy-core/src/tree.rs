//! Values with spans: what the loader yields, and what findings point into.

use std::sync::Arc;

use crate::source::SourceId;

/// A byte range of one source, end exclusive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The source that set the value.
    pub source: SourceId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// A value and where it was written. A value reached through an alias keeps its anchor's span.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Where the value stands.
    pub span: Span,
    /// The value.
    pub value: Value,
}

/// JSON's data model; object members keep the order of the source, and keys are unique.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// An integer or a float
    Number(serde_json::Number),
    /// A string
    String(Arc<str>),
    /// A sequence
    Array(Items<Node>),
    /// A mapping
    Object(Items<Member>),
}

/// The content of a collection. Copies share it until one of them is changed: what Flux would run is mostly what was
/// written.
#[derive(Clone, Debug, PartialEq)]
pub struct Items<T>(Arc<Vec<T>>);

/// Below so many items, room is made for one at a time: what Flux changes of a collection is mostly a member.
const SMALL: usize = 32;

impl<T: Clone> Items<T> {
    /// Adds an item at the end.
    pub fn push(&mut self, item: T) {
        let items = Arc::make_mut(&mut self.0);
        if items.len() < SMALL {
            items.reserve_exact(1);
        }
        items.push(item);
    }
}

impl<T> std::ops::Deref for Items<T> {
    type Target = Vec<T>;

    fn deref(&self) -> &Vec<T> {
        &self.0
    }
}

impl<T: Clone> std::ops::DerefMut for Items<T> {
    fn deref_mut(&mut self) -> &mut Vec<T> {
        Arc::make_mut(&mut self.0)
    }
}

impl<T> From<Vec<T>> for Items<T> {
    fn from(items: Vec<T>) -> Self {
        Self(Arc::new(items))
    }
}

impl<T: Clone> From<Items<T>> for Vec<T> {
    fn from(items: Items<T>) -> Self {
        Arc::unwrap_or_clone(items.0)
    }
}

impl<T> FromIterator<T> for Items<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        Vec::from_iter(items).into()
    }
}

impl<T: Clone> IntoIterator for Items<T> {
    type Item = T;
    type IntoIter = std::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        Vec::from(self).into_iter()
    }
}

impl<'a, T> IntoIterator for &'a Items<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<'a, T: Clone> IntoIterator for &'a mut Items<T> {
    type Item = &'a mut T;
    type IntoIter = std::slice::IterMut<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter_mut()
    }
}

/// One entry of an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// The key; equal keys of one source share their text.
    pub key: Arc<str>,
    /// Where the key stands.
    pub key_span: Span,
    /// The value under the key.
    pub node: Node,
}

/// One step of a path into a tree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Segment {
    /// A member's key
    Key(Arc<str>),
    /// An index, from 0
    Index(usize),
}

impl Node {
    /// The member under `key`, where this is an object that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.member(key).map(|member| &member.node)
    }

    /// The value under these keys, one within another.
    pub fn at(&self, keys: &[&str]) -> Option<&Node> {
        keys.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The text under these keys, where it is a string that is not empty.
    pub fn text_at(&self, keys: &[&str]) -> Option<&str> {
        self.at(keys)?.as_str().filter(|text| !text.is_empty())
    }

    /// The text, where this is a string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The items, where this is a sequence.
    pub fn as_array(&self) -> Option<&[Node]> {
        match &self.value {
            Value::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The members, where this is a mapping.
    pub fn as_object(&self) -> Option<&[Member]> {
        match &self.value {
            Value::Object(members) => Some(members),
            _ => None,
        }
    }

    /// The span to show for `path`: the value's own, the key's for a collection under a key, and the nearest existing
    /// ancestor's where the path leads nowhere.
    pub fn locate(&self, path: &[Segment]) -> Span {
        let mut node = self;
        let mut shown = self.span;
        for segment in path {
            let step = match segment {
                Segment::Key(key) => node.member(key).map(|member| (&member.node, Some(member.key_span))),
                Segment::Index(at) => node
                    .as_array()
                    .and_then(|items| items.get(*at))
                    .map(|item| (item, None)),
            };
            let Some((next, key_span)) = step else { break };
            node = next;
            shown = match (&node.value, key_span) {
                (Value::Array(_) | Value::Object(_) | Value::Null, Some(key_span)) => key_span,
                _ => node.span,
            };
        }
        shown
    }

    /// The same value as plain JSON.
    pub fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(flag) => (*flag).into(),
            Value::Number(number) => serde_json::Value::Number(number.clone()),
            Value::String(text) => serde_json::Value::String(text.to_string()),
            Value::Array(items) => items.iter().map(Node::to_json).collect(),
            Value::Object(members) => members.iter().map(|m| (m.key.to_string(), m.node.to_json())).collect(),
        }
    }

    fn member(&self, key: &str) -> Option<&Member> {
        self.as_object()?.iter().find(|member| &*member.key == key)
    }
}

/// The RFC 6901 pointer of a path.
pub fn pointer(path: &[Segment]) -> String {
    path.iter().fold(String::new(), |text, segment| match segment {
        Segment::Key(key) => text + "/" + &key.replace('~', "~0").replace('/', "~1"),
        Segment::Index(at) => format!("{text}/{at}"),
    })
}
