//! The pages about controls: one for each, an index, and the traceability from the statements of the Flux documentation.

mod example;
mod page;
mod traceability;

use std::collections::BTreeMap;

use anyhow::{Context, Result, bail};
use policy_core::{Control, Engine, FAMILIES, family};

use crate::hosts::Hosts;
use crate::{fixtures, shell::root};

/// Every page, as path from the root and text.
pub(crate) fn generate(hosts: &Hosts) -> Result<Vec<(String, String)>> {
    let engine = Engine::builtin()?;
    let controls = engine.controls();
    let catalogue = Catalogue::read(controls)?;
    let fixtures = fixtures::all()?;
    let mut files = vec![
        ("docs/controls/README.md".into(), index(&catalogue)),
        ("docs/traceability.md".into(), traceability::page(&catalogue)?),
    ];
    for control in controls {
        let own: Vec<_> = fixtures.iter().filter(|one| one.slug == control.slug).collect();
        let path = format!("docs/controls/{}.md", control.id);
        let text = page::render(control, &own, controls, hosts).with_context(|| path.clone())?;
        files.push((path, text));
    }
    Ok(files)
}

/// What a generated page cannot show: gaps between statements, IDs and origins.
pub(crate) fn verify() -> Result<()> {
    let engine = Engine::builtin()?;
    let catalogue = Catalogue::read(engine.controls())?;
    let faults = traceability::faults(&traceability::read()?, &catalogue);
    if !faults.is_empty() {
        bail!("policies/traceability.yaml:\n  {}", faults.join("\n  "));
    }
    Ok(())
}

/// Pages of controls that are there no more.
pub(crate) fn leftovers(files: &[(String, String)]) -> Result<Vec<String>> {
    let folder = root().join("docs/controls");
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = format!("docs/controls/{}", entry?.file_name().to_string_lossy());
        if !files.iter().any(|(known, _)| *known == path) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// The controls there are, and the IDs that are taken.
struct Catalogue<'c> {
    controls: &'c [Control],
    /// ID to state, as `policies/ids.lock` has it.
    ids: BTreeMap<String, String>,
}

impl<'c> Catalogue<'c> {
    fn read(controls: &'c [Control]) -> Result<Self> {
        let text = std::fs::read_to_string(root().join("policies/ids.lock"))?;
        let mut ids = BTreeMap::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let columns: Vec<&str> = line.split_whitespace().collect();
            let [id, _slug, _since, state] = columns.as_slice() else {
                bail!("policies/ids.lock: `{line}` has not four columns");
            };
            ids.insert((*id).to_owned(), (*state).to_owned());
        }
        Ok(Self { controls, ids })
    }

    fn control(&self, id: &str) -> Option<&'c Control> {
        self.controls.iter().find(|control| control.id == id)
    }

    /// IDs without a control yet.
    fn planned(&self) -> impl Iterator<Item = &str> {
        let is_planned = |(id, state): &(&String, &String)| *state == "planned" && self.control(id).is_none();
        self.ids.iter().filter(is_planned).map(|(id, _)| id.as_str())
    }

    /// The ID as a link to its page, or marked as planned; `folder` leads to the pages.
    fn mention(&self, id: &str, folder: &str) -> String {
        match self.control(id) {
            Some(_) => format!("[{id}]({folder}{id}.md)"),
            None => format!("{id} (planned)"),
        }
    }
}

fn index(catalogue: &Catalogue) -> String {
    let mut text = format!(
        "{}\n# Controls\n\n\
         Each control is one recommendation. Its page tells what is checked and why, how a person checks it, what is \
         wrong and right in an example, and how to mend it; `flux-audit explain ID` prints the same from the program. \
         Where the recommendations come from stands in [traceability](../traceability.md).\n",
        notice("the METADATA of the controls")
    );
    for (family, title) in families(catalogue) {
        let own = |id: &str| policy_core::family(id) == family;
        text += &format!("\n## {title} (FX-{family})\n\n");
        let controls: Vec<&Control> = catalogue.controls.iter().filter(|one| own(&one.id)).collect();
        if !controls.is_empty() {
            text += "| ID | Recommendation | Severity | Profiles | Assessment |\n|---|---|---|---|---|\n";
        }
        for control in controls {
            text += &row(control, "");
        }
        let planned: Vec<&str> = catalogue.planned().filter(|id| own(id)).collect();
        if !planned.is_empty() {
            let gap = if text.ends_with("\n\n") { "" } else { "\n" };
            text += &format!("{gap}Planned: {}.\n", planned.join(", "));
        }
    }
    text
}

/// A control's row in a table of ID, title, severity, profiles and assessment.
pub(crate) fn row(control: &Control, folder: &str) -> String {
    format!(
        "| [{id}]({folder}{id}.md) | {} | {} | {} | {} |\n",
        cell(&control.title),
        control.severity.name(),
        words(&control.profiles),
        word(&control.assessment),
        id = control.id,
    )
}

/// The families in use: the known ones, then those without a title here.
fn families(catalogue: &Catalogue) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = FAMILIES
        .iter()
        .map(|(family, title)| ((*family).to_owned(), (*title).to_owned()))
        .collect();
    let ids = catalogue.controls.iter().map(|control| &control.id);
    for id in catalogue.ids.keys().chain(ids) {
        let family = family(id);
        if !found.iter().any(|(known, _)| known == family) {
            found.push((family.to_owned(), format!("Family {family}")));
        }
    }
    let used = |family: &str| {
        let mut ids = catalogue.controls.iter().map(|control| control.id.as_str());
        ids.any(|id| policy_core::family(id) == family)
            || catalogue.planned().any(|id| policy_core::family(id) == family)
    };
    found.retain(|(family, _)| used(family));
    found
}

/// The first line of a generated page.
fn notice(from: &str) -> String {
    format!("<!-- Generated by `cargo xtask gen` from {from}; do not edit. -->\n")
}

/// Text in one cell of a table.
fn cell(text: &str) -> String {
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .replace('|', "\\|")
}

/// A value by the name that its JSON form has.
pub(crate) fn word(value: &impl serde::Serialize) -> String {
    let json = serde_json::json!(value);
    json.as_str().map_or_else(|| json.to_string(), str::to_owned)
}

fn words(values: &[impl serde::Serialize]) -> String {
    values.iter().map(word).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::{Catalogue, FAMILIES, Hosts, family, generate, index, verify};
    use policy_core::Engine;

    #[test]
    fn statements_origins_and_ids_agree() {
        verify().expect("no gap");
    }

    #[test]
    fn every_family_has_a_title() {
        let catalogue = Catalogue::read(&[]).expect("ids.lock");
        for id in catalogue.ids.keys() {
            assert!(FAMILIES.iter().any(|(known, _)| *known == family(id)), "{id}");
        }
    }

    #[test]
    fn the_index_has_every_id() {
        let engine = Engine::builtin().expect("the catalogue");
        let catalogue = Catalogue::read(engine.controls()).expect("ids.lock");
        let index = index(&catalogue);
        for (id, state) in &catalogue.ids {
            assert_eq!(index.contains(id.as_str()), state != "retired", "{id}");
        }
    }

    #[test]
    fn every_page_has_every_section() {
        let engine = Engine::builtin().expect("the catalogue");
        let hosts = Hosts::new(crate::gatekeeper::has_template).expect("hosts");
        let files = generate(&hosts).expect("pages");
        for control in engine.controls() {
            let path = format!("docs/controls/{}.md", control.id);
            let (_, text) = files.iter().find(|(name, _)| *name == path).expect("a page");
            for section in [
                "What it says",
                "Why",
                "How to check it by hand",
                "A bad example",
                "A good example",
                "How to mend it",
                "Parameters",
                "What can decide it",
                "Exceptions",
                "More",
            ] {
                assert!(text.contains(&format!("\n## {section}\n")), "{path}: {section}");
            }
            assert!(!text.contains("# ~ /"), "{path} shows a marker of fixtures");
        }
    }
}
