//! Puts nodes together: keys, duplicates, merges, anchors, and the limits on all of it.

use std::cell::OnceCell;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::Dialect;
use super::scalar::Scalar;
use crate::limits::Limits;
use crate::source::SourceId;
use crate::tree::{Member, Node, Span, Value};

/// Remarks kept for one source; more are only counted.
pub(super) const MAX_NOTES: usize = 100;

/// Maps with fewer members than this are searched one by one.
const INDEXED_FROM: usize = 16;

/// Why a document cannot be read.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) code: &'static str,
    /// A byte offset in the text.
    pub(super) at: usize,
    pub(super) message: String,
    /// Whether the rest of the source is left unread as well.
    pub(super) ends_source: bool,
}

impl Fault {
    pub(super) fn new(code: &'static str, at: usize, message: impl Into<String>) -> Self {
        Self {
            code,
            at,
            message: message.into(),
            ends_source: false,
        }
    }
}

/// A remark on a document that can be read all the same.
#[derive(Debug)]
pub(super) struct Note {
    pub(super) code: &'static str,
    pub(super) at: usize,
    pub(super) message: String,
}

/// See [`Builder::mark`].
pub(super) struct Mark {
    nodes: usize,
    notes: usize,
    unlisted: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    List,
    Map,
}

#[derive(Debug)]
enum Content {
    List(Vec<Node>),
    Map(MapParts),
}

#[derive(Debug, Default)]
struct MapParts {
    members: Vec<Member>,
    /// Which members a merge brought; shorter than `members` where none did.
    inherited: Vec<bool>,
    index: HashMap<Arc<str>, usize>,
    key: Option<Key>,
    /// What kustomize merges once the map is complete.
    merges: Option<Vec<Node>>,
}

#[derive(Debug)]
enum Key {
    Name(Arc<str>, Span),
    Merge(usize),
}

#[derive(Debug)]
struct Frame {
    content: Content,
    start: usize,
    /// The end of the last child.
    end: usize,
    anchor: usize,
    nodes_before: usize,
    height: usize,
}

#[derive(Debug)]
struct Anchor {
    node: Node,
    nodes: usize,
    height: usize,
}

/// Builds the documents of one source.
pub(super) struct Builder<'a> {
    dialect: Dialect,
    limits: &'a Limits,
    source: SourceId,
    text: &'a str,
    line_starts: OnceCell<Vec<usize>>,
    keys: HashSet<Arc<str>>,
    nodes: usize,
    pub(super) notes: Vec<Note>,
    /// Remarks beyond those kept.
    pub(super) unlisted: usize,
    /// Whether the reader of the dialect refuses the current document.
    refused: bool,
    stack: Vec<Frame>,
    root: Option<Node>,
    anchors: HashMap<usize, Anchor>,
    alias_nodes: usize,
    anchored_nodes: usize,
}

impl<'a> Builder<'a> {
    pub(super) fn new(dialect: Dialect, limits: &'a Limits, source: SourceId, text: &'a str) -> Self {
        Self {
            dialect,
            limits,
            source,
            text,
            line_starts: OnceCell::new(),
            keys: HashSet::new(),
            nodes: 0,
            notes: Vec::new(),
            unlisted: 0,
            refused: false,
            stack: Vec::new(),
            root: None,
            anchors: HashMap::new(),
            alias_nodes: 0,
            anchored_nodes: 0,
        }
    }

    /// Forgets all of the current document.
    pub(super) fn reset(&mut self) {
        self.stack.clear();
        self.root = None;
        self.anchors.clear();
        self.alias_nodes = 0;
        self.anchored_nodes = 0;
        self.refused = false;
    }

    /// The nodes so far.
    pub(super) fn nodes(&self) -> usize {
        self.nodes
    }

    /// What is counted over the whole source, to return to with [`Self::rewind`].
    pub(super) fn mark(&self) -> Mark {
        Mark {
            nodes: self.nodes,
            notes: self.notes.len(),
            unlisted: self.unlisted,
        }
    }

    /// Undoes all since the mark, but for documents already finished.
    pub(super) fn rewind(&mut self, mark: Mark) {
        self.reset();
        self.nodes = mark.nodes;
        self.notes.truncate(mark.notes);
        self.unlisted = mark.unlisted;
    }

    /// Adds a remark on a document that can be read all the same.
    pub(super) fn note(&mut self, code: &'static str, at: usize, message: String) {
        if self.notes.len() < MAX_NOTES {
            self.notes.push(Note { code, at, message });
        } else {
            self.unlisted += 1;
        }
    }

    /// Ends the document and gives its root, unless it is empty or refused.
    pub(super) fn finish(&mut self) -> Option<Node> {
        let root = self
            .root
            .take()
            .filter(|root| !self.refused && root.value != Value::Null);
        self.reset();
        root
    }

    /// The line of a byte offset, from 1. (The column would cost a walk along the line.)
    pub(super) fn line(&self, at: usize) -> u32 {
        let starts = self.line_starts.get_or_init(|| {
            std::iter::once(0)
                .chain(memchr::memchr_iter(b'\n', self.text.as_bytes()).map(|at| at + 1))
                .collect()
        });
        u32::try_from(starts.partition_point(|start| *start <= at)).unwrap_or(u32::MAX)
    }

    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        let offset = |at| u32::try_from(at).unwrap_or(u32::MAX);
        Span {
            source: self.source,
            start: offset(start),
            end: offset(end.max(start)),
        }
    }

    /// Whether the next node is a key.
    pub(super) fn expects_key(&self) -> bool {
        matches!(
            self.stack.last(),
            Some(Frame {
                content: Content::Map(MapParts { key: None, .. }),
                ..
            })
        )
    }

    /// Whether the next node is the value of a key.
    pub(super) fn expects_value(&self) -> bool {
        matches!(
            self.stack.last(),
            Some(Frame {
                content: Content::Map(MapParts { key: Some(_), .. }),
                ..
            })
        )
    }

    pub(super) fn open(&mut self, shape: Shape, start: usize, anchor: usize) -> Result<(), Fault> {
        if self.expects_key() {
            let message = "a key is a list or a map; write a scalar as the key";
            return Err(Fault::new("unsupported-key", start, message));
        }
        self.check_depth(self.stack.len() + 1, start)?;
        self.count(1, start)?;
        let content = match shape {
            Shape::List => Content::List(Vec::new()),
            Shape::Map => Content::Map(MapParts::default()),
        };
        let nodes_before = self.nodes - 1;
        self.stack.push(Frame {
            content,
            start,
            end: start,
            anchor,
            nodes_before,
            height: 0,
        });
        Ok(())
    }

    /// Closes the innermost list or map. `end` is where its bracket ends, if it has one.
    pub(super) fn close(&mut self, end: Option<usize>) -> Result<(), Fault> {
        let Some(mut frame) = self.stack.pop() else {
            return Ok(());
        };
        if let Content::Map(map) = &mut frame.content
            && let Some(maps) = map.merges.take()
        {
            merge_missing(map, maps);
        }
        let end = end.unwrap_or(frame.end);
        let value = match frame.content {
            Content::List(mut nodes) => {
                nodes.shrink_to_fit();
                Value::Array(nodes.into())
            }
            Content::Map(MapParts { mut members, .. }) => {
                members.shrink_to_fit();
                Value::Object(members.into())
            }
        };
        let node = Node {
            span: self.span(frame.start, end),
            value,
        };
        let height = frame.height + 1;
        self.remember(frame.anchor, &node, self.nodes - frame.nodes_before, height)?;
        self.attach(node, end, height)
    }

    /// A plain `<<` in the place of a key.
    pub(super) fn merge_key(&mut self, start: usize) {
        if let Some(Frame {
            content: Content::Map(map),
            ..
        }) = self.stack.last_mut()
        {
            map.key = Some(Key::Merge(start));
        }
    }

    pub(super) fn key(&mut self, text: &str, start: usize, end: usize) {
        let name = match self.keys.get(text) {
            Some(name) => Arc::clone(name),
            None => {
                let name: Arc<str> = text.into();
                self.keys.insert(Arc::clone(&name));
                name
            }
        };
        let span = self.span(start, end);
        if let Some(frame) = self.stack.last_mut()
            && let Content::Map(map) = &mut frame.content
        {
            map.key = Some(Key::Name(name, span));
            frame.end = end;
        }
    }

    pub(super) fn scalar(&mut self, scalar: Scalar<'_>, start: usize, end: usize, anchor: usize) -> Result<(), Fault> {
        self.count(1, start)?;
        let node = self.scalar_node(scalar, start, end)?;
        self.remember(anchor, &node, 1, 0)?;
        self.attach(node, end, 0)
    }

    /// Makes the scalar of a key known to aliases.
    pub(super) fn anchor_key(&mut self, scalar: Scalar<'_>, start: usize, end: usize, id: usize) -> Result<(), Fault> {
        let node = self.scalar_node(scalar, start, end)?;
        self.remember(id, &node, 1, 0)
    }

    pub(super) fn alias(&mut self, id: usize, start: usize, end: usize) -> Result<(), Fault> {
        let Some(anchor) = self.anchors.get(&id) else {
            let message = "an alias stands inside the value it refers to; write the value out";
            return Err(Fault::new("circular-alias", start, message));
        };
        if self.expects_key() {
            return match &anchor.node.value {
                Value::String(text) => {
                    let text = Arc::clone(text);
                    self.key(&text, start, end);
                    Ok(())
                }
                _ => Err(Fault::new(
                    "unsupported-key",
                    start,
                    "an alias used as a key must refer to a string",
                )),
            };
        }
        let (nodes, height) = (anchor.nodes, anchor.height);
        self.alias_nodes = self.alias_nodes.saturating_add(nodes);
        if self.alias_nodes > self.limits.alias_nodes {
            let message = format!(
                "aliases add more than {} nodes to this document; write the values out or split the file",
                self.limits.alias_nodes
            );
            return Err(Fault::new("limit-alias-nodes", start, message));
        }
        self.check_depth(self.stack.len() + height, start)?;
        self.count(nodes, start)?;
        let Some(anchor) = self.anchors.get(&id) else {
            return Ok(());
        };
        let node = anchor.node.clone();
        self.attach(node, end, height)
    }

    fn scalar_node(&self, scalar: Scalar<'_>, start: usize, end: usize) -> Result<Node, Fault> {
        let value = match scalar {
            Scalar::Null => Value::Null,
            Scalar::Bool(value) => Value::Bool(value),
            Scalar::Int(value) => Value::Number(value.into()),
            Scalar::Uint(value) => Value::Number(value.into()),
            Scalar::Float(value) => match json_number(value) {
                Some(number) => Value::Number(number),
                None => {
                    let message = "infinity and not-a-number have no form in JSON; write a number or a quoted string";
                    return Err(Fault::new("number-out-of-range", start, message));
                }
            },
            Scalar::Text(text) => Value::String(text.into()),
            Scalar::Time(text) => Value::String(text.into()),
        };
        Ok(Node {
            span: self.span(start, end),
            value,
        })
    }

    fn count(&mut self, nodes: usize, at: usize) -> Result<(), Fault> {
        self.nodes = self.nodes.saturating_add(nodes);
        if self.nodes <= self.limits.nodes {
            return Ok(());
        }
        let message = format!("the file has more than {} nodes; split it", self.limits.nodes);
        Err(Fault {
            ends_source: true,
            ..Fault::new("limit-nodes", at, message)
        })
    }

    fn check_depth(&self, depth: usize, at: usize) -> Result<(), Fault> {
        if depth <= self.limits.depth {
            return Ok(());
        }
        let message = format!(
            "lists and maps are nested more than {} deep; flatten the document",
            self.limits.depth
        );
        Err(Fault::new("limit-depth", at, message))
    }

    /// Keeps a copy for aliases. Nested anchors would copy the same nodes again and again, hence the limit.
    fn remember(&mut self, id: usize, node: &Node, nodes: usize, height: usize) -> Result<(), Fault> {
        if id == 0 {
            return Ok(());
        }
        self.anchored_nodes = self.anchored_nodes.saturating_add(nodes);
        if self.anchored_nodes > self.limits.alias_nodes {
            let message = format!(
                "anchors cover more than {} nodes of this document; remove some",
                self.limits.alias_nodes
            );
            return Err(Fault::new("limit-alias-nodes", node.span.start as usize, message));
        }
        self.anchors.insert(
            id,
            Anchor {
                node: node.clone(),
                nodes,
                height,
            },
        );
        Ok(())
    }

    fn attach(&mut self, node: Node, end: usize, height: usize) -> Result<(), Fault> {
        let Some(frame) = self.stack.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        frame.end = end;
        frame.height = frame.height.max(height);
        let map = match &mut frame.content {
            Content::List(nodes) => {
                nodes.push(node);
                return Ok(());
            }
            Content::Map(map) => map,
        };
        match map.key.take() {
            Some(Key::Name(key, key_span)) => {
                if let Some(repeated) = map.set(Member { key, key_span, node }) {
                    self.note_repeated(&repeated);
                }
                Ok(())
            }
            Some(Key::Merge(at)) => self.merge(at, node),
            None => Ok(()),
        }
    }

    fn note_repeated(&mut self, (key, first, second): &(Arc<str>, Span, Span)) {
        let line = self.line(first.start as usize);
        let outcome = match self.dialect {
            Dialect::Kubectl => "kubectl takes the last one",
            Dialect::Kustomize => "kustomize refuses the file",
        };
        let message = format!("key {key:?} is already set on line {line}, and {outcome}: remove one of the two");
        self.refused |= self.dialect == Dialect::Kustomize;
        self.note("duplicate-key", second.start as usize, message);
    }

    fn merge(&mut self, at: usize, node: Node) -> Result<(), Fault> {
        let Some(maps) = merged_maps(node) else {
            let message = "a merge key `<<` takes a map or a list of maps; write one, or quote the key";
            return Err(Fault::new("invalid-merge", at, message));
        };
        let Some(Frame {
            content: Content::Map(map),
            ..
        }) = self.stack.last_mut()
        else {
            return Ok(());
        };
        match self.dialect {
            Dialect::Kubectl => merge_over(map, maps),
            Dialect::Kustomize if map.merges.is_none() => map.merges = Some(maps),
            Dialect::Kustomize => {
                self.refused = true;
                let message = "`<<` stands twice in one map, and kustomize refuses the file: merge a list of maps";
                self.note("duplicate-key", at, message.into());
            }
        }
        Ok(())
    }
}

impl MapParts {
    fn find(&mut self, key: &Arc<str>) -> Option<usize> {
        if self.members.len() < INDEXED_FROM {
            // Keys are interned, so the address decides.
            return self.members.iter().position(|member| Arc::ptr_eq(&member.key, key));
        }
        if self.index.is_empty() {
            self.index = self
                .members
                .iter()
                .enumerate()
                .map(|(at, member)| (Arc::clone(&member.key), at))
                .collect();
        }
        self.index.get(key).copied()
    }

    fn push(&mut self, member: Member, inherited: bool) {
        if !self.index.is_empty() {
            self.index.insert(Arc::clone(&member.key), self.members.len());
        }
        if inherited {
            self.inherited.resize(self.members.len(), false);
            self.inherited.push(true);
        }
        self.members.push(member);
    }

    /// Sets a member; if the map itself had set its key before, gives the key and both places.
    fn set(&mut self, member: Member) -> Option<(Arc<str>, Span, Span)> {
        let Some(at) = self.find(&member.key) else {
            self.push(member, false);
            return None;
        };
        let inherited = self.inherited.get_mut(at).is_some_and(std::mem::take);
        let old = self.members.get_mut(at)?;
        let repeated = (Arc::clone(&member.key), old.key_span, member.key_span);
        *old = member;
        (!inherited).then_some(repeated)
    }
}

/// Checks what a merge key holds, and gives it as a list of maps.
fn merged_maps(node: Node) -> Option<Vec<Node>> {
    match node.value {
        Value::Object(_) => Some(vec![node]),
        Value::Array(nodes) => nodes
            .iter()
            .all(|node| matches!(node.value, Value::Object(_)))
            .then(|| nodes.into()),
        _ => None,
    }
}

fn members_of(node: Node) -> Vec<Member> {
    if let Value::Object(members) = node.value {
        members.into()
    } else {
        Vec::new()
    }
}

/// kubectl's reader merges where the key stands: over the keys before it, under those after it.
fn merge_over(map: &mut MapParts, maps: Vec<Node>) {
    for member in maps.into_iter().rev().flat_map(members_of) {
        match map.find(&member.key) {
            Some(at) => {
                if let Some(old) = map.members.get_mut(at) {
                    *old = member;
                }
                if map.inherited.len() <= at {
                    map.inherited.resize(at + 1, false);
                }
                if let Some(inherited) = map.inherited.get_mut(at) {
                    *inherited = true;
                }
            }
            None => map.push(member, true),
        }
    }
}

/// kustomize merges last: what is there wins, then the earlier map.
fn merge_missing(map: &mut MapParts, maps: Vec<Node>) {
    for member in maps.into_iter().flat_map(members_of) {
        if map.find(&member.key).is_none() {
            map.push(member, true);
        }
    }
}

/// The number as Go writes it to JSON: below 1e21 without a fraction where there is none, hence an integer again.
pub(super) fn json_number(value: f64) -> Option<serde_json::Number> {
    if value.fract() == 0.0 && value.abs() < 1e21 {
        let digits = value.to_string();
        if let Ok(int) = digits.parse::<i64>() {
            return Some(int.into());
        }
        if let Ok(int) = digits.parse::<u64>() {
            return Some(int.into());
        }
    }
    serde_json::Number::from_f64(value)
}
