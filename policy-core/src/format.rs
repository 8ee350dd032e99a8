//! Renderers: pure functions of a report.

mod json;
mod text;

use crate::catalog::Control;
use crate::report::Report;

/// How to write a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For people
    Text {
        /// With ANSI colours
        color: bool,
        /// How much to say
        detail: Detail,
    },
    /// The contract, for programs
    Json,
}

/// How much the text format says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// Findings, problems and the verdict
    Brief,
    /// And every control that did not pass, with the reason
    Normal,
    /// And every control
    Full,
}

/// Writes a report. `controls` are the engine's, for titles and remediation.
pub fn render(report: &Report, controls: &[Control], format: Format) -> String {
    match format {
        Format::Text { color, detail } => text::render(report, controls, color, detail),
        Format::Json => json::render(report),
    }
}
