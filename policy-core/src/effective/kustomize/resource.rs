//! One object of a build, with what kustomize remembers of it.

use std::sync::Arc;

use super::fault::Fault;
use super::files::Files;
use super::model::string;
use super::quotes::Quotes;
use super::read::Fields;
use super::schema;
use super::shared::Places;
use super::{Unknown, edit};
use crate::tree::{Node, Segment, Span, Value};
use crate::yaml::{Dialect, Parsed};

/// Group, version and kind; in a selector, empty parts stand for any.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Gvk {
    pub(super) group: Arc<str>,
    pub(super) version: Arc<str>,
    pub(super) kind: Arc<str>,
}

/// What tells objects apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Id {
    pub(super) gvk: Gvk,
    pub(super) name: Arc<str>,
    /// The namespace that counts: `default` for none, a word of kustomize's for kinds that have none.
    pub(super) namespace: Arc<str>,
}

/// A name that an object had before.
#[derive(Clone, Debug)]
pub(super) struct Previous {
    pub(super) kind: Arc<str>,
    pub(super) name: Arc<str>,
    pub(super) namespace: Arc<str>,
}

/// What a generator does where there is such an object already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Behavior {
    Create,
    Replace,
    Merge,
}

/// An object on its way through a build.
#[derive(Clone, Debug)]
pub(super) struct Resource {
    pub(super) node: Node,
    /// Where it was written, before any patch.
    pub(super) base: Span,
    pub(super) previous: Vec<Previous>,
    pub(super) prefixes: Vec<Arc<str>>,
    pub(super) suffixes: Vec<Arc<str>>,
    pub(super) needs_hash: bool,
    pub(super) behavior: Behavior,
    /// kustomize tracks where it comes from, in its annotations.
    pub(super) tracked: bool,
    pub(super) quotes: Quotes,
    /// Places that hold one and the same value.
    pub(super) shared: Vec<Places>,
    pub(super) unknown: Vec<Unknown>,
}

/// kustomize's namespace for kinds that have none.
pub(super) const NO_NAMESPACE: &str = "_non_namespaceable_";

impl Gvk {
    /// Reads `GROUP/VERSION/KIND`, where `*` stands for any.
    pub(super) fn selector(text: &str) -> Self {
        let mut parts = text.rsplitn(3, '/').map(|part| if part == "*" { "" } else { part });
        let mut part = || Arc::from(parts.next().unwrap_or(""));
        let (kind, version, group) = (part(), part(), part());
        Self { group, version, kind }
    }

    pub(super) fn read(fields: &Fields<'_>) -> Result<Self, Fault> {
        Ok(Self {
            group: string(fields, "group")?.into(),
            version: string(fields, "version")?.into(),
            kind: string(fields, "kind")?.into(),
        })
    }

    pub(super) fn is_selected_by(&self, selector: &Self) -> bool {
        let fits = |has: &str, wants: &str| wants.is_empty() || has == wants;
        fits(&self.group, &selector.group) && fits(&self.version, &selector.version) && fits(&self.kind, &selector.kind)
    }

    pub(super) fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.to_string()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }

    pub(super) fn is_cluster_scoped(&self) -> bool {
        schema::is_cluster_scoped(&self.api_version(), &self.kind)
    }
}

impl Id {
    pub(super) fn is_cluster_scoped(&self) -> bool {
        &*self.namespace == NO_NAMESPACE
    }

    /// Kind, namespace and name, for people.
    pub(super) fn display(&self) -> String {
        match &*self.namespace {
            NO_NAMESPACE => format!("{} {}", self.gvk.kind, self.name),
            namespace => format!("{} {namespace}/{}", self.gvk.kind, self.name),
        }
    }
}

impl Resource {
    pub(super) fn new(node: Node) -> Self {
        Self {
            base: node.span,
            node,
            previous: Vec::new(),
            prefixes: Vec::new(),
            suffixes: Vec::new(),
            needs_hash: false,
            behavior: Behavior::Create,
            tracked: false,
            quotes: Quotes::default(),
            shared: Vec::new(),
            unknown: Vec::new(),
        }
    }

    pub(super) fn gvk(&self, files: &Files) -> Gvk {
        gvk(&self.node, files)
    }

    pub(super) fn name(&self, files: &Files) -> Arc<str> {
        meta_text(&self.node, "name", files)
    }

    /// The namespace as it is written, empty for none.
    pub(super) fn namespace(&self, files: &Files) -> Arc<str> {
        meta_text(&self.node, "namespace", files)
    }

    pub(super) fn id(&self, files: &Files) -> Id {
        id(&self.node, files)
    }

    /// Every id that the object had, the first first.
    pub(super) fn previous_ids(&self, files: &Files) -> impl Iterator<Item = Id> {
        let gvk = self.gvk(files);
        self.previous.iter().map(move |previous| Id {
            gvk: Gvk {
                kind: Arc::clone(&previous.kind),
                ..gvk.clone()
            },
            name: Arc::clone(&previous.name),
            namespace: effective(&previous.namespace),
        })
    }

    pub(super) fn original_id(&self, files: &Files) -> Id {
        let first = self.previous_ids(files).next();
        first.unwrap_or_else(|| self.id(files))
    }

    /// Whether it is, or ever was, the object of this id.
    pub(super) fn ever_was(&self, id: &Id, files: &Files) -> bool {
        let named = |name: &str| *id.name == *name;
        if !named(&self.name(files)) && !self.previous.iter().any(|previous| named(&previous.name)) {
            return false;
        }
        self.id(files) == *id || self.previous_ids(files).any(|previous| previous == *id)
    }

    pub(super) fn remember_id(&mut self, files: &Files) {
        let Id { gvk, name, namespace } = self.id(files);
        self.previous.push(Previous {
            kind: gvk.kind,
            name,
            namespace,
        });
    }

    /// Whether kustomize has written notes of its own into the annotations.
    pub(super) fn has_notes(&self) -> bool {
        !self.previous.is_empty()
            || !self.prefixes.is_empty()
            || !self.suffixes.is_empty()
            || self.needs_hash
            || self.tracked
    }

    pub(super) fn forget_notes(&mut self) {
        self.previous.clear();
        self.prefixes.clear();
        self.suffixes.clear();
        self.needs_hash = false;
    }

    pub(super) fn doubt(&mut self, path: Vec<Segment>, reason: impl Into<Arc<str>>, at: Span) {
        let reason = reason.into();
        if !self
            .unknown
            .iter()
            .any(|known| known.path == path && known.reason == reason)
        {
            self.unknown.push(Unknown { path, reason, at });
        }
    }
}

pub(super) fn gvk(node: &Node, files: &Files) -> Gvk {
    let text = |name| node.get(name).map_or("".into(), |node| files.written(node));
    let api_version = text("apiVersion");
    let (group, version) = api_version.split_once('/').unwrap_or(("", &api_version));
    Gvk {
        group: group.into(),
        version: version.into(),
        kind: text("kind").into(),
    }
}

pub(super) fn id(node: &Node, files: &Files) -> Id {
    let gvk = gvk(node, files);
    let namespace = if gvk.is_cluster_scoped() {
        NO_NAMESPACE.into()
    } else {
        effective(&meta_text(node, "namespace", files))
    };
    Id {
        name: meta_text(node, "name", files),
        gvk,
        namespace,
    }
}

pub(super) fn effective(namespace: &Arc<str>) -> Arc<str> {
    if namespace.is_empty() {
        "default".into()
    } else {
        Arc::clone(namespace)
    }
}

fn meta_text(node: &Node, name: &str, files: &Files) -> Arc<str> {
    let field = node.get("metadata").and_then(|metadata| metadata.get(name));
    match field.filter(|field| field.value != Value::Null) {
        None => "".into(),
        Some(Node {
            value: Value::String(text),
            ..
        }) => Arc::clone(text),
        Some(field) => files.written(field).into(),
    }
}

/// The objects of a file, with those of its lists. Every node counts against `budget`.
pub(super) fn read_all(parsed: &Parsed, files: &Files, budget: &mut Budget) -> Result<Vec<Resource>, Fault> {
    if let Some(problem) = fatal(parsed, Dialect::Kustomize) {
        return Err(Fault::Known(problem));
    }
    let roots = parsed.documents.iter().map(|document| &document.root);
    read_roots(roots.collect(), files, budget)
}

/// The objects that take the place of a file, each with what of it cannot be known.
pub(super) fn read_supplied(
    supplied: &[(Node, Vec<Unknown>)],
    files: &Files,
    budget: &mut Budget,
) -> Result<Vec<Resource>, Fault> {
    let mut all = Vec::new();
    for (node, unknown) in supplied {
        let mut resources = read_roots(vec![node], files, budget)?;
        for resource in &mut resources {
            // No text of it can be read for the style of its scalars.
            resource.quotes = Quotes::anew();
            resource.unknown.clone_from(unknown);
        }
        all.append(&mut resources);
    }
    Ok(all)
}

fn read_roots(roots: Vec<&Node>, files: &Files, budget: &mut Budget) -> Result<Vec<Resource>, Fault> {
    let alone = roots.len() == 1;
    let mut queue: std::collections::VecDeque<(&Node, bool)> = roots.into_iter().map(|root| (root, alone)).collect();
    let mut resources = Vec::new();
    while let Some((node, alone)) = queue.pop_front() {
        match &node.value {
            Value::Null => continue,
            Value::Array(items) if items.is_empty() => continue,
            Value::Object(members) if members.is_empty() => continue,
            _ => {}
        }
        let written = |node: Option<&Node>| {
            let node = node.filter(|node| node.value != Value::Null);
            node.map(|node| files.written(node).into_owned()).unwrap_or_default()
        };
        let kind = written(node.get("kind"));
        let unwraps = alone && (kind == "List" || kind == "ResourceList");
        if unwraps && let Some(Value::Array(items)) = node.get("items").map(|items| &items.value) {
            queue.extend(items.iter().map(|item| (item, false)));
            continue;
        }
        let invalid = |message: &str| Err(Fault::new("kustomize-object", node.span, message));
        if node.as_object().is_none() {
            return invalid("kustomize takes only objects here: maps with `kind` and `metadata.name`");
        }
        if kind.is_empty() {
            return invalid("the object has no `kind`");
        }
        let is_list = kind.ends_with("List");
        if !is_list && written(node.get("metadata").and_then(|metadata| metadata.get("name"))).is_empty() {
            return invalid("the object has no `metadata.name`");
        }
        match node.get("items").map(|items| (&items.value, items.span)) {
            Some((Value::Array(items), _)) if is_list => queue.extend(items.iter().map(|item| (item, false))),
            Some((Value::Null, _)) if is_list => {}
            Some((_, span)) if is_list => {
                return Err(Fault::new("kustomize-object", span, "`items` must be a list"));
            }
            _ => {
                budget.take(node)?;
                resources.push(Resource::new(node.clone()));
            }
        }
    }
    Ok(resources)
}

/// The first problem for which kustomize refuses the file.
pub(super) fn fatal(parsed: &Parsed, dialect: Dialect) -> Option<crate::error::Problem> {
    let harmless = |code: &str| match dialect {
        Dialect::Kustomize => code == "unknown-tag",
        Dialect::Kubectl => code == "unknown-tag" || code == "duplicate-key",
    };
    parsed.problems.iter().find(|problem| !harmless(&problem.code)).cloned()
}

/// How many nodes a build may still make.
#[derive(Debug)]
pub(super) struct Budget {
    pub(super) left: usize,
}

impl Budget {
    /// Counts a node and all below it.
    pub(super) fn take(&mut self, node: &Node) -> Result<(), Fault> {
        let mut left = self.left;
        let enough = edit::spend(node, &mut left);
        self.left = left;
        if enough {
            return Ok(());
        }
        let message = "the build has more nodes than the limit; split the kustomization";
        Err(Fault::new("limit-kustomize-nodes", node.span, message))
    }
}
