//! The flux-instance chart: a FluxInstance of its values.

use serde_json::json;

use super::chart::target_namespace;
use super::fields::Fields;
use super::kustomize::BuiltObject;
use super::make::{self, Said};
use super::values::Values;
use crate::tree::{Node, Value};

/// What the flux-instance chart sets where the values say nothing.
const INSTANCE_DEFAULTS: [(&[&str], &str); 3] = [
    (&["distribution", "version"], "2.x"),
    (&["distribution", "registry"], "ghcr.io/fluxcd"),
    (
        &["distribution", "artifact"],
        "oci://ghcr.io/controlplaneio-fluxcd/flux-operator-manifests:latest",
    ),
];

/// The fields of a FluxInstance that the chart takes from its values, under `instance`.
const INSTANCE_FIELDS: [&[&str]; 33] = [
    &["distribution", "version"],
    &["distribution", "registry"],
    &["distribution", "artifact"],
    &["distribution", "variant"],
    &["distribution", "imagePullSecret"],
    &["distribution", "artifactPullSecret"],
    &["components"],
    &["cluster", "type"],
    &["cluster", "size"],
    &["cluster", "domain"],
    &["cluster", "networkPolicy"],
    &["cluster", "multitenant"],
    &["cluster", "multitenantWorkloadIdentity"],
    &["cluster", "objectLevelWorkloadIdentity"],
    &["cluster", "tenantDefaultServiceAccount"],
    &["cluster", "tenantDefaultDecryptionServiceAccount"],
    &["cluster", "tenantDefaultKubeConfigServiceAccount"],
    &["commonMetadata"],
    &["kustomize", "patches"],
    &["storage", "class"],
    &["storage", "size"],
    &["sharding", "key"],
    &["sharding", "shards"],
    &["sharding", "storage"],
    &["sync", "kind"],
    &["sync", "name"],
    &["sync", "url"],
    &["sync", "ref"],
    &["sync", "path"],
    &["sync", "interval"],
    &["sync", "pullSecret"],
    &["sync", "provider"],
    &["wait"],
];

/// The FluxInstance that the chart makes of its values.
pub(super) fn instance(release: &BuiltObject, values: &Values) -> BuiltObject {
    let at = release.node.span;
    let fields = values.fields();
    let mut object = make::object(
        json!({"apiVersion": "fluxcd.controlplane.io/v1", "kind": "FluxInstance"}),
        at,
    );
    match fields.text(&["fullnameOverride"]) {
        Ok(said) => {
            let said = said.unwrap_or_else(|| Said::new("flux", at));
            make::set(&mut object.node, &["metadata", "name"], make::text(said.value, said.at));
        }
        Err(doubt) => {
            make::set(&mut object.node, &["metadata", "name"], make::text("flux", at));
            make::doubt(&mut object, &["metadata", "name"], &doubt);
        }
    }
    match target_namespace(release) {
        Ok(said) => make::set(
            &mut object.node,
            &["metadata", "namespace"],
            make::text(said.value, said.at),
        ),
        Err(doubt) => make::doubt(&mut object, &["metadata", "namespace"], &doubt),
    }
    for (field, from) in [("labels", "commonLabels"), ("annotations", "commonAnnotations")] {
        copy(&mut object, &fields, &[from], &["metadata", field]);
    }
    for (parts, default) in INSTANCE_DEFAULTS {
        let to: Vec<&str> = ["spec"].into_iter().chain(parts.iter().copied()).collect();
        make::set(&mut object.node, &to, make::text(default, at));
    }
    // Without these the chart leaves out the whole section.
    let needs = |section: &str, field: &str| fields.node(&["instance", section, field]).is_ok_and(is_empty);
    let left_out: Vec<&str> = [("sync", "url"), ("storage", "size"), ("sharding", "shards")]
        .into_iter()
        .filter(|(section, field)| needs(section, field))
        .map(|(section, _)| section)
        .collect();
    for parts in INSTANCE_FIELDS {
        if parts.first().is_some_and(|section| left_out.contains(section)) {
            continue;
        }
        let from: Vec<&str> = ["instance"].into_iter().chain(parts.iter().copied()).collect();
        let to: Vec<&str> = ["spec"].into_iter().chain(parts.iter().copied()).collect();
        copy(&mut object, &fields, &from, &to);
    }
    object
}

fn is_empty(node: Option<&Node>) -> bool {
    match node.map(|node| &node.value) {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.is_empty(),
        Some(Value::Array(items)) => items.is_empty(),
        Some(Value::Object(members)) => members.is_empty(),
        Some(_) => false,
    }
}

fn copy(object: &mut BuiltObject, fields: &Fields<'_>, from: &[&str], to: &[&str]) {
    match fields.node(from) {
        Ok(node) if is_empty(node) => {}
        Ok(Some(node)) => make::set(&mut object.node, to, node.clone()),
        Ok(None) => {}
        Err(doubt) => make::doubt(object, to, &doubt),
    }
}
