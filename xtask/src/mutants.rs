//! `cargo xtask mutants`: how many small mistakes in a control's rules its own tests and fixtures would notice.
//!
//! A mutant negates a condition, drops one, or swaps a constant. It is killed where `opa test` of the control fails, or
//! else where a fixture gives another result or other findings. Messages are left alone: they decide nothing. What
//! survives without a difference that a test could see is listed in the control's `mutants.yaml` with the reason.

mod equivalent;
mod fixed;
mod syntax;
mod tested;

use std::collections::BTreeSet;

use anyhow::{Result, bail};

use crate::opa_diff::OPA;
use crate::scratch::Scratch;
use crate::{fixtures, shell};
use equivalent::Equivalents;
use fixed::Fixed;
use syntax::Mutant;

/// How many of a hundred mutants must be killed.
const GOAL: usize = 95;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// The controls' slugs [default: all]
    slugs: Vec<String>,
    /// At most so many mutants of each control, evenly spread
    #[arg(long, value_name = "N")]
    sample: Option<usize>,
}

/// What became of the mutants.
#[derive(Default)]
struct Tally {
    killed: usize,
    equivalent: usize,
    survivors: Vec<String>,
    /// What is said to survive, and does not.
    unused: Vec<String>,
}

pub(crate) fn run(options: &Options) -> Result<()> {
    let Some(opa) = shell::go_program(OPA.0, OPA.1, OPA.2)? else {
        return Ok(());
    };
    let fixtures = fixtures::all()?;
    let known: BTreeSet<&str> = fixtures.iter().map(|fixture| fixture.slug.as_str()).collect();
    if let Some(slug) = options.slugs.iter().find(|slug| !known.contains(slug.as_str())) {
        bail!("no control with fixtures is called {slug}");
    }
    let mut total = Tally::default();
    let chosen = |slug: &&str| options.slugs.is_empty() || options.slugs.iter().any(|one| one == slug);
    for slug in known.into_iter().filter(chosen) {
        let control = control(&opa, slug, options, &fixtures)?;
        println!("{slug}: {}", control.figures());
        for survivor in &control.survivors {
            println!("  {survivor}");
        }
        total.add(control);
    }
    println!("all: {}", total.figures());
    if !total.unused.is_empty() {
        bail!("nothing survives that these explain:\n{}", total.unused.join("\n"));
    }
    if total.killed * 100 < GOAL * (total.killed + total.survivors.len()) {
        bail!("fewer than {GOAL} of 100 are killed");
    }
    Ok(())
}

fn control(opa: &std::path::Path, slug: &str, options: &Options, fixtures: &[fixtures::Fixture]) -> Result<Tally> {
    let mut equivalents = Equivalents::read(slug)?;
    let path = format!("policies/flux/{slug}/{slug}.rego");
    let text = std::fs::read_to_string(shell::root().join(&path))?;
    let mutants = syntax::mutants(opa, &path, &text)?;
    let mutants = spread(mutants, options.sample);
    let scratch = Scratch::new(&format!("mutants-{slug}"))?;
    let fixed = Fixed::new(slug, fixtures)?;
    let tested = tested::run(opa, &scratch.0, slug, &text, &mutants, &fixed)?;
    let mut tally = Tally {
        killed: tested.killed,
        ..Tally::default()
    };
    for mutant in tested.survivors {
        if equivalents.explains(mutant) {
            tally.equivalent += 1;
        } else {
            tally.survivors.push(format!("{path}:{mutant}"));
        }
    }
    // A sample may have left the mutants out.
    if options.sample.is_none() {
        tally.unused = equivalents.unused();
    }
    Ok(tally)
}

/// At most `most`, evenly over the whole.
fn spread(mutants: Vec<Mutant>, most: Option<usize>) -> Vec<Mutant> {
    let count = mutants.len();
    match most {
        Some(most) if most < count => {
            let taken = |at: usize| at * most / count != (at + 1) * most / count;
            let numbered = mutants.into_iter().enumerate();
            numbered
                .filter(|(at, _)| taken(*at))
                .map(|(_, mutant)| mutant)
                .collect()
        }
        _ => mutants,
    }
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.killed += other.killed;
        self.equivalent += other.equivalent;
        self.survivors.extend(other.survivors);
        self.unused.extend(other.unused);
    }

    fn figures(&self) -> String {
        format!(
            "{} killed, {} survived, {} equivalent",
            self.killed,
            self.survivors.len(),
            self.equivalent
        )
    }
}
