//! The source and the Kustomization that flux-operator makes of a FluxInstance's `spec.sync`.

use std::sync::Arc;

use serde_json::json;

use super::fields::Fields;
use super::make::{self, Doubt, Said};
use super::releases::Version;
use crate::tree::{Node, Span};

/// The source's kinds: in which version, which field has the reference and which the address.
fn shape(kind: &str, version: &Version) -> Option<(&'static str, &'static [&'static str], &'static str)> {
    // Before Flux 2.6 an OCIRepository, before 2.4 a Bucket was a beta.
    let api = |since| match version.since(since) {
        Some(false) => "source.toolkit.fluxcd.io/v1beta2",
        _ => "source.toolkit.fluxcd.io/v1",
    };
    match kind {
        "GitRepository" => Some((api((0, 0)), &["spec", "ref", "name"], "url")),
        "OCIRepository" => Some((api((6, 0)), &["spec", "ref", "tag"], "url")),
        "Bucket" => Some((api((4, 0)), &["spec", "bucketName"], "endpoint")),
        _ => None,
    }
}

/// A sync object: its content, and what of it is in doubt.
pub(super) type Synced = (Node, Vec<(Vec<&'static str>, Doubt)>);

/// The two objects; none where the instance syncs nothing. The error is why they cannot be told.
pub(super) fn objects(
    fields: &Fields<'_>,
    namespace: &Said<Arc<str>>,
    version: &Version,
) -> Result<Option<(Synced, Synced)>, Doubt> {
    if fields.node(&["spec", "sync"])?.is_none() {
        return Ok(None);
    }
    let at = fields.at(&["spec", "sync"]);
    let text = |name: &str| fields.text(&["spec", "sync", name]);
    let kind = text("kind")?.unwrap_or_else(|| Said::new("GitRepository", at));
    let Some((api_version, reference, address)) = shape(&kind.value, version) else {
        let reason = format!("`spec.sync.kind` cannot be {}", make::short(&kind.value));
        return Err(Doubt::new(reason, kind.at));
    };
    let name = text("name")?.unwrap_or_else(|| namespace.clone());

    let mut source = empty(api_version, &kind, &name, namespace, at);
    let mut doubts = Vec::new();
    let fill = |node: &mut Node, doubts: &mut Vec<_>, from: &str, to: &[&'static str]| match text(from) {
        Ok(Some(said)) => make::set(node, to, make::text(said.value, said.at)),
        Ok(None) => {}
        Err(doubt) => doubts.push((to.to_vec(), doubt)),
    };
    make::set(&mut source, &["spec", "interval"], make::text("1m", at));
    fill(&mut source, &mut doubts, "interval", &["spec", "interval"]);
    fill(&mut source, &mut doubts, "url", &["spec", address]);
    fill(&mut source, &mut doubts, "ref", reference);
    fill(&mut source, &mut doubts, "provider", &["spec", "provider"]);
    fill(&mut source, &mut doubts, "pullSecret", &["spec", "secretRef", "name"]);

    let applier = Said::new("Kustomization", at);
    let mut kustomization = empty("kustomize.toolkit.fluxcd.io/v1", &applier, &name, namespace, at);
    let mut applier_doubts = Vec::new();
    make::set(&mut kustomization, &["spec", "interval"], make::text("10m", at));
    make::set(&mut kustomization, &["spec", "prune"], make::node(json!(true), at));
    for (field, said) in [("kind", &kind), ("name", &name)] {
        let value = make::text(Arc::clone(&said.value), said.at);
        make::set(&mut kustomization, &["spec", "sourceRef", field], value);
    }
    fill(&mut kustomization, &mut applier_doubts, "path", &["spec", "path"]);
    Ok(Some(((source, doubts), (kustomization, applier_doubts))))
}

fn empty(
    api_version: &str,
    kind: &Said<Arc<str>>,
    name: &Said<Arc<str>>,
    namespace: &Said<Arc<str>>,
    at: Span,
) -> Node {
    let mut node = make::node(json!({"apiVersion": api_version}), at);
    make::set(&mut node, &["kind"], make::text(Arc::clone(&kind.value), kind.at));
    make::set(
        &mut node,
        &["metadata", "name"],
        make::text(Arc::clone(&name.value), name.at),
    );
    make::set(
        &mut node,
        &["metadata", "namespace"],
        make::text(Arc::clone(&namespace.value), namespace.at),
    );
    node
}
