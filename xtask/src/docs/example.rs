//! A fixture as an example: markers become comments that say what is wrong.

use std::collections::BTreeMap;
use std::ops::Range;

use anyhow::Result;
use policy_core::{Catalog, Config, Control, Engine, Finding};

use super::word;
use crate::fixtures::Fixture;

/// Documents beyond this many lines are left to the file itself.
const MAX_LINES: usize = 90;

/// The fixture that shows what is wrong, and its result.
pub(super) fn bad<'f>(fixtures: &[&'f Fixture]) -> Option<&'f Fixture> {
    ["fail", "warn"].into_iter().find_map(|result| named(fixtures, result))
}

/// The fixture that shows how it should be.
pub(super) fn good<'f>(fixtures: &[&'f Fixture]) -> Option<&'f Fixture> {
    named(fixtures, "pass")
}

/// `result.yaml`, or else the first of `result-….yaml`; fixtures come sorted by path.
fn named<'f>(fixtures: &[&'f Fixture], result: &str) -> Option<&'f Fixture> {
    let plain = format!("{result}.yaml");
    let prefix = format!("{result}-");
    let find = |test: &dyn Fn(&str) -> bool| fixtures.iter().find(|one| test(one.name())).copied();
    find(&|name| name == plain).or_else(|| find(&|name| name.starts_with(&prefix)))
}

/// What the control finds in the fixture.
pub(super) fn findings(fixture: &Fixture, control: &Control, controls: &[Control]) -> Result<Vec<Finding>> {
    let config = Config {
        select: vec![control.id.clone()],
        ..fixture.config(controls)
    };
    let report = Engine::new(Catalog::builtin()?, config)?.check(fixture.request(None));
    Ok(report.findings)
}

/// The fixture as Markdown.
pub(super) fn render(fixture: &Fixture, findings: &[Finding]) -> String {
    let lines: Vec<&str> = fixture.text.lines().collect();
    let documents = documents(&lines);
    let shown = chosen(&documents, findings);
    let mut text = String::new();
    if let Some(settings) = fixture.settings() {
        text += &format!("Checked with {settings}.\n\n");
    }
    let comments = comments(findings);
    let blocks: Vec<String> = shown
        .iter()
        .map(|&at| block(&lines, documents[at].clone(), &comments))
        .collect();
    text += &format!("```yaml\n{}```\n", blocks.join("---\n"));
    let rest = documents.len() - shown.len();
    if rest > 0 {
        let noun = if rest == 1 { "document" } else { "documents" };
        text += &format!(
            "\n{rest} more {noun} of this example: [{}]({}).\n",
            fixture.name(),
            link(fixture)
        );
    }
    let visible = |finding: &&Finding| {
        let line = line(finding);
        shown.iter().any(|&at| documents[at].contains(&line))
    };
    let said: Vec<String> = findings.iter().filter(visible).map(message).collect();
    if !said.is_empty() {
        text += &format!("\nWhat the report says of it:\n\n{}", said.concat());
    }
    text
}

fn message(finding: &Finding) -> String {
    let object = &finding.object;
    let name = match object.namespace.as_str() {
        "" => object.name.clone(),
        namespace => format!("{namespace}/{}", object.name),
    };
    let result = word(&finding.result);
    let pointer = &finding.pointer;
    format!(
        "- **{result}**, {} `{name}` at `{}`: {}\n",
        object.kind,
        if pointer.is_empty() { "/" } else { pointer },
        finding.message
    )
}

/// From 0.
fn line(finding: &Finding) -> usize {
    usize::try_from(finding.location.line).map_or(0, |line| line.saturating_sub(1))
}

/// The ranges of lines between the `---`, options and empty documents left out.
fn documents(lines: &[&str]) -> Vec<Range<usize>> {
    let first = lines.iter().take_while(|line| line.starts_with("#:")).count();
    let mut found = Vec::new();
    let mut start = first;
    for at in first..=lines.len() {
        if at == lines.len() || lines[at].trim_end() == "---" {
            if lines[start..at].iter().any(|line| !line.trim().is_empty()) {
                found.push(start..at);
            }
            start = at + 1;
        }
    }
    found
}

/// The documents with findings first, in the order of the file; then others while there is room.
fn chosen(documents: &[Range<usize>], findings: &[Finding]) -> Vec<usize> {
    let guilty = |at: &usize| findings.iter().any(|finding| documents[*at].contains(&line(finding)));
    let (first, then): (Vec<usize>, Vec<usize>) = (0..documents.len()).partition(guilty);
    let mut shown = Vec::new();
    let mut room = MAX_LINES;
    for at in first.into_iter().chain(then) {
        let size = documents[at].len();
        if shown.is_empty() || size <= room {
            shown.push(at);
            room = room.saturating_sub(size);
        }
    }
    shown.sort_unstable();
    shown
}

/// What to write behind each line.
fn comments(findings: &[Finding]) -> BTreeMap<usize, String> {
    let mut comments: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for finding in findings {
        let said = comments.entry(line(finding)).or_insert_with(Vec::new);
        let one = format!("{}: {}", word(&finding.result), finding.message);
        if !said.contains(&one) {
            said.push(one);
        }
    }
    comments
        .into_iter()
        .map(|(line, said)| (line, said.join("; ")))
        .collect()
}

fn block(lines: &[&str], document: Range<usize>, comments: &BTreeMap<usize, String>) -> String {
    let mut text = String::new();
    for at in document {
        let (code, marked) = unmarked(lines[at]);
        if code.is_empty() && marked && !comments.contains_key(&at) {
            continue;
        }
        text += code;
        if let (true, Some(comment)) = (marked, comments.get(&at)) {
            let gap = if code.is_empty() { "" } else { " " };
            text += &format!("{gap}# <- {comment}");
        }
        text += "\n";
    }
    text
}

/// The line without its marker, and whether it had one.
fn unmarked(line: &str) -> (&str, bool) {
    match line.rsplit_once("# ~ /") {
        Some((code, _)) if code.is_empty() || code.ends_with(' ') => (code.trim_end(), true),
        _ => (line, false),
    }
}

/// From a page of a control to the fixture.
pub(super) fn link(fixture: &Fixture) -> String {
    format!("../../{}", fixture.path)
}

#[cfg(test)]
mod tests {
    use super::{documents, unmarked};

    #[test]
    fn markers_go_and_comments_stay() {
        assert_eq!(unmarked("  a: b # ~ /a ; /b"), ("  a: b", true));
        assert_eq!(unmarked("  a: b # why"), ("  a: b # why", false));
        assert_eq!(unmarked("# ~ /"), ("", true));
        assert_eq!(unmarked("url: x#~ /a"), ("url: x#~ /a", false));
    }

    #[test]
    fn documents_leave_out_options_and_nothing() {
        let lines = ["#: mode: git", "---", "a: 1", "---", "", "---", "b: 2"];
        assert_eq!(documents(&lines), [2..3, 6..7]);
    }
}
