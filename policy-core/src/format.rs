//! Renderers: pure functions of a report.

mod json;
mod policy_report;
mod text;

use std::io::Write;

use crate::catalog::Control;
use crate::report::Report;
use crate::time::Time;

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
    /// Kubernetes objects for whatever shows policy reports: a `v1` List, as JSON
    PolicyReport {
        /// Which objects
        api: ReportApi,
        /// When the audit was made; without it the results have no time
        time: Option<Time>,
    },
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

/// The APIs of policy reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReportApi {
    /// `openreports.io/v1alpha1`: Report and ClusterReport
    OpenReports,
    /// `wgpolicyk8s.io/v1alpha2`: PolicyReport and ClusterPolicyReport
    PolicyReport,
}

/// Writes a report to `out` as [`render`] makes it. JSON is never in memory as a whole.
///
/// # Errors
/// Those of `out`.
pub fn render_to(report: &Report, controls: &[Control], format: Format, mut out: impl Write) -> std::io::Result<()> {
    match format {
        Format::Json => json::write(report, out),
        _ => out.write_all(render(report, controls, format).as_bytes()),
    }
}

/// A report as text. `controls` are the engine's, for titles and remediation.
pub fn render(report: &Report, controls: &[Control], format: Format) -> String {
    match format {
        Format::Text { color, detail } => text::render(report, controls, color, detail),
        Format::Json => json::render(report),
        Format::PolicyReport { api, time } => policy_report::render(report, controls, api, time),
    }
}
