//! What the controller does to the objects of a build, and which of them it leaves alone.

use std::sync::Arc;

use crate::effective::kustomize::{self, BuiltObject, edit};
use crate::tree::{Member, Node, Segment, Span, Value};

use super::spec::Spec;
use super::{doubt, text_at};

const OWNER_NAME: &str = "kustomize.toolkit.fluxcd.io/name";
const OWNER_NAMESPACE: &str = "kustomize.toolkit.fluxcd.io/namespace";

/// Labels, or annotations, of objects that Flux does not apply.
const NOT_APPLIED: [(&str, &str); 2] = [
    ("kustomize.toolkit.fluxcd.io/reconcile", "disabled"),
    ("kustomize.toolkit.fluxcd.io/ssa", "ignore"),
];

/// Drops the kustomization files among the objects, as the controller does. It fails for what has no `apiVersion`.
pub(super) fn keep_objects(spec: &mut Spec<'_>, objects: &mut Vec<BuiltObject>) {
    objects.retain(|object| {
        let text = |name: &str| text_at(&object.node, &[name]).and_then(Node::as_str).unwrap_or("");
        let is_file = text("apiVersion").starts_with("kustomize.config.k8s.io/");
        !is_file || !text("kind").eq_ignore_ascii_case("Kustomization")
    });
    for object in objects
        .iter()
        .filter(|object| text_at(&object.node, &["apiVersion"]).is_none())
    {
        spec.fail("flux-object", object.base, "the object has no `apiVersion`");
    }
}

/// The labels that say whose the objects are.
pub(super) fn label(spec: &Spec<'_>, objects: &mut [BuiltObject]) {
    let owner = spec.object;
    for object in &mut *objects {
        drop_ill_typed(object);
    }
    for (label, field) in [(OWNER_NAME, "name"), (OWNER_NAMESPACE, "namespace")] {
        let path = ["metadata", field].map(|key| Segment::Key(key.into()));
        let value = text_at(&owner.node, &["metadata", field]);
        let hidden = match (spec.doubt_at(&path), value) {
            (Some(unknown), _) => Some((Arc::clone(&unknown.reason), unknown.at)),
            (None, None) => Some((format!("the Kustomization has no {field} here").into(), owner.base)),
            (None, Some(_)) => None,
        };
        for object in &mut *objects {
            if let Some(value) = value {
                set(object, "labels", label, value.span, value);
            }
            if let Some((reason, at)) = &hidden {
                doubt(object, metadata_path("labels", label), reason, *at);
            }
        }
    }
}

/// The controller reads no labels at all where one is no string, as substitution may make it, and so drops the others.
/// To it, `null` is an empty string.
fn drop_ill_typed(object: &mut BuiltObject) {
    let labels = edit::get_mut(&mut object.node, "metadata").and_then(|metadata| edit::get_mut(metadata, "labels"));
    let Some(Value::Object(members)) = labels.map(|labels| &mut labels.value) else {
        return;
    };
    for member in members.iter_mut().filter(|member| member.node.value == Value::Null) {
        member.node = edit::text("", member.node.span);
    }
    if members.iter().any(|member| member.node.as_str().is_none()) {
        members.clear();
    }
}

/// `spec.commonMetadata`, over everything else.
pub(super) fn common_metadata(spec: &mut Spec<'_>, objects: &mut [BuiltObject]) {
    let common = spec.field("commonMetadata");
    for field in ["labels", "annotations"] {
        let map = common
            .and_then(|common| common.get(field))
            .filter(|map| map.value != Value::Null);
        let members: Vec<&Member> = map.map_or_else(Vec::new, |map| spec.texts(map, field));
        for object in &mut *objects {
            for member in &members {
                set(object, field, &member.key, member.key_span, &member.node);
            }
        }
    }
    if let Some(unknown) = spec.doubt("commonMetadata") {
        let below = unknown.path.get(2..).unwrap_or(&[]);
        let path = std::iter::once(Segment::Key("metadata".into())).chain(below.iter().cloned());
        let path: Vec<Segment> = path.collect();
        for object in objects {
            doubt(object, path.clone(), &unknown.reason, unknown.at);
        }
    }
}

/// Sets a label or an annotation, which is known then.
fn set(object: &mut BuiltObject, field: &str, key: &str, key_span: Span, value: &Node) {
    let metadata = edit::map_under(&mut object.node, "metadata", key_span);
    if let Some(map) = metadata.and_then(|metadata| edit::map_under(metadata, field, key_span)) {
        edit::set(map, key, key_span, value.clone());
        let path = metadata_path(field, key);
        object.unknown.retain(|unknown| unknown.path != path);
    }
}

fn metadata_path(field: &str, key: &str) -> Vec<Segment> {
    ["metadata", field, key].map(|key| Segment::Key(key.into())).into()
}

/// Objects that Flux does not apply, and fields that `spec.ignore` takes out: both are in the cluster as somebody else
/// has set them.
pub(super) fn leave_alone(spec: &mut Spec<'_>, objects: &mut [BuiltObject]) {
    for object in &mut *objects {
        for (key, value) in NOT_APPLIED {
            let said = ["labels", "annotations"].iter().find_map(|field| {
                let node = text_at(&object.node, &["metadata", field, key])?;
                node.as_str()
                    .filter(|said| said.eq_ignore_ascii_case(value))
                    .map(|_| node.span)
            });
            if let Some(at) = said {
                let reason = format!("{key} keeps Flux from applying it");
                doubt(object, Vec::new(), &reason.into(), at);
            }
        }
    }
    let reason: Arc<str> = "`spec.ignore` keeps Flux from setting it".into();
    for rule in spec.list("ignore") {
        let Some(paths) = rule.get("paths").and_then(Node::as_array) else {
            spec.fail("flux-field", rule.span, "a rule of `ignore` needs a list of `paths`");
            continue;
        };
        let target = rule.get("target").filter(|target| target.value != Value::Null);
        for object in &mut *objects {
            match target.map(|target| kustomize::selects(spec.files, target, object)) {
                None | Some(Ok(true)) => {}
                Some(Ok(false)) => continue,
                Some(Err(problem)) => {
                    spec.problems.push(problem);
                    break;
                }
            }
            for path in paths {
                let pointer = path.as_str().unwrap_or("");
                let segments = segments(&object.node, pointer);
                doubt(object, segments, &reason, path.span);
            }
        }
    }
}

/// The path of a JSON pointer in an object; all of it for one that is none.
fn segments(node: &Node, pointer: &str) -> Vec<Segment> {
    let Some(pointer) = pointer.strip_prefix('/') else {
        return Vec::new();
    };
    let mut node = Some(node);
    let mut path = Vec::new();
    for part in pointer.split('/') {
        let part = part.replace("~1", "/").replace("~0", "~");
        let items = node.and_then(Node::as_array);
        match (items, part.parse::<usize>()) {
            (Some(items), Ok(at)) => {
                path.push(Segment::Index(at));
                node = items.get(at);
            }
            _ => {
                node = node.and_then(|node| node.get(&part));
                path.push(Segment::Key(part.into()));
            }
        }
    }
    path
}
