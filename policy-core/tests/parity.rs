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
    let mut engines: BTreeMap<String, Engines> = BTreeMap::new();
    let mutations = std::env::var("FLUX_AUDIT_MUTATIONS").map_or(MUTATIONS, |count| count.parse().unwrap());
    for fixture in &fixtures {
        engines_for(&mut engines, fixture).compare(fixture, &fixture.text, "as written");
    }
    for at in 0..mutations {
        let fixture = random.choose(&fixtures);
        let text = random.mutated(&fixture.name, &fixture.text);
        engines_for(&mut engines, fixture).compare(fixture, &text, &format!("mutation {at}: {text}"));
    }
}

/// Fixtures of one control mostly share their options, and compiling for the interpreter takes long.
fn engines_for<'e>(engines: &'e mut BTreeMap<String, Engines>, fixture: &Fixture) -> &'e Engines {
    let key = format!(
        "{} {:?} {:?}",
        fixture.control.id, fixture.options.profiles, fixture.options.params
    );
    engines.entry(key).or_insert_with(|| Engines {
        machine: fixture.engine(Catalog::builtin().unwrap()),
        interpreter: fixture.engine(interpreted(&fixture.control.slug)),
    })
}
