//! Findings with the line they are about, problems, and a summary of the controls.

use std::collections::BTreeSet;
use std::fmt::Write;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::Detail;
use crate::catalog::Control;
use crate::error::Problem;
use crate::evidence::EvidenceStatus;
use crate::exceptions::Exception;
use crate::report::{
    ControlReport, ControlResult, EvidenceReport, EvidenceReportStatus, ExceptionReport, ExceptionStatus, Finding,
    Frame, Location, Report,
};

/// Begins and ends code in Markdown.
const FENCE: &str = "```";

/// The columns shown before the place in a line that is not: machine-written lines are long.
const WIDEST_INDENT: usize = 100;

pub(super) fn render(report: &Report, controls: &[Control], color: bool, detail: Detail) -> String {
    let printer = Printer {
        controls,
        renderer: if color { Renderer::styled() } else { Renderer::plain() },
    };
    let mut text = String::new();
    let mut explained = BTreeSet::new();
    for merged in merged(report) {
        // The same help under each finding of a control would bury the findings.
        let first = explained.insert(&merged.finding.control);
        text += &printer.finding(&merged, first);
        text += "\n\n";
    }
    for problem in &report.problems {
        text += &printer.told(Level::ERROR.with_name("problem"), problem);
        text += "\n\n";
    }
    if detail > Detail::Brief {
        for note in &report.notes {
            text += &printer.told(Level::NOTE, note);
            text += "\n\n";
        }
    }
    // However little is wanted: what was accepted, and what a person said, decided the verdict too.
    text += &exceptions(report);
    text += &evidence(report);
    if detail > Detail::Brief {
        text += &summary(report, detail);
        text += &suggestions(report);
    }
    text + &verdict(report)
}

/// A finding once, with the clusters that have it.
struct Merged<'r> {
    finding: &'r Finding,
    clusters: BTreeSet<&'r str>,
}

fn merged(report: &Report) -> Vec<Merged<'_>> {
    let mut all: Vec<Merged<'_>> = Vec::new();
    let mut seen = std::collections::BTreeMap::new();
    for finding in &report.findings {
        let identity = (&finding.control, &finding.location, &finding.message);
        let at = *seen.entry(identity).or_insert(all.len());
        match all.get_mut(at) {
            Some(known) => drop(known.clusters.insert(&finding.cluster)),
            None => all.push(Merged {
                finding,
                clusters: BTreeSet::from([finding.cluster.as_str()]),
            }),
        }
    }
    all
}

struct Printer<'c> {
    controls: &'c [Control],
    renderer: Renderer,
}

impl Printer<'_> {
    fn finding(&self, merged: &Merged<'_>, explain: bool) -> String {
        let Finding {
            control,
            result,
            severity,
            object,
            message,
            location,
            pointer,
            ..
        } = merged.finding;
        let known = self.controls.iter().find(|known| known.id == *control);
        let title = known.map_or("", |known| known.title.as_str());
        let level = match result {
            ControlResult::Fail => Level::ERROR,
            ControlResult::Unknown => Level::ERROR.with_name("unknown"),
            _ => Level::WARNING,
        };
        let level = if *result == ControlResult::Fail {
            level.with_name("fail")
        } else {
            level
        };
        // Where the line must not be shown, the place in it still is.
        let frame = merged.finding.frame.clone().unwrap_or_else(|| {
            let before = (location.column as usize).saturating_sub(1).min(WIDEST_INDENT);
            Frame {
                text: " ".repeat(before),
                first_line: location.line as usize,
                mark: before..before,
            }
        });
        let snippet = Snippet::source(frame.text.as_str())
            .path(location.source.as_str())
            .line_start(frame.first_line)
            .annotation(AnnotationKind::Primary.span(frame.mark.clone()).label(message.as_str()));
        let namespace = if object.namespace.is_empty() {
            String::new()
        } else {
            format!("{}/", object.namespace)
        };
        let severity = severity.name();
        let place = format!(
            "{severity} severity: {} {namespace}{} at {pointer}",
            object.kind, object.name
        );
        let clusters: Vec<&str> = merged
            .clusters
            .iter()
            .copied()
            .filter(|name| !name.is_empty())
            .collect();
        let mut group = level.primary_title(title).id(control.as_str()).element(snippet);
        group = group.element(Level::NOTE.message(place.as_str()));
        let clusters = format!("in {}", clusters.join(", "));
        if clusters.len() > "in ".len() {
            group = group.element(Level::NOTE.message(clusters.as_str()));
        }
        let related: Vec<String> = merged.finding.related.iter().filter_map(related).collect();
        for line in &related {
            group = group.element(Level::NOTE.message(line.as_str()));
        }
        let help = known.filter(|_| explain).map(|known| opening(&known.remediation));
        if let Some(help) = &help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        self.renderer.render(&[group])
    }

    fn told(&self, level: Level<'static>, problem: &Problem) -> String {
        let title = level.primary_title(problem.message.as_str()).id(problem.code.as_str());
        let group = match &problem.source {
            Some(source) => {
                let place = Origin::path(source.as_str());
                title.element(match problem.line {
                    Some(line) => place.line(line as usize),
                    None => place,
                })
            }
            None => Group::with_title(title),
        };
        self.renderer.render(&[group])
    }
}

fn related(related: &crate::report::Related) -> Option<String> {
    let location = related.location.as_ref()?;
    let object = &related.object;
    Some(format!(
        "see also {}:{}: {} {}",
        location.source, location.line, object.kind, object.name
    ))
}

/// How a remediation begins: its first paragraph on one line, and the code that this leads to as it stands.
fn opening(markdown: &str) -> String {
    let (prose, rest) = match markdown.starts_with(FENCE) {
        true => ("", markdown),
        false => markdown.split_once("\n\n").unwrap_or((markdown, "")),
    };
    let leads_to_code = (prose.is_empty() || prose.ends_with(':')) && rest.starts_with(FENCE);
    let code = rest.lines().skip(1).take_while(|line| !line.starts_with(FENCE));
    let code = code.filter(|_| leads_to_code).map(str::to_owned);
    let prose = (!prose.is_empty()).then(|| prose.replace('\n', " "));
    prose.into_iter().chain(code).collect::<Vec<_>>().join("\n")
}

/// Every exception with what it accepts.
fn exceptions(report: &Report) -> String {
    let mut text = String::new();
    for ExceptionReport {
        exception,
        status,
        matches,
        findings,
    } in &report.exceptions
    {
        let Exception {
            control,
            reason,
            owner,
            expires,
            ..
        } = exception;
        let count = counted(*matches, "finding");
        let (status, covers) = match status {
            ExceptionStatus::Applied => ("applied", format!("accepts {count}")),
            ExceptionStatus::Unused => ("unused", "accepts nothing here".into()),
            ExceptionStatus::Expired => ("expired", format!("no longer accepts {count}")),
            ExceptionStatus::Undecided => ("undecided", format!("may have expired, so it does not accept {count}")),
        };
        let until = expires
            .as_ref()
            .map_or_else(String::new, |day| format!(", until {day}"));
        let what = pattern(exception);
        let line = format!("{status:<10} {covers}: {what}: {reason} ({owner}{until})");
        let _infallible = writeln!(text, "  {:<10} {}", on_one_line(control), on_one_line(&line));
        for finding in findings {
            let Location { source, line, .. } = &finding.location;
            let (result, message) = (finding.result.name(), &finding.message);
            let namespace = match finding.object.namespace.as_str() {
                "" => String::new(),
                namespace => format!("{namespace}/"),
            };
            let object = format!("{} {namespace}{}", finding.object.kind, finding.object.name);
            let line = format!("{source}:{line}: {} {result}: {object}: {message}", finding.control);
            let _infallible = writeln!(text, "    {}", on_one_line(&line));
        }
    }
    titled("exceptions", &text)
}

/// The objects of an exception, as its author wrote them.
fn pattern(exception: &Exception) -> String {
    let object = &exception.object;
    let namespace = object
        .namespace
        .as_ref()
        .map_or_else(String::new, |name| format!("{name}/"));
    let version = object
        .api_version
        .as_ref()
        .map_or_else(String::new, |name| format!("{name} "));
    let cluster = exception
        .cluster
        .as_ref()
        .map_or_else(String::new, |name| format!(" in {name}"));
    format!("{version}{} {namespace}{}{cluster}", object.kind, object.name)
}

/// Every item of evidence with what it decides.
fn evidence(report: &Report) -> String {
    let mut text = String::new();
    for EvidenceReport {
        evidence,
        status,
        clusters,
    } in &report.evidence
    {
        let (state, why) = match status {
            EvidenceReportStatus::Applied => ("applied", ""),
            EvidenceReportStatus::Unused => ("unused", ", decides nothing here"),
            EvidenceReportStatus::Expired => ("expired", ", does not count"),
            EvidenceReportStatus::Early => ("early", ", lies in the future and does not count"),
            EvidenceReportStatus::Undecided => ("undecided", ", may have expired and does not count"),
        };
        let (answer, date, owner, until) = (
            evidence.status.name(),
            &evidence.date,
            &evidence.owner,
            &evidence.expires,
        );
        let mut line = format!("{state:<10} {answer}{why}: {date} by {owner}, until {until}");
        let clusters: Vec<&str> = clusters
            .iter()
            .map(String::as_str)
            .filter(|name| !name.is_empty())
            .collect();
        if !clusters.is_empty() {
            line += &format!(", in {}", clusters.join(", "));
        }
        for more in [&evidence.note, &evidence.link].into_iter().flatten() {
            line += &format!("; {more}");
        }
        let _infallible = writeln!(text, "  {:<10} {}", on_one_line(&evidence.control), on_one_line(&line));
    }
    titled("evidence", &text)
}

/// Profiles that fit and were not selected.
fn suggestions(report: &Report) -> String {
    let mut text = String::new();
    for suggestion in &report.suggestions {
        let cluster = match suggestion.cluster.as_str() {
            "" => String::new(),
            name => format!(" in {name}"),
        };
        let line = format!("{}{cluster}", suggestion.reason);
        let _infallible = writeln!(text, "  {:<10} {}", suggestion.profile.name(), on_one_line(&line));
    }
    titled("suggested profiles", &text)
}

fn titled(title: &str, lines: &str) -> String {
    match lines {
        "" => String::new(),
        lines => format!("{title}:\n{lines}\n"),
    }
}

/// A text of a file as one harmless line of a terminal.
fn on_one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A table of the controls of each cluster.
fn summary(report: &Report, detail: Detail) -> String {
    let mut text = String::new();
    for cluster in &report.clusters {
        let name = if cluster.name.is_empty() {
            "controls"
        } else {
            &cluster.name
        };
        let version = cluster
            .flux_version
            .as_ref()
            .map_or_else(String::new, |version| format!(" (Flux {version})"));
        let _infallible = writeln!(text, "{name}{version}:");
        let shown = |control: &&ControlReport| detail == Detail::Full || !is_quiet(control.result);
        for control in cluster.controls.iter().filter(shown) {
            let reason = if control.reason.is_empty() {
                objects(control)
            } else {
                control.reason.clone()
            };
            let inferred = if control.inferred { " (inferred)" } else { "" };
            let result = control.result.name();
            let reason = on_one_line(&reason);
            let _infallible = writeln!(text, "  {:<10} {result:<14} {reason}{inferred}", control.id);
        }
        let quiet = |result| {
            cluster
                .controls
                .iter()
                .filter(|control| control.result == result)
                .count()
        };
        let (passed, absent) = (quiet(ControlResult::Pass), quiet(ControlResult::NotApplicable));
        let _infallible = writeln!(text, "  {passed} passed, {absent} not applicable\n");
    }
    text
}

fn is_quiet(result: ControlResult) -> bool {
    matches!(result, ControlResult::Pass | ControlResult::NotApplicable)
}

pub(super) fn objects(control: &ControlReport) -> String {
    let counts = &control.objects;
    let parts = [
        (counts.fail, "failed"),
        (counts.unknown, "unknown"),
        (counts.warn, "warned"),
        (counts.accepted, "accepted"),
        (counts.pass, "passed"),
    ];
    let parts = parts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("{count} {what}"));
    parts.collect::<Vec<_>>().join(", ")
}

fn verdict(report: &Report) -> String {
    let count = |result| {
        report
            .findings
            .iter()
            .filter(|finding| finding.result == result)
            .count()
    };
    let verdict = report.verdict.name();
    let accepted: usize = report.exceptions.iter().map(|exception| exception.findings.len()).sum();
    let accepted = match accepted {
        0 => String::new(),
        count => format!("{count} accepted, "),
    };
    // These have no finding.
    let attested = |item: &&EvidenceReport| {
        item.status == EvidenceReportStatus::Applied && item.evidence.status == EvidenceStatus::Fail
    };
    let attested = match report.evidence.iter().filter(attested).count() {
        0 => String::new(),
        count => format!("{count} failed by evidence, "),
    };
    format!(
        "verdict: {verdict} ({} failed, {attested}{} unknown, {} warned, {accepted}{}, {} skipped)\n",
        count(ControlResult::Fail),
        count(ControlResult::Unknown),
        count(ControlResult::Warn),
        counted(report.problems.len() as u64, "problem"),
        counted(report.skipped.files, "file")
    )
}

fn counted(count: u64, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}
