//! `mutants.yaml` in a control's folder: mutants that no test could tell from the control.

use std::collections::BTreeSet;
use std::io::ErrorKind;

use anyhow::{Context, Result, anyhow, bail};
use serde::Deserialize;

use super::syntax::{Kind, Mutant};
use crate::shell;

/// Mutants of some rules that are equivalent for one reason.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    /// Names of rules; each has a mutant that survives.
    rules: Vec<String>,
    mutation: Kind,
    /// The text that is changed; blanks count once.
    text: String,
    reason: String,
}

/// A control's list, and what it has explained: entry and rule.
pub(super) struct Equivalents {
    file: String,
    entries: Vec<Entry>,
    used: BTreeSet<(usize, String)>,
}

impl Equivalents {
    /// A control without a list has no such mutants.
    pub(super) fn read(slug: &str) -> Result<Self> {
        let file = format!("policies/flux/{slug}/mutants.yaml");
        let entries: Vec<Entry> = match std::fs::read_to_string(shell::root().join(&file)) {
            Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
            text => {
                let value = policy_core::parse_value(&text.with_context(|| file.clone())?);
                let value = value.map_err(|message| anyhow!("{file}: {message}"))?;
                serde_json::from_value(value).with_context(|| file.clone())?
            }
        };
        if let Some(entry) = entries.iter().find(|entry| entry.reason.trim().is_empty()) {
            bail!("{file}: `{}` has no reason", entry.text);
        }
        Ok(Self {
            file,
            entries,
            used: BTreeSet::new(),
        })
    }

    /// Whether the list has a survivor.
    pub(super) fn explains(&mut self, mutant: &Mutant) -> bool {
        let known = self.entries.iter().position(|entry| {
            entry.mutation == mutant.kind
                && entry.rules.contains(&mutant.rule)
                && entry.text.split_whitespace().eq(mutant.from.split_whitespace())
        });
        if let Some(at) = known {
            self.used.insert((at, mutant.rule.clone()));
        }
        known.is_some()
    }

    /// What explains nothing.
    pub(super) fn unused(&self) -> Vec<String> {
        let mut unused = Vec::new();
        for (at, entry) in self.entries.iter().enumerate() {
            let rules = entry.rules.iter();
            for rule in rules.filter(|rule| !self.used.contains(&(at, (*rule).clone()))) {
                unused.push(format!("{}: {rule}: `{}`", self.file, entry.text));
            }
        }
        unused
    }
}
