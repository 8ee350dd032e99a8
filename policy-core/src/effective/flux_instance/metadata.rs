//! `spec.commonMetadata`.

use std::sync::Arc;

use crate::effective::fields::Fields;
use crate::effective::kustomize::BuiltObject;
use crate::effective::make::{self, Doubt, Said};

/// Labels and annotations that every object gets in the end.
#[derive(Debug, Default)]
pub(super) struct Metadata {
    entries: Vec<Entry>,
    doubts: Vec<(&'static str, Doubt)>,
}

/// A label or an annotation.
#[derive(Debug)]
struct Entry {
    field: &'static str,
    key: Arc<str>,
    value: Said<Arc<str>>,
}

impl Metadata {
    /// Reads it; each map may have so many entries.
    pub(super) fn read(fields: &Fields<'_>, most: usize) -> Self {
        let mut metadata = Self::default();
        for field in ["labels", "annotations"] {
            match fields.pairs(&["spec", "commonMetadata", field], most) {
                Ok(pairs) => metadata.entries.extend(pairs.into_iter().map(|(member, value)| Entry {
                    field,
                    key: Arc::clone(&member.key),
                    value: Said::new(value, member.node.span),
                })),
                Err(doubt) => metadata.doubts.push((field, doubt)),
            }
        }
        metadata
    }

    pub(super) fn put_on(&self, object: &mut BuiltObject) {
        for Entry { field, key, value } in &self.entries {
            let value = make::text(Arc::clone(&value.value), value.at);
            make::set(&mut object.node, &["metadata", field, key], value);
        }
        for (field, doubt) in &self.doubts {
            make::doubt(object, &["metadata", field], doubt);
        }
    }
}
