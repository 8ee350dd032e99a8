//! Named bytes: what an audit reads.

use std::collections::BTreeMap;
use std::sync::Arc;

/// The place of a source in its request, counted from 0. Report order follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub u32);

/// A file, a stream or a request body, not yet parsed.
#[derive(Clone, Debug)]
pub struct Source {
    /// Position in the request; unique there.
    pub id: SourceId,
    /// The path as the user gave it, or `<stdin>`; `/` separates folders.
    pub name: String,
    /// The content, in any encoding that YAML allows (UTF-8, or UTF-16 with a byte order mark).
    pub bytes: Vec<u8>,
}

/// The text of a parsed source and where its lines begin.
#[derive(Clone, Debug)]
pub struct SourceText {
    /// Position in the request.
    pub id: SourceId,
    /// The name of the source.
    pub name: Arc<str>,
    text: Arc<str>,
    lines: Arc<Lines>,
}

/// What tells positions in a text.
#[derive(Debug)]
struct Lines {
    starts: Box<[u32]>,
    /// The characters before each [`STRIDE`]: machine-written files have lines of megabytes.
    characters: Box<[u32]>,
}

/// Bytes between two counts of characters.
const STRIDE: usize = 512;

/// A position for people: both counted from 1, the column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line number, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

impl SourceText {
    /// Indexes the lines of `text`. Texts are at most 4 GiB (`Limits::source_bytes` is far below).
    pub fn new(id: SourceId, name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> Self {
        let text = text.into();
        let breaks = memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| offset(at + 1));
        let starts = std::iter::once(0).chain(breaks).collect();
        let mut sum = 0;
        let sums = text.as_bytes().chunks(STRIDE).map(|chunk| {
            sum += characters(chunk);
            offset(sum)
        });
        Self {
            id,
            name: name.into(),
            lines: Arc::new(Lines {
                starts,
                characters: std::iter::once(0).chain(sums).collect(),
            }),
            text,
        }
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The position of a byte offset; offsets past the end give the last position.
    pub fn position(&self, at: u32) -> Position {
        let starts = &self.lines.starts;
        let line = starts.partition_point(|start| *start <= at).max(1);
        let start = starts.get(line - 1).copied().unwrap_or(0) as usize;
        let end = (at as usize).clamp(start, self.text.len().max(start));
        let before = match self.text.as_bytes().get(start..end) {
            Some(line) if line.len() < STRIDE => characters(line),
            _ => self.characters_before(end) - self.characters_before(start),
        };
        Position {
            line: offset(line),
            column: offset(before + 1),
        }
    }

    fn characters_before(&self, at: usize) -> usize {
        let counted = self.lines.characters.get(at / STRIDE).copied().unwrap_or(0) as usize;
        let rest = self.text.as_bytes().get(at - at % STRIDE..at);
        counted + rest.map_or(0, characters)
    }
}

fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| (**byte & 0xC0) != 0x80).count()
}

fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// The texts of a request, by source.
#[derive(Clone, Debug, Default)]
pub(crate) struct Texts(BTreeMap<SourceId, SourceText>);

impl Texts {
    pub(crate) fn insert(&mut self, text: SourceText) {
        self.0.insert(text.id, text);
    }

    pub(crate) fn get(&self, id: SourceId) -> Option<&SourceText> {
        self.0.get(&id)
    }

    /// The source's name and the position of a byte offset in it.
    pub(crate) fn place(&self, id: SourceId, at: u32) -> (&str, Position) {
        match self.get(id) {
            Some(text) => (&text.name, text.position(at)),
            None => ("", Position { line: 1, column: 1 }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Position, STRIDE, SourceId, SourceText};

    #[test]
    fn columns_count_characters_on_lines_of_any_length() {
        let text = format!("{}\n{}", "ä".repeat(STRIDE / 2), "bé".repeat(STRIDE));
        let source = SourceText::new(SourceId(0), "long", text.as_str());
        for (at, _) in text.char_indices().chain([(text.len(), ' ')]) {
            let before = &text[..at];
            let line = before.matches('\n').count() + 1;
            let column = before.rsplit('\n').next().map_or(0, |rest| rest.chars().count()) + 1;
            let expected = Position {
                line: u32::try_from(line).unwrap_or(0),
                column: u32::try_from(column).unwrap_or(0),
            };
            assert_eq!(source.position(u32::try_from(at).unwrap_or(0)), expected, "{at}");
        }
    }
}
