//! Patches: read from files and strings, matched with their targets, applied.

use std::cell::RefCell;

use super::accumulate::Build;
use super::edit;
use super::fault::Fault;
use super::files::Files;
use super::inline;
use super::json_patch::{self, Operation};
use super::merge::Merge;
use super::model::{Patch, Selector};
use super::quotes::Quotes;
use super::read::Text;
use super::resource::{self, Id, Resource};
use super::select::Matcher;
use super::shared;
use crate::tree::{Node, Span, Value};
use crate::yaml::{Dialect, Parsed};

/// A patch, read.
enum Loaded {
    Merge(Vec<Resource>),
    Json(Vec<Operation>),
}

/// `patchesStrategicMerge`: each entry a path, or the patch itself.
pub(super) fn strategic_merge(
    build: &mut Build<'_>,
    resources: &mut Vec<Resource>,
    folder: &str,
    entries: &[Text],
    incomplete: bool,
) -> Result<(), Fault> {
    let files = build.files;
    let mut patches = Vec::new();
    for entry in entries {
        let own = inline::parse(entry, Dialect::Kustomize, files);
        let read = resource::read_all(&own, files, &mut build.budget);
        patches.extend(match read {
            Ok(read) => read,
            Err(_) => {
                let file = build.load(folder, entry)?;
                resource::read_all(files.objects(file), files, &mut build.budget)?
            }
        });
    }
    for patch in patches {
        let Some(at) = find_one(resources, &patch, files, incomplete)? else {
            continue;
        };
        let mut patch = patch.node;
        as_texts(&mut patch, files);
        apply_merge(resources, at, &patch, Changes::default(), files)?;
        drop_deleted(resources);
    }
    Ok(())
}

/// One entry of `patches`.
pub(super) fn patch(
    build: &mut Build<'_>,
    resources: &mut Vec<Resource>,
    folder: &str,
    entry: &Patch,
    incomplete: bool,
) -> Result<(), Fault> {
    let files = build.files;
    let changes = Changes {
        name: entry.allow_name_change,
        kind: entry.allow_kind_change,
    };
    let loaded = match load(build, folder, entry) {
        Err(Fault::Unknowable { code, span, message }) => {
            return doubt_targets(resources, entry, Fault::Unknowable { code, span, message }, files);
        }
        loaded => loaded?,
    };
    match (loaded, &entry.target) {
        (Loaded::Merge(patches), None) => {
            for patch in patches {
                if let Some(at) = find_one(resources, &patch, files, incomplete)? {
                    apply_merge(resources, at, &patch.node, changes, files)?;
                }
            }
        }
        (Loaded::Merge(patches), Some(target)) => {
            let [patch] = patches.as_slice() else {
                let message = "several strategic merge patches in one entry cannot have a `target`; part them";
                return Err(Fault::new("kustomize-patch", entry.span, message));
            };
            let matcher = Matcher::new(target)?;
            let mut node = patch.node.clone();
            as_texts(&mut node, files);
            let selected: Vec<Id> = resources
                .iter()
                .filter(|resource| matcher.matches(resource, files))
                .map(|resource| resource.id(files))
                .collect();
            if selected.is_empty() && !incomplete {
                note_no_target(build, target);
            }
            for at in 0..resources.len() {
                let chosen = resources
                    .get(at)
                    .is_some_and(|resource| selected.contains(&resource.id(files)));
                if chosen {
                    build.budget.take(&node)?;
                    apply_merge(resources, at, &node, changes, files)?;
                }
            }
            drop_deleted(resources);
            super::accumulate::no_conflicts(resources, entry.span, files)?;
        }
        (Loaded::Json(_), None) => {
            let message = "a JSON patch needs a `target`";
            return Err(Fault::new("kustomize-patch", entry.span, message));
        }
        (Loaded::Json(operations), Some(target)) => {
            let matcher = Matcher::new(target)?;
            let mut found = incomplete;
            for resource in resources.iter_mut().filter(|resource| matcher.matches(resource, files)) {
                found = true;
                resource.remember_id(files);
                apply_json(resource, &operations, build)?;
            }
            if !found {
                note_no_target(build, target);
            }
        }
    }
    drop_deleted(resources);
    Ok(())
}

/// One entry of `patchesJson6902`.
pub(super) fn json6902(
    build: &mut Build<'_>,
    resources: &mut [Resource],
    folder: &str,
    entry: &Patch,
    incomplete: bool,
) -> Result<(), Fault> {
    let files = build.files;
    let invalid = |message: &str| Fault::new("kustomize-patch", entry.span, message);
    let target = entry.target.as_ref().filter(|target| !target.name.is_empty());
    let target = target.ok_or_else(|| invalid("a JSON patch needs a `target` with a name"))?;
    let operations = match (&entry.path, &entry.patch) {
        (Some(path), None) => {
            let file = match build.load(folder, path) {
                Err(fault @ Fault::Unknowable { .. }) => return doubt_targets(resources, entry, fault, files),
                file => file?,
            };
            json_operations(files.settings(file), file.bytes().starts_with(b"["), path.span)?
        }
        (None, Some(text)) => {
            let parsed = inline::parse(text, Dialect::Kubectl, files);
            json_operations(&parsed, text.value.starts_with('['), text.span)?
        }
        _ => return Err(invalid("write either `path` or `patch`")),
    };
    if operations.is_empty() {
        return Err(invalid("the patch is empty"));
    }
    let matcher = Matcher::new(target)?;
    let mut found = incomplete;
    for resource in resources.iter_mut().filter(|resource| matcher.matches(resource, files)) {
        found = true;
        apply_json(resource, &operations, build)?;
    }
    if !found {
        note_no_target(build, target);
    }
    Ok(())
}

/// kustomize says nothing of a patch that it applies to nothing, and what the patch was to lock stays open.
fn note_no_target(build: &mut Build<'_>, target: &Selector) {
    let message =
        "the target of this patch matches no object, so the patch changes nothing; correct it or remove the patch";
    build.note("patch-without-target", target.span, message);
}

/// A patch that cannot be seen: its targets cannot be known.
fn doubt_targets(resources: &mut [Resource], entry: &Patch, fault: Fault, files: &Files) -> Result<(), Fault> {
    let (Some(target), Fault::Unknowable { span, message, .. }) = (&entry.target, &fault) else {
        return Err(fault);
    };
    let matcher = Matcher::new(target)?;
    for resource in resources.iter_mut().filter(|resource| matcher.matches(resource, files)) {
        resource.doubt(Vec::new(), message.as_str(), *span);
    }
    Ok(())
}

fn load(build: &mut Build<'_>, folder: &str, entry: &Patch) -> Result<Loaded, Fault> {
    let files = build.files;
    let blank = entry.patch.as_ref().is_none_or(|text| text.value.trim().is_empty());
    match (&entry.path, &entry.patch) {
        (Some(path), _) if blank => {
            let file = build.load(folder, path)?;
            let merge = resource::read_all(files.objects(file), files, &mut build.budget);
            classify(merge, || {
                json_operations(files.settings(file), file.bytes().starts_with(b"["), path.span)
            })
        }
        (None, Some(text)) if !blank => {
            // kustomize takes the blanks off both ends, and with them those that end a block scalar.
            let text = &Text {
                value: text.value.trim().into(),
                span: text.span,
            };
            let objects = inline::parse(text, Dialect::Kustomize, files);
            let merge = resource::read_all(&objects, files, &mut build.budget);
            classify(merge, || {
                let settings = inline::parse(text, Dialect::Kubectl, files);
                json_operations(&settings, text.value.trim_start().starts_with('['), text.span)
            })
        }
        _ => {
            let message = "a patch has either `path` or `patch`";
            Err(Fault::new("kustomize-patch", entry.span, message))
        }
    }
}

/// A text that is a list is a JSON patch; all else is meant as a strategic merge patch.
fn classify(
    merge: Result<Vec<Resource>, Fault>,
    json: impl FnOnce() -> Result<Vec<Operation>, Fault>,
) -> Result<Loaded, Fault> {
    match merge {
        // Nothing but comments: kustomize takes it for a JSON patch without operations.
        Ok(patches) if patches.is_empty() => Ok(Loaded::Json(Vec::new())),
        Ok(patches) => Ok(Loaded::Merge(patches)),
        Err(
            fault @ Fault::At {
                code: "limit-kustomize-nodes",
                ..
            },
        ) => Err(fault),
        Err(fault) => json().map(Loaded::Json).map_err(|_| fault),
    }
}

fn json_operations(parsed: &Parsed, bracketed: bool, span: Span) -> Result<Vec<Operation>, Fault> {
    if let Some(problem) = resource::fatal(parsed, Dialect::Kubectl) {
        return Err(Fault::Known(problem));
    }
    let root = parsed.documents.first().map(|document| &document.root);
    if bracketed && serde_json::from_str::<serde::de::IgnoredAny>(parsed.text.text()).is_err() {
        let message = "a patch that begins with `[` must be JSON";
        return Err(Fault::new(
            "kustomize-patch",
            root.map_or(span, |root| root.span),
            message,
        ));
    }
    root.map_or(Ok(Vec::new()), json_patch::read)
}

/// What a patch may change besides the content.
#[derive(Clone, Copy, Default)]
struct Changes {
    name: bool,
    kind: bool,
}

/// The one object that a patch without a target means.
fn find_one(resources: &[Resource], patch: &Resource, files: &Files, incomplete: bool) -> Result<Option<usize>, Fault> {
    let id = patch.id(files);
    let mut found = resources
        .iter()
        .enumerate()
        .filter(|(_, resource)| resource.node.value != Value::Null && resource.ever_was(&id, files));
    match (found.next(), found.next()) {
        (Some((at, _)), None) => Ok(Some(at)),
        (None, _) if incomplete => Ok(None),
        (first, _) => {
            let many = if first.is_some() {
                "more than one object is"
            } else {
                "no object is"
            };
            let message = format!("{many} {}, which the patch is for", id.display());
            Err(Fault::new("kustomize-patch", patch.base, message))
        }
    }
}

/// With a target, kustomize rewrites the labels and annotations of the patch, after which all of them are strings.
fn as_texts(patch: &mut Node, files: &Files) {
    for field in ["labels", "annotations"] {
        let Some(metadata) = edit::get_mut(patch, "metadata") else {
            return;
        };
        texts(metadata, field, files);
    }
}

/// Makes strings of all members of a map, and takes an empty one out.
pub(super) fn texts(metadata: &mut Node, field: &str, files: &Files) {
    let Some(map) = edit::get_mut(metadata, field) else {
        return;
    };
    if let Value::Object(members) = &mut map.value
        && !members.is_empty()
    {
        for member in members {
            if member.node.as_str().is_none() {
                member.node = edit::text(files.written(&member.node), member.node.span);
            }
        }
        return;
    }
    edit::remove(metadata, field);
}

/// A mark among the annotations: kustomize keeps its notes there, and a patch that drops them all drops its notes.
const MARK: &str = "internal.config.kubernetes.io/flux-audit";

fn mark(resource: &mut Resource) {
    if resource.has_notes() {
        let span = resource.node.span;
        let metadata = edit::map_under(&mut resource.node, "metadata", span);
        if let Some(annotations) = metadata.and_then(|metadata| edit::map_under(metadata, "annotations", span)) {
            edit::set(annotations, MARK, span, edit::text("", span));
        }
    }
}

/// Takes the mark off; whether it was there.
fn unmark(resource: &mut Resource) -> bool {
    let metadata = edit::get_mut(&mut resource.node, "metadata");
    let Some(annotations) = metadata.and_then(|metadata| edit::get_mut(metadata, "annotations")) else {
        return false;
    };
    edit::remove(annotations, MARK).is_some()
}

fn apply_merge(
    resources: &mut [Resource],
    at: usize,
    patch: &Node,
    changes: Changes,
    files: &Files,
) -> Result<(), Fault> {
    let Some(resource) = resources.get_mut(at) else {
        return Ok(());
    };
    if changes.name || changes.kind {
        resource.remember_id(files);
    }
    let had_notes = resource.has_notes();
    mark(resource);
    let merge = Merge {
        files,
        quotes: RefCell::new(std::mem::take(&mut resource.quotes)),
    };
    let before = resource.node.clone();
    let mut patch = patch.clone();
    // kustomize gives the patch the version of its target.
    if let Some(api_version) = before.get("apiVersion").filter(|_| patch.get("apiVersion").is_some()) {
        let span = api_version.span;
        edit::set(&mut patch, "apiVersion", span, api_version.clone());
    }
    let merged = merge.apply(before.clone(), patch);
    resource.quotes = merge.quotes.into_inner();
    match merged {
        Ok(Some(node)) => resource.node = node,
        Ok(None) => {
            resource.node.value = Value::Null;
            return Ok(());
        }
        Err(fault) => {
            unmark(resource);
            return Err(fault);
        }
    }
    if !unmark(resource) && had_notes {
        resource.forget_notes();
    }
    if !changes.kind {
        restore(&mut resource.node, &before, "kind");
    }
    let span = before.span;
    if let (Some(metadata), Some(old)) = (
        edit::map_under(&mut resource.node, "metadata", span),
        before.get("metadata"),
    ) {
        if !changes.name {
            restore(metadata, old, "name");
        }
        if old
            .get("namespace")
            .is_none_or(|namespace| files.written(namespace).is_empty())
        {
            edit::remove(metadata, "namespace");
        } else {
            restore(metadata, old, "namespace");
        }
    }
    shared::spread(resource, &before);
    Ok(())
}

fn restore(node: &mut Node, before: &Node, key: &str) {
    let member = before
        .as_object()
        .and_then(|members| members.iter().find(|member| &*member.key == key));
    if let Some(member) = member {
        edit::set(node, key, member.key_span, member.node.clone());
    }
}

fn apply_json(resource: &mut Resource, operations: &[Operation], build: &mut Build<'_>) -> Result<(), Fault> {
    mark(resource);
    if !resource.quotes.is_restyled() {
        build.files.refold(&mut resource.node);
    }
    let depth = build.files.limits().depth;
    let result = json_patch::apply(&mut resource.node, operations, depth, &mut build.budget.left);
    unmark(resource);
    result?;
    resource.shared.clear();
    resource.quotes = Quotes::anew();
    if let Some(metadata) = edit::get_mut(&mut resource.node, "metadata") {
        texts(metadata, "annotations", build.files);
    }
    Ok(())
}

fn drop_deleted(resources: &mut Vec<Resource>) {
    resources.retain(|resource| !edit::is_empty(&resource.node));
}
