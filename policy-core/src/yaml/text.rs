//! Bytes to text, and text to documents.

use std::borrow::Cow;
use std::ops::Range;

/// Decodes UTF-8 and UTF-16 and takes off a byte order mark; the error is the number of line breaks before the bad byte.
pub(super) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, usize> {
    match bytes {
        [0xFF, 0xFE, rest @ ..] => decode_utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => decode_utf16(rest, u16::from_be_bytes),
        _ => {
            let bytes = bytes.strip_prefix(&[0xEF, 0xBB, 0xBF]).unwrap_or(bytes);
            std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|error| {
                let good = bytes.get(..error.valid_up_to()).unwrap_or_default();
                memchr::memchr_iter(b'\n', good).count()
            })
        }
    }
}

fn decode_utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Cow<'_, str>, usize> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let mut text = String::with_capacity(bytes.len());
    let units = pairs.iter().map(|pair| unit(*pair));
    for decoded in char::decode_utf16(units) {
        match decoded {
            Ok(decoded) => text.push(decoded),
            Err(_) => return Err(memchr::memchr_iter(b'\n', text.as_bytes()).count()),
        }
    }
    if rest.is_empty() {
        Ok(Cow::Owned(text))
    } else {
        Err(memchr::memchr_iter(b'\n', text.as_bytes()).count())
    }
}

/// Splits a text where a document must end: before each line `---` and after each line `...`. No scalar may hold such
/// a line, so a document that cannot be read does not spoil those after it.
pub(super) fn split_documents(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut parts = Vec::new();
    let (mut part, mut prologue) = (0, has_directives(text));
    let breaks = memchr::memchr_iter(b'\n', bytes).map(|at| at + 1);
    for at in std::iter::once(0).chain(breaks) {
        let line = bytes.get(at..).unwrap_or_default();
        let cut = match line {
            [b'-', b'-', b'-', rest @ ..] if ends_marker(rest) => {
                // The directives before the marker belong to the document after it.
                if std::mem::take(&mut prologue) || at == part {
                    continue;
                }
                at
            }
            [b'.', b'.', b'.', rest @ ..] if ends_marker(rest) => {
                at + memchr::memchr(b'\n', line).map_or(line.len(), |end| end + 1)
            }
            _ => continue,
        };
        parts.push(part..cut);
        part = cut;
        prologue = has_directives(text.get(part..).unwrap_or_default());
    }
    if part < text.len() {
        parts.push(part..text.len());
    }
    parts
}

fn ends_marker(rest: &[u8]) -> bool {
    matches!(rest.first(), None | Some(b' ' | b'\t' | b'\r' | b'\n'))
}

/// Whether the first line that is neither blank nor a comment is a directive.
fn has_directives(text: &str) -> bool {
    let mut lines = text.lines().map(|line| (line, line.trim_start()));
    let first = lines.find(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    first.is_some_and(|(line, _)| line.starts_with('%'))
}

/// The first `{{` of a text that stands neither in quotes nor in a comment.
pub(super) fn find_template(text: &str) -> Option<usize> {
    let (mut quote, mut before) = (None, b' ');
    let mut bytes = text.bytes().enumerate().peekable();
    while let Some((at, byte)) = bytes.next() {
        let opens = matches!(before, b' ' | b'\t' | b'\n' | b'[' | b'{' | b',' | b':' | b'(');
        match (quote, byte) {
            (Some(b'#'), _) if byte != b'\n' => {}
            (Some(b'#'), _) => quote = None,
            (Some(open), _) if open == byte => quote = None,
            (Some(_), _) => {}
            (None, b'{') if bytes.peek().is_some_and(|(_, next)| *next == b'{') => return Some(at),
            (None, b'"' | b'\'') if opens => quote = Some(byte),
            (None, b'#') if matches!(before, b' ' | b'\t' | b'\n') => quote = Some(byte),
            (None, _) => {}
        }
        before = byte;
    }
    None
}

/// Character positions to byte offsets. Positions mostly grow, so the cursor walks each byte about once.
pub(super) struct Offsets<'a> {
    bytes: &'a [u8],
    ascii: bool,
    index: usize,
    at: usize,
}

impl<'a> Offsets<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self {
            bytes: text.as_bytes(),
            ascii: text.is_ascii(),
            index: 0,
            at: 0,
        }
    }

    pub(super) fn byte(&mut self, index: usize) -> usize {
        if self.ascii {
            return index.min(self.bytes.len());
        }
        while self.index < index && self.at < self.bytes.len() {
            self.at += 1;
            while self.continues() {
                self.at += 1;
            }
            self.index += 1;
        }
        while self.index > index && self.at > 0 {
            self.at -= 1;
            while self.continues() {
                self.at -= 1;
            }
            self.index -= 1;
        }
        self.at
    }

    fn continues(&self) -> bool {
        self.bytes.get(self.at).is_some_and(|byte| byte & 0xC0 == 0x80)
    }
}
