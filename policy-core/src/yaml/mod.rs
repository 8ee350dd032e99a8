//! Reads YAML and JSON into trees with spans, as the Go readers of Kubernetes do.
//!
//! This is the only file that names the YAML parser. Text is cut where documents must end ([`text`]); a part that is
//! JSON goes to [`json`], all else through the parser's events; both feed one [`build::Builder`].

mod build;
mod json;
mod parts;
mod scalar;
#[cfg(test)]
mod tests;
mod text;

use std::cell::Cell;
use std::sync::Arc;

use saphyr_parser::{Event, Input, Parser, ScalarStyle, ScanError};

use crate::error::Problem;
use crate::limits::Limits;
use crate::source::{Source, SourceId, SourceText};
use crate::tree::{Node, Value};
use build::{Builder, Fault, Shape};
use json::Outcome;
pub use parts::{Part, Parts};
use scalar::{Scalar, Tag};
use text::Offsets;

/// Characters the parser may read for one event. It holds all tokens of a bracket within a bracket until the bracket
/// closes, at about 200 bytes of memory for each character.
const LOOKAHEAD: usize = 2 << 20;

/// Which reader the values must match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// kubectl and sigs.k8s.io/yaml: `yes` is true, the last of two equal keys wins (and is a Problem).
    Kubectl,
    /// kustomize: `yes` is a string, keys are strings, two equal keys refuse the document.
    Kustomize,
}

/// A document that is not empty.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// Its value.
    pub root: Node,
}

/// What one source holds.
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The decoded text; spans are byte offsets in it.
    pub text: SourceText,
    /// The documents in order; empty ones and those that the reader refuses are left out.
    pub documents: Vec<Document>,
    /// What could not be read, in order.
    pub problems: Vec<Problem>,
    /// Whether `{{` stands outside of quotes, as in the templates of a chart.
    pub has_templates: bool,
}

/// Reads all documents of a source.
pub(crate) fn parse(source: &Source, dialect: Dialect, limits: &Limits) -> Parsed {
    if source.bytes.len() > most_bytes(limits) {
        return too_long(source.id, source.name.as_str().into(), limits);
    }
    match text::decode(&source.bytes) {
        Ok(decoded) => parse_text(
            SourceText::new(source.id, source.name.as_str(), decoded),
            dialect,
            limits,
        ),
        Err(line) => {
            let message = "the file is neither UTF-8 nor UTF-16 with a byte order mark; convert it to UTF-8";
            let name = source.name.as_str().into();
            refuse(source.id, name, "invalid-utf8", line + 1, message.into())
        }
    }
}

/// Reads all documents of a text.
pub(crate) fn parse_text(text: SourceText, dialect: Dialect, limits: &Limits) -> Parsed {
    if text.text().len() > most_bytes(limits) {
        return too_long(text.id, text.name, limits);
    }
    let mut loader = Loader {
        text: text.text(),
        builder: Builder::new(dialect, limits, text.id, text.text()),
        dialect,
        limits,
        documents: Vec::new(),
        problems: Vec::new(),
        has_templates: false,
    };
    for part in text::split_documents(text.text()) {
        if !loader.read_part(part.start, part.end, &text.name) {
            break;
        }
    }
    loader.count_notes(&text.name);
    let Loader {
        mut documents,
        problems,
        has_templates,
        ..
    } = loader;
    // Most files hold one.
    documents.shrink_to_fit();
    Parsed {
        text,
        documents,
        problems,
        has_templates,
    }
}

/// Spans count in 32 bits.
fn most_bytes(limits: &Limits) -> usize {
    limits.source_bytes.min(u32::MAX as usize)
}

fn too_long(id: SourceId, name: Arc<str>, limits: &Limits) -> Parsed {
    let message = format!("the file has more than {} bytes; split it", most_bytes(limits));
    refuse(id, name, "limit-source-bytes", 1, message)
}

fn refuse(id: SourceId, name: Arc<str>, code: &str, line: usize, message: String) -> Parsed {
    let problem = Problem {
        code: code.to_string(),
        message,
        source: Some(name.to_string()),
        line: Some(u32::try_from(line).unwrap_or(u32::MAX)),
    };
    Parsed {
        text: SourceText::new(id, name, ""),
        documents: Vec::new(),
        problems: vec![problem],
        has_templates: false,
    }
}

/// What a scalar means that is written without quotes.
pub(crate) fn plain(text: &str, dialect: Dialect) -> Value {
    match scalar::resolve(text.into(), true, Tag::Untagged, dialect) {
        Some(Scalar::Null) => Value::Null,
        Some(Scalar::Bool(flag)) => Value::Bool(flag),
        Some(Scalar::Int(int)) => Value::Number(int.into()),
        Some(Scalar::Uint(int)) => Value::Number(int.into()),
        Some(Scalar::Float(float)) => match build::json_number(float) {
            Some(number) => Value::Number(number),
            None => Value::String(text.into()),
        },
        Some(Scalar::Text(_) | Scalar::Time(_)) | None => Value::String(text.into()),
    }
}

struct Loader<'a> {
    text: &'a str,
    builder: Builder<'a>,
    dialect: Dialect,
    limits: &'a Limits,
    documents: Vec<Document>,
    problems: Vec<Problem>,
    has_templates: bool,
}

/// What the events of a part have shown so far.
struct Progress {
    /// The end of the last token.
    end: usize,
    /// The first `{{` outside of quotes.
    template: Option<usize>,
}

impl<'a> Loader<'a> {
    /// Reads the part of the text between two offsets; whether to go on after it.
    fn read_part(&mut self, start: usize, end: usize, source: &str) -> bool {
        self.builder.reset();
        let noted = self.builder.notes.len();
        let result = self.read_json(start, end).unwrap_or_else(|| self.read_yaml(start, end));
        for note in self.builder.notes.iter().skip(noted) {
            let line = Some(self.builder.line(note.at));
            let message = note.message.clone();
            self.problems.push(Problem {
                code: note.code.into(),
                message,
                source: Some(source.into()),
                line,
            });
        }
        let Err(fault) = result else { return true };
        let line = Some(self.builder.line(fault.at));
        self.problems.push(Problem {
            code: fault.code.into(),
            message: fault.message,
            source: Some(source.into()),
            line,
        });
        !fault.ends_source
    }

    fn count_notes(&mut self, source: &str) {
        if let (Some(last), 1..) = (self.builder.notes.last(), self.builder.unlisted) {
            let message = format!(
                "{} more remarks on this file are not listed; correct those above",
                self.builder.unlisted
            );
            let line = Some(self.builder.line(last.at));
            self.problems.push(Problem {
                code: last.code.into(),
                message,
                source: Some(source.into()),
                line,
            });
        }
    }

    /// Reads a part that is JSON; `None` where it is not.
    fn read_json(&mut self, start: usize, end: usize) -> Option<Result<(), Fault>> {
        let part = self.text.get(start..end)?;
        let body = match part.strip_prefix("---") {
            Some(rest) => rest.trim_start(),
            None => part.trim_start(),
        };
        if !body.starts_with(['{', '[']) {
            return None;
        }
        let mark = self.builder.mark();
        let (roots, result) = match json::read(self.text.get(..end)?, end - body.len(), &mut self.builder) {
            Outcome::Read(roots) => (roots, Ok(())),
            Outcome::Failed(roots, fault) => (roots, Err(fault)),
            Outcome::NotJson => {
                self.builder.rewind(mark);
                return None;
            }
        };
        for root in roots {
            if let Err(fault) = self.keep(root) {
                return Some(Err(fault));
            }
        }
        Some(result)
    }

    fn keep(&mut self, root: Node) -> Result<(), Fault> {
        if self.documents.len() < self.limits.documents {
            self.documents.push(Document { root });
            return Ok(());
        }
        let message = format!("the file has more than {} documents; split it", self.limits.documents);
        let fault = Fault::new("limit-documents", root.span.start as usize, message);
        Err(Fault {
            ends_source: true,
            ..fault
        })
    }

    fn read_yaml(&mut self, start: usize, end: usize) -> Result<(), Fault> {
        let Some(part) = self.text.get(start..end) else {
            return Ok(());
        };
        let mut progress = Progress {
            end: start,
            template: None,
        };
        let left = Cell::new(LOOKAHEAD);
        let result = if part.len() <= LOOKAHEAD {
            self.read_events(Parser::new_from_str(part), part, &left, &mut progress)
        } else {
            let watched = part
                .chars()
                .take_while(|_| left.replace(left.get().saturating_sub(1)) > 0);
            self.read_events(Parser::new_from_iter(watched), part, &left, &mut progress)
        };
        self.has_templates |= progress.template.is_some();
        match (result, progress.template) {
            // Whatever the parser says, the template is the cause.
            (Err(fault), Some(at)) if !fault.code.starts_with("limit-") => Err(Fault::new(
                "template",
                at,
                "`{{` outside of quotes: this is a template, not YAML; render the chart first and check its output",
            )),
            (result, _) => result,
        }
    }

    /// Builds what the events tell; `left` is how much the parser may still read for the next event.
    fn read_events<'p, T: Input>(
        &mut self,
        mut parser: Parser<'p, T>,
        part: &'a str,
        left: &Cell<usize>,
        progress: &mut Progress,
    ) -> Result<(), Fault> {
        let base = progress.end;
        let mut offsets = Offsets::new(part);
        while let Some(event) = parser.next_event() {
            if left.replace(LOOKAHEAD) == 0 {
                let message =
                    "a value or a bracket here is longer than 2 MiB; use block style, or JSON for the whole file";
                return Err(Fault::new("limit-lookahead", progress.end, message));
            }
            let (event, span) = match event {
                Ok(event) => event,
                Err(error) => {
                    return Err(self.syntax_fault(&error, base + offsets.byte(error.marker().index()), progress));
                }
            };
            let start = base + offsets.byte(span.start.index());
            match event {
                Event::Scalar(text, style, anchor, tag) => {
                    let end = base + offsets.byte(span.end.index());
                    let text = match style {
                        ScalarStyle::Literal | ScalarStyle::Folded if self.dialect == Dialect::Kustomize => {
                            self.unbroken(text, end)
                        }
                        _ => text,
                    };
                    self.note_template(start, end, style, progress);
                    let tag = self.known_tag(tag.as_deref(), start);
                    let bare = tag == Tag::Untagged && anchor == 0;
                    let (start, end) = match (bare, start == end && style == ScalarStyle::Plain) {
                        (true, true) if self.builder.expects_value() => {
                            let at = self.after_colon(progress.end);
                            (at, at)
                        }
                        (true, true) => (start, start),
                        (true, false) => (start, self.trimmed(start, end, style)),
                        (false, _) => {
                            let start = self.after_properties(start).min(end);
                            (start, self.trimmed(start, end, style))
                        }
                    };
                    let plain = style == ScalarStyle::Plain;
                    self.scalar(text, plain, tag, anchor, start, end)?;
                    progress.end = progress.end.max(end);
                }
                Event::Alias(id) => {
                    let end = base + offsets.byte(span.end.index());
                    self.builder.alias(id, start, end)?;
                    progress.end = end;
                }
                Event::SequenceStart(anchor, tag) => {
                    self.known_tag(tag.as_deref(), start);
                    // The parser places a list at the indentation of its key behind the first dash.
                    let from = if self.builder.expects_value() {
                        self.after_colon(progress.end)
                    } else {
                        start
                    };
                    let start = self.after_properties(from);
                    self.builder.open(Shape::List, start, anchor)?;
                    progress.end = progress.end.max(start);
                }
                Event::MappingStart(anchor, tag) => {
                    self.known_tag(tag.as_deref(), start);
                    let start = if anchor == 0 && tag.is_none() {
                        start
                    } else {
                        self.after_properties(start)
                    };
                    if self
                        .text
                        .as_bytes()
                        .get(start..)
                        .is_some_and(|rest| rest.starts_with(b"{{"))
                    {
                        progress.template.get_or_insert(start);
                    }
                    self.builder.open(Shape::Map, start, anchor)?;
                    progress.end = progress.end.max(start);
                }
                Event::SequenceEnd | Event::MappingEnd => {
                    let end = base + offsets.byte(span.end.index());
                    let bracketed = end > start && matches!(self.text.as_bytes().get(start), Some(b']' | b'}'));
                    self.builder.close(bracketed.then_some(end))?;
                    if bracketed {
                        progress.end = end;
                    }
                }
                Event::DocumentEnd => {
                    if let Some(root) = self.builder.finish() {
                        self.keep(root)?;
                    }
                }
                Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) => {}
            }
        }
        Ok(())
    }

    fn scalar(
        &mut self,
        text: std::borrow::Cow<'_, str>,
        plain: bool,
        tag: Tag,
        anchor: usize,
        start: usize,
        end: usize,
    ) -> Result<(), Fault> {
        let is_key = self.builder.expects_key();
        if is_key && text == "<<" && (plain && matches!(tag, Tag::Untagged | Tag::NonSpecific) || tag == Tag::Inert) {
            self.builder.merge_key(start);
            return Ok(());
        }
        let resolved = scalar::resolve(text, plain, tag, self.dialect).ok_or_else(|| {
            Fault::new(
                "invalid-tag",
                start,
                "the tag does not fit this value; correct the value or remove the tag",
            )
        })?;
        if !is_key {
            return self.builder.scalar(resolved, start, end, anchor);
        }
        if anchor != 0 {
            self.builder.anchor_key(resolved.clone(), start, end, anchor)?;
        }
        match scalar::key_text(resolved, self.dialect) {
            Some(key) => {
                self.builder.key(&key, start, end);
                Ok(())
            }
            None => Err(Fault::new(
                "unsupported-key",
                start,
                "the key is not a string; put it in quotes",
            )),
        }
    }

    /// What a tag means; notes those that the Go readers ignore.
    fn known_tag(&mut self, tag: Option<&saphyr_parser::Tag>, at: usize) -> Tag {
        let Some(tag) = tag else { return Tag::Untagged };
        let known = Tag::from_uri(&format!("{}{}", tag.handle, tag.suffix));
        if known == Tag::Unknown {
            let name = match tag.handle.as_str() {
                "tag:yaml.org,2002:" => format!("!!{}", tag.suffix),
                handle => format!("{handle}{}", tag.suffix),
            };
            let message = format!("tag {name:?} has no meaning to Kubernetes and is ignored; remove it");
            self.builder.note("unknown-tag", at, message);
        }
        known
    }

    fn note_template(&mut self, start: usize, end: usize, style: ScalarStyle, progress: &mut Progress) {
        if style != ScalarStyle::Plain || progress.template.is_some() {
            return;
        }
        let written = self.text.as_bytes().get(start..end).unwrap_or_default();
        progress.template = memchr::memmem::find(written, b"{{").map(|at| start + at);
    }

    fn syntax_fault(&self, error: &ScanError, at: usize, progress: &mut Progress) -> Fault {
        let bytes = self.text.as_bytes();
        let line_end = bytes
            .get(at..)
            .and_then(|rest| memchr::memchr(b'\n', rest))
            .map_or(bytes.len(), |end| at + end);
        if progress.template.is_none() {
            let unread = self.text.get(progress.end..line_end).unwrap_or_default();
            progress.template = text::find_template(unread).map(|found| progress.end + found);
        }
        let line = bytes
            .get(..at)
            .and_then(|before| memchr::memrchr(b'\n', before))
            .map_or(0, |end| end + 1);
        let mut indent = bytes
            .get(line..line_end)
            .unwrap_or_default()
            .iter()
            .take_while(|byte| b" \t".contains(byte));
        let info = error.info();
        if info.contains("unknown anchor") {
            return Fault::new(
                "unknown-alias",
                at,
                "an alias refers to no anchor before it; define the anchor or write the value",
            );
        }
        if info.contains("recursion limit") {
            return Fault::new(
                "limit-depth",
                at,
                "lists and maps are nested too deep; flatten the document",
            );
        }
        if indent.any(|byte| *byte == b'\t') {
            return Fault::new(
                "tab-indentation",
                at,
                "a tab indents this line, which YAML forbids; use spaces",
            );
        }
        Fault::new(
            "yaml-syntax",
            at,
            format!("this is not YAML: {info}; correct it near here"),
        )
    }

    /// To kustomize, a block scalar has no last break where the file ends without one.
    fn unbroken<'t>(&self, text: std::borrow::Cow<'t, str>, end: usize) -> std::borrow::Cow<'t, str> {
        let last_line = self.text.rsplit('\n').next().unwrap_or("");
        let is_last = self.text.get(end..).is_none_or(|rest| rest.trim().is_empty());
        match text.strip_suffix('\n') {
            Some(shorter) if is_last && !last_line.trim().is_empty() => shorter.to_owned().into(),
            _ => text,
        }
    }

    /// The offset behind the colon that follows a key.
    fn after_colon(&self, key_end: usize) -> usize {
        let rest = self.text.as_bytes().get(key_end..).unwrap_or_default();
        match rest.iter().position(|byte| !byte.is_ascii_whitespace()) {
            Some(blank) if rest.get(blank) == Some(&b':') => key_end + blank + 1,
            _ => key_end,
        }
    }

    /// The offset of the next content: behind blanks, comments, anchors and tags.
    fn after_properties(&self, from: usize) -> usize {
        let bytes = self.text.as_bytes();
        let mut at = from;
        while let Some(byte) = bytes.get(at) {
            let rest = bytes.get(at..).unwrap_or_default();
            at += match byte {
                b' ' | b'\t' | b'\r' | b'\n' => 1,
                b'#' => memchr::memchr(b'\n', rest).unwrap_or(rest.len()),
                b'&' | b'!' => rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len()),
                _ => break,
            };
        }
        at
    }

    /// The end of a scalar without the blank lines behind it, nor the comment that the parser adds to a quoted one.
    fn trimmed(&self, start: usize, end: usize, style: ScalarStyle) -> usize {
        let written = self
            .text
            .as_bytes()
            .get(start..end)
            .unwrap_or_default()
            .trim_ascii_end();
        let quote = match style {
            ScalarStyle::DoubleQuoted => b'"',
            ScalarStyle::SingleQuoted => b'\'',
            _ => return start + written.len(),
        };
        if memchr::memchr(b'#', written).is_none() {
            return start + written.len();
        }
        let mut at = 1;
        while let Some(found) = written.get(at..).and_then(|rest| memchr::memchr2(quote, b'\\', rest)) {
            at += found + 1;
            let escape = written.get(at - 1) == Some(&b'\\');
            match quote {
                b'"' if escape => at += 1,
                b'\'' if escape => {}
                b'\'' if written.get(at) == Some(&quote) => at += 1,
                _ => return start + at,
            }
        }
        start + written.len()
    }
}
