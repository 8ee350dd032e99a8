//! The file of a cluster that a patch of its controllers belongs into.

use std::collections::BTreeMap;

use super::insert::{self, Inserted};
use super::items::{self, Items, Order};
use crate::api::{CheckRequest, SourceFile};
use crate::effective::UNATTACHED;
use crate::effective::kustomize::KUSTOMIZATION_NAMES;
use crate::engine::{parse, source_id};
use crate::limits::Limits;
use crate::report::{Finding, Report};
use crate::source::Source;
use crate::tree::Node;

/// A list of patches, there or to be made.
pub(super) struct Home {
    pub(super) file: String,
    document: usize,
    keys: &'static [&'static str],
}

/// The home of each cluster that lacks something, or why it has none.
pub(super) fn homes(
    request: &CheckRequest,
    report: &Report,
    limits: &Limits,
) -> BTreeMap<String, Result<Home, String>> {
    let mut homes = BTreeMap::new();
    for finding in report.findings.iter().filter(|finding| items::mends(finding)) {
        let found = || home(request, finding, limits);
        homes.entry(finding.cluster.clone()).or_insert_with(found);
    }
    homes
}

impl Home {
    /// Its file with more patches.
    pub(super) fn insert(&self, file: &SourceFile, items: &Items) -> Result<Inserted, String> {
        let first = insert::first_key(&file.text, self.document, self.keys);
        let order = match first.as_deref() {
            Some("patch") => Order::PatchFirst,
            _ => Order::TargetFirst,
        };
        insert::append(&file.text, self.document, self.keys, &items.lines(order))
            .map_err(|why| format!("{} cannot be continued: {why}", self.file))
    }
}

fn home(request: &CheckRequest, finding: &Finding, limits: &Limits) -> Result<Home, String> {
    if let Some((document, kind)) = written_in(request, finding, limits) {
        match kind.as_str() {
            "FluxInstance" => {
                return Ok(Home {
                    file: finding.location.source.clone(),
                    document,
                    keys: &["spec", "kustomize", "patches"],
                });
            }
            "HelmRelease" => {
                return Err("a Helm chart installs the controllers: set the arguments in its values".into());
            }
            _ => {}
        }
    }
    if finding.cluster == UNATTACHED {
        return Err("no cluster reaches the controllers, so it is not known where a patch belongs".into());
    }
    let name = finding
        .cluster
        .split_once('#')
        .map_or(finding.cluster.as_str(), |(name, _)| name);
    let folders = match name {
        "." => ["flux-system/".to_owned(), String::new()],
        name => [format!("{name}/flux-system/"), format!("{name}/")],
    };
    let mut files = folders
        .iter()
        .flat_map(|folder| KUSTOMIZATION_NAMES.map(|name| format!("{folder}{name}")));
    let file = files.find(|path| request.sources.iter().any(|source| source.name == *path));
    let file = file.ok_or_else(|| {
        let [folder, _] = &folders;
        format!("there is no {folder}kustomization.yaml: write one, with the files beside it as its `resources`")
    })?;
    Ok(Home {
        file,
        document: 0,
        keys: &["patches"],
    })
}

/// The document that a finding points into: its number and kind.
fn written_in(request: &CheckRequest, finding: &Finding, limits: &Limits) -> Option<(usize, String)> {
    let file = request
        .sources
        .iter()
        .find(|source| source.name == finding.location.source)?;
    let source = Source {
        id: source_id(0),
        name: file.name.clone(),
        bytes: file.text.clone().into(),
    };
    let parsed = parse(&source, limits);
    let begins = |root: &Node| parsed.text.position(root.span.start).line;
    let documents = parsed.documents.iter().map(|document| &document.root).enumerate();
    let (at, root) = documents
        .take_while(|(_, root)| begins(root) <= finding.location.line)
        .last()?;
    Some((at, root.text_at(&["kind"])?.to_owned()))
}
