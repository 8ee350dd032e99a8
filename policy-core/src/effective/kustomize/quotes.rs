//! Which scalars of an object have quotes, on its way through a build: what is written over one takes them on.

use std::collections::{HashMap, HashSet};

use super::files::{Files, needs_quotes};
use crate::source::{Source, SourceId};
use crate::tree::{Node, Span, Value};
use crate::yaml::{self, Dialect};

/// What is not as the files have it.
#[derive(Clone, Debug, Default)]
pub(super) struct Quotes {
    /// The object was written anew, so that scalars have quotes only where they need them.
    restyled: bool,
    /// Scalars that took the place of others: whether those had quotes.
    taken: HashMap<Span, bool>,
    /// Strings that a strategic merge went by.
    passed: HashSet<Span>,
}

impl Quotes {
    /// Those of an object that was written anew.
    pub(super) fn anew() -> Self {
        Self {
            restyled: true,
            ..Self::default()
        }
    }

    pub(super) fn is_restyled(&self) -> bool {
        self.restyled
    }

    /// Whether a scalar has quotes that what is written over it takes on.
    pub(super) fn has(&self, node: &Node, files: &Files) -> bool {
        let Value::String(text) = &node.value else {
            return false;
        };
        let quoted = match self.taken.get(&node.span) {
            Some(quoted) => *quoted,
            None if self.restyled => gets_quotes(text),
            None => files.is_quoted(node),
        };
        quoted || self.passed.contains(&node.span) && reads_otherwise(text, node.span.source, files)
    }

    /// What stands at a span takes the place of a scalar.
    pub(super) fn take(&mut self, span: Span, quoted: bool) {
        self.taken.insert(span, quoted);
        self.passed.remove(&span);
    }

    /// A merge goes by a scalar that it does not write over: it puts quotes around what reads as something else.
    pub(super) fn pass(&mut self, node: &Node) {
        if matches!(node.value, Value::String(_)) {
            self.passed.insert(node.span);
        }
    }
}

/// Whether a text without quotes is something else than a string to older readers.
fn reads_otherwise(text: &str, id: SourceId, files: &Files) -> bool {
    if text.is_empty() || text.contains('\n') {
        return false;
    }
    let source = Source {
        id,
        name: String::new(),
        bytes: text.as_bytes().to_vec(),
    };
    let parsed = yaml::parse(&source, Dialect::Kubectl, files.limits());
    let is_string = |root: &Node| matches!(root.value, Value::String(_));
    let is_yaml = parsed.problems.is_empty() && !parsed.documents.iter().any(|document| is_string(&document.root));
    is_yaml || !matches!(yaml::plain(text.trim(), Dialect::Kubectl), Value::String(_))
}

/// Whether YAML's writer puts a string in quotes or in a block, and not as it is.
fn gets_quotes(text: &str) -> bool {
    // What older readers take for a boolean or for a number to base 60.
    let words = ["y", "yes", "n", "no", "on", "off"];
    let old = words.iter().any(|word| word.eq_ignore_ascii_case(text))
        || text.contains(':')
            && text
                .chars()
                .all(|letter| letter.is_ascii_digit() || ":._+-".contains(letter));
    let mut letters = text.chars();
    let opens = match (letters.next(), letters.next()) {
        (Some('-' | '?' | ':'), second) => second.is_none_or(char::is_whitespace),
        (Some(first), _) => ",[]{}#&*!|>'\"%@`".contains(first),
        (None, _) => true,
    };
    old || opens
        || needs_quotes(text)
        || text != text.trim()
        || text.ends_with(':')
        || [": ", " #", "\n"].iter().any(|part| text.contains(part))
}
