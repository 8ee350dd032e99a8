//! What one row of `expected.json` and one report have to say to each other.

use std::collections::BTreeSet;
use std::fmt;

use policy_core::{ClusterReport, ControlResult, Finding, Report};
use serde::Deserialize;

/// What reading concluded about some paths of a repository.
#[derive(Debug, Deserialize)]
pub(super) struct Row {
    /// `owner/repository`.
    pub(super) repo: String,
    /// Files and folders from the root of the repository; `.` is all of it.
    paths: Vec<String>,
    /// An ID, or several parted by `/`.
    pub(super) control: String,
    verdict: Verdict,
    confidence: Confidence,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
enum Verdict {
    #[serde(rename = "pass")]
    Pass,
    #[serde(rename = "fail")]
    Fail,
    #[serde(rename = "not determinable")]
    NotDeterminable,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Confidence {
    High,
    Medium,
}

/// Whether a row counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Counted,
    /// Printed only.
    Medium,
    /// One of its controls is not in the catalogue.
    NoSuchControl,
}

/// A row with what our report says about it.
pub(super) struct Score<'a> {
    pub(super) row: &'a Row,
    pub(super) standing: Standing,
    /// One for each of its IDs.
    ours: Vec<Ours>,
}

/// What our report says of one control, and why.
struct Ours {
    control: String,
    /// `None` where the report has nothing that the row speaks of.
    result: Option<ControlResult>,
    why: String,
}

impl Score<'_> {
    /// All of its controls say what the row says.
    pub(super) fn agrees(&self) -> bool {
        self.ours.iter().all(|ours| match ours.result {
            None => false,
            Some(result) => match self.row.verdict {
                Verdict::Pass => matches!(result, ControlResult::Pass | ControlResult::NotApplicable),
                Verdict::Fail => result == ControlResult::Fail,
                Verdict::NotDeterminable => matches!(
                    result,
                    ControlResult::Unknown | ControlResult::Manual | ControlResult::NotApplicable
                ),
            },
        })
    }

    /// The row says fail, and one of its controls that all is well.
    pub(super) fn passes_a_failure(&self) -> bool {
        let well = |ours: &Ours| matches!(ours.result, Some(ControlResult::Pass | ControlResult::NotApplicable));
        self.row.verdict == Verdict::Fail && self.ours.iter().any(well)
    }
}

impl fmt::Display for Score<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Row {
            repo,
            paths,
            control,
            verdict,
            ..
        } = self.row;
        let agrees = match (self.standing, self.agrees()) {
            (Standing::NoSuchControl, _) => "",
            (_, true) => "agrees: ",
            (_, false) => "differs: ",
        };
        write!(f, "{agrees}{repo} {} {control}: expected {verdict:?}", paths.join(" "))?;
        for ours in &self.ours {
            let result = ours.result.map_or("nothing".to_owned(), |result| format!("{result:?}"));
            write!(f, "; {} says {result}: {}", ours.control, ours.why)?;
        }
        Ok(())
    }
}

/// Paths of the report from the folder on, instead of as they were given.
pub(super) fn strip(report: &mut Report, folder: &str) {
    let strip = |source: &mut String| {
        if let Some(rest) = source.strip_prefix(folder) {
            *source = rest.trim_start_matches('/').to_owned();
        }
    };
    for finding in &mut report.findings {
        strip(&mut finding.location.source);
        for related in &mut finding.related {
            related.location.iter_mut().for_each(|at| strip(&mut at.source));
        }
    }
    report
        .problems
        .iter_mut()
        .filter_map(|problem| problem.source.as_mut())
        .for_each(strip);
}

/// Scores a row. `known` holds the controls that exist; `is_bootstrap` tells whether a folder has to be an entry point.
pub(super) fn score<'a>(
    row: &'a Row,
    report: &Report,
    known: &BTreeSet<String>,
    is_bootstrap: &dyn Fn(&str) -> bool,
) -> Score<'a> {
    let ids: Vec<&str> = row.control.split('/').collect();
    if !ids.iter().all(|id| known.contains(*id)) {
        let standing = Standing::NoSuchControl;
        return Score {
            row,
            standing,
            ours: Vec::new(),
        };
    }
    let standing = match row.confidence {
        Confidence::High => Standing::Counted,
        Confidence::Medium => Standing::Medium,
    };
    let scope = scope(&row.paths, report, is_bootstrap);
    let ours = ids.iter().map(|id| ours(id, row, &scope, report)).collect();
    Score { row, standing, ours }
}

/// What a row speaks of.
struct Scope<'a> {
    /// The clusters its paths belong to.
    clusters: Vec<&'a ClusterReport>,
    /// It names files, or folders that are no cluster's: findings there decide.
    names_files: bool,
}

fn scope<'a>(paths: &[String], report: &'a Report, is_bootstrap: &dyn Fn(&str) -> bool) -> Scope<'a> {
    let mut scope = Scope {
        clusters: Vec::new(),
        names_files: false,
    };
    let whole = |clusters: &mut Vec<&'a ClusterReport>| clusters.extend(&report.clusters);
    for path in paths {
        if path == "." {
            whole(&mut scope.clusters);
            continue;
        }
        let entered = report.clusters.iter().filter(|cluster| enters(cluster, path));
        let found = scope.clusters.len();
        scope.clusters.extend(entered);
        if scope.clusters.len() > found {
            continue;
        }
        scope.names_files = true;
        if let Some(cluster) = deepest(report, path) {
            scope.clusters.push(cluster);
        } else if !is_bootstrap(path) {
            // A base that clusters share: all of them may read it. What none reads has findings of its own, if any.
            let attached = report.clusters.iter().filter(|cluster| !is_unattached(cluster));
            scope.clusters.extend(attached);
            if scope.clusters.is_empty() {
                whole(&mut scope.clusters);
            }
        }
    }
    scope
}

/// The group of what no cluster reaches.
fn is_unattached(cluster: &ClusterReport) -> bool {
    cluster.name.starts_with('(')
}

/// The folder of a cluster's entry point, where it has one: `(unattached)` and remote clusters have none.
fn folder(cluster: &ClusterReport) -> Option<&str> {
    let name = cluster.name.as_str();
    let name = name.split_once('#').map_or(name, |(folder, _)| folder);
    (!is_unattached(cluster) && !name.contains('@')).then_some(name)
}

/// Whether a cluster's entry point lies at or under a path. Its name is less a final `/flux-system`.
fn enters(cluster: &ClusterReport, path: &str) -> bool {
    folder(cluster).is_some_and(|folder| under(folder, path) || join(folder, "flux-system") == path)
}

fn deepest<'a>(report: &'a Report, path: &str) -> Option<&'a ClusterReport> {
    let holding = |cluster: &&ClusterReport| folder(cluster).is_some_and(|folder| under(path, folder));
    report
        .clusters
        .iter()
        .filter(holding)
        .max_by_key(|cluster| folder(cluster).map(str::len))
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() {
        name.to_owned()
    } else {
        format!("{folder}/{name}")
    }
}

/// Whether a path is a folder or lies below it. The root is `` or `.`.
fn under(path: &str, folder: &str) -> bool {
    let folder = folder.trim_start_matches("./").trim_end_matches('/');
    let below = path.strip_prefix(folder);
    matches!(folder, "" | ".") || below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn ours(id: &str, row: &Row, scope: &Scope<'_>, report: &Report) -> Ours {
    let control = id.to_owned();
    if scope.names_files
        && let Some((result, why)) = at_paths(id, &row.paths, report)
    {
        return Ours {
            control,
            result: Some(result),
            why,
        };
    }
    let results = scope.clusters.iter().filter_map(|cluster| {
        let entry = cluster.controls.iter().find(|control| control.id == id)?;
        let elsewhere = scope.names_files && has_findings(entry.result);
        let result = if elsewhere { ControlResult::Pass } else { entry.result };
        Some((result, why(report, cluster, id, &entry.reason, elsewhere)))
    });
    match results.max_by_key(|(result, _)| rank(*result)) {
        Some((result, why)) => Ours {
            control,
            result: Some(result),
            why,
        },
        None => Ours {
            control,
            result: None,
            why: "no cluster there".into(),
        },
    }
}

/// The worst finding located or related at or under the paths.
fn at_paths(id: &str, paths: &[String], report: &Report) -> Option<(ControlResult, String)> {
    let touches = |finding: &&Finding| {
        let related = finding.related.iter().filter_map(|related| related.location.as_ref());
        let mut places = related.chain([&finding.location]);
        finding.control == id && places.any(|place| paths.iter().any(|path| under(&place.source, path)))
    };
    // A finding there decides by fail, else warn, else unknown: other than over a cluster.
    let rank = |result| match result {
        ControlResult::Fail => 3,
        ControlResult::Warn => 2,
        _ => 1,
    };
    let worst = report
        .findings
        .iter()
        .filter(touches)
        .max_by_key(|finding| rank(finding.result))?;
    Some((worst.result, describe(worst)))
}

fn why(report: &Report, cluster: &ClusterReport, id: &str, reason: &str, elsewhere: bool) -> String {
    let of_control = |finding: &&Finding| finding.control == id && finding.cluster == cluster.name;
    let finding = report
        .findings
        .iter()
        .filter(of_control)
        .max_by_key(|finding| rank(finding.result));
    let detail = match (finding, elsewhere) {
        (Some(finding), true) => format!("elsewhere: {}", describe(finding)),
        (Some(finding), false) => describe(finding),
        (None, _) => reason.to_owned(),
    };
    format!("{} ({detail})", cluster.name)
}

fn describe(finding: &Finding) -> String {
    let at = &finding.location;
    format!("{}:{} {}: {}", at.source, at.line, finding.object.name, finding.message)
}

fn has_findings(result: ControlResult) -> bool {
    matches!(
        result,
        ControlResult::Fail | ControlResult::Unknown | ControlResult::Warn
    )
}

/// Which result of several clusters counts: the worst.
fn rank(result: ControlResult) -> u8 {
    match result {
        ControlResult::Fail => 6,
        ControlResult::Unknown => 5,
        ControlResult::Warn => 4,
        ControlResult::Manual => 3,
        ControlResult::Accepted => 2,
        ControlResult::Pass => 1,
        ControlResult::NotApplicable => 0,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn report(clusters: &[(&str, &[(&str, &str)])], findings: &[(&str, &str, &str, &str)]) -> Report {
        let clusters: Vec<Value> = clusters
            .iter()
            .map(|(name, controls)| {
                let controls: Vec<Value> = controls
                    .iter()
                    .map(|(id, result)| {
                        json!({"id": id, "result": result, "severity": "high", "inferred": false, "reason": "because",
                            "objects": {"pass": 0, "fail": 0, "warn": 0, "unknown": 0, "manual": 0, "accepted": 0}})
                    })
                    .collect();
                json!({"name": name, "fluxVersion": null, "controls": controls})
            })
            .collect();
        let object = json!({"apiVersion": "v1", "kind": "Secret", "namespace": "a", "name": "b"});
        let place = |source: &str| json!({"source": format!("/repo/{source}"), "line": 3, "column": 1});
        let findings: Vec<Value> = findings
            .iter()
            .map(|(id, result, source, related)| {
                let related: Vec<Value> = [related]
                    .iter()
                    .filter(|related| !related.is_empty())
                    .map(|related| json!({"object": object, "pointer": "", "location": place(related)}))
                    .collect();
                json!({"cluster": "a", "control": id, "result": result, "severity": "high", "object": object,
                    "pointer": "", "location": place(source), "message": "m", "related": related, "fix": []})
            })
            .collect();
        let report = json!({"apiVersion": policy_core::API_VERSION, "kind": "Report", "verdict": "fail", "mode": "render",
            "profiles": ["base"], "clusters": clusters, "findings": findings, "exceptions": [], "evidence": [],
            "suggestions": [], "skipped": {"files": 0}, "problems": []});
        let mut report = serde_json::from_value(report).expect("a report");
        strip(&mut report, "/repo");
        report
    }

    fn row(paths: &[&str], control: &str, verdict: &str) -> Row {
        let row = json!({"repo": "o/r", "paths": paths, "control": control, "verdict": verdict, "confidence": "high"});
        serde_json::from_value(row).expect("a row")
    }

    /// Whether it agrees, and what the first control says.
    fn scored(row: &Row, report: &Report) -> (bool, Option<ControlResult>) {
        let known = ["A", "B"].map(str::to_owned).into();
        let score = score(row, report, &known, &|path| path.ends_with("flux-system"));
        assert_eq!(score.standing, Standing::Counted);
        (score.agrees(), score.ours[0].result)
    }

    #[test]
    fn every_verdict_agrees_with_its_results_only() {
        let agreeing = [
            ("pass", &["pass", "not-applicable"][..]),
            ("fail", &["fail"]),
            ("not determinable", &["unknown", "manual", "not-applicable"]),
        ];
        for (verdict, agreeing) in agreeing {
            for result in [
                "fail",
                "unknown",
                "warn",
                "manual",
                "accepted",
                "pass",
                "not-applicable",
            ] {
                let report = report(&[("clusters/a", &[("A", result)])], &[]);
                let row = row(&["clusters/a/flux-system"], "A", verdict);
                assert_eq!(
                    scored(&row, &report).0,
                    agreeing.contains(&result),
                    "{verdict} {result}"
                );
            }
        }
    }

    #[test]
    fn two_controls_have_to_agree_both() {
        let row = row(&["."], "A/B", "pass");
        assert!(scored(&row, &report(&[("a", &[("A", "pass"), ("B", "pass")])], &[])).0);
        assert!(!scored(&row, &report(&[("a", &[("A", "pass"), ("B", "manual")])], &[])).0);
        assert!(!scored(&row, &report(&[("a", &[("A", "pass")])], &[])).0);
    }

    #[test]
    fn a_path_belongs_to_the_clusters_that_enter_there() {
        let a = [("A", "fail")];
        let b = [("A", "pass")];
        let report = report(
            &[
                ("clusters/a", &a),
                ("clusters/b#ns/x", &b),
                ("clusters/a@ns/remote", &b),
            ],
            &[],
        );
        for (path, result) in [
            ("clusters/a/flux-system", Some(ControlResult::Fail)),
            ("clusters/a", Some(ControlResult::Fail)),
            ("clusters/b/flux-system", Some(ControlResult::Pass)),
            ("clusters", Some(ControlResult::Fail)),
            (".", Some(ControlResult::Fail)),
            // An entry point that was not found is not another cluster's.
            ("clusters/c/flux-system", None),
        ] {
            assert_eq!(scored(&row(&[path], "A", "pass"), &report).1, result, "{path}");
        }
    }

    #[test]
    fn a_path_inside_a_cluster_is_the_deepest_ones() {
        let clusters: [(&str, &[(&str, &str)]); 2] = [("a", &[("A", "manual")]), ("a/b", &[("A", "pass")])];
        let report = report(&clusters, &[]);
        assert_eq!(
            scored(&row(&["a/b/x.yaml"], "A", "pass"), &report).1,
            Some(ControlResult::Pass)
        );
        assert_eq!(
            scored(&row(&["a/c.yaml"], "A", "pass"), &report).1,
            Some(ControlResult::Manual)
        );
        assert_eq!(
            scored(&row(&["a/bc.yaml"], "A", "pass"), &report).1,
            Some(ControlResult::Manual)
        );
    }

    #[test]
    fn files_are_judged_by_the_findings_there() {
        let findings = [
            ("A", "unknown", "base/x.yaml", ""),
            ("A", "warn", "base/x.yaml", ""),
            ("A", "fail", "other.yaml", "base/y.yaml"),
            ("B", "fail", "base/x.yaml", ""),
        ];
        let report = report(&[("a", &[("A", "fail"), ("B", "fail")])], &findings);
        for (paths, result) in [
            (&["base/x.yaml"][..], ControlResult::Warn),
            (&["base/y.yaml"], ControlResult::Fail),
            (&["base"], ControlResult::Fail),
            (&["base/x.yaml", "other.yaml"], ControlResult::Fail),
            // Another file's finding.
            (&["base/z.yaml"], ControlResult::Pass),
            (&["base/x.yam"], ControlResult::Pass),
        ] {
            assert_eq!(scored(&row(paths, "A", "pass"), &report).1, Some(result), "{paths:?}");
        }
    }

    #[test]
    fn a_shared_base_is_the_clusters_that_there_are() {
        let (pass, manual) = ([("A", "pass")], [("A", "manual")]);
        let of = |clusters: &[(&str, &[(&str, &str)])]| {
            let report = report(clusters, &[]);
            scored(&row(&["bases/x"], "A", "pass"), &report).1
        };
        assert_eq!(
            of(&[("a", &pass), ("b@ns/c", &pass), ("(unattached)", &manual)]),
            Some(ControlResult::Pass)
        );
        assert_eq!(
            of(&[("a", &manual), ("(unattached)", &pass)]),
            Some(ControlResult::Manual)
        );
        assert_eq!(of(&[("(unattached)", &manual)]), Some(ControlResult::Manual));
    }

    #[test]
    fn the_worst_of_several_clusters_counts() {
        let worst_first = ["fail", "unknown", "warn", "manual", "pass", "not-applicable"];
        for pair in worst_first.windows(2) {
            for order in [[0, 1], [1, 0]] {
                let [one, two] = order.map(|at| [("A", pair[at])]);
                let report = report(&[("a", &one), ("b", &two)], &[]);
                let result = scored(&row(&["."], "A", "pass"), &report).1.expect("a result");
                assert_eq!(serde_json::to_value(result).expect("a value"), pair[0]);
            }
        }
    }

    #[test]
    fn what_fails_and_passes_is_told_apart() {
        for (verdict, results, red) in [
            ("fail", ["pass", "fail"], true),
            ("fail", ["not-applicable", "fail"], true),
            ("fail", ["warn", "unknown"], false),
            ("pass", ["pass", "pass"], false),
        ] {
            let report = report(&[("a", &[("A", results[0]), ("B", results[1])])], &[]);
            let known = ["A", "B"].map(str::to_owned).into();
            let row = row(&["."], "A/B", verdict);
            assert_eq!(
                score(&row, &report, &known, &|_| false).passes_a_failure(),
                red,
                "{results:?}"
            );
        }
    }

    #[test]
    fn medium_rows_and_unknown_controls_do_not_count() {
        let report = report(&[("a", &[("A", "pass")])], &[]);
        let known = ["A".to_owned()].into();
        let mut row = row(&["."], "A/Z", "pass");
        assert_eq!(
            score(&row, &report, &known, &|_| false).standing,
            Standing::NoSuchControl
        );
        row.control = "A".into();
        row.confidence = Confidence::Medium;
        assert_eq!(score(&row, &report, &known, &|_| false).standing, Standing::Medium);
    }
}
