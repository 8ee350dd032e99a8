//! ResourceSets that install Flux.

use std::sync::Arc;

use super::expanded::Expanded;
use super::fields::Fields;
use super::flux_instance;
use super::kustomize::{BuiltObject, Files, Unknown};
use super::make::{self, Doubt};
use crate::limits::Limits;
use crate::tree::{Node, Segment, Value};

/// The FluxInstances among the resources of a ResourceSet: literal ones, and the text of templates left open.
pub(crate) fn expand(set: &BuiltObject, files: &Files, limits: &Limits) -> Expanded {
    let mut expanded = Expanded::default();
    let fields = Fields::of(set);
    let resources = match fields.list(&["spec", "resources"]) {
        Ok(resources) => resources,
        Err(doubt) => {
            expanded.miss(&doubt);
            return expanded;
        }
    };
    let is_instance = |resource: &&Node| {
        let text = |field| resource.get(field).and_then(Node::as_str);
        text("kind") == Some("FluxInstance")
            && text("apiVersion").is_some_and(|version| version.starts_with("fluxcd.controlplane.io/"))
    };
    let mut instances = resources.iter().filter(is_instance);
    for resource in instances.by_ref().take(limits.implied_items) {
        let mut instance = make::built(resource.clone(), templated(resource));
        if make::find(resource, &["metadata", "namespace"]).is_none()
            && let Some(namespace) = make::find(&set.node, &["metadata", "namespace"])
        {
            make::set(&mut instance.node, &["metadata", "namespace"], namespace.clone());
        }
        expanded.add(flux_instance::expand(&instance, files, limits));
        expanded.objects.push(instance);
    }
    if let Some(more) = instances.next() {
        let reason = format!("the set has more than {} FluxInstances", limits.implied_items);
        expanded.miss(&Doubt::new(reason, more.span));
    }
    match fields.text(&["spec", "resourcesTemplate"]) {
        Ok(Some(template)) if template.value.contains("FluxInstance") => {
            expanded.miss(&Doubt::new("a template makes a FluxInstance", template.at));
        }
        Ok(_) => {}
        Err(doubt) => expanded.miss(&doubt),
    }
    expanded
}

/// The texts of a resource that the operator fills in.
fn templated(resource: &Node) -> Vec<Unknown> {
    let mut unknown = Vec::new();
    let mut queue = vec![(Vec::new(), resource)];
    while let Some((path, node)) = queue.pop() {
        let below = |segment| {
            let mut path: Vec<_> = path.clone();
            path.push(segment);
            path
        };
        match &node.value {
            Value::String(text) if text.contains("<<") => unknown.push(Unknown {
                path,
                reason: "the operator fills in this template".into(),
                at: node.span,
            }),
            Value::Array(items) => {
                let items = items.iter().enumerate();
                queue.extend(items.map(|(at, item)| (below(Segment::Index(at)), item)));
            }
            Value::Object(members) => queue.extend(
                members
                    .iter()
                    .map(|member| (below(Segment::Key(Arc::clone(&member.key))), &member.node)),
            ),
            _ => {}
        }
    }
    unknown
}
