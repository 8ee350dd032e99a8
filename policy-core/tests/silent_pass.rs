//! The silent-pass hunter: in every fail fixture each node outside of the findings is deleted, and each scalar gets another
//! type. A fail that so becomes a pass, or not applicable, is a way to slip through.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "tests may"
)]

mod common;

use policy_core::{Catalog, Engine, Report, Source, SourceId};
use rayon::prelude::*;
use serde_json::Value;

use common::{Fixture, fixtures, result};

#[test]
fn no_single_change_hides_a_failure() {
    let fixtures = fixtures();
    let failing: Vec<&Fixture> = fixtures.iter().filter(|fixture| fixture.expected() == "fail").collect();
    let hunts: Vec<Hunt> = failing.into_par_iter().map(hunt).collect();
    let count = |of: fn(&Hunt) -> usize| hunts.iter().map(of).sum::<usize>();
    println!(
        "{} changes, {} of identity nodes",
        count(|hunt| hunt.changes),
        count(|hunt| hunt.excused)
    );
    let mut escapes: Vec<&String> = hunts.iter().flat_map(|hunt| &hunt.escapes).collect();
    escapes.sort();
    assert!(
        escapes.is_empty(),
        "{} escapes:\n{}",
        escapes.len(),
        escapes.iter().map(|e| format!("{e}\n")).collect::<String>()
    );
}

/// What became of one fixture.
#[derive(Default)]
struct Hunt {
    changes: usize,
    excused: usize,
    escapes: Vec<String>,
}

fn hunt(fixture: &Fixture) -> Hunt {
    assert!(
        fixture.options.identity.len() <= 3,
        "{}: more than three identity nodes",
        fixture.name
    );
    let mut hunt = Hunt::default();
    let engine = fixture.engine(Catalog::builtin().unwrap());
    let documents = documents(fixture);
    let report = engine.check(fixture.request(&Value::Array(documents.clone()).to_string()));
    if result(&report) != "fail" {
        hunt.escapes
            .push(format!("{}: as JSON the result is {}", fixture.name, result(&report)));
    }
    for (at, document) in documents.iter().enumerate() {
        let Some(object) = ObjectName::of(document) else {
            continue;
        };
        let protected = protected(&report, &object);
        for pointer in pointers(document) {
            if protected.iter().any(|path| overlap(path, &pointer)) {
                continue;
            }
            for change in [Change::Delete, Change::Retype] {
                let mut changed = documents.clone();
                if !change.apply(&mut changed[at], &pointer) {
                    continue;
                }
                hunt.changes += 1;
                let report = engine.check(fixture.request(&Value::Array(changed).to_string()));
                if !report.problems.is_empty() || !["pass", "not-applicable"].contains(&result(&report).as_str()) {
                    continue;
                }
                let known = |identity: &common::Identity| {
                    identity.object == object.short() && overlap(&identity.pointer, &pointer)
                };
                if fixture.options.identity.iter().any(known) {
                    hunt.excused += 1;
                } else {
                    let (name, result) = (object.short(), result(&report));
                    hunt.escapes
                        .push(format!("{}: {change:?} {name} {pointer}: {result}", fixture.name));
                }
            }
        }
    }
    hunt
}

#[derive(Clone, Copy, Debug)]
enum Change {
    Delete,
    Retype,
}

impl Change {
    /// Whether there was something to change.
    fn apply(self, document: &mut Value, pointer: &str) -> bool {
        match self {
            Self::Delete => {
                let (parent, last) = pointer.rsplit_once('/').unwrap();
                match document.pointer_mut(parent) {
                    Some(Value::Object(members)) => {
                        members.remove(&last.replace("~1", "/").replace("~0", "~")).is_some()
                    }
                    Some(Value::Array(items)) => {
                        items.remove(last.parse().unwrap());
                        true
                    }
                    _ => false,
                }
            }
            Self::Retype => {
                let Some(node) = document.pointer_mut(pointer) else {
                    return false;
                };
                *node = match node {
                    Value::String(_) => 7.into(),
                    Value::Number(_) => "seven".into(),
                    Value::Bool(_) => "yes".into(),
                    _ => return false,
                };
                true
            }
        }
    }
}

struct ObjectName {
    kind: String,
    namespace: String,
    name: String,
}

impl ObjectName {
    fn of(document: &Value) -> Option<Self> {
        let text = |value: &Value| value.as_str().map_or_else(String::new, str::to_owned);
        let metadata = document.get("metadata")?;
        Some(Self {
            kind: text(document.get("kind")?),
            namespace: text(&metadata["namespace"]),
            name: text(&metadata["name"]),
        })
    }

    fn short(&self) -> String {
        format!("{}/{}", self.kind, self.name)
    }
}

/// The pointers of the object that findings and their related places name, as far as they exist.
fn protected(report: &Report, object: &ObjectName) -> Vec<String> {
    let is_this = |found: &policy_core::ObjectRef| {
        found.kind == object.kind && found.name == object.name && found.namespace == object.namespace
    };
    let findings = report.findings.iter().filter(|finding| is_this(&finding.object));
    let own = findings.map(|finding| finding.pointer.clone());
    let related = report.findings.iter().flat_map(|finding| &finding.related);
    own.chain(
        related
            .filter(|related| is_this(&related.object))
            .map(|related| related.pointer.clone()),
    )
    .collect()
}

/// Whether one pointer is the other, or leads to it.
fn overlap(a: &str, b: &str) -> bool {
    format!("{a}/").starts_with(&format!("{b}/")) || format!("{b}/").starts_with(&format!("{a}/"))
}

fn documents(fixture: &Fixture) -> Vec<Value> {
    let engine = Engine::builtin().unwrap();
    let source = Source {
        id: SourceId(0),
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

/// Pointers to every node but the root.
fn pointers(value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    collect(value, String::new(), &mut found);
    found
}

fn collect(value: &Value, at: String, found: &mut Vec<String>) {
    let mut visit = |key: String, child: &Value| {
        let pointer = format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
        found.push(pointer.clone());
        collect(child, pointer, found);
    };
    match value {
        Value::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(index, item)| visit(index.to_string(), item)),
        Value::Object(members) => members.iter().for_each(|(key, member)| visit(key.clone(), member)),
        _ => {}
    }
}
