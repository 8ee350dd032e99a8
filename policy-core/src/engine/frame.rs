//! The line of a source that a finding is shown with.

use crate::report::Frame;
use crate::source::SourceText;
use crate::tree::Span;

/// The marked line, and only that: its neighbours may hold what must not be printed.
pub(super) fn frame(text: &SourceText, span: Span) -> Frame {
    const WINDOW: usize = 100;
    let all = text.text();
    let start = (span.start as usize).min(all.len());
    // Machine-written files have lines of megabytes.
    let from = floor_char(all, start.saturating_sub(WINDOW));
    let to = floor_char(all, start + 2 * WINDOW);
    let before = all.get(from..start).and_then(|before| before.rfind('\n'));
    let from = before.map_or(from, |at| from + at + 1);
    let after = all.get(start..to).and_then(|after| after.find('\n'));
    let to = after.map_or(to, |at| start + at);
    let line = all.get(from..to).unwrap_or("").trim_end_matches('\r').to_owned();
    let mark_end = floor_char(all, (span.end as usize).clamp(start, to)) - from;
    let mark = (start - from).min(line.len())..mark_end.min(line.len());
    Frame {
        first_line: text.position(span.start).line as usize,
        text: line,
        mark,
    }
}

fn floor_char(text: &str, at: usize) -> usize {
    (0..=at.min(text.len()))
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0)
}
