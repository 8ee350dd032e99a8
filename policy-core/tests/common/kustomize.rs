//! Builds of kustomizations against what the real kustomize makes of the same folders. Also a module of `xtask`.

use std::path::Path;

use policy_core::kustomize::{Built, BuiltObject, Files};
use policy_core::{Limits, Segment, Source, SourceId};
use serde_json::Value;

/// How a build compares with the real one, where it does not differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Agreement {
    /// Every object is known and equal.
    Equal,
    /// What is known is equal; some is unknown.
    Unknown,
    /// Both fail, or ours cannot know.
    Failure,
}

/// Every file below a folder.
pub(crate) fn tree(root: &Path) -> std::io::Result<Files> {
    let mut files = Files::new(&Limits::standard());
    let entries = walkdir::WalkDir::new(root)
        .sort_by_file_name()
        .into_iter()
        .filter_entry(|entry| entry.file_name() != ".git");
    let mut id = 0;
    for entry in entries {
        let entry = entry?;
        if !entry.file_type().is_file() {
            continue;
        }
        let path = entry.path().strip_prefix(root).unwrap_or(entry.path());
        let path = path.to_string_lossy().replace('\\', "/");
        let source = Source {
            id: SourceId(id),
            name: path.clone(),
            bytes: std::fs::read(entry.path())?,
        };
        files.insert(&path, source);
        id += 1;
    }
    Ok(files)
}

/// Compares a build with the output of the real program, or with its failure.
pub(crate) fn compare(built: &Built, real: Option<&str>) -> Result<Agreement, String> {
    let unsure = |object: &BuiltObject| !object.unknown.is_empty();
    let anything_unknown = !built.missing.is_empty() || built.objects.iter().any(unsure);
    let Some(real) = real else {
        if built.problems.is_empty() && !anything_unknown {
            return Err("kustomize fails, and ours builds".into());
        }
        return Ok(Agreement::Failure);
    };
    if let Some(problem) = built.problems.first() {
        return Err(format!(
            "kustomize builds, and ours fails: {}:{}: {}",
            problem.source.as_deref().unwrap_or("?"),
            problem.line.unwrap_or(0),
            problem.message
        ));
    }
    let mut theirs = objects(real)?;
    let mut wholly_unknown = 0;
    for object in &built.objects {
        let names_object = |path: &[Segment]| {
            let first = [Segment::Key("metadata".into()), Segment::Key("name".into())];
            path.is_empty() || path == first
        };
        if object.unknown.iter().any(|unknown| names_object(&unknown.path)) {
            wholly_unknown += 1;
            continue;
        }
        let mut ours = object.node.to_json();
        let identity = identity(&ours);
        let Some(at) = theirs.iter().position(|one| self::identity(one) == identity) else {
            return Err(format!("ours has {identity}, and kustomize has not"));
        };
        let mut other = theirs.swap_remove(at);
        for unknown in &object.unknown {
            erase(&mut ours, &unknown.path);
            erase(&mut other, &unknown.path);
        }
        if ours != other {
            let difference = difference("", &ours, &other).unwrap_or_default();
            return Err(format!("{identity}: {difference}"));
        }
    }
    if theirs.len() > wholly_unknown && built.missing.is_empty() {
        let names: Vec<String> = theirs.iter().map(identity).collect();
        return Err(format!("kustomize has {} more: {}", theirs.len(), names.join(", ")));
    }
    Ok(if anything_unknown {
        Agreement::Unknown
    } else {
        Agreement::Equal
    })
}

fn objects(text: &str) -> Result<Vec<Value>, String> {
    let source = Source {
        id: SourceId(0),
        name: "kustomize".into(),
        bytes: text.into(),
    };
    let parsed = policy_core::parse(&source, &Limits::standard());
    match parsed.problems.first() {
        Some(problem) => Err(format!("the output of kustomize: {}", problem.message)),
        None => Ok(parsed
            .documents
            .iter()
            .map(|document| document.root.to_json())
            .collect()),
    }
}

fn identity(object: &Value) -> String {
    let part = |pointer| object.pointer(pointer).map_or(String::new(), Value::to_string);
    format!(
        "{} {} {} {}",
        part("/apiVersion"),
        part("/kind"),
        part("/metadata/namespace"),
        part("/metadata/name")
    )
}

fn erase(value: &mut Value, path: &[Segment]) {
    let Some((last, parents)) = path.split_last() else {
        return;
    };
    let mut node = &mut *value;
    for segment in parents {
        let next = match segment {
            Segment::Key(key) => node.get_mut(&**key),
            Segment::Index(at) => node.get_mut(at),
        };
        match next {
            Some(next) => node = next,
            None => return,
        }
    }
    match (last, node) {
        (Segment::Key(key), Value::Object(map)) => drop(map.remove(&**key)),
        (Segment::Index(at), Value::Array(items)) => {
            if let Some(item) = items.get_mut(*at) {
                *item = Value::Null;
            }
        }
        _ => {}
    }
    // A map that held nothing else is as good as none.
    let Some((_, Value::Object(map))) = parents.split_last().map(|(last, rest)| (last, resolve(value, rest))) else {
        return;
    };
    if let Some(Segment::Key(key)) = parents.last()
        && map
            .get(&**key)
            .is_some_and(|inner| inner.as_object().is_some_and(serde_json::Map::is_empty))
    {
        map.remove(&**key);
    }
}

fn resolve<'v>(value: &'v mut Value, path: &[Segment]) -> &'v mut Value {
    path.iter().fold(value, |node, segment| match segment {
        Segment::Key(key) => &mut node[&**key],
        Segment::Index(at) => &mut node[*at],
    })
}

/// The first place where two values differ.
fn difference(path: &str, ours: &Value, theirs: &Value) -> Option<String> {
    match (ours, theirs) {
        (Value::Object(one), Value::Object(other)) => {
            let keys: std::collections::BTreeSet<&String> = one.keys().chain(other.keys()).collect();
            keys.into_iter().find_map(|key| match (one.get(key), other.get(key)) {
                (Some(one), Some(other)) => difference(&format!("{path}/{key}"), one, other),
                (Some(one), None) => Some(format!("{path}/{key}: ours has {one}, kustomize nothing")),
                (None, Some(other)) => Some(format!("{path}/{key}: kustomize has {other}, ours nothing")),
                (None, None) => None,
            })
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => one
            .iter()
            .zip(other)
            .enumerate()
            .find_map(|(at, (one, other))| difference(&format!("{path}/{at}"), one, other)),
        _ if ours == theirs => None,
        _ => Some(format!("{path}: ours {ours}, kustomize {theirs}")),
    }
}
