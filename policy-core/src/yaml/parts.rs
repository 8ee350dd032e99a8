//! A source read in parts, for front ends with several threads: a cluster's dump is one file.

use std::ops::Range;

use super::build::{Builder, MAX_NOTES};
use super::{Dialect, Document, Loader, Parsed, most_bytes, text};
use crate::error::Problem;
use crate::limits::Limits;
use crate::source::{Source, SourceText};

/// Bytes that are worth a part of their own.
const PART_BYTES: usize = 128 << 10;

/// A source of several documents, cut between them.
#[derive(Debug)]
pub struct Parts {
    text: SourceText,
    parts: Vec<Vec<Range<usize>>>,
    limits: Limits,
}

/// What one part holds.
#[derive(Debug)]
pub struct Part {
    documents: Vec<Document>,
    problems: Vec<Problem>,
    has_templates: bool,
    nodes: usize,
    notes: usize,
    /// Reading ended early, or left remarks out: how far it would have come depends on the parts before.
    is_cut: bool,
}

impl Parts {
    /// Cuts a source; `None` where that is not worth it, or where it cannot be decoded.
    pub fn of(source: &Source, limits: &Limits) -> Option<Self> {
        let most = most_bytes(limits);
        if source.bytes.len() < 2 * PART_BYTES || source.bytes.len() > most {
            return None;
        }
        let text = text::decode(&source.bytes).ok().filter(|text| text.len() <= most)?;
        let mut parts: Vec<Vec<Range<usize>>> = Vec::new();
        let mut room = 0;
        for range in text::split_documents(&text) {
            let size = range.len();
            match parts.last_mut() {
                Some(part) if room > 0 => part.push(range),
                _ => {
                    parts.push(vec![range]);
                    room = PART_BYTES;
                }
            }
            room = room.saturating_sub(size);
        }
        (parts.len() > 1).then(|| Self {
            text: SourceText::new(source.id, source.name.as_str(), text),
            parts,
            limits: limits.clone(),
        })
    }

    /// The number of parts.
    pub fn len(&self) -> usize {
        self.parts.len()
    }

    /// Never: a source of one part is not cut.
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// Reads the part number `at` of [`Parts::len`].
    pub fn parse(&self, at: usize) -> Part {
        let text = self.text.text();
        let mut loader = Loader {
            text,
            builder: Builder::new(Dialect::Kubectl, &self.limits, self.text.id, text),
            dialect: Dialect::Kubectl,
            limits: &self.limits,
            documents: Vec::new(),
            problems: Vec::new(),
            has_templates: false,
        };
        let mut ranges = self.parts.get(at).into_iter().flatten();
        let is_whole = ranges.all(|range| loader.read_part(range.start, range.end, &self.text.name));
        Part {
            is_cut: !is_whole || loader.builder.unlisted > 0,
            nodes: loader.builder.nodes(),
            notes: loader.builder.notes.len(),
            documents: loader.documents,
            problems: loader.problems,
            has_templates: loader.has_templates,
        }
    }

    /// Puts together what [`Parts::parse`] gave for each part, in order: what [`parse`](crate::parse) gives for the source.
    /// `None` where a bound on the whole source has a say in that.
    pub fn join(self, parts: Vec<Part>) -> Option<Parsed> {
        let sum = |count: fn(&Part) -> usize| parts.iter().map(count).sum::<usize>();
        let is_whole = parts.len() == self.parts.len()
            && !parts.iter().any(|part| part.is_cut)
            && sum(|part| part.nodes) <= self.limits.nodes
            && sum(|part| part.notes) <= MAX_NOTES
            && sum(|part| part.documents.len()) <= self.limits.documents;
        if !is_whole {
            return None;
        }
        let mut parsed = Parsed {
            text: self.text,
            documents: Vec::with_capacity(sum(|part| part.documents.len())),
            problems: Vec::new(),
            has_templates: false,
        };
        for part in parts {
            parsed.documents.extend(part.documents);
            parsed.problems.extend(part.problems);
            parsed.has_templates |= part.has_templates;
        }
        Some(parsed)
    }
}

#[cfg(test)]
mod tests {
    use super::Parts;
    use crate::limits::Limits;
    use crate::source::{Source, SourceId};
    use crate::yaml::{Dialect, Parsed, parse};

    fn source(documents: usize, odd: &str) -> Source {
        let document = |at: usize| match at % 1000 {
            500 => format!("{odd}\n"),
            _ => format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c{at}}}\n"),
        };
        let documents: Vec<String> = (0..documents).map(document).collect();
        Source {
            id: SourceId(3),
            name: "many.yaml".into(),
            bytes: documents.join("---\n").into_bytes(),
        }
    }

    fn in_parts(source: &Source, limits: &Limits) -> Option<Parsed> {
        let parts = Parts::of(source, limits)?;
        let read = (0..parts.len()).map(|at| parts.parse(at)).collect();
        parts.join(read)
    }

    #[test]
    fn parts_are_as_the_whole() {
        let limits = Limits::standard();
        for odd in [
            "a: 1",
            "a: [",
            "a: 1\na: 2",
            "a: {{ b }}",
            "%TAG ! tag:x,2000:\n---\na: !b c",
            "&a x: *a",
        ] {
            let source = source(12_000, odd);
            let whole = parse(&source, Dialect::Kubectl, &limits);
            let joined = in_parts(&source, &limits).unwrap();
            assert_eq!(joined.documents, whole.documents, "{odd}");
            assert_eq!(joined.problems, whole.problems, "{odd}");
            assert_eq!(joined.has_templates, whole.has_templates, "{odd}");
        }
    }

    #[test]
    fn bounds_on_the_whole_are_left_to_it() {
        let source = source(12_000, "a: 1\na: 2");
        let standard = Limits::standard();
        assert!(
            in_parts(
                &source,
                &Limits {
                    nodes: 12_000,
                    ..standard.clone()
                }
            )
            .is_none()
        );
        assert!(
            in_parts(
                &source,
                &Limits {
                    documents: 9_000,
                    ..standard.clone()
                }
            )
            .is_none()
        );
        assert!(
            Parts::of(
                &source,
                &Limits {
                    source_bytes: 9_000,
                    ..standard.clone()
                }
            )
            .is_none()
        );
        assert!(in_parts(&self::source(500_000, "a: 1\na: 2"), &standard).is_none());
    }
}
