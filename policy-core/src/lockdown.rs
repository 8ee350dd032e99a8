//! The lock-down patch: the text that adds the flags which the controllers of a repository lack, where it belongs.
//!
//! The flags are the fixes of the findings. The patch goes into the kustomization beside `gotk-components.yaml`, or into
//! the FluxInstance. Nothing is promised that was not tried: the repository is audited again with the patch in it, what
//! that does not mend is left out, and what the patch brings up elsewhere is told.

mod home;
mod insert;
mod items;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use self::home::{Home, homes};
use self::insert::Inserted;
use self::items::Items;
use crate::api::CheckRequest;
use crate::catalog::Mode;
use crate::engine::Engine;
use crate::error::Problem;
use crate::report::{ControlResult, Finding, ObjectRef, Report};

/// How often what a patch brings up is mended too: a default service account asks for one on the platform's sync.
const ROUNDS: usize = 3;

/// What locks the controllers of a repository down.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LockDown {
    /// One for each file to change.
    pub patches: Vec<LockDownPatch>,
    /// What fails for a flag and no patch mends, with the reason.
    pub not_offered: Vec<NotOffered>,
    /// What fails only once the patches are applied; mend it before.
    pub opened: Vec<Finding>,
}

/// A change of one file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LockDownPatch {
    /// The cluster that it is for.
    pub cluster: String,
    /// The file.
    pub source: String,
    /// The lines to paste.
    pub patch: String,
    /// The number of the line after which they belong.
    pub after: u32,
    /// The file with them, and with those of the patches before this one.
    pub text: String,
    /// The findings that it mends.
    pub mends: Vec<Finding>,
}

/// Flags that no patch adds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct NotOffered {
    /// The cluster.
    pub cluster: String,
    /// Why, and what to do instead.
    pub reason: String,
    /// The findings that stay.
    pub findings: Vec<Finding>,
}

impl Engine {
    /// The patches that add what the controllers of a repository lack, each tried. Only a repository, mode `git`, has a place
    /// for them.
    pub fn lock_down(&self, request: &CheckRequest) -> LockDown {
        let before = self.check(request.clone().into());
        if before.mode != Mode::Git {
            let reason = "a patch belongs into a repository: check it in mode git";
            return Plan::new(request, BTreeMap::new()).conclude(&before, &before, Some(reason));
        }
        let mut plan = Plan::new(request, homes(request, &before, self.limits()));
        let mut after = before.clone();
        for _ in 0..ROUNDS {
            if !plan.add(&after) {
                break;
            }
            after = self.check(plan.apply().into());
        }
        if plan.drop_useless(&after) {
            after = self.check(plan.apply().into());
        }
        let harm = after
            .problems
            .iter()
            .find(|problem| !is_among(problem, &before.problems));
        let harm = harm.map(|problem| format!("with the patch something cannot be read any more: {}", problem.message));
        plan.conclude(&before, &after, harm.as_deref())
    }
}

/// Whether there was such a problem; its line may have moved.
fn is_among(problem: &Problem, known: &[Problem]) -> bool {
    let same = |other: &Problem| other.code == problem.code && other.message == problem.message;
    known.iter().any(same)
}

/// What to change.
struct Plan<'r> {
    request: &'r CheckRequest,
    /// By cluster, or why it has none.
    homes: BTreeMap<String, Result<Home, String>>,
    /// By cluster.
    items: BTreeMap<String, Items>,
}

impl<'r> Plan<'r> {
    fn new(request: &'r CheckRequest, homes: BTreeMap<String, Result<Home, String>>) -> Self {
        Self {
            request,
            homes,
            items: BTreeMap::new(),
        }
    }

    /// Takes up what mends a report's failures; whether there is anything new.
    fn add(&mut self, report: &Report) -> bool {
        let mut added = false;
        for finding in failures(report) {
            if matches!(self.homes.get(&finding.cluster), Some(Ok(_))) {
                added |= self.items.entry(finding.cluster.clone()).or_default().add(finding);
            }
        }
        added
    }

    /// Drops what did not mend anything; whether there was any.
    fn drop_useless(&mut self, after: &Report) -> bool {
        let left = keys(after);
        let mut dropped = false;
        for items in self.items.values_mut() {
            dropped |= items.retain(&left);
        }
        self.items.retain(|_, items| !items.is_empty());
        dropped
    }

    /// The request with every patch in its file. A file that cannot be changed is no home.
    fn apply(&mut self) -> CheckRequest {
        let mut request = self.request.clone();
        for cluster in self.items.keys().cloned().collect::<Vec<_>>() {
            match self.insert(&cluster, &request) {
                Some(Ok((at, inserted))) => {
                    if let Some(file) = request.sources.get_mut(at) {
                        file.text = inserted.text;
                    }
                }
                Some(Err(why)) => {
                    self.homes.insert(cluster.clone(), Err(why));
                    self.items.remove(&cluster);
                }
                None => drop(self.items.remove(&cluster)),
            }
        }
        request
    }

    /// The file of a cluster in a request, by its number, with the cluster's patches.
    fn insert(&self, cluster: &str, request: &CheckRequest) -> Option<Result<(usize, Inserted), String>> {
        let (Ok(home), items) = (self.homes.get(cluster)?, self.items.get(cluster)?) else {
            return None;
        };
        let at = request.sources.iter().position(|file| file.name == home.file)?;
        let inserted = home.insert(request.sources.get(at)?, items);
        Some(inserted.map(|inserted| (at, inserted)))
    }

    /// What holds after the last trial; nothing where it did harm.
    fn conclude(self, before: &Report, after: &Report, harm: Option<&str>) -> LockDown {
        let after = if harm.is_some() { before } else { after };
        let (left, known) = (keys(after), keys(before));
        let mut lock_down = LockDown {
            patches: Vec::new(),
            not_offered: Vec::new(),
            opened: after
                .findings
                .iter()
                .filter(|finding| !known.contains(&key(finding)))
                .cloned()
                .collect(),
        };
        let mut request = self.request.clone();
        for cluster in self.items.keys().filter(|_| harm.is_none()) {
            let Some(Ok((at, inserted))) = self.insert(cluster, &request) else {
                continue;
            };
            let Some(file) = request.sources.get_mut(at) else {
                continue;
            };
            file.text.clone_from(&inserted.text);
            let is_mended = |finding: &&Finding| finding.cluster == *cluster && !left.contains(&key(finding));
            lock_down.patches.push(LockDownPatch {
                cluster: cluster.clone(),
                source: file.name.clone(),
                patch: inserted.lines,
                after: inserted.after,
                text: inserted.text,
                mends: before.findings.iter().filter(is_mended).cloned().collect(),
            });
        }
        let mut open = BTreeMap::<&str, Vec<Finding>>::new();
        for finding in failures(after).filter(|finding| known.contains(&key(finding))) {
            open.entry(&finding.cluster).or_default().push(finding.clone());
        }
        for (cluster, findings) in open {
            let reason = match (harm, self.homes.get(cluster)) {
                (Some(harm), _) => harm,
                (None, Some(Err(why))) => why,
                (None, _) => "a patch there does not reach them: change them where they are written",
            };
            lock_down.not_offered.push(NotOffered {
                cluster: cluster.to_owned(),
                reason: reason.to_owned(),
                findings,
            });
        }
        lock_down
    }
}

/// What fails and has a fix that a patch can bring.
fn failures(report: &Report) -> impl Iterator<Item = &Finding> {
    let is_open = |finding: &&Finding| finding.result == ControlResult::Fail && items::mends(finding);
    report.findings.iter().filter(is_open)
}

/// What tells a finding from others, also where lines and indices have moved.
type Key = (String, String, ControlResult, ObjectRef, String);

fn key(finding: &Finding) -> Key {
    let Finding {
        cluster,
        control,
        result,
        object,
        message,
        ..
    } = finding.clone();
    (cluster, control, result, object, message)
}

fn keys(report: &Report) -> BTreeSet<Key> {
    report.findings.iter().map(key).collect()
}
