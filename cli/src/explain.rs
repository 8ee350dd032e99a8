//! `flux-audit explain` and `flux-audit controls`.

use std::fmt::Write;
use std::process::ExitCode;

use policy_core::{Control, Engine};

use crate::args::{Controls, Explain, FormatArg};
use crate::{Failure, output};

pub(crate) fn explain(options: &Explain) -> Result<ExitCode, Failure> {
    let engine = Engine::builtin().map_err(|error| error.to_string())?;
    let wanted = options.control.as_str();
    let named = |control: &&Control| {
        control.id.eq_ignore_ascii_case(wanted)
            || control.slug == wanted
            || control.aliases.iter().any(|alias| alias == wanted)
    };
    let control = engine.controls().iter().find(named);
    let control = control.ok_or_else(|| format!("there is no control `{wanted}`; `flux-audit controls` lists them"))?;
    output::to_stdout(&match options.format {
        FormatArg::Text => page(control),
        FormatArg::Json => json(control)?,
    })?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn controls(options: &Controls) -> Result<ExitCode, Failure> {
    let engine = Engine::builtin().map_err(|error| error.to_string())?;
    output::to_stdout(&match options.format {
        FormatArg::Text => table(engine.controls()),
        FormatArg::Json => json(engine.controls())?,
    })?;
    Ok(ExitCode::SUCCESS)
}

fn page(control: &Control) -> String {
    let Control {
        id,
        title,
        severity,
        assessment,
        slug,
        since,
        origin,
        ..
    } = control;
    let mut text = format!("{id}  {title}\n\n{}\n\n", control.description);
    let mut field = |name: &str, value: String| {
        if !value.is_empty() {
            let _infallible = writeln!(text, "{:<12} {value}", format!("{name}:"));
        }
    };
    field("slug", slug.clone());
    field("severity", word(severity));
    field("profiles", words(&control.profiles));
    field("assessment", word(assessment));
    field("modes", words(&control.modes));
    field("kinds", words(&control.kinds));
    field("reads", words(&control.reads));
    field("origin", origin.clone());
    field("since", since.clone());
    field("aliases", control.aliases.join(", "));
    field("deprecated", control.deprecated.clone().unwrap_or_else(String::new));
    for (name, body) in [
        ("Why", &control.rationale),
        ("How to check", &control.audit),
        ("How to mend it", &control.remediation),
    ] {
        let _infallible = write!(text, "\n{name}\n\n{body}\n");
    }
    if !control.params.is_empty() {
        text += "\nParameters\n\n";
    }
    for (name, schema) in &control.params {
        let get = |key: &str| {
            schema.get(key).map_or_else(String::new, |value| match value {
                serde_json::Value::String(text) => text.clone(),
                other => other.to_string(),
            })
        };
        let default = schema.get("default").map_or_else(String::new, ToString::to_string);
        let _infallible = writeln!(
            text,
            "{name} ({}, default {default}): {}",
            get("type"),
            get("description")
        );
    }
    if !control.related_resources.is_empty() {
        text += "\nMore\n\n";
    }
    for page in &control.related_resources {
        let _infallible = writeln!(text, "{}: {}", page.description, page.reference);
    }
    text
}

fn table(controls: &[Control]) -> String {
    controls.iter().fold(String::new(), |mut text, control| {
        let Control {
            id,
            severity,
            assessment,
            title,
            ..
        } = control;
        let (severity, assessment, profiles) = (word(severity), word(assessment), words(&control.profiles));
        let _infallible = writeln!(text, "{id:<10} {severity:<9} {profiles:<24} {assessment:<10} {title}");
        text
    })
}

fn json(value: &(impl serde::Serialize + ?Sized)) -> Result<String, Failure> {
    serde_json::to_string_pretty(value)
        .map(|text| text + "\n")
        .map_err(|error| error.to_string())
}

/// A value by the name that its JSON form has.
fn word(value: &impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => text,
        Ok(other) => other.to_string(),
        Err(error) => error.to_string(),
    }
}

fn words(values: &[impl serde::Serialize]) -> String {
    values.iter().map(word).collect::<Vec<_>>().join(", ")
}
