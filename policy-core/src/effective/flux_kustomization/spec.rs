//! The fields of a Kustomization, checked as the API server does: what it refuses, Flux never sees.

use crate::effective::kustomize::{BuiltObject, Files, Unknown};
use crate::error::Problem;
use crate::tree::{Node, Segment, Span, Value};

use super::text_at;

/// A Kustomization under evaluation.
pub(super) struct Spec<'k> {
    pub(super) files: &'k Files,
    pub(super) object: &'k BuiltObject,
    pub(super) problems: Vec<Problem>,
    pub(super) notes: Vec<Problem>,
}

impl<'k> Spec<'k> {
    pub(super) fn new(files: &'k Files, object: &'k BuiltObject) -> Self {
        Self {
            files,
            object,
            problems: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// The folder of `spec.path` from the root of the source; nothing, and a problem, where there is none.
    pub(super) fn folder(&mut self) -> Option<String> {
        let Some(path) = self.text("path") else {
            return Some(String::new());
        };
        let (folder, leads_out) = below_root(path.as_str().unwrap_or(""));
        if leads_out {
            let message = "`spec.path` leads out of the source; Flux takes it from the root, so write it from there";
            let note = self.problem("flux-path-outside", path.span, message);
            self.notes.push(note);
        }
        if !self.files.has_folder(&folder) {
            let message =
                format!("`spec.path`: the source has no folder {folder:?}; correct the path or what is ignored");
            self.fail("flux-path", path.span, message);
            return None;
        }
        Some(folder)
    }

    fn problem(&self, code: &str, span: Span, message: impl Into<String>) -> Problem {
        Problem::new(code, message).in_source(self.files.name(span.source), self.files.line(span))
    }

    pub(super) fn fail(&mut self, code: &str, span: Span, message: impl Into<String>) {
        let problem = self.problem(code, span, message);
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    fn wrong(&mut self, node: &Node, name: &str, wanted: &str) {
        self.fail("flux-field", node.span, format!("`{name}` must be {wanted}"));
    }

    /// A field of `spec` that is not `null`.
    pub(super) fn field(&self, name: &str) -> Option<&'k Node> {
        let field = self.object.node.get("spec")?.get(name)?;
        (field.value != Value::Null).then_some(field)
    }

    /// A text of `spec` that is not empty.
    pub(super) fn text(&mut self, name: &str) -> Option<&'k Node> {
        let field = self.field(name)?;
        self.as_text(field, name)
    }

    /// The node, where it is a text that is not empty.
    pub(super) fn as_text(&mut self, node: &'k Node, name: &str) -> Option<&'k Node> {
        match node.as_str() {
            Some("") => None,
            Some(_) => Some(node),
            None => {
                self.wrong(node, name, "a string; put it in quotes");
                None
            }
        }
    }

    pub(super) fn list(&mut self, name: &str) -> &'k [Node] {
        let Some(field) = self.field(name) else { return &[] };
        self.as_list(field, name)
    }

    pub(super) fn as_list(&mut self, node: &'k Node, name: &str) -> &'k [Node] {
        node.as_array().unwrap_or_else(|| {
            self.wrong(node, name, "a list");
            &[]
        })
    }

    /// A flag of `spec`; absent is false.
    pub(super) fn flag(&mut self, name: &str) -> bool {
        match self.field(name).map(|field| (&field.value, field)) {
            None => false,
            Some((Value::Bool(flag), _)) => *flag,
            Some((_, field)) => {
                self.wrong(field, name, "true or false");
                false
            }
        }
    }

    /// The members of a map whose values are texts.
    pub(super) fn texts(&mut self, map: &'k Node, name: &str) -> Vec<&'k crate::tree::Member> {
        let Some(members) = map.as_object() else {
            self.wrong(map, name, "a map");
            return Vec::new();
        };
        for member in members.iter().filter(|member| member.node.as_str().is_none()) {
            self.wrong(&member.node, &member.key, "a string; put it in quotes");
        }
        members.iter().filter(|member| member.node.as_str().is_some()).collect()
    }

    /// Why a field of `spec`, or a part of it, cannot be known.
    pub(super) fn doubt(&self, field: &str) -> Option<&'k Unknown> {
        self.doubt_at(&[Segment::Key("spec".into()), Segment::Key(field.into())])
    }

    /// Why what stands at a path, in it or around it, cannot be known.
    pub(super) fn doubt_at(&self, path: &[Segment]) -> Option<&'k Unknown> {
        let touches = |unknown: &&Unknown| unknown.path.starts_with(path) || path.starts_with(&unknown.path);
        self.object.unknown.iter().find(touches)
    }

    /// The Kustomization's own namespace, which its references stay in; empty where it has none.
    pub(super) fn namespace(&self) -> &'k str {
        let namespace = text_at(&self.object.node, &["metadata", "namespace"]);
        namespace.and_then(Node::as_str).unwrap_or("")
    }
}

/// Where a path leads from the root, and whether it would have led out: the controller goes no further up than there,
/// and takes an absolute path from there as well.
fn below_root(path: &str) -> (String, bool) {
    let mut folders: Vec<&str> = Vec::new();
    let mut leads_out = false;
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => leads_out |= folders.pop().is_none(),
            folder => folders.push(folder),
        }
    }
    (folders.join("/"), leads_out)
}
