//! The policies and modules in the programs that load them, each with the same verdicts as ours.

use anyhow::{Result, bail};

mod apiserver;
mod reports;

use crate::shell;

/// Every host by name, in the order in which they run.
const HOSTS: &[(&str, fn() -> Result<()>)] = &[("reports", reports::run)];

/// Runs the named hosts, or all of them.
pub(crate) fn run(names: &[String]) -> Result<()> {
    if let Some(unknown) = names.iter().find(|name| HOSTS.iter().all(|(host, _)| host != name)) {
        let known: Vec<&str> = HOSTS.iter().map(|(host, _)| *host).collect();
        bail!("there is no host {unknown}; known are {}", known.join(", "));
    }
    for (host, test) in HOSTS {
        if names.is_empty() || names.iter().any(|name| name == host) {
            shell::stage(host, test)?;
        }
    }
    Ok(())
}
