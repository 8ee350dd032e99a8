//! Flux's own kind Kustomization (kustomize.toolkit.fluxcd.io): what kustomize-controller applies for one.
//!
//! The controller writes its changes into the kustomization file of `spec.path` ([`manifest`]), builds the folder,
//! substitutes variables ([`variables`]), and sets labels and annotations ([`finish`]).

mod finish;
mod manifest;
mod spec;
#[cfg(test)]
mod tests;
mod variables;

use std::collections::BTreeSet;
use std::sync::Arc;

use super::kustomize::{self, BuiltObject, Files, Missing, Unknown};
use super::substitute::{self, Steps};
use crate::error::Problem;
use crate::limits::Limits;
use crate::tree::{Node, Segment, Span};
use spec::Spec;

/// Why the objects of a Kustomization that fails are unknown; its problems say what failed.
pub(super) const UNAPPLIED: &str = "Flux cannot apply this Kustomization";

/// What a Flux Kustomization applies.
#[derive(Clone, Debug)]
pub(crate) struct Applied {
    /// The objects as Flux applies them. Where there are problems, Flux applies none; these are then unknown.
    pub(crate) objects: Vec<BuiltObject>,
    /// Objects that it would apply as well, and that cannot be seen from here.
    pub(crate) missing: Vec<Missing>,
    /// Why Flux fails.
    pub(crate) problems: Vec<Problem>,
    /// What is worth a word and changes nothing.
    pub(crate) notes: Vec<Problem>,
    /// The path of every file that was opened.
    pub(crate) read: BTreeSet<String>,
}

/// Finds a ConfigMap or Secret that variables come from, by kind, namespace and name.
pub(crate) type Lookup<'a> = dyn Fn(&str, &str, &str) -> Option<&'a BuiltObject> + 'a;

/// What Flux applies for a Kustomization, of any version, whose source is this tree: all that the source's artifact has
/// ([`artifact`](super::artifact::artifact)).
pub(crate) fn apply(files: &Files, kustomization: &BuiltObject, lookup: &Lookup<'_>, limits: &Limits) -> Applied {
    let mut spec = Spec::new(files, kustomization);
    let mut applied = Applied {
        objects: Vec::new(),
        missing: Vec::new(),
        problems: Vec::new(),
        notes: Vec::new(),
        read: BTreeSet::new(),
    };
    match spec.doubt("path") {
        // It may be another folder altogether.
        Some(unknown) if unknown.path.len() > 1 => {
            applied.missing.push(missing(unknown));
            return applied;
        }
        Some(unknown) => applied.missing.push(missing(unknown)),
        None => {}
    }
    build(&mut spec, &mut applied, limits);
    finish::keep_objects(&mut spec, &mut applied.objects);
    if let Some(variables) = variables::load(&mut spec, lookup) {
        let mut steps = Steps {
            left: limits.source_bytes,
        };
        for object in applied
            .objects
            .iter_mut()
            .filter(|object| substitute::takes_part(object))
        {
            let mut problems = substitute::substitute(object, &variables, files, &mut steps);
            spec.problems.append(&mut problems);
        }
    }
    finish::label(&spec, &mut applied.objects);
    finish::common_metadata(&mut spec, &mut applied.objects);
    finish::leave_alone(&mut spec, &mut applied.objects);
    doubt_changes(&spec, &mut applied);
    applied.problems.append(&mut spec.problems);
    applied.notes.append(&mut spec.notes);
    if !applied.problems.is_empty() {
        let reason: Arc<str> = UNAPPLIED.into();
        for object in &mut applied.objects {
            doubt(object, Vec::new(), &reason, kustomization.base);
        }
    }
    applied
}

/// Builds the folder, where the Kustomization can be followed so far.
fn build(spec: &mut Spec<'_>, applied: &mut Applied, limits: &Limits) {
    let Some(folder) = spec.folder() else { return };
    let Some(manifest) = manifest::compose(spec, &folder, limits) else {
        return;
    };
    let built = kustomize::build_as(spec.files, &folder, manifest.node, limits);
    applied.objects = built.objects;
    applied.missing.extend(built.missing);
    applied.problems.extend(built.problems);
    applied.notes.extend(manifest.notes);
    applied.notes.extend(built.notes);
    applied.read = built.read;
}

/// Where a change is unknown that Flux makes, so is every object that it may change.
fn doubt_changes(spec: &Spec<'_>, applied: &mut Applied) {
    for field in manifest::FIELDS.into_iter().chain(["ignore"]) {
        let Some(unknown) = spec.doubt(field) else { continue };
        let missing = missing(unknown);
        if field == "components" && !applied.missing.contains(&missing) {
            applied.missing.push(missing);
        }
        for object in &mut applied.objects {
            doubt(object, Vec::new(), &unknown.reason, unknown.at);
        }
    }
}

fn missing(unknown: &Unknown) -> Missing {
    Missing {
        reason: Arc::clone(&unknown.reason),
        at: unknown.at,
    }
}

fn doubt(object: &mut BuiltObject, path: Vec<Segment>, reason: &Arc<str>, at: Span) {
    let known = |unknown: &Unknown| unknown.path == path && unknown.reason == *reason;
    if !object.unknown.iter().any(known) {
        let reason = Arc::clone(reason);
        object.unknown.push(Unknown { path, reason, at });
    }
}

/// The text under a path of keys.
fn text_at<'n>(node: &'n Node, path: &[&str]) -> Option<&'n Node> {
    let found = path.iter().try_fold(node, |node, key| node.get(key))?;
    found.as_str().filter(|text| !text.is_empty()).map(|_| found)
}
