//! Results to reports: their kinds, names and labels, and how many results one holds.

use std::collections::BTreeMap;

use super::objects::{Document, Entry, Metadata, Summary};
use super::{Place, SOURCE, names};
use crate::format::{ReportApi, json};
use crate::report::Report;

/// The most bytes of results in one report: etcd takes objects up to one and a half MiB.
const MOST: usize = 1 << 20;

/// The exact name of the cluster.
const CLUSTER: &str = "audit.plugin.fluxcd.io/cluster";

pub(super) fn documents(report: &Report, api: ReportApi, entries: BTreeMap<Place<'_>, Vec<Entry>>) -> Vec<Document> {
    let mut documents = Vec::new();
    for (place, entries) in entries {
        for (at, results) in split(entries).into_iter().enumerate() {
            documents.push(document(report, api, place, at, results));
        }
    }
    documents
}

fn document(report: &Report, api: ReportApi, place: Place<'_>, at: usize, results: Vec<Entry>) -> Document {
    let (cluster, namespace) = place;
    let (api_version, kinds) = match api {
        ReportApi::OpenReports => ("openreports.io/v1alpha1", ["ClusterReport", "Report"]),
        ReportApi::PolicyReport => ("wgpolicyk8s.io/v1alpha2", ["ClusterPolicyReport", "PolicyReport"]),
    };
    let [of_cluster, of_namespace] = kinds;
    Document {
        api_version,
        kind: if namespace.is_empty() { of_cluster } else { of_namespace },
        metadata: metadata(report, cluster, namespace, at),
        source: (api == ReportApi::OpenReports).then_some(SOURCE),
        summary: Summary::of(&results),
        results,
    }
}

fn metadata(report: &Report, cluster: &str, namespace: &str, at: usize) -> Metadata {
    let mut name = SOURCE.to_owned();
    let mut labels = BTreeMap::from([("app.kubernetes.io/managed-by", SOURCE.to_owned())]);
    let verdict = report.verdict.name().to_owned();
    let mut annotations = BTreeMap::from([("audit.plugin.fluxcd.io/verdict", verdict)]);
    if !cluster.is_empty() {
        let label = names::label(cluster);
        name = format!("{name}-{label}");
        labels.insert(CLUSTER, label);
        annotations.insert(CLUSTER, cluster.to_owned());
    }
    if at > 0 {
        name = format!("{name}-{}", at + 1);
    }
    Metadata {
        name,
        namespace: namespace.to_owned(),
        labels,
        annotations,
    }
}

/// Parts of which each fits into one object; at least one, be it empty.
fn split(entries: Vec<Entry>) -> Vec<Vec<Entry>> {
    let mut parts = Vec::new();
    let (mut part, mut size) = (Vec::new(), 0);
    for entry in entries {
        let bytes = json::pretty(&entry).len();
        if size + bytes > MOST && !part.is_empty() {
            parts.push(std::mem::take(&mut part));
            size = 0;
        }
        size += bytes;
        part.push(entry);
    }
    parts.push(part);
    parts
}
