//! The variables of `spec.postBuild`.

use std::sync::Arc;

use crate::effective::kustomize::BuiltObject;
use crate::effective::substitute::{Hidden, Variables, is_name};
use crate::tree::{Member, Node, Segment, Span, Value};

use super::Lookup;
use super::spec::Spec;

/// The variables; nothing where Flux substitutes nothing.
pub(super) fn load(spec: &mut Spec<'_>, lookup: &Lookup<'_>) -> Option<Variables> {
    let post_build = spec.field("postBuild");
    let unknown = spec.doubt("postBuild");
    if post_build.is_none() && unknown.is_none() {
        return None;
    }
    let mut variables = Variables::default();
    let field = |name: &str| {
        post_build
            .and_then(|node| node.get(name))
            .filter(|node| node.value != Value::Null)
    };
    let mut path = vec![Segment::Key("spec".into()), Segment::Key("postBuild".into())];
    if let Some(list) = field("substituteFrom") {
        path.push(Segment::Key("substituteFrom".into()));
        for (at, item) in spec.as_list(list, "substituteFrom").iter().enumerate() {
            path.push(Segment::Index(at));
            match spec.doubt_at(&path) {
                Some(unknown) => variables.hide_all(Hidden {
                    reason: Arc::clone(&unknown.reason),
                    at: unknown.at,
                }),
                None => from(spec, item, lookup, &mut variables),
            }
            path.pop();
        }
        path.pop();
    }
    // A part of it that is unknown, and is none of those that are looked at one by one.
    if let Some(unknown) = unknown.filter(|unknown| unknown.path.len() <= 3) {
        variables.hide_all(Hidden {
            reason: Arc::clone(&unknown.reason),
            at: unknown.at,
        });
    }
    if let Some(map) = field("substitute") {
        path.push(Segment::Key("substitute".into()));
        for member in spec.texts(map, "substitute") {
            path.push(Segment::Key(Arc::clone(&member.key)));
            match spec.doubt_at(&path) {
                _ if !has_name(spec, member) => {}
                Some(unknown) => variables.hide(
                    &member.key,
                    Hidden {
                        reason: Arc::clone(&unknown.reason),
                        at: unknown.at,
                    },
                ),
                None => variables.set(&member.key, member.node.as_str().unwrap_or("")),
            }
            path.pop();
        }
    }
    let always = field("substituteStrategy").and_then(Node::as_str) == Some("Always");
    (always || !variables.is_empty()).then_some(variables)
}

/// Flux fails for a name that is none.
fn has_name(spec: &mut Spec<'_>, member: &Member) -> bool {
    let valid = is_name(&member.key);
    if !valid {
        let message = format!(
            "{:?} is no name of a variable, and Flux refuses to substitute any: letters, digits and `_` make one",
            member.key
        );
        spec.fail("substitute-name", member.key_span, message);
    }
    valid
}

/// The variables of one entry of `substituteFrom`.
fn from(spec: &mut Spec<'_>, item: &Node, lookup: &Lookup<'_>, variables: &mut Variables) {
    let text = |name: &str| item.get(name).and_then(Node::as_str).filter(|text| !text.is_empty());
    let (Some(kind @ ("ConfigMap" | "Secret")), Some(name)) = (text("kind"), text("name")) else {
        let message = "an entry of `substituteFrom` needs a `kind`, ConfigMap or Secret, and a `name`";
        spec.fail("flux-field", item.span, message);
        return;
    };
    let namespace = spec.namespace();
    let at = item.get("name").map_or(item.span, |name| name.span);
    let shown = match namespace {
        "" => format!("{kind} {name}"),
        namespace => format!("{kind} {namespace}/{name}"),
    };
    let hidden = |reason: String| Hidden {
        reason: reason.into(),
        at,
    };
    let Some(object) = lookup(kind, namespace, name) else {
        // Optional or not, it may be in the cluster all the same.
        variables.hide_all(hidden(format!("a variable may come from {shown}, which is not here")));
        return;
    };
    let fields: &[&str] = if kind == "Secret" {
        &["data", "stringData"]
    } else {
        &["data"]
    };
    for field in fields {
        let path = [Segment::Key((*field).into())];
        if object.unknown.iter().any(|unknown| path.starts_with(&unknown.path)) {
            variables.hide_all(hidden(format!(
                "a variable may come from {shown}, which cannot be known"
            )));
            continue;
        }
        let members = match object.node.get(field).map(|data| &data.value) {
            None | Some(Value::Null) => continue,
            Some(Value::Object(members)) => members,
            Some(_) => {
                variables.hide_all(hidden(format!(
                    "a variable may come from {shown}, whose `{field}` is no map"
                )));
                continue;
            }
        };
        for member in members.iter().filter(|member| has_name(spec, member)) {
            match readable(object, kind, field, member) {
                Ok(value) => variables.set(&member.key, value),
                Err(why) => {
                    let reason = format!("the variable {} comes from {shown}, {why}", member.key);
                    variables.hide(&member.key, hidden_at(reason, at));
                }
            }
        }
    }
}

fn hidden_at(reason: String, at: Span) -> Hidden {
    Hidden {
        reason: reason.into(),
        at,
    }
}

/// The value under a key of a ConfigMap, or why there is none to use. Those of Secrets are never used.
fn readable<'m>(object: &BuiltObject, kind: &str, field: &str, member: &'m Member) -> Result<&'m str, &'static str> {
    if kind == "Secret" {
        return Err("whose values are secret");
    }
    if object.node.get("sops").is_some() {
        return Err("which is encrypted");
    }
    let path = [Segment::Key(field.into()), Segment::Key(Arc::clone(&member.key))];
    if object.unknown.iter().any(|unknown| unknown.path.starts_with(&path)) {
        return Err("where it cannot be known");
    }
    member.node.as_str().ok_or("where it is no string")
}
