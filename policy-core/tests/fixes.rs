//! Every JSON patch that a finding offers mends it: on the patched object the control no longer says the same.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may"
)]

mod common;

use policy_core::{Catalog, Engine, Finding, ObjectRef, Report, Source, SourceId};
use serde_json::Value;

use common::{Fixture, fixtures};

#[test]
fn every_fix_mends() {
    let mut tried = 0;
    let mut wrong = Vec::new();
    for fixture in fixtures() {
        let engine = fixture.engine(Catalog::builtin().unwrap());
        let documents = documents(&fixture, &engine);
        let check = |documents: &[Value]| engine.check(fixture.request(&Value::from(documents).to_string()));
        let report = check(&documents);
        for finding in report.findings.iter().filter(|finding| !finding.fix.is_empty()) {
            tried += 1;
            let mut mended = documents.clone();
            let object = mended.iter_mut().find(|document| is(document, &finding.object));
            let object = object.expect("the object of the finding");
            let applied: Result<(), String> = finding.fix.iter().try_for_each(|operation| apply(object, operation));
            let place = format!(
                "{}: {} {}",
                fixture.name,
                finding.pointer,
                Value::from(finding.fix.clone())
            );
            match applied {
                Err(why) => wrong.push(format!("{place}: {why}")),
                Ok(()) if says(&check(&mended), finding) => wrong.push(format!("{place}: it is still found")),
                Ok(()) => {}
            }
        }
    }
    assert!(tried > 200, "{tried} fixes");
    assert!(wrong.is_empty(), "{wrong:#?}");
}

fn documents(fixture: &Fixture, engine: &Engine) -> Vec<Value> {
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

fn is(document: &Value, object: &ObjectRef) -> bool {
    let metadata = &document["metadata"];
    document["apiVersion"] == object.api_version
        && document["kind"] == object.kind
        && metadata["name"] == object.name
        && metadata["namespace"].as_str().unwrap_or_default() == object.namespace
}

/// Whether the same is said of the same object, wherever in it: a patch may move the place.
fn says(report: &Report, finding: &Finding) -> bool {
    let same = |other: &Finding| {
        (&other.control, &other.object, &other.message) == (&finding.control, &finding.object, &finding.message)
            && other.pointer == finding.pointer
    };
    report.findings.iter().any(same)
}

/// One operation of RFC 6902, of the kinds that the rules offer.
fn apply(object: &mut Value, operation: &Value) -> Result<(), String> {
    let text = |name: &str| operation[name].as_str().ok_or(format!("no {name}"));
    let (parent, last) = text("path")?.rsplit_once('/').ok_or("the whole object")?;
    let last = last.replace("~1", "/").replace("~0", "~");
    let parent = object.pointer_mut(parent).ok_or("the parent is missing")?;
    let value = operation.get("value").cloned();
    match (text("op")?, parent, value) {
        ("add", Value::Array(items), Some(value)) if last == "-" => items.push(value),
        ("add", Value::Array(items), Some(value)) => {
            let at = last.parse().map_err(|_| "no index")?;
            if at > items.len() {
                return Err("the index is out of bounds".into());
            }
            items.insert(at, value);
        }
        ("add", Value::Object(members), Some(value)) => _ = members.insert(last, value),
        ("replace", parent, Some(value)) => *child(parent, &last)? = value,
        ("remove", Value::Object(members), None) => {
            members.remove(&last).ok_or("nothing to remove")?;
        }
        ("remove", Value::Array(items), None) => {
            let at: usize = last.parse().map_err(|_| "no index")?;
            if at >= items.len() {
                return Err("nothing to remove".into());
            }
            items.remove(at);
        }
        _ => return Err("no such operation".into()),
    }
    Ok(())
}

fn child<'v>(parent: &'v mut Value, key: &str) -> Result<&'v mut Value, String> {
    let found = match parent {
        Value::Array(items) => key.parse().ok().and_then(|at: usize| items.get_mut(at)),
        Value::Object(members) => members.get_mut(key),
        _ => None,
    };
    found.ok_or("nothing to replace".into())
}
