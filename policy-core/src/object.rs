//! Kubernetes objects: found in documents, flattened out of lists and reviews.

use std::sync::Arc;

use crate::catalog::GroupKind;
use crate::effective::kustomize::Unknown;
use crate::error::Problem;
use crate::source::{SourceId, SourceText};
use crate::tree::{Member, Node, Segment, Span, Value};

/// One Kubernetes object.
#[derive(Clone, Debug)]
pub(crate) struct Object {
    /// Its whole content.
    pub(crate) node: Node,
    /// Its kind, whatever the version.
    pub(crate) kind: GroupKind,
    /// `group/version`, or `version` in the core group.
    pub(crate) api_version: Arc<str>,
    /// `metadata.name`, or `metadata.generateName`.
    pub(crate) name: Arc<str>,
    /// `metadata.namespace`; `None` for objects of the cluster, empty for namespaced ones that leave it open.
    pub(crate) namespace: Option<Arc<str>>,
    /// The object was built by the engine, not written by anybody.
    pub(crate) inferred: bool,
    /// What of it could not be worked out.
    pub(crate) unknown: Vec<Unknown>,
}

/// What a document turned out to be.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) objects: Vec<Object>,
    pub(crate) problems: Vec<Problem>,
    /// An AdmissionReview was among the documents.
    pub(crate) review: bool,
}

impl Object {
    /// The source that holds it.
    pub(crate) fn source(&self) -> SourceId {
        self.node.span.source
    }

    /// Whether the object is of one of Flux's APIs, or carries Flux's `part-of` label.
    pub(crate) fn is_flux(&self) -> bool {
        const FLUX_GROUPS: [&str; 2] = ["source.extensions.fluxcd.io", "fluxcd.controlplane.io"];
        let group = self.kind.group.as_str();
        let part_of = self
            .node
            .get("metadata")
            .and_then(|m| m.get("labels")?.get("app.kubernetes.io/part-of")?.as_str());
        group.ends_with(".toolkit.fluxcd.io") || FLUX_GROUPS.contains(&group) || part_of == Some("flux")
    }

    /// Kind, namespace and name, for people.
    pub(crate) fn display(&self) -> String {
        match self.namespace.as_deref() {
            None | Some("") => format!("{} {}", self.kind.kind, self.name),
            Some(namespace) => format!("{} {namespace}/{}", self.kind.kind, self.name),
        }
    }
}

/// Collects the Kubernetes objects of one document.
pub(crate) fn collect(root: Node, text: &SourceText, found: &mut Found) {
    if let Value::Array(items) = root.value {
        items.into_iter().for_each(|item| collect(item, text, found));
        return;
    }
    let (Some(api_version), Some(kind)) = (string(&root, "apiVersion"), string(&root, "kind")) else {
        let problem = |field: &str| {
            let line = text.position(root.locate(&[Segment::Key(field.into())]).start).line;
            let message = format!("`{field}` must be a non-empty string for this to be a Kubernetes object");
            Problem::new("not-an-object", message).in_source(&text.name, Some(line))
        };
        // Neither, or no metadata: some other YAML. One without the other: an object that nobody could apply.
        let has_metadata = root
            .get("metadata")
            .is_some_and(|metadata| metadata.as_object().is_some());
        match (root.get("apiVersion").is_some(), root.get("kind").is_some()) {
            (true, true) if string(&root, "kind").is_none() => found.problems.push(problem("kind")),
            (true, true) => found.problems.push(problem("apiVersion")),
            (true, false) if has_metadata => found.problems.push(problem("kind")),
            (false, true) if has_metadata => found.problems.push(problem("apiVersion")),
            _ => {}
        }
        return;
    };
    let group = api_version.split_once('/').map_or("", |(group, _)| group).to_owned();
    match (group.as_str(), &*kind) {
        ("admission.k8s.io", "AdmissionReview") => {
            found.review = true;
            collect_review(root, text, found);
        }
        // A file that kustomize reads, not an object of a cluster.
        ("kustomize.config.k8s.io", _) => {}
        _ if kind.ends_with("List") && root.get("items").is_some() => {
            collect_list(root, &api_version, &kind, text, found)
        }
        _ => collect_object(
            root,
            GroupKind {
                group,
                kind: kind.to_string(),
            },
            api_version,
            text,
            found,
        ),
    }
}

fn collect_review(root: Node, text: &SourceText, found: &mut Found) {
    let line = text.position(root.span.start).line;
    let request = take(root, "request");
    let object = request.and_then(|request| match request.get("object").map(|object| &object.value) {
        None | Some(Value::Null) => take(request, "oldObject"),
        Some(_) => take(request, "object"),
    });
    match object {
        Some(object) if object.as_object().is_some() => collect(object, text, found),
        _ => {
            let message = "the AdmissionReview has no `request.object`; there is nothing to judge";
            found
                .problems
                .push(Problem::new("empty-review", message).in_source(&text.name, Some(line)));
        }
    }
}

fn collect_list(root: Node, api_version: &Arc<str>, kind: &str, text: &SourceText, found: &mut Found) {
    let span = root.span;
    let items = match take(root, "items") {
        Some(Node {
            value: Value::Array(items),
            ..
        }) => items.into(),
        Some(Node { value: Value::Null, .. }) => Vec::new(),
        other => {
            let line = text.position(other.map_or(span, |node| node.span).start).line;
            let message = "`items` must be a sequence of objects";
            found
                .problems
                .push(Problem::new("not-an-object", message).in_source(&text.name, Some(line)));
            return;
        }
    };
    // Items of a typed list, as an API server sends them, carry no kind of their own.
    let item_kind = kind.strip_suffix("List").filter(|kind| !kind.is_empty());
    for mut item in items {
        if let (Some(item_kind), Value::Object(members)) = (item_kind, &mut item.value) {
            for (key, value) in [("kind", item_kind), ("apiVersion", api_version)] {
                if !members.iter().any(|member| &*member.key == key) {
                    members.push(implied(key, value, item.span));
                }
            }
        }
        if string(&item, "kind").is_none() || string(&item, "apiVersion").is_none() {
            let line = text.position(item.span.start).line;
            let message = "an item of a List has no `apiVersion` and `kind`";
            found
                .problems
                .push(Problem::new("not-an-object", message).in_source(&text.name, Some(line)));
            continue;
        }
        collect(item, text, found);
    }
}

fn implied(key: &str, value: &str, at: Span) -> Member {
    let span = Span { end: at.start, ..at };
    Member {
        key: key.into(),
        key_span: span,
        node: Node {
            span,
            value: Value::String(value.into()),
        },
    }
}

fn collect_object(node: Node, kind: GroupKind, api_version: Arc<str>, text: &SourceText, found: &mut Found) {
    let metadata = node.get("metadata");
    let name = metadata.and_then(|metadata| string(metadata, "name").or_else(|| string(metadata, "generateName")));
    let namespace = metadata.and_then(|metadata| metadata.get("namespace"));
    let problem = |field: &str, code: &str, message: String| {
        let path = [Segment::Key("metadata".into()), Segment::Key(field.into())];
        Problem::new(code, message).in_source(&text.name, Some(text.position(node.locate(&path).start).line))
    };
    let Some(name) = name else {
        // Configuration of other programs has kinds too, but no metadata.
        if metadata.is_some() || is_known(&kind) {
            let message = format!("a {} without a name: set `metadata.name` to a string", kind.kind);
            found.problems.push(problem("name", "missing-name", message));
        }
        return;
    };
    let namespace = match namespace.map(|namespace| &namespace.value) {
        Some(Value::String(namespace)) if !namespace.is_empty() => Some(Arc::clone(namespace)),
        None | Some(Value::Null | Value::String(_)) => is_namespaced(&kind).then(|| Arc::from("")),
        Some(_) => {
            let message = format!("the namespace of {} {name} is not a string", kind.kind);
            found.problems.push(problem("namespace", "wrong-type", message));
            return;
        }
    };
    found.objects.push(Object {
        node,
        kind,
        api_version,
        name,
        namespace,
        inferred: false,
        unknown: Vec::new(),
    });
}

fn string(node: &Node, key: &str) -> Option<Arc<str>> {
    match &node.get(key)?.value {
        Value::String(text) if !text.is_empty() => Some(Arc::clone(text)),
        _ => None,
    }
}

fn take(node: Node, key: &str) -> Option<Node> {
    match node.value {
        Value::Object(members) => members
            .into_iter()
            .find(|member| &*member.key == key)
            .map(|member| member.node),
        _ => None,
    }
}

/// Kinds of Kubernetes itself and of Flux that live in namespaces (the API reference; facts of Flux's CRDs).
fn is_namespaced(kind: &GroupKind) -> bool {
    const CORE: [&str; 12] = [
        "ConfigMap",
        "Endpoints",
        "Event",
        "LimitRange",
        "PersistentVolumeClaim",
        "Pod",
        "PodTemplate",
        "ReplicationController",
        "ResourceQuota",
        "Secret",
        "Service",
        "ServiceAccount",
    ];
    match kind.group.as_str() {
        "" => CORE.contains(&kind.kind.as_str()),
        "apps" | "batch" | "autoscaling" | "policy" | "coordination.k8s.io" | "fluxcd.controlplane.io" => true,
        "rbac.authorization.k8s.io" => matches!(kind.kind.as_str(), "Role" | "RoleBinding"),
        "networking.k8s.io" => matches!(kind.kind.as_str(), "Ingress" | "NetworkPolicy"),
        group => group.ends_with(".toolkit.fluxcd.io") || group == "source.extensions.fluxcd.io",
    }
}

/// Kinds that are certainly API objects, so that one without a name is a mistake and not another program's file.
fn is_known(kind: &GroupKind) -> bool {
    is_namespaced(kind)
        || matches!((kind.group.as_str(), kind.kind.as_str()), ("", "Namespace" | "Node"))
        || kind.group == "rbac.authorization.k8s.io"
}
