//! Reports as the Kubernetes objects that dashboards of policies read, beside those of Kyverno and others.
//!
//! A cluster has one report in each namespace with findings, and one of its own for the rest: findings on objects without a
//! namespace, and a result without a resource for each control that no finding speaks of. What the audit as a whole could
//! not read or decide stands in the report `flux-audit`, which is always there.
//!
//! | Ours | `result` |
//! |---|---|
//! | pass, fail, warn | the same |
//! | unknown, a problem | `error`: the policy could not be evaluated |
//! | manual, accepted, not-applicable | `skip` |
//!
//! The property `outcome` has ours. Nothing becomes `pass` but a pass.

mod documents;
mod names;
mod objects;

use std::collections::{BTreeMap, BTreeSet};

use self::objects::{Entry, List, Outcome, Resource, Timestamp};
use super::{ReportApi, text};
use crate::catalog::Control;
use crate::family::{FAMILIES, family};
use crate::report::{ClusterReport, ControlReport, ControlResult, ExceptionReport, Finding, Report, Verdict};
use crate::time::Time;

/// Who says so, in every result.
const SOURCE: &str = "flux-audit";

/// Where a result belongs: the cluster's name, and a namespace, or an empty text for what has none.
type Place<'r> = (&'r str, &'r str);

pub(super) fn render(report: &Report, controls: &[Control], api: ReportApi, time: Option<Time>) -> String {
    let gather = Gather { report, controls, time };
    let list = List::of(documents::documents(report, api, gather.entries()));
    super::json::pretty(&list)
}

struct Gather<'r> {
    report: &'r Report,
    controls: &'r [Control],
    time: Option<Time>,
}

impl<'r> Gather<'r> {
    fn entries(&self) -> BTreeMap<Place<'r>, Vec<Entry>> {
        let report = self.report;
        let mut entries = BTreeMap::<Place<'r>, Vec<Entry>>::from([(("", ""), self.whole())]);
        // A control whose result some finding shows needs no result of its own.
        let mut shown = BTreeSet::new();
        for finding in &report.findings {
            shown.insert((finding.cluster.as_str(), finding.control.as_str(), finding.result));
            let entry = self.finding(finding, finding.result, finding.message.clone());
            entries.entry(place(finding)).or_default().push(entry);
        }
        for ExceptionReport {
            exception, findings, ..
        } in &report.exceptions
        {
            for finding in findings {
                let accepted = ControlResult::Accepted;
                shown.insert((finding.cluster.as_str(), finding.control.as_str(), accepted));
                let until = exception.expires.as_ref();
                let until = until.map_or_else(String::new, |day| format!(", until {day}"));
                let (message, reason, owner) = (&finding.message, &exception.reason, &exception.owner);
                let message = format!("{message}; accepted: {reason} ({owner}{until})");
                let entry = self.finding(finding, accepted, message);
                entries.entry(place(finding)).or_default().push(entry);
            }
        }
        for cluster in &report.clusters {
            let own = entries.entry((cluster.name.as_str(), "")).or_default();
            let unseen = |control: &&ControlReport| !shown.contains(&(&cluster.name, &control.id, control.result));
            own.extend(
                cluster
                    .controls
                    .iter()
                    .filter(unseen)
                    .map(|control| self.control(cluster, control)),
            );
            if !cluster.name.is_empty() && !report.problems.is_empty() {
                let message = format!(
                    "the audit is incomplete: {} could not be read or decided, see the report {SOURCE}",
                    report.problems.len()
                );
                own.push(self.of_the_audit("incomplete", message, &cluster.name));
            }
        }
        entries
    }

    /// What stands in the way of a verdict on everything.
    fn whole(&self) -> Vec<Entry> {
        let mut entries = Vec::new();
        for problem in &self.report.problems {
            let mut entry = self.of_the_audit(&problem.code, problem.message.clone(), "");
            if let Some(source) = &problem.source {
                entry.properties.insert("source", source.clone());
            }
            if let Some(line) = problem.line {
                entry.properties.insert("line", line.to_string());
            }
            entry.identify(&[&problem.message, problem.source.as_deref().unwrap_or("")]);
            entries.push(entry);
        }
        let is_undecided = |control: &ControlReport| control.result == ControlResult::Unknown;
        let mut controls = self.report.clusters.iter().flat_map(|cluster| &cluster.controls);
        if self.report.verdict == Verdict::Incomplete && entries.is_empty() && !controls.any(is_undecided) {
            entries.push(self.of_the_audit("incomplete", "the audit is incomplete".into(), ""));
        }
        entries
    }

    fn of_the_audit(&self, rule: &str, message: String, cluster: &str) -> Entry {
        let mut entry = self.entry(ControlResult::Unknown, message, cluster);
        entry.policy = SOURCE.into();
        entry.rule = rule.to_owned();
        entry.category = "Audit".into();
        entry.identify(&[cluster]);
        entry
    }

    fn finding(&self, finding: &Finding, result: ControlResult, message: String) -> Entry {
        let mut entry = self.entry(result, message, &finding.cluster);
        let location = &finding.location;
        entry.severity = Some(finding.severity);
        entry.resources.push(Resource::of(&finding.object));
        entry.properties.insert("pointer", finding.pointer.clone());
        entry.properties.insert("source", location.source.clone());
        entry.properties.insert("line", location.line.to_string());
        self.name(&mut entry, &finding.control);
        let object = &finding.object;
        entry.identify(&[
            &finding.cluster,
            &object.api_version,
            &object.kind,
            &object.namespace,
            &object.name,
            &finding.pointer,
            &finding.message,
            &location.source,
        ]);
        entry
    }

    /// A control on its cluster as a whole.
    fn control(&self, cluster: &ClusterReport, control: &ControlReport) -> Entry {
        let message = match control.reason.as_str() {
            "" => text::objects(control),
            reason => reason.to_owned(),
        };
        let mut entry = self.entry(control.result, message, &cluster.name);
        entry.severity = Some(control.severity);
        if control.inferred {
            entry.properties.insert("inferred", "true".into());
        }
        self.name(&mut entry, &control.id);
        entry.identify(&[&cluster.name]);
        entry
    }

    fn name(&self, entry: &mut Entry, id: &str) {
        let control = self.controls.iter().find(|control| control.id == id);
        entry.policy = control.map_or(id, |control| &control.slug).to_owned();
        entry.rule = id.to_owned();
        let family = family(id);
        let title = FAMILIES.iter().find(|(known, _)| *known == family);
        entry.category = format!("Flux: {}", title.map_or(family, |(_, title)| title));
        if let Some(control) = control {
            entry.properties.insert("title", control.title.clone());
        }
    }

    fn entry(&self, result: ControlResult, message: String, cluster: &str) -> Entry {
        let outcome = Outcome::of(result);
        let mut properties = BTreeMap::from([("outcome", result.name().to_owned())]);
        if !cluster.is_empty() {
            properties.insert("cluster", cluster.to_owned());
        }
        Entry {
            source: SOURCE,
            policy: String::new(),
            rule: String::new(),
            category: String::new(),
            severity: None,
            timestamp: self.time.map(Timestamp::of),
            result: outcome,
            scored: matches!(outcome, Outcome::Pass | Outcome::Fail),
            resources: Vec::new(),
            message,
            properties,
        }
    }
}

impl Entry {
    /// A lasting identity: without one, Policy Reporter takes findings of one message on objects of one name for the same.
    fn identify(&mut self, parts: &[&str]) {
        let outcome = self.properties.get("outcome").map_or("", String::as_str);
        let own = [self.rule.as_str(), outcome];
        let text = own.iter().chain(parts).copied().collect::<Vec<_>>().join("\0");
        let id = names::hash(&text);
        self.properties.insert("resultID", id);
    }
}

/// Where a finding is reported: in no namespace if its own cannot be one.
fn place(finding: &Finding) -> Place<'_> {
    let namespace = finding.object.namespace.as_str();
    let namespace = if names::is_label(namespace) { namespace } else { "" };
    (&finding.cluster, namespace)
}
