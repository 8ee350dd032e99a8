//! Installations that a tree only implies. What they must be stands in the catalogue and in Flux's own manifests.

mod chart;
mod flux_instance;
mod placeholder;

use super::expanded::Expanded;
use super::kustomize::{BuiltObject, Files};
use super::make;
use crate::limits::Limits;
use crate::source::{Source, SourceId};
use crate::tree::{Node, Span, pointer};

/// A tree of one file, and the objects in it.
struct Tree {
    files: Files,
    objects: Vec<BuiltObject>,
}

fn tree(text: &str) -> Tree {
    let mut files = Files::new(&Limits::standard());
    let source = Source {
        id: SourceId(0),
        name: "tree.yaml".to_owned(),
        bytes: text.as_bytes().to_vec(),
    };
    files.insert("tree.yaml", source);
    let parsed = files.objects(files.get("tree.yaml").unwrap());
    assert_eq!(parsed.problems, [], "{text}");
    let objects = parsed
        .documents
        .iter()
        .map(|document| make::built(document.root.clone(), Vec::new()));
    Tree {
        objects: objects.collect(),
        files,
    }
}

impl Tree {
    fn find(&self, kind: &str, namespace: &str, name: &str) -> Option<&BuiltObject> {
        let is = |object: &BuiltObject, parts: &[&str], value: &str| text(&object.node, parts) == Some(value);
        self.objects.iter().find(|object| {
            is(object, &["kind"], kind)
                && is(object, &["metadata", "name"], name)
                && is(object, &["metadata", "namespace"], namespace)
        })
    }

    /// The text of the line that a node stands on.
    fn line(&self, at: Span) -> String {
        let file = self.files.get("tree.yaml").unwrap();
        let text = std::str::from_utf8(file.bytes()).unwrap();
        let start = text[..at.start as usize].rfind('\n').map_or(0, |end| end + 1);
        text[start..].lines().next().unwrap().trim().to_owned()
    }
}

fn text<'n>(node: &'n Node, parts: &[&str]) -> Option<&'n str> {
    make::find(node, parts)?.as_str()
}

fn object<'e>(expanded: &'e Expanded, kind: &str, name: &str) -> &'e BuiltObject {
    let found = expanded.objects.iter().find(|object| {
        text(&object.node, &["kind"]) == Some(kind) && text(&object.node, &["metadata", "name"]) == Some(name)
    });
    found.unwrap_or_else(|| panic!("there is no {kind} {name}: {:?}", names(expanded)))
}

fn names(expanded: &Expanded) -> Vec<String> {
    let name = |object: &BuiltObject| {
        let part = |parts: &[&str]| text(&object.node, parts).unwrap_or("").to_owned();
        format!("{} {}", part(&["kind"]), part(&["metadata", "name"]))
    };
    expanded.objects.iter().map(name).collect()
}

fn has(expanded: &Expanded, kind: &str, name: &str) -> bool {
    names(expanded).contains(&format!("{kind} {name}"))
}

/// The arguments of a controller, and where each stands.
fn placed_args(expanded: &Expanded, deployment: &str) -> Vec<(String, Span)> {
    let object = object(expanded, "Deployment", deployment);
    let args = make::find(&object.node, &super::install::ARGS)
        .and_then(Node::as_array)
        .unwrap();
    args.iter()
        .map(|arg| (arg.as_str().unwrap().to_owned(), arg.span))
        .collect()
}

fn args(expanded: &Expanded, deployment: &str) -> Vec<String> {
    placed_args(expanded, deployment)
        .into_iter()
        .map(|(arg, _)| arg)
        .collect()
}

/// The arguments behind those that every installation has.
fn added(expanded: &Expanded, deployment: &str) -> Vec<String> {
    let all = args(expanded, deployment);
    let common = all.iter().position(|arg| arg == "--enable-leader-election").unwrap();
    let stored = |arg: &&String| arg.starts_with("--storage-");
    let rest = all.into_iter().skip(common + 1).collect::<Vec<_>>();
    let skip = rest.iter().take_while(stored).count().min(2);
    rest.into_iter().skip(skip).collect()
}

/// Where an object is unknown, and why.
fn unknown(object: &BuiltObject) -> Vec<(String, String)> {
    let unknown = object.unknown.iter();
    unknown
        .map(|unknown| (pointer(&unknown.path), unknown.reason.to_string()))
        .collect()
}

fn is_unknown(object: &BuiltObject, place: &str) -> bool {
    unknown(object).iter().any(|(path, _)| path == place)
}
