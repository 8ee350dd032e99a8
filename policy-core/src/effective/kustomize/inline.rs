//! YAML within a string of a kustomization file, with spans in that file.

use super::files::Files;
use crate::source::Source;
use crate::tree::{Node, Span, Value};
use crate::yaml::{self, Dialect, Parsed};

use super::read::Text;

/// Reads the text of a patch. Its nodes stand where the text does, or all of them at its beginning where its lines
/// cannot be told apart.
pub(super) fn parse(text: &Text, dialect: Dialect, files: &Files) -> Parsed {
    let source = Source {
        id: text.span.source,
        name: files.name(text.span.source).to_owned(),
        bytes: text.value.as_bytes().to_vec(),
    };
    let mut parsed = yaml::parse(&source, dialect, files.limits());
    let lines = outer_lines(text, files.text(text.span));
    for document in &mut parsed.documents {
        place(&mut document.root, text.span, &lines);
    }
    let first = files.line(text.span);
    let is_block = files.block(text.span).is_some();
    for problem in &mut parsed.problems {
        problem.line = match (first, problem.line) {
            (Some(first), Some(line)) if is_block => Some(first + line - 1),
            _ => first,
        };
    }
    parsed
}

/// For each line of the text, where it begins in the text and where in the file.
fn outer_lines(text: &Text, written: Option<&str>) -> Vec<(u32, u32)> {
    let Some(written) = written else {
        return Vec::new();
    };
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    let start = text.span.start as usize;
    if written == &*text.value {
        return vec![(0, offset(start))];
    }
    if let Some(inner) = written.strip_prefix(['"', '\''])
        && inner.strip_suffix(['"', '\'']) == Some(&*text.value)
    {
        return vec![(0, offset(start + 1))];
    }
    let mut result = Vec::new();
    let mut outer = written.split_inclusive('\n');
    let (mut at, mut inner_at) = (0, 0);
    for inner in text.value.split_inclusive('\n') {
        let plain = |line: &'_ str| line.trim_end_matches(['\n', '\r']).len();
        // The lines of a block are those of the text, indented; other texts have other lines.
        let (Some(line), Some(end)) = (outer.next(), inner.get(..plain(inner))) else {
            break;
        };
        if !line.get(..plain(line)).is_some_and(|line| line.ends_with(end)) {
            return Vec::new();
        }
        let indent = plain(line) - end.len();
        result.push((offset(inner_at), offset(start + at + indent)));
        at += line.len();
        inner_at += inner.len();
    }
    result
}

fn place(node: &mut Node, whole: Span, lines: &[(u32, u32)]) {
    move_span(&mut node.span, whole, lines);
    match &mut node.value {
        Value::Array(items) => items.iter_mut().for_each(|item| place(item, whole, lines)),
        Value::Object(members) => {
            for member in members {
                move_span(&mut member.key_span, whole, lines);
                place(&mut member.node, whole, lines);
            }
        }
        _ => {}
    }
}

fn move_span(span: &mut Span, whole: Span, lines: &[(u32, u32)]) {
    let moved = |at: u32| {
        let line = lines.get(lines.partition_point(|(inner, _)| *inner <= at).checked_sub(1)?)?;
        Some(line.1 + (at - line.0))
    };
    *span = match (moved(span.start), moved(span.end)) {
        (Some(start), Some(end)) => Span { start, end, ..whole },
        _ => whole,
    };
}
