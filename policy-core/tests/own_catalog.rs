//! A catalogue of one's own, on the strict interpreter.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may"
)]

mod common;

use policy_core::{Catalog, Config, Engine, Input, Mode, Request, Source, SourceId};

use common::result;

fn source(name: &str, text: String) -> Source {
    Source {
        id: SourceId(0),
        name: name.into(),
        bytes: text.into_bytes(),
    }
}

/// The METADATA of a shipped control with rules of one's own, on a Deployment of that name.
fn result_of(rules: &str, name: &str) -> String {
    let modules = Catalog::builtin_modules().unwrap();
    let shipped = modules.iter().find(|module| module.path.ends_with("/fs_group.rego"));
    let (metadata, _) = shipped.unwrap().text.split_once("\npackage ").unwrap();
    let control = format!("{metadata}\npackage flux.fs_group\n\n{rules}");
    let catalog = Catalog::load(&[source("policies/flux/fs_group/fs_group.rego", control)]).unwrap();
    let engine = Engine::new(catalog, Config::default()).unwrap();
    let deployment =
        format!("apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: flux-system}}\n");
    result(&engine.check(Request {
        inputs: vec![Input::Source(source("deployment.yaml", deployment))],
        mode: Some(Mode::Render),
        ..Request::default()
    }))
}

#[test]
fn an_else_without_a_value_is_true() {
    let rules = "\
subject if is_object(input.review.object)

violation contains {\"msg\": \"it is ours\", \"details\": {\"path\": [\"metadata\", \"name\"]}} if ours(input.review.object.metadata.name)

ours(name) := false if {
	name == \"theirs\"
} else # ours
if {
	startswith(name, \"our-\")
}
";
    assert_eq!(result_of(rules, "our-app"), "fail");
    assert_eq!(result_of(rules, "their-app"), "pass");
    assert_eq!(result_of(rules, "theirs"), "pass");
}
