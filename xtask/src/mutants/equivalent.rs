//! `policies/mutants.yaml`: mutants that no test could tell from the control.

use std::collections::BTreeSet;

use anyhow::{Context, Result, anyhow, bail};
use serde::Deserialize;

use super::syntax::{Kind, Mutant};
use crate::shell;

const FILE: &str = "policies/mutants.yaml";

/// Mutants of some rules that are equivalent for one reason.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// Slugs.
    controls: Vec<String>,
    /// Names of rules; every control has a mutant of each that survives.
    rules: Vec<String>,
    mutation: Kind,
    /// The text that is changed; blanks count once.
    text: String,
    reason: String,
}

/// The list, and what it has explained: entry, control and rule.
pub(super) struct Equivalents {
    entries: Vec<Entry>,
    used: BTreeSet<(usize, String, String)>,
    visited: BTreeSet<String>,
}

impl Equivalents {
    pub(super) fn read() -> Result<Self> {
        let text = std::fs::read_to_string(shell::root().join(FILE)).context(FILE)?;
        let value = policy_core::parse_value(&text).map_err(|message| anyhow!("{FILE}: {message}"))?;
        let entries: Vec<Entry> = serde_json::from_value(value).context(FILE)?;
        if let Some(entry) = entries.iter().find(|entry| entry.reason.trim().is_empty()) {
            bail!("{FILE}: `{}` has no reason", entry.text);
        }
        Ok(Self {
            entries,
            used: BTreeSet::new(),
            visited: BTreeSet::new(),
        })
    }

    /// The control's mutants come next.
    pub(super) fn visit(&mut self, slug: &str) {
        self.visited.insert(slug.to_owned());
    }

    /// Whether the list has a survivor.
    pub(super) fn explains(&mut self, slug: &str, mutant: &Mutant) -> bool {
        let known = self.entries.iter().position(|entry| {
            entry.mutation == mutant.kind
                && entry.controls.iter().any(|control| control == slug)
                && entry.rules.contains(&mutant.rule)
                && entry.text.split_whitespace().eq(mutant.from.split_whitespace())
        });
        if let Some(at) = known {
            self.used.insert((at, slug.to_owned(), mutant.rule.clone()));
        }
        known.is_some()
    }

    /// What explains nothing, of the controls visited. A sample may have left the mutants out.
    pub(super) fn unused(&self, whole: bool) -> Vec<String> {
        let mut unused = Vec::new();
        for (at, entry) in self.entries.iter().enumerate() {
            let seen = |control: &&String| whole && self.visited.contains(*control);
            for control in entry.controls.iter().filter(seen) {
                for rule in &entry.rules {
                    if !self.used.contains(&(at, control.clone(), rule.clone())) {
                        unused.push(format!("{FILE}: {control}: {rule}: `{}`", entry.text));
                    }
                }
            }
        }
        unused
    }
}
