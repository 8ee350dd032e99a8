//! Configuration files as objects of group `files.flux-audit`, so that controls judge them like all others.

use std::collections::BTreeMap;

use serde_json::json;

use super::discovery::join;
use super::kustomize::{Files, KUSTOMIZATION_NAMES};
use super::make;
use super::references::named;
use super::sops;
use crate::catalog::GroupKind;
use crate::object::Object;
use crate::repository::{file_name, folder_of, normal};
use crate::tree::{Member, Node, Span, Value};

/// `apiVersion` of these objects.
const API_VERSION: &str = "files.flux-audit/v1";

/// What a file is, by its path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FileKind {
    Kustomize,
    SopsConfig,
    Env,
    Workflow,
}

impl FileKind {
    pub(super) fn of(path: &str) -> Option<Self> {
        let name = file_name(path);
        let is_yaml = name.ends_with(".yaml") || name.ends_with(".yml");
        if KUSTOMIZATION_NAMES.contains(&name) {
            Some(Self::Kustomize)
        } else if matches!(name, ".sops.yaml" | ".sops.yml") {
            Some(Self::SopsConfig)
        } else if name == ".env" || name.starts_with(".env.") || name.ends_with(".env") {
            Some(Self::Env)
        } else if path == ".gitlab-ci.yml" || (folder_of(path) == ".github/workflows" && is_yaml) {
            Some(Self::Workflow)
        } else {
            None
        }
    }

    /// The folder that the file speaks of, where no build has to read it for that.
    pub(super) fn domain(self, path: &str) -> Option<&str> {
        match self {
            Self::SopsConfig => Some(folder_of(path)),
            Self::Workflow => Some(""),
            Self::Kustomize | Self::Env => None,
        }
    }

    fn kind(self) -> &'static str {
        match self {
            Self::Kustomize => "KustomizeFile",
            Self::SopsConfig => "SopsConfig",
            Self::Env => "EnvFile",
            Self::Workflow => "Workflow",
        }
    }
}

/// The file as an object; nothing where it cannot be read, which is a problem that its reading tells.
pub(super) fn object(files: &Files, path: &str, kind: FileKind, applier: Option<&(String, String)>) -> Option<Object> {
    let file = files.get(path)?;
    let whole = Span {
        source: file.id(),
        start: 0,
        end: 0,
    };
    let (spec, status) = match kind {
        FileKind::Env => (env(file.bytes(), whole), None),
        _ => {
            let root = files.settings(file).documents.first()?.root.clone();
            let status = match kind {
                FileKind::Kustomize => Some(paths(files, path, &root)),
                FileKind::SopsConfig => Some(private_keys(files)),
                _ => None,
            };
            (root, status)
        }
    };
    let labels = applier.map(|(namespace, name)| {
        json!({
            "kustomize.toolkit.fluxcd.io/name": name,
            "kustomize.toolkit.fluxcd.io/namespace": namespace,
        })
    });
    let object = json!({"apiVersion": API_VERSION, "kind": kind.kind(), "metadata": {"name": path}});
    let mut node = make::node(object, whole);
    node.span = spec.span;
    make::set(&mut node, &["spec"], spec);
    if let Some(labels) = labels {
        make::set(&mut node, &["metadata", "labels"], make::node(labels, whole));
    }
    if let Some(status) = status {
        make::set(&mut node, &["status"], make::node(status, whole));
    }
    Some(Object {
        node,
        kind: GroupKind {
            group: "files.flux-audit".into(),
            kind: kind.kind().into(),
        },
        api_version: API_VERSION.into(),
        name: path.into(),
        namespace: None,
        inferred: false,
        unknown: Vec::new(),
    })
}

/// The entries of a dotenv file.
fn env(bytes: &[u8], whole: Span) -> Node {
    let mut entries: Vec<Member> = Vec::new();
    let mut encrypted = false;
    let mut start = 0;
    for line in bytes.split(|byte| *byte == b'\n') {
        let at = start;
        start += line.len() + 1;
        let Ok(line) = std::str::from_utf8(line) else { continue };
        let line = line.trim_end_matches('\r');
        let Some((key, value)) = line.split_once('=').filter(|_| !line.trim_start().starts_with('#')) else {
            continue;
        };
        encrypted |= key == "sops_mac" && value.starts_with("ENC[");
        let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let span = |from: usize, to: usize| Span {
            start: offset(at + from),
            end: offset(at + to),
            ..whole
        };
        let entry = Member {
            key: key.trim().into(),
            key_span: span(0, key.len()),
            node: make::text(value, span(key.len() + 1, line.len())),
        };
        // The last of two equal keys counts.
        entries.retain(|member| member.key != entry.key);
        entries.push(entry);
    }
    let mut spec = make::node(json!({"encrypted": encrypted}), whole);
    let entries = Node {
        span: whole,
        value: Value::Object(entries.into()),
    };
    make::set(&mut spec, &["entries"], entries);
    spec
}

/// For each path that a kustomization file names: whether it is there, and encrypted.
fn paths(files: &Files, path: &str, root: &Node) -> serde_json::Value {
    let folder = folder_of(path);
    let of = |named: &str| {
        let local = normal(&join(folder, named)).filter(|_| !named.starts_with('/'));
        let file = local.as_deref().and_then(|path| Some((path, files.get(path)?)));
        let found = file.is_some() || local.as_deref().is_some_and(|path| files.has_folder(path));
        let encrypted = file.is_some_and(|(path, file)| sops::is_encrypted(files, path, file));
        json!({"found": found, "encrypted": encrypted})
    };
    let entries: BTreeMap<&str, serde_json::Value> = named(root)
        .into_iter()
        .map(|named| (named.path, of(named.path)))
        .collect();
    json!({"paths": entries})
}

/// The private keys that lie in the repository.
fn private_keys(files: &Files) -> serde_json::Value {
    let keys = files.paths().filter_map(|path| {
        let kind = match sops::private_key(files.get(path)?.bytes())? {
            sops::KeyType::Age => "age",
            sops::KeyType::Pgp => "pgp",
        };
        Some(json!({"path": path, "type": kind}))
    });
    json!({"privateKeys": keys.collect::<Vec<_>>()})
}
