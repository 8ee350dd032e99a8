//! kustomize, for local files: what `kustomize build` makes of a folder, with the place each value comes from.
//!
//! Where kustomize fails, so does a build here, with a problem. What needs more than the files (remote resources,
//! charts, plug-ins, variables) is unknown, with the reason, and never a guess. Nothing here knows of Flux.
//!
//! [`files`] is the tree, [`read`] and [`model`] the kustomization file, [`accumulate`] the order of a build; the others
//! do one thing each. `cargo xtask kustomize-diff` holds all of it to the real program.

mod accumulate;
pub(in crate::effective) mod edit;
mod fault;
mod fields;
mod files;
mod generate;
mod inline;
mod json_patch;
mod merge;
mod model;
mod names;
mod patches;
mod quotes;
mod read;
mod replace;
mod resource;
mod schema;
mod select;
mod shared;
#[cfg(test)]
mod tests;
mod transform;

use std::collections::BTreeSet;
use std::sync::Arc;

pub use files::{File, Files, KUSTOMIZATION_NAMES};
pub(super) use files::{join, resolve};
pub(super) use model::SELECTOR;

use crate::error::Problem;
use crate::limits::Limits;
use crate::source::SourceId;
use crate::tree::{Node, Segment, Span};
use crate::yaml::{Dialect, Parsed};

/// Why the objects of a build that failed are unknown; its problems say what failed.
pub(crate) const UNBUILDABLE: &str = "kustomize cannot build this folder";

/// What a folder comes to.
#[derive(Clone, Debug)]
pub struct Built {
    /// The objects. Where there are problems, kustomize makes none; these are then as far as the build came, and unknown.
    pub objects: Vec<BuiltObject>,
    /// Objects that the build would add, and that cannot be seen from here.
    pub missing: Vec<Missing>,
    /// Why kustomize fails.
    pub problems: Vec<Problem>,
    /// What is worth a word and changes nothing.
    pub notes: Vec<Problem>,
    /// The path of every file that the build opened: kustomizations, resources, patches, what generators read.
    pub read: BTreeSet<String>,
}

/// An object that a build makes.
#[derive(Clone, Debug)]
pub struct BuiltObject {
    /// Its content. Each node stands where it was last set: in the object, in a patch, in a kustomization file.
    pub node: Node,
    /// Where the object was written before anything changed it.
    pub base: Span,
    /// What of it cannot be known.
    pub unknown: Vec<Unknown>,
}

/// A part of an object that cannot be known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// The part; the whole object where empty.
    pub path: Vec<Segment>,
    /// Why.
    pub reason: Arc<str>,
    /// What is to blame.
    pub at: Span,
}

/// Objects that cannot be seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// Why.
    pub reason: Arc<str>,
    /// What is to blame.
    pub at: Span,
}

/// Builds the kustomization of a folder; the root is the empty path.
pub fn build(files: &Files, folder: &str, limits: &Limits) -> Built {
    run(accumulate::Build::new(files, limits), folder)
}

/// Builds a folder with this as the content of its kustomization file, whether or not the tree has one there.
pub fn build_as(files: &Files, folder: &str, kustomization: Node, limits: &Limits) -> Built {
    run(accumulate::Build::new(files, limits).with(kustomization), folder)
}

/// Changes objects as a kustomization does whose only resources they are. Its paths start at the root.
pub fn apply(files: &Files, objects: Vec<BuiltObject>, kustomization: &Node, limits: &Limits) -> Built {
    let objects = objects.into_iter().map(|object| (object, None)).collect();
    apply_renamed(files, objects, kustomization, limits)
}

/// The same, over objects of which some had another name before: a patch may mean either.
pub fn apply_renamed(
    files: &Files,
    objects: Vec<(BuiltObject, Option<Arc<str>>)>,
    kustomization: &Node,
    limits: &Limits,
) -> Built {
    let mut build = accumulate::Build::new(files, limits);
    let gathered = build.run_over(objects, kustomization);
    finish(build, gathered)
}

/// What the kustomization file of a folder says, for [`build_as`] to build something like it; nothing where it has none.
/// With it comes what is worth a word.
pub(super) fn written(files: &Files, folder: &str, limits: &Limits) -> Result<Option<(Node, Vec<Problem>)>, Problem> {
    let names = files.kustomization_names(folder);
    let file = names.first().and_then(|name| files.get(&files::join(folder, name)));
    let Some(file) = file else { return Ok(None) };
    let mut build = accumulate::Build::new(files, limits);
    match build.document(file) {
        Ok(node) => Ok(Some((node, build.notes))),
        Err(fault) => Err(files.problem(fault)),
    }
}

/// Whether a kustomization file may have this field.
pub(super) fn is_field(name: &str) -> bool {
    model::FIELDS.iter().any(|field| field.eq_ignore_ascii_case(name))
}

/// Whether a selector, as a patch has it for its target, means an object.
pub(super) fn selects(files: &Files, selector: &Node, object: &BuiltObject) -> Result<bool, Problem> {
    let resource = resource::Resource::new(object.node.clone());
    model::read_selector(selector)
        .and_then(|selector| select::Matcher::new(&selector))
        .map(|matcher| matcher.matches(&resource, files))
        .map_err(|fault| files.problem(fault))
}

/// The text of a node read as YAML, as sigs.k8s.io/yaml does; its nodes stand where the text does.
pub(super) fn text_within(node: &Node, files: &Files) -> Option<Parsed> {
    let text = read::Text {
        value: node.as_str()?.into(),
        span: node.span,
    };
    Some(inline::parse(&text, Dialect::Kubectl, files))
}

fn run(mut build: accumulate::Build<'_>, folder: &str) -> Built {
    let nowhere = Span {
        source: SourceId(u32::MAX),
        start: 0,
        end: 0,
    };
    let Ok(folder) = files::resolve("", if folder.is_empty() { "." } else { folder }) else {
        let message = format!("the folder {folder:?} is not in the tree");
        return Built {
            objects: Vec::new(),
            missing: Vec::new(),
            problems: vec![Problem::new("kustomize-outside-root", message)],
            notes: Vec::new(),
            read: BTreeSet::new(),
        };
    };
    let gathered = build.run(&folder, nowhere);
    finish(build, gathered)
}

fn finish(
    mut build: accumulate::Build<'_>,
    (mut gathered, entry): (accumulate::Gathered, Option<model::Kustomization>),
) -> Built {
    if let Some(entry) = &entry {
        build.finish(&mut gathered, entry);
    }
    if !build.problems.is_empty() {
        for resource in &mut gathered.resources {
            let at = entry.as_ref().map_or(resource.base, |entry| entry.span);
            resource.doubt(Vec::new(), UNBUILDABLE, at);
        }
    }
    let mut problems = build.problems;
    for problem in &mut problems {
        // A folder without a file to blame: the folder itself.
        if problem.source.as_deref() == Some("") {
            problem.source = None;
            problem.line = None;
        }
    }
    Built {
        objects: gathered
            .resources
            .into_iter()
            .map(|resource| BuiltObject {
                node: resource.node,
                base: resource.base,
                unknown: resource.unknown,
            })
            .collect(),
        missing: gathered.missing,
        problems,
        notes: build.notes,
        read: build.read,
    }
}
