//! Go OPA's opinion of the policies: its own gates, and the same results as ours on every fixture and on mutated
//! objects.

pub(crate) mod batch;
mod cases;
mod gates;

use anyhow::{Result, bail};

use crate::scratch::Scratch;
use crate::{fixtures, shell};

/// The versions whose behaviour the policies are held to.
pub(crate) const OPA: (&str, &str, &str) = ("opa", "github.com/open-policy-agent/opa", "v1.22.2");
pub(crate) const CONFTEST: (&str, &str, &str) = ("conftest", "github.com/open-policy-agent/conftest", "v0.71.1");

/// Counts what was compared, and keeps what differs.
#[derive(Default)]
pub(crate) struct Tally {
    compared: usize,
    differences: Vec<String>,
}

impl Tally {
    /// `place` is only worked out for a difference.
    pub(crate) fn equal<T: PartialEq>(&mut self, ours: &T, theirs: &T, difference: impl FnOnce() -> String) {
        self.compared += 1;
        if ours != theirs {
            self.differences.push(difference());
        }
    }

    /// Takes what another counted.
    pub(crate) fn add(&mut self, other: Self) {
        self.compared += other.compared;
        self.differences.extend(other.differences);
    }

    /// Prints the differences and the count.
    pub(crate) fn close(self, what: &str) -> Result<()> {
        const SHOWN: usize = 50;
        for difference in self.differences.iter().take(SHOWN) {
            eprintln!("{difference}");
        }
        println!("{what}: {} compared, {} differ", self.compared, self.differences.len());
        match self.differences.len() {
            0 => Ok(()),
            more => bail!("{what}: {more} differences"),
        }
    }
}

/// Objects changed at random in a usual run.
pub(crate) const MUTATIONS: usize = 500;

/// Runs the gates and every comparison, with so many mutated objects; any difference is an error.
pub(crate) fn run(mutations: usize) -> Result<()> {
    let Some(opa) = shell::go_program(OPA.0, OPA.1, OPA.2)? else {
        return Ok(());
    };
    let scratch = Scratch::new("opa-diff")?;
    let fixtures = fixtures::all()?;
    // Each says what it has to say, whatever the others found.
    let mut failures = gates::run(&opa);
    failures.extend(cases::run(&opa, &scratch.0, &fixtures, mutations).err());
    if failures.is_empty() {
        return Ok(());
    }
    let failures: Vec<String> = failures.iter().map(|failure| format!("{failure:#}")).collect();
    bail!("{}", failures.join("\n"));
}
