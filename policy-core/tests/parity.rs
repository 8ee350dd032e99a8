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
use serde_json::Value;

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
    let mut random = Random(0x5eed);
    let fixtures = fixtures();
    let mut engines: BTreeMap<String, Engines> = BTreeMap::new();
    let mutations = std::env::var("FLUX_AUDIT_MUTATIONS").map_or(MUTATIONS, |count| count.parse().unwrap());
    for fixture in &fixtures {
        engines_for(&mut engines, fixture).compare(fixture, &fixture.text, "as written");
    }
    for at in 0..mutations {
        let fixture = &fixtures[random.below(fixtures.len())];
        let mut objects = common_objects(fixture);
        random.mutate(&mut objects);
        let text = Value::Array(objects).to_string();
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

fn common_objects(fixture: &Fixture) -> Vec<Value> {
    let engine = Engine::builtin().unwrap();
    let source = policy_core::Source {
        id: policy_core::SourceId(0),
        name: fixture.name.clone(),
        bytes: fixture.text.clone().into_bytes(),
    };
    let parsed = policy_core::parse(&source, engine.limits());
    parsed
        .documents
        .iter()
        .map(|document| document.root.to_json())
        .collect()
}

/// xorshift64*: the same sequence everywhere.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        usize::try_from(self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33).unwrap() % bound
    }

    /// One to three changes, anywhere.
    fn mutate(&mut self, objects: &mut [Value]) {
        for _ in 0..=self.below(3) {
            let at = self.below(objects.len());
            let paths = pointers(&objects[at]);
            let path = paths[self.below(paths.len())].clone();
            if let Some(node) = objects[at].pointer_mut(&path) {
                *node = self.value(node);
            }
        }
    }

    fn value(&mut self, old: &Value) -> Value {
        let values = [
            Value::Null,
            true.into(),
            (-1).into(),
            1.5.into(),
            "".into(),
            "a".into(),
            "${VAR}".into(),
            "$(VAR)".into(),
            "\u{0}é\n".into(),
            Value::Array(Vec::new()),
            serde_json::json!({}),
            serde_json::json!([[null], {"name": 5}]),
            serde_json::json!({"name": ["x"], "": {}}),
            Value::Array(vec![old.clone(), old.clone()]),
            serde_json::json!({"name": old}),
        ];
        values[self.below(values.len())].clone()
    }
}

/// Pointers to every node but the root, its kind and its apiVersion.
fn pointers(value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    collect(value, String::new(), &mut found);
    found.retain(|pointer| !["", "/kind", "/apiVersion"].contains(&pointer.as_str()));
    found
}

fn collect(value: &Value, at: String, found: &mut Vec<String>) {
    let escape = |key: &str| key.replace('~', "~0").replace('/', "~1");
    match value {
        Value::Array(items) => {
            items
                .iter()
                .enumerate()
                .for_each(|(index, item)| collect(item, format!("{at}/{index}"), found));
        }
        Value::Object(members) => {
            members
                .iter()
                .for_each(|(key, member)| collect(member, format!("{at}/{}", escape(key)), found));
        }
        _ => {}
    }
    found.push(at);
}
