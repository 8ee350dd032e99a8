//! Files that `flux bootstrap` writes and a repository holds empty, as examples and templates do.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::discovery::FLUX_NAMESPACE;
use super::install;
use super::kustomize::{Files, Unknown};
use crate::repository::{file_name, folder_of};
use crate::source::SourceId;
use crate::tree::{Member, Node, Segment, Span, Value};

/// Fills placeholders with what bootstrap would write there, and says which sources these are.
pub(super) fn fill(files: &mut Files) -> BTreeSet<SourceId> {
    let is_bootstrap = |path: &&str| matches!(file_name(path), "gotk-components.yaml" | "gotk-sync.yaml");
    let paths: Vec<String> = files.paths().filter(is_bootstrap).map(str::to_owned).collect();
    let mut supplied = BTreeSet::new();
    for path in paths {
        let Some(file) = files.get(&path) else { continue };
        let parsed = files.objects(file);
        if !parsed.documents.is_empty() || !parsed.problems.is_empty() {
            continue;
        }
        let source = file.source().id;
        let at = Span {
            source,
            start: 0,
            end: 0,
        };
        let folder = folder_of(&path);
        // Bootstrap names the folder after the namespace.
        let namespace = match file_name(folder) {
            "" => FLUX_NAMESPACE,
            name => name,
        };
        let objects = match file_name(&path) {
            "gotk-sync.yaml" => sync(folder, namespace, at),
            _ => install::placeholder(parsed.text.text(), namespace, at),
        };
        supplied.insert(source);
        files.supply(&path, objects);
    }
    supplied
}

/// The source and the Kustomization of a bootstrap: the address is unknown, the path is the folder above.
fn sync(folder: &str, namespace: &str, at: Span) -> Vec<(Node, Vec<Unknown>)> {
    let text = |value: &str| Node {
        span: at,
        value: Value::String(Arc::from(value)),
    };
    let map = |members: Vec<(&str, Node)>| Node {
        span: at,
        value: Value::Object(
            members
                .into_iter()
                .map(|(key, node)| Member {
                    key: key.into(),
                    key_span: at,
                    node,
                })
                .collect(),
        ),
    };
    let metadata = || map(vec![("name", text(namespace)), ("namespace", text(namespace))]);
    let source = map(vec![
        ("apiVersion", text("source.toolkit.fluxcd.io/v1")),
        ("kind", text("GitRepository")),
        ("metadata", metadata()),
        ("spec", map(Vec::new())),
    ]);
    let kustomization = map(vec![
        ("apiVersion", text("kustomize.toolkit.fluxcd.io/v1")),
        ("kind", text("Kustomization")),
        ("metadata", metadata()),
        (
            "spec",
            map(vec![
                ("interval", text("10m0s")),
                ("path", text(&format!("./{}", folder_of(folder)))),
                (
                    "prune",
                    Node {
                        span: at,
                        value: Value::Bool(true),
                    },
                ),
                (
                    "sourceRef",
                    map(vec![("kind", text("GitRepository")), ("name", text(namespace))]),
                ),
            ]),
        ),
    ]);
    let unknown = Unknown {
        path: vec![Segment::Key("spec".into())],
        reason: "bootstrap writes the source, and this file is still empty".into(),
        at,
    };
    vec![(source, vec![unknown]), (kustomization, Vec::new())]
}
