//! The controls' fixtures: manifests whose leading `#: key: value` lines say how to check them.

#[path = "../../policy-core/tests/common/mutation.rs"]
#[allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    unreachable_pub,
    reason = "as in a test"
)]
mod mutation;

use std::collections::BTreeMap;

use anyhow::{Context, Result, anyhow};
use policy_core::{Config, Control, Input, Limits, Mode, Profile, Request, Source, SourceId};
use serde::Deserialize;

use crate::{docs, shell};

/// One file below `policies/flux/<slug>/testdata`.
#[derive(Clone)]
pub(crate) struct Fixture {
    /// Relative to the root of the repository.
    pub(crate) path: String,
    /// The control it belongs to; empty for an example.
    pub(crate) slug: String,
    /// The whole file.
    pub(crate) text: String,
    options: Options,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Options {
    mode: Option<Mode>,
    profiles: Option<Vec<Profile>>,
    #[serde(default)]
    params: BTreeMap<String, serde_json::Value>,
    now: Option<String>,
    #[serde(rename = "identity")]
    _identity: Option<serde_json::Value>,
}

impl Fixture {
    /// The file's own name.
    pub(crate) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// Its options in words, where it has any that decide.
    pub(crate) fn settings(&self) -> Option<String> {
        let Options {
            mode,
            profiles,
            params,
            now,
            _identity,
        } = &self.options;
        let mut said = Vec::new();
        if let Some(mode) = mode {
            said.push(format!("`--mode {}`", docs::word(mode)));
        }
        if let Some(profiles) = profiles {
            let names: Vec<String> = profiles.iter().map(docs::word).collect();
            said.push(format!("`--profile {}`", names.join(",")));
        }
        for (name, value) in params {
            said.push(format!("`--param '{name}={value}'`"));
        }
        if let Some(now) = now {
            said.push(format!("`--now {now}`"));
        }
        (!said.is_empty()).then(|| said.join(", "))
    }

    /// Whether it is an example, and so of no control.
    pub(crate) fn is_example(&self) -> bool {
        self.slug.is_empty()
    }

    /// The same as if it were of a control.
    pub(crate) fn under(&self, slug: &str) -> Self {
        Self {
            slug: slug.to_owned(),
            ..self.clone()
        }
    }

    /// The settings it is checked with: `base` and the control's own profiles unless it says otherwise.
    pub(crate) fn config(&self, controls: &[Control]) -> Config {
        let own = || {
            controls
                .iter()
                .find(|control| control.slug == self.slug)
                .map(|control| control.profiles.clone())
        };
        let profiles = self.options.profiles.clone().or_else(own).unwrap_or_default();
        Config {
            profiles,
            params: self.options.params.clone(),
            ..Config::default()
        }
    }

    /// The request it makes, in its own mode or another.
    pub(crate) fn request(&self, mode: Option<Mode>) -> Request {
        let mode = mode.or(self.options.mode).unwrap_or(Mode::Render);
        Request {
            inputs: vec![Input::Source(self.source())],
            mode: Some(mode),
            now: self.options.now.clone(),
            ..Request::default()
        }
    }

    fn source(&self) -> Source {
        Source {
            id: SourceId(0),
            name: self.path.clone(),
            bytes: self.text.clone().into_bytes(),
        }
    }
}

/// So many fixtures with changes at random, the same in each run.
pub(crate) fn mutated(fixtures: &[Fixture], count: usize) -> Vec<Fixture> {
    let mut random = mutation::Random::seeded();
    let mutated = |at: usize| {
        let fixture = random.choose(fixtures);
        Fixture {
            path: format!("{}, mutation {at}", fixture.path),
            text: random.mutated(&fixture.path, &fixture.text),
            ..fixture.clone()
        }
    };
    (0..count).map(mutated).collect()
}

/// Every fixture, and each manifest of the examples as if it were one of no control, with every profile.
pub(crate) fn corpus() -> Result<Vec<Fixture>> {
    let mut corpus = all()?;
    let root = shell::root();
    for entry in walkdir::WalkDir::new(root.join("examples")).sort_by_file_name() {
        let entry = entry?;
        let path = entry.path().strip_prefix(&root)?.to_string_lossy().replace('\\', "/");
        if !(path.ends_with(".yaml") || path.ends_with(".json")) {
            continue;
        }
        let fixture = Fixture {
            path,
            slug: String::new(),
            text: std::fs::read_to_string(entry.path())?,
            options: Options {
                profiles: Some(vec![Profile::Base, Profile::Shared, Profile::Dedicated, Profile::Hard]),
                ..Options::default()
            },
        };
        let parsed = policy_core::parse(&fixture.source(), &Limits::standard());
        let is_object = |document: &policy_core::Document| {
            let document = document.root.to_json();
            document["apiVersion"].is_string() && document["metadata"].is_object()
        };
        if !parsed.documents.is_empty() && parsed.documents.iter().all(is_object) {
            corpus.push(fixture);
        }
    }
    Ok(corpus)
}

/// Every fixture, by path.
pub(crate) fn all() -> Result<Vec<Fixture>> {
    let root = shell::root();
    let mut fixtures = Vec::new();
    for entry in walkdir::WalkDir::new(root.join("policies/flux")).sort_by_file_name() {
        let entry = entry?;
        let path = entry.path().strip_prefix(&root)?.to_string_lossy().replace('\\', "/");
        let parts: Vec<&str> = path.split('/').collect();
        let ["policies", "flux", slug, "testdata", name] = parts.as_slice() else {
            continue;
        };
        if name.ends_with(".yaml") {
            let slug = (*slug).to_owned();
            let text = std::fs::read_to_string(entry.path())?;
            let options = options(&text).with_context(|| path.clone())?;
            fixtures.push(Fixture {
                path,
                slug,
                text,
                options,
            });
        }
    }
    Ok(fixtures)
}

fn options(text: &str) -> Result<Options> {
    let lines: Vec<&str> = text.lines().map_while(|line| line.strip_prefix("#: ")).collect();
    match policy_core::parse_value(&lines.join("\n")).map_err(|message| anyhow!(message))? {
        serde_json::Value::Null => Ok(Options::default()),
        value => Ok(serde_json::from_value(value)?),
    }
}
