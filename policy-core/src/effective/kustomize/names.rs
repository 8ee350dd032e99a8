//! References to objects whose names changed.

use std::collections::HashMap;
use std::sync::Arc;

use super::edit;
use super::fault::Fault;
use super::fields::{self, Config, Create, FieldSpec};
use super::files::Files;
use super::quotes::Quotes;
use super::resource::{Gvk, Id, Resource};
use crate::tree::{Node, Segment, Value};
use crate::yaml::{self, Dialect};

/// An object that a reference may mean.
struct Candidate {
    now: Id,
    /// The namespace as it is written.
    namespace: Arc<str>,
    previous: Vec<Id>,
    prefixes: Vec<Arc<str>>,
    suffixes: Vec<Arc<str>>,
}

/// What refers.
struct Referrer<'a> {
    now: Id,
    prefixes: &'a [Arc<str>],
    suffixes: &'a [Arc<str>],
    /// Namespaces of the service accounts that a RoleBinding binds.
    bound: Vec<String>,
    role: Option<Gvk>,
    quotes: Quotes,
}

/// All candidates, by every name they had before.
struct Candidates {
    all: Vec<Candidate>,
    by_name: HashMap<Arc<str>, Vec<usize>>,
}

/// Writes the new names where the old ones stand. Where objects that cannot be seen may have new names too, a
/// reference to none of those that can is unknown.
pub(super) fn fix(resources: &mut [Resource], config: &Config, files: &Files, hidden: bool) -> Result<(), Fault> {
    if !hidden && resources.iter().all(|resource| resource.previous.is_empty()) {
        return Ok(());
    }
    let candidates = Candidates::new(resources, files);
    for resource in resources {
        let first = resource.original_id(files).gvk;
        let (prefixes, suffixes) = (resource.prefixes.clone(), resource.suffixes.clone());
        let mut referrer = Referrer {
            now: resource.id(files),
            prefixes: &prefixes,
            suffixes: &suffixes,
            bound: bound_namespaces(&resource.node, files),
            role: None,
            quotes: std::mem::take(&mut resource.quotes),
        };
        for reference in &config.name_references {
            for spec in &reference.fields {
                if !first.is_selected_by(&spec.gvk) {
                    continue;
                }
                referrer.role = role(&resource.node, spec, files);
                let spec = FieldSpec {
                    gvk: Gvk::default(),
                    ..spec.clone()
                };
                let search = Search {
                    files,
                    candidates: &candidates,
                    referrer: &referrer,
                    target: &reference.target,
                };
                if hidden {
                    search.doubt(resource, &spec);
                }
                let span = resource.node.span;
                let mut set = |node: &mut Node| search.set(node);
                fields::visit(&mut resource.node, &spec, Create::Nothing, span, &mut set)
                    .map_err(|message| Fault::new("kustomize-reference", span, message))?;
            }
        }
        resource.quotes = referrer.quotes;
    }
    Ok(())
}

impl Candidates {
    fn new(resources: &[Resource], files: &Files) -> Self {
        let mut by_name: HashMap<Arc<str>, Vec<usize>> = HashMap::new();
        let mut all = Vec::new();
        for (at, resource) in resources.iter().enumerate() {
            let previous: Vec<Id> = resource.previous_ids(files).collect();
            for id in &previous {
                let named = by_name.entry(Arc::clone(&id.name)).or_default();
                if named.last() != Some(&at) {
                    named.push(at);
                }
            }
            all.push(Candidate {
                now: resource.id(files),
                namespace: resource.namespace(files),
                previous,
                prefixes: resource.prefixes.clone(),
                suffixes: resource.suffixes.clone(),
            });
        }
        Self { all, by_name }
    }
}

struct Search<'a> {
    files: &'a Files,
    candidates: &'a Candidates,
    referrer: &'a Referrer<'a>,
    target: &'a Gvk,
}

impl Search<'_> {
    fn set(&self, node: &mut Node) -> Result<(), String> {
        match &mut node.value {
            Value::Null => Ok(()),
            Value::Array(items) => items.iter_mut().try_for_each(|item| match item.value {
                Value::Array(_) => Err("a list within the list of references".to_owned()),
                _ => self.set(item),
            }),
            Value::Object(_) => self.set_map(node),
            _ => self.set_scalar(node),
        }
    }

    fn set_scalar(&self, node: &mut Node) -> Result<(), String> {
        let old = self.files.written(node).into_owned();
        if let Some(found) = self.find(&old, None, |one, other| one.now.name == other.now.name)?
            && *found.now.name != *old
        {
            self.write(node, &found.now.name);
        }
        Ok(())
    }

    fn set_map(&self, node: &mut Node) -> Result<(), String> {
        let Some(name) = node.get("name") else {
            return Err("there is no `name` in the reference".to_owned());
        };
        let old = self.files.written(name).into_owned();
        let namespace = node.get("namespace").map(|node| self.files.written(node).into_owned());
        let same =
            |one: &Candidate, other: &Candidate| one.now.name == other.now.name && one.namespace == other.namespace;
        let Some(found) = self.find(&old, namespace.as_deref(), same)? else {
            return Ok(());
        };
        if *found.now.name == *old && found.namespace.is_empty() {
            return Ok(());
        }
        if let Some(name) = edit::get_mut(node, "name") {
            self.write(name, &found.now.name);
        }
        if !found.namespace.is_empty() {
            let span = node.span;
            match edit::get_mut(node, "namespace") {
                Some(namespace) => self.write(namespace, &found.namespace),
                None => edit::set(node, "namespace", span, edit::text(Arc::clone(&found.namespace), span)),
            }
        }
        Ok(())
    }

    fn write(&self, node: &mut Node, text: &str) {
        node.value = if self.referrer.quotes.has(node, self.files) {
            Value::String(text.into())
        } else {
            yaml::plain(text, Dialect::Kustomize)
        };
    }

    /// The object that a name means.
    fn find(
        &self,
        name: &str,
        namespace: Option<&str>,
        same: impl Fn(&Candidate, &Candidate) -> bool,
    ) -> Result<Option<&Candidate>, String> {
        let named = self.candidates.by_name.get(name).map_or(&[][..], Vec::as_slice);
        let mut left: Vec<&Candidate> = named
            .iter()
            .filter_map(|at| self.candidates.all.get(*at))
            .filter(|candidate| self.can_be_referred_to(candidate))
            .collect();
        if let Some(namespace) = namespace {
            let originally = |candidate: &Candidate| {
                let first = candidate.previous.first().unwrap_or(&candidate.now);
                !first.is_cluster_scoped() && *first.namespace == *namespace
            };
            let all = &self.candidates.all;
            let known = all.iter().any(|one| self.can_be_referred_to(one) && originally(one));
            left.retain(|candidate| {
                if known {
                    originally(candidate)
                } else {
                    !candidate.now.is_cluster_scoped() && *candidate.now.namespace == *namespace
                }
            });
        }
        let was =
            |candidate: &Candidate, selector: &Gvk| candidate.previous.iter().any(|id| id.gvk.is_selected_by(selector));
        left.retain(|candidate| was(candidate, self.target));
        if let Some(role) = &self.referrer.role {
            left.retain(|candidate| was(candidate, role));
        }
        left.retain(|candidate| {
            self.referrer.now.is_cluster_scoped()
                || candidate.now.is_cluster_scoped()
                || &*candidate.now.gvk.kind == "ServiceAccount"
                || candidate.now.namespace == self.referrer.now.namespace
        });
        if let [one] = left.as_slice() {
            return Ok(Some(one));
        }
        left.retain(|candidate| self.affixes_fit(candidate, true));
        if left.len() > 1 {
            left.retain(|candidate| self.affixes_fit(candidate, false));
        }
        match left.as_slice() {
            [] => Ok(None),
            [first, others @ ..] if others.iter().all(|other| same(first, other)) => Ok(Some(first)),
            _ => Err(format!("more than one object had the name {name:?}")),
        }
    }

    fn can_be_referred_to(&self, candidate: &Candidate) -> bool {
        self.referrer.now.is_cluster_scoped()
            || candidate.now.is_cluster_scoped()
            || candidate.now.namespace == self.referrer.now.namespace
            || self
                .referrer
                .bound
                .iter()
                .any(|namespace| **namespace == *candidate.namespace)
    }

    fn affixes_fit(&self, candidate: &Candidate, may_be_empty: bool) -> bool {
        let fits = |one: &[Arc<str>], other: &[Arc<str>]| {
            may_be_empty && (one.is_empty() || other.is_empty()) || end_alike(one, other)
        };
        fits(self.referrer.prefixes, &candidate.prefixes) && fits(self.referrer.suffixes, &candidate.suffixes)
    }

    /// Marks the references that no object explains.
    fn doubt(&self, resource: &mut Resource, spec: &FieldSpec) {
        let path = fields::split_path(&spec.path, '/');
        let mut found = Vec::new();
        paths(&resource.node, &path, &mut Vec::new(), &mut found);
        for path in found {
            let node = at(&resource.node, &path);
            let name = match node.map(|node| (&node.value, node)) {
                Some((Value::Object(_), node)) => node.get("name"),
                Some((Value::Array(_) | Value::Null, _)) | None => None,
                Some((_, node)) => Some(node),
            };
            let Some(name) = name else { continue };
            let text = self.files.written(name).into_owned();
            if !matches!(self.find(&text, None, |_, _| true), Ok(Some(_))) {
                let span = name.span;
                resource.doubt(path, "it may refer to an object of a resource that is not here", span);
            }
        }
    }
}

/// Whether the shorter list ends the longer one.
fn end_alike(one: &[Arc<str>], other: &[Arc<str>]) -> bool {
    match (one.len(), other.len()) {
        (0, other) => other == 0,
        (one, 0) => one == 0,
        _ => one.ends_with(other) || other.ends_with(one),
    }
}

fn bound_namespaces(node: &Node, files: &Files) -> Vec<String> {
    let is_binding = node.get("kind").and_then(Node::as_str) == Some("RoleBinding");
    let subjects = node.get("subjects").filter(|_| is_binding).and_then(Node::as_array);
    let accounts = subjects.into_iter().flatten();
    accounts
        .filter(|subject| subject.get("kind").and_then(Node::as_str) == Some("ServiceAccount"))
        .filter_map(|subject| Some(files.written(subject.get("namespace")?).into_owned()))
        .collect()
}

/// The kind of role that a binding speaks of.
fn role(node: &Node, spec: &FieldSpec, files: &Files) -> Option<Gvk> {
    let role = node.get("roleRef").filter(|_| spec.path.ends_with("roleRef/name"))?;
    Some(Gvk {
        group: files.written(role.get("apiGroup")?).into(),
        version: "".into(),
        kind: files.written(role.get("kind")?).into(),
    })
}

/// Every node that a path of fields leads to, through lists too.
fn paths(node: &Node, path: &[String], here: &mut Vec<Segment>, found: &mut Vec<Vec<Segment>>) {
    if let Value::Array(items) = &node.value {
        for (at, item) in items.iter().enumerate() {
            here.push(Segment::Index(at));
            paths(item, path, here, found);
            here.pop();
        }
        return;
    }
    let Some((first, rest)) = path.split_first() else {
        found.push(here.clone());
        return;
    };
    let name = first.trim_end_matches("[]");
    if let Some(next) = node.get(name) {
        here.push(Segment::Key(name.into()));
        paths(next, rest, here, found);
        here.pop();
    }
}

fn at<'n>(node: &'n Node, path: &[Segment]) -> Option<&'n Node> {
    path.iter().try_fold(node, |node, segment| match segment {
        Segment::Key(key) => node.get(key),
        Segment::Index(at) => node.as_array()?.get(*at),
    })
}
