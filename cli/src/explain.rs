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

/// Everything that METADATA says: a key that is added there has to be named here.
fn page(control: &Control) -> String {
    let Control {
        id,
        slug,
        title,
        description,
        severity,
        profiles,
        assessment,
        modes,
        kinds,
        reads,
        origin,
        rationale,
        audit,
        remediation,
        since,
        params,
        redact,
        aliases,
        deprecated,
        related_resources,
    } = control;
    let mut text = format!("{id}  {title}\n\n{description}\n\n");
    let none = |list: String| if list.is_empty() { "none".to_owned() } else { list };
    let mut fields = vec![
        ("slug", slug.clone()),
        ("severity", word(severity)),
        ("profiles", words(profiles)),
        ("assessment", word(assessment)),
        ("modes", words(modes)),
        ("kinds", none(words(kinds))),
        ("reads", none(words(reads))),
        ("origin", origin.clone()),
        ("since", since.clone()),
    ];
    if *redact {
        fields.push(("redact", "the lines that it finds are not shown".to_owned()));
    }
    if !aliases.is_empty() {
        fields.push(("aliases", aliases.join(", ")));
    }
    if let Some(reason) = deprecated {
        fields.push(("deprecated", reason.clone()));
    }
    for (name, value) in fields {
        let _infallible = writeln!(text, "{:<12} {value}", format!("{name}:"));
    }
    let parameters: String = params.iter().map(|(name, schema)| parameter(name, schema)).collect();
    let links = related_resources
        .iter()
        .map(|page| format!("{}: {}\n", page.description, page.reference))
        .collect();
    for (name, body) in [
        ("Why", rationale),
        ("How to check", audit),
        ("How to mend it", remediation),
        ("Parameters", &none(parameters)),
        ("More", &none(links)),
    ] {
        let _infallible = write!(text, "\n{name}\n\n{}\n", body.trim_end());
    }
    text
}

fn parameter(name: &str, schema: &serde_json::Value) -> String {
    let get = |key: &str| {
        schema.get(key).map_or_else(String::new, |value| match value {
            serde_json::Value::String(text) => text.clone(),
            other => other.to_string(),
        })
    };
    let default = schema.get("default").map_or_else(String::new, ToString::to_string);
    format!("{name} ({}, default {default}): {}\n", get("type"), get("description"))
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
