//! The same verdicts in every host: which controls each decides, and that it decides them as we do.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use policy_core::{ControlResult, Engine, Report};

use crate::gatekeeper;
use crate::hosts::Hosts;
use crate::platforms::Verdicts;

/// How many verdicts on a control a host gave, all of them ours, by ID.
pub(crate) type Same = BTreeMap<String, usize>;

/// Holds what hosts decided to what they are said to decide, and prints both.
pub(crate) fn hold(found: &Verdicts) -> Result<()> {
    if found.is_empty() {
        return Ok(());
    }
    let engine = Engine::builtin()?;
    let hosts = Hosts::new(gatekeeper::has_template)?;
    let mut faults = Vec::new();
    let columns: Vec<&str> = found.iter().map(|(host, _)| host.name()).collect();
    println!("{:<11} {}", "", columns.join(" | "));
    for control in engine.controls() {
        let mut row = Vec::new();
        for (host, same) in found {
            let count = same.get(&control.id).copied().filter(|count| *count > 0);
            match (hosts.why_not(*host, control), count) {
                (None, None) => faults.push(format!("{} in {}: nothing was compared", control.id, host.name())),
                (Some(reason), Some(count)) => faults.push(format!(
                    "{} in {}: {count} verdicts, though {reason}",
                    control.id,
                    host.name()
                )),
                _ => {}
            }
            let cell = count.map_or_else(|| "-".into(), |count| count.to_string());
            row.push(format!("{cell:>width$}", width = host.name().len()));
        }
        println!("{:<11} {}", control.id, row.join(" | "));
    }
    if !faults.is_empty() {
        bail!("{}", faults.join("\n"));
    }
    println!(
        "{} controls in {} hosts, the same verdicts",
        engine.controls().len(),
        found.len()
    );
    Ok(())
}

/// The controls that a report has a result of.
pub(crate) fn decided(report: &Report) -> Vec<String> {
    let controls = report.clusters.iter().flat_map(|cluster| &cluster.controls);
    let decided = controls.filter(|control| control.result != ControlResult::NotApplicable);
    decided.map(|control| control.id.clone()).collect()
}
