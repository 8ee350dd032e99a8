//! What an object stands for.

use std::sync::Arc;

use super::kustomize::{BuiltObject, Missing};
use super::make::{self, Doubt};
use crate::error::Problem;

/// What an object stands for: objects that nobody wrote.
#[derive(Clone, Debug, Default)]
pub(crate) struct Expanded {
    /// Made here, each node at the line that asks for it.
    pub(crate) objects: Vec<BuiltObject>,
    /// Objects that there would be, and that cannot be told.
    pub(crate) missing: Vec<Missing>,
    /// Why nothing is installed.
    pub(crate) problems: Vec<Problem>,
    /// What is worth a word and changes nothing.
    pub(crate) notes: Vec<Problem>,
}

impl Expanded {
    /// Takes in what another object stands for.
    pub(super) fn add(&mut self, other: Self) {
        self.objects.extend(other.objects);
        self.missing.extend(other.missing);
        self.problems.extend(other.problems);
        self.notes.extend(other.notes);
    }

    /// Notes that objects are not made which there may be.
    pub(super) fn miss(&mut self, doubt: &Doubt) {
        self.missing.push(Missing {
            reason: Arc::clone(&doubt.reason),
            at: doubt.at,
        });
    }

    /// Puts every object in doubt.
    pub(super) fn doubt(&mut self, doubt: &Doubt) {
        for object in &mut self.objects {
            make::doubt(object, &[], doubt);
        }
    }
}
