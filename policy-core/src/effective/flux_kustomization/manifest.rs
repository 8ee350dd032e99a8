//! The kustomization file that the controller builds: the one of the folder with the Kustomization's changes in it, or a
//! new one for all manifests below.

use std::collections::BTreeSet;

use crate::effective::kustomize::{self, Files, SELECTOR, edit, join};
use crate::error::Problem;
use crate::limits::Limits;
use crate::tree::{Node, Span, Value};

use super::spec::Spec;

/// The fields of `spec` that change the kustomization file.
pub(super) const FIELDS: [&str; 10] = [
    "targetNamespace",
    "namePrefix",
    "nameSuffix",
    "patches",
    "components",
    "ignoreMissingComponents",
    "patchesStrategicMerge",
    "patchesJson6902",
    "images",
    "buildMetadata",
];

/// A kustomization file to build, and what is worth a word about it.
pub(super) struct Manifest {
    pub(super) node: Node,
    pub(super) notes: Vec<Problem>,
}

/// The kustomization file for a folder; nothing, and a problem, where its own cannot be read.
pub(super) fn compose(spec: &mut Spec<'_>, folder: &str, limits: &Limits) -> Option<Manifest> {
    let mut manifest = match kustomize::written(spec.files, folder, limits) {
        Err(problem) => {
            spec.problems.push(problem);
            return None;
        }
        Ok(Some((node, notes))) => Manifest {
            node: existing(node),
            notes,
        },
        Ok(None) => {
            // Whatever is wrong with the list of files, the path is to blame.
            let span = spec.field("path").map_or(spec.object.base, |path| path.span);
            Manifest {
                node: generated(spec.files, folder, span),
                notes: Vec::new(),
            }
        }
    };
    let node = &mut manifest.node;
    for (field, name) in [
        ("targetNamespace", "namespace"),
        ("namePrefix", "namePrefix"),
        ("nameSuffix", "nameSuffix"),
    ] {
        if let Some(text) = spec.text(field) {
            replace(node, name, text.span, text.clone());
        }
    }
    let patches = spec.list("patches");
    append(
        node,
        "patches",
        patches.iter().map(|item| patch(item, only(item.get("patch")))),
    );
    let components = components(spec, folder);
    append(node, "components", components.into_iter());
    older_patches(spec, node);
    for image in spec.list("images") {
        merge_image(node, image);
    }
    let metadata = spec.list("buildMetadata");
    if let (false, Some(field)) = (metadata.is_empty(), spec.field("buildMetadata")) {
        replace(node, "buildMetadata", field.span, field.clone());
    }
    Some(manifest)
}

/// The folder's own file, as the controller reads it: without fields that kustomize does not know.
fn existing(mut node: Node) -> Node {
    let span = node.span;
    if node.value == Value::Null {
        node = edit::map(span);
    }
    if let Value::Object(members) = &mut node.value {
        members.retain(|member| kustomize::is_field(&member.key));
    }
    // It asks for annotations of origin where there are no resources, lest kustomize call the file empty.
    let resources = member(&mut node, "resources");
    if resources.is_none_or(|resources| resources.as_array().is_some_and(<[Node]>::is_empty)) {
        let metadata = Node {
            span,
            value: Value::Array(vec![edit::text("originAnnotations", span)].into()),
        };
        replace(&mut node, "buildMetadata", span, metadata);
    }
    node
}

/// A file with everything below the folder, in the order in which the controller walks it: manifests, and folders that
/// have a kustomization file of their own.
fn generated(files: &Files, folder: &str, span: Span) -> Node {
    let mut resources: BTreeSet<Vec<&str>> = BTreeSet::new();
    for path in files.below(folder) {
        let parts: Vec<&str> = path.split('/').collect();
        let folders = (1..parts.len()).filter_map(|end| parts.get(..end));
        let mut built = folders.filter(|parts| {
            let folder = join(folder, &parts.join("/"));
            !files.kustomization_names(&folder).is_empty()
        });
        if let Some(first) = built.next() {
            resources.insert(first.to_vec());
        } else if [".yaml", ".yml"].iter().any(|end| path.ends_with(end)) {
            resources.insert(parts);
        }
    }
    let mut node = edit::map(span);
    if resources.is_empty() {
        edit::set(&mut node, "namespace", span, edit::text("_placeholder", span));
        return node;
    }
    let paths = resources
        .iter()
        .map(|parts| edit::text(format!("./{}", parts.join("/")), span));
    let list = Node {
        span,
        value: Value::Array(paths.collect()),
    };
    edit::set(&mut node, "resources", span, list);
    node
}

/// A field of a kustomization file, in whichever case it is written.
fn member<'n>(node: &'n mut Node, name: &str) -> Option<&'n mut Node> {
    let Value::Object(members) = &mut node.value else {
        return None;
    };
    let mut named = members
        .iter_mut()
        .rev()
        .filter(|member| member.key.eq_ignore_ascii_case(name));
    named
        .find(|member| member.node.value != Value::Null)
        .map(|member| &mut member.node)
}

fn replace(node: &mut Node, name: &str, span: Span, value: Node) {
    if let Value::Object(members) = &mut node.value {
        members.retain(|member| !member.key.eq_ignore_ascii_case(name));
    }
    edit::set(node, name, span, value);
}

/// Adds items to a list. What is no list stays, for kustomize to refuse.
fn append(node: &mut Node, name: &str, items: impl Iterator<Item = Node>) {
    let items: Vec<Node> = items.collect();
    let Some(span) = items.first().map(|item| item.span) else {
        return;
    };
    match member(node, name) {
        Some(Node {
            value: Value::Array(list),
            ..
        }) => list.extend(items),
        Some(_) => {}
        None => {
            let list = Node {
                span,
                value: Value::Array(items.into()),
            };
            replace(node, name, span, list);
        }
    }
}

fn only(field: Option<&Node>) -> Option<Node> {
    field.filter(|field| field.value != Value::Null).cloned()
}

/// An entry of `patches`: a text, and the target that may stand beside it.
fn patch(item: &Node, text: Option<Node>) -> Node {
    let mut patch = edit::map(item.span);
    if let Some(text) = text {
        edit::set(&mut patch, "patch", text.span, text);
    }
    if let Some(target) = item.get("target").filter(|target| target.value != Value::Null) {
        edit::set(&mut patch, "target", target.span, with_fields(target, &SELECTOR));
    }
    patch
}

/// A map with those of its fields only that the API has; it drops all others.
fn with_fields(node: &Node, known: &[&str]) -> Node {
    let mut node = node.clone();
    if let Value::Object(members) = &mut node.value {
        members.retain(|member| known.contains(&&*member.key));
    }
    node
}

fn components(spec: &mut Spec<'_>, folder: &str) -> Vec<Node> {
    let skips = spec.flag("ignoreMissingComponents");
    let mut local = Vec::new();
    for item in spec.list("components") {
        let Some(path) = spec.as_text(item, "components").and_then(Node::as_str) else {
            continue;
        };
        if !is_local(path) {
            let message = "a component must be a local and relative path";
            spec.fail("flux-components", item.span, message);
            continue;
        }
        let is_there = |path: &str| spec.files.get(path).is_some() || spec.files.has_folder(path);
        if skips && !kustomize::resolve(folder, path).is_ok_and(|path| is_there(&path)) {
            continue;
        }
        local.push(item.clone());
    }
    local
}

fn is_local(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let elsewhere = [
        "git::",
        "gh:",
        "ssh://",
        "https://",
        "http://",
        "git@",
        "github.com:",
        "github.com/",
    ];
    let file = lower.strip_prefix("file://").unwrap_or(&lower);
    !elsewhere.iter().any(|start| lower.starts_with(start)) && !path.starts_with('/') && !file.starts_with('/')
}

/// The fields that API versions before v1 had: patches as maps and lists, and not as texts.
fn older_patches(spec: &mut Spec<'_>, node: &mut Node) {
    let json = |node: &Node| edit::text(node.to_json().to_string(), node.span);
    let merges = spec.list("patchesStrategicMerge");
    append(node, "patchesStrategicMerge", merges.iter().map(json));
    let operations = spec.list("patchesJson6902");
    let entry = |item: &Node| patch(item, item.get("patch").map(json));
    append(node, "patchesJson6902", operations.iter().map(entry));
}

/// An entry of `images`, merged into that of the same name. A tag and a digest stand for one another.
fn merge_image(node: &mut Node, image: &Node) {
    let image = with_fields(image, &["name", "newName", "newTag", "digest"]);
    let name = image.get("name").and_then(Node::as_str);
    let own = member(node, "images").and_then(|images| match &mut images.value {
        Value::Array(items) => items
            .iter_mut()
            .find(|item| item.get("name").and_then(Node::as_str) == name),
        _ => None,
    });
    let Some(own) = own else {
        append(node, "images", std::iter::once(image));
        return;
    };
    let said = |field: &str| image.get(field).filter(|value| value.as_str() != Some("")).cloned();
    let (new_name, tag, digest) = (said("newName"), said("newTag"), said("digest"));
    if tag.is_some() || digest.is_some() {
        for field in ["newTag", "digest"] {
            edit::remove(own, field);
        }
    }
    for (field, value) in [("newName", new_name), ("newTag", tag), ("digest", digest)] {
        if let Some(value) = value {
            edit::set(own, field, value.span, value);
        }
    }
}
