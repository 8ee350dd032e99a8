//! `policies/mutants.yaml`: mutants that no test could tell from the control.

use std::collections::BTreeSet;

use anyhow::{Context, Result, anyhow, bail};
use serde::Deserialize;

use super::syntax::{Kind, Mutant};
use crate::shell;

const FILE: &str = "policies/mutants.yaml";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    control: String,
    rule: String,
    kind: Kind,
    /// The text that is changed; blanks count once.
    text: String,
    reason: String,
    #[serde(skip)]
    used: bool,
}

/// The list, and what it has explained.
pub(super) struct Equivalents {
    entries: Vec<Entry>,
    visited: BTreeSet<String>,
}

impl Equivalents {
    pub(super) fn read() -> Result<Self> {
        let text = std::fs::read_to_string(shell::root().join(FILE)).context(FILE)?;
        let value = policy_core::parse_value(&text).map_err(|message| anyhow!("{FILE}: {message}"))?;
        let entries: Vec<Entry> = serde_json::from_value(value).context(FILE)?;
        if let Some(entry) = entries.iter().find(|entry| entry.reason.trim().is_empty()) {
            bail!("{FILE}: {}: {}: no reason", entry.control, entry.text);
        }
        Ok(Self {
            entries,
            visited: BTreeSet::new(),
        })
    }

    /// The control's mutants come next.
    pub(super) fn visit(&mut self, slug: &str) {
        self.visited.insert(slug.to_owned());
    }

    /// Whether the list has a survivor.
    pub(super) fn explains(&mut self, slug: &str, mutant: &Mutant) -> bool {
        let same = |entry: &&mut Entry| {
            entry.control == slug
                && entry.rule == mutant.rule
                && entry.kind == mutant.kind
                && entry.text.split_whitespace().eq(mutant.from.split_whitespace())
        };
        let mut found = false;
        for entry in self.entries.iter_mut().filter(same) {
            entry.used = true;
            found = true;
        }
        found
    }

    /// Entries of the controls visited that explain nothing. A sample may have left their mutants out.
    pub(super) fn unused(&self, whole: bool) -> Vec<String> {
        let of = |entry: &&Entry| whole && !entry.used && self.visited.contains(&entry.control);
        let unused = self.entries.iter().filter(of);
        unused
            .map(|entry| {
                format!(
                    "{FILE}: {}: {}: {:?} `{}`",
                    entry.control, entry.rule, entry.kind, entry.text
                )
            })
            .collect()
    }
}
