//! Files that `flux bootstrap` writes and a repository holds empty, as examples and templates do.

use std::collections::BTreeSet;

use serde_json::json;

use super::discovery::FLUX_NAMESPACE;
use super::kustomize::{Files, Unknown};
use super::{make, placeholder};
use crate::repository::{file_name, folder_of};
use crate::source::SourceId;
use crate::tree::{Node, Span};

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
        let source = file.id();
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
            _ => placeholder::placeholder(parsed.text.text(), namespace, at),
        };
        supplied.insert(source);
        files.supply(&path, objects);
    }
    supplied
}

/// The source and the Kustomization of a bootstrap: the address is unknown, the path is the folder above.
fn sync(folder: &str, namespace: &str, at: Span) -> Vec<(Node, Vec<Unknown>)> {
    let metadata = json!({"name": namespace, "namespace": namespace});
    let source = json!({
        "apiVersion": "source.toolkit.fluxcd.io/v1",
        "kind": "GitRepository",
        "metadata": metadata,
        "spec": {},
    });
    let kustomization = json!({
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "metadata": metadata,
        "spec": {
            "interval": "10m0s",
            "path": format!("./{}", folder_of(folder)),
            "prune": true,
            "sourceRef": {"kind": "GitRepository", "name": namespace},
        },
    });
    let unknown = Unknown {
        path: make::path(&["spec"]),
        reason: "bootstrap writes the source, and this file is still empty".into(),
        at,
    };
    vec![
        (make::node(source, at), vec![unknown]),
        (make::node(kustomization, at), Vec::new()),
    ]
}
