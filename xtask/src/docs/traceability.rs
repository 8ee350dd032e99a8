//! `docs/traceability.md`, from `policies/traceability.yaml` and the origins of the controls.

use std::collections::BTreeSet;

use anyhow::{Context, Result, anyhow};
use serde::Deserialize;

use super::{Catalogue, cell, notice};
use crate::shell::root;

const EXTENSION: &str = "extension";

/// `policies/traceability.yaml`
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Data {
    pages: Vec<Page>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Page {
    page: String,
    title: String,
    url: Option<String>,
    sections: Vec<Section>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Section {
    section: String,
    anchor: Option<String>,
    statements: Vec<Statement>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Statement {
    statement: String,
    controls: Vec<String>,
}

pub(super) fn read() -> Result<Data> {
    let text = std::fs::read_to_string(root().join("policies/traceability.yaml"))?;
    let value = policy_core::parse_value(&text).map_err(|message| anyhow!(message))?;
    serde_json::from_value(value).context("policies/traceability.yaml")
}

impl Data {
    /// Each statement with its page and section.
    fn statements(&self) -> impl Iterator<Item = (&Page, &Section, &Statement)> {
        self.pages.iter().flat_map(|page| {
            let sections = page.sections.iter();
            sections.flat_map(move |section| section.statements.iter().map(move |one| (page, section, one)))
        })
    }

    /// The IDs that some statement names.
    fn traced(&self) -> BTreeSet<&str> {
        let ids = self.statements().flat_map(|(_, _, statement)| &statement.controls);
        ids.map(String::as_str).collect()
    }
}

/// What does not fit together between statements, IDs and origins.
pub(super) fn faults(data: &Data, catalogue: &Catalogue) -> Vec<String> {
    let mut faults = Vec::new();
    for section in data.pages.iter().flat_map(|page| &page.sections) {
        if section.statements.is_empty() {
            faults.push(format!("section `{}` has no statement", section.section));
        }
    }
    for (page, section, statement) in data.statements() {
        let place = format!("{}, {}: `{}`", page.page, section.section, statement.statement);
        if statement.controls.is_empty() {
            faults.push(format!("{place} has no control"));
        }
        for id in &statement.controls {
            match catalogue.ids.get(id).map(String::as_str) {
                Some("active" | "planned") => {}
                Some(state) => faults.push(format!("{place} names {id}, which is {state}")),
                None => faults.push(format!("{place} names {id}, which policies/ids.lock does not know")),
            }
        }
    }
    let traced = data.traced();
    for control in catalogue.controls {
        let id = &control.id;
        let extension = control.origin.starts_with(EXTENSION);
        if !extension && !control.origin.contains(".md") {
            faults.push(format!("{id}: its origin names neither a page nor `{EXTENSION}`"));
        }
        if extension && traced.contains(id.as_str()) {
            faults.push(format!("{id}: its origin says `{EXTENSION}`, but a statement names it"));
        }
        if !extension && !traced.contains(id.as_str()) {
            faults.push(format!("{id}: its origin names a page, but no statement names it"));
        }
        match catalogue.ids.get(id).map(String::as_str) {
            Some("active") => {}
            state => faults.push(format!(
                "{id} has a folder, but is {} in policies/ids.lock",
                state.unwrap_or("missing")
            )),
        }
    }
    for (id, state) in &catalogue.ids {
        if state == "active" && catalogue.control(id).is_none() {
            faults.push(format!("{id} is active in policies/ids.lock, but has no folder"));
        }
    }
    faults
}

pub(super) fn page(catalogue: &Catalogue) -> Result<String> {
    Ok(render(&read()?, catalogue))
}

fn render(data: &Data, catalogue: &Catalogue) -> String {
    let mention = |id: &String| catalogue.mention(id, "controls/");
    let mut text = format!(
        "{}\n# Traceability\n\n\
         What the security pages of the Flux project say, statement by statement and in our own words, and the controls \
         that follow from it; then where each control comes from. A control marked *planned* has its ID, but cannot be \
         checked yet.\n",
        notice("policies/traceability.yaml and the METADATA of the controls")
    );
    for page in &data.pages {
        let title = match &page.url {
            Some(url) => format!("[{}]({url})", page.title),
            None => page.title.clone(),
        };
        text += &format!("\n## {title}\n\n`{}`\n", page.page);
        for section in &page.sections {
            let name = match (&page.url, &section.anchor) {
                (Some(url), Some(anchor)) => format!("[{}]({url}#{anchor})", section.section),
                _ => section.section.clone(),
            };
            text += &format!("\n### {name}\n\n| Statement | Controls |\n|---|---|\n");
            for statement in &section.statements {
                let controls: Vec<String> = statement.controls.iter().map(mention).collect();
                text += &format!("| {} | {} |\n", cell(&statement.statement), controls.join(", "));
            }
        }
    }
    let traced = data.traced();
    let beyond = catalogue.planned().filter(|id| !traced.contains(id));
    let beyond: Vec<String> = beyond.map(|id| mention(&id.to_owned())).collect();
    text += "\n## Origin of each control\n\n\
             An origin that starts with *extension* goes beyond the three pages.\n\n\
             | Control | Recommendation | Origin |\n|---|---|---|\n";
    for control in catalogue.controls {
        text += &format!(
            "| {} | {} | {} |\n",
            mention(&control.id),
            cell(&control.title),
            cell(&control.origin)
        );
    }
    if !beyond.is_empty() {
        text += &format!("\nExtensions without a page yet: {}.\n", beyond.join(", "));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{Data, faults, read, render};
    use crate::docs::Catalogue;
    use policy_core::Engine;

    fn data(statement: &str) -> Data {
        let page = format!(
            r#"{{"pages": [{{"page": "a.md", "title": "A", "sections": [{{"section": "S", "statements": [{statement}]}}]}}]}}"#
        );
        serde_json::from_str(&page).expect("data")
    }

    fn catalogue<'c>(controls: &'c [policy_core::Control], ids: &[(&str, &str)]) -> Catalogue<'c> {
        let ids = ids.iter().map(|(id, state)| ((*id).to_owned(), (*state).to_owned()));
        Catalogue {
            controls,
            ids: ids.collect(),
        }
    }

    #[test]
    fn each_gap_is_a_fault() {
        let none = catalogue(&[], &[("FX-A-01", "planned"), ("FX-A-02", "retired")]);
        for (statement, wanted) in [
            (r#"{"statement": "x", "controls": []}"#, "has no control"),
            (r#"{"statement": "x", "controls": ["FX-A-02"]}"#, "is retired"),
            (r#"{"statement": "x", "controls": ["FX-A-09"]}"#, "does not know"),
            ("", "has no statement"),
        ] {
            let found = faults(&data(statement), &none).join("; ");
            assert!(found.contains(wanted), "{found}");
        }
        let planned = data(r#"{"statement": "x", "controls": ["FX-A-01"]}"#);
        assert!(faults(&planned, &none).is_empty());
        assert!(render(&planned, &none).contains("| x | FX-A-01 (planned) |"));
    }

    #[test]
    fn a_lost_origin_is_a_fault() {
        let engine = Engine::builtin().expect("the catalogue");
        let template = engine.controls().first().expect("a control");
        for (origin, state, wanted) in [
            ("nowhere", "active", "neither a page nor"),
            ("extension (x)", "active", "but a statement names it"),
            ("a.md, S", "planned", "has a folder"),
        ] {
            let mut control = template.clone();
            control.id = "FX-A-01".into();
            control.origin = origin.into();
            let controls = [control];
            let catalogue = catalogue(&controls, &[("FX-A-01", state)]);
            let statement = data(r#"{"statement": "x", "controls": ["FX-A-01"]}"#);
            let found = faults(&statement, &catalogue).join("; ");
            assert!(found.contains(wanted), "{origin}: {found}");
        }
        let controls = [template.clone()];
        let mut untraced = controls.clone();
        untraced[0].origin = "a.md, S".into();
        let catalogue = catalogue(&untraced, &[(&template.id, "active"), ("FX-A-01", "active")]);
        let found = faults(&data(r#"{"statement": "x", "controls": ["FX-A-01"]}"#), &catalogue).join("; ");
        assert!(
            found.contains("but no statement names it") && found.contains("has no folder"),
            "{found}"
        );
    }

    #[test]
    fn planned_ids_are_traced_or_extensions() {
        let data = read().expect("the statements");
        let catalogue = Catalogue::read(&[]).expect("ids.lock");
        let traced = data.traced();
        let extensions = [
            "FX-EXT-",
            "FX-PSS-08",
            "FX-MT-07",
            "FX-MT-08",
            "FX-MT-09",
            "FX-MT-10",
            "FX-NET-06",
            "FX-TDC-05",
        ];
        for id in catalogue.ids.keys() {
            let extension = extensions.iter().any(|prefix| id.starts_with(prefix));
            assert_ne!(traced.contains(id.as_str()), extension, "{id}");
        }
    }
}
