//! The virtual machine takes a builtin's error for *undefined* and has quirks of its own (see `vm_source.rs`), so the
//! strict interpreter is the oracle: it raises nothing, and its reports equal the machine's, on every fixture and on
//! objects mutated at random.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests may"
)]

mod common;

use std::collections::BTreeMap;

use policy_core::{Catalog, Engine};
use rayon::prelude::*;

use common::mutation::Random;
use common::{Fixture, fixtures, interpreted, problems};

/// Mutated objects in one run; set `FLUX_AUDIT_MUTATIONS` for more.
const MUTATIONS: usize = 500;

struct Engines {
    machine: Engine,
    interpreter: Engine,
}

impl Engines {
    fn compare(&self, fixture: &Fixture, text: &str, what: &str) {
        let machine = self.machine.check(fixture.request(text));
        let interpreter = self.interpreter.check(fixture.request(text));
        let raised: Vec<String> = problems(&interpreter)
            .into_iter()
            .filter(|problem| problem.starts_with("evaluation"))
            .collect();
        assert!(
            raised.is_empty(),
            "{} {what}: the strict interpreter raises {raised:?}",
            fixture.name
        );
        assert_eq!(machine, interpreter, "{} {what}", fixture.name);
    }
}

#[test]
fn machine_and_interpreter_agree() {
    let mut random = Random::seeded();
    let fixtures = fixtures();
    let mutations = std::env::var("FLUX_AUDIT_MUTATIONS").map_or(MUTATIONS, |count| count.parse().unwrap());
    let as_written = fixtures
        .iter()
        .map(|fixture| (fixture, fixture.text.clone(), "as written".to_owned()));
    let mutated = (0..mutations).map(|at| {
        let fixture = random.choose(&fixtures);
        let text = random.mutated(&fixture.name, &fixture.text);
        let what = format!("mutation {at}: {text}");
        (fixture, text, what)
    });
    // Fixtures of one control mostly share their options, and compiling for the interpreter takes long.
    let mut alike: BTreeMap<String, Vec<(&Fixture, String, String)>> = BTreeMap::new();
    for case in as_written.chain(mutated) {
        let Fixture { control, options, .. } = case.0;
        let key = format!("{} {:?} {:?}", control.id, options.profiles, options.params);
        alike.entry(key).or_default().push(case);
    }
    alike.into_par_iter().for_each(|(_, cases)| {
        let (first, ..) = &cases[0];
        let engines = Engines {
            machine: first.engine(Catalog::builtin().unwrap()),
            interpreter: first.engine(interpreted(&first.control.slug)),
        };
        for (fixture, text, what) in cases {
            engines.compare(fixture, &text, &what);
        }
    });
}
