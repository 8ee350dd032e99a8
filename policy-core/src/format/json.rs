//! The report's contract, indented, with a final newline.

use crate::report::Report;

pub(super) fn render(report: &Report) -> String {
    let text = serde_json::to_string_pretty(report);
    // A report is strings, numbers and lists: it always has a JSON form.
    text.unwrap_or_else(|error| format!("{{\"error\": \"{error}\"}}")) + "\n"
}
