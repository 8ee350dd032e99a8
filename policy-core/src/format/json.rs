//! The report's contract, indented, with a final newline.

use std::io::Write;

use serde::Serialize;

use crate::report::Report;

pub(super) fn render(report: &Report) -> String {
    pretty(report)
}

pub(super) fn write(report: &Report, mut out: impl Write) -> std::io::Result<()> {
    serde_json::to_writer_pretty(&mut out, report)?;
    out.write_all(b"\n")
}

/// What consists of texts, numbers and lists: it always has a JSON form.
pub(super) fn pretty(value: &impl Serialize) -> String {
    let text = serde_json::to_string_pretty(value);
    text.unwrap_or_else(|error| format!("{{\"error\": \"{error}\"}}")) + "\n"
}
