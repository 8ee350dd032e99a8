//! Fixtures: manifests with the findings they expect written beside the lines.

#![allow(dead_code, unreachable_pub, missing_docs, reason = "each test crate uses a part")]

pub mod mutation;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use policy_core::{
    Catalog, Config, Control, Engine, Input, Mode, Profile, Report, Request, Source, SourceId, parse_value,
};

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// One file of a control's `testdata`.
pub struct Fixture {
    pub control: Control,
    pub path: PathBuf,
    /// The path from the root.
    pub name: String,
    pub text: String,
    pub options: Options,
}

/// The leading `#: key: value` lines.
#[derive(Default)]
pub struct Options {
    pub mode: Option<Mode>,
    pub profiles: Option<Vec<Profile>>,
    pub params: serde_json::Map<String, serde_json::Value>,
    pub now: Option<String>,
    pub identity: Vec<Identity>,
}

/// A node whose change may turn a fail into a pass, because it decides what the object is.
pub struct Identity {
    pub object: String,
    pub pointer: String,
}

impl Options {
    pub fn parse(text: &str, name: &str) -> Self {
        let lines: Vec<&str> = text.lines().map_while(|line| line.strip_prefix("#:")).collect();
        let lines: Vec<&str> = lines
            .iter()
            .map(|line| line.strip_prefix(' ').unwrap_or(line))
            .collect();
        let value = parse_value(&lines.join("\n")).unwrap_or_else(|error| panic!("{name}: {error}"));
        let mut options = Self::default();
        let Some(members) = value.as_object() else {
            return options;
        };
        for (key, value) in members {
            let value = value.clone();
            match key.as_str() {
                "mode" => options.mode = serde_json::from_value(value).unwrap(),
                "profiles" => options.profiles = serde_json::from_value(value).unwrap(),
                "params" => options.params = serde_json::from_value(value).unwrap(),
                "now" => options.now = serde_json::from_value(value).unwrap(),
                "identity" => options.identity = value.as_array().unwrap().iter().map(Identity::parse).collect(),
                other => panic!("{name}: `{other}` is no fixture option"),
            }
        }
        options
    }
}

impl Identity {
    fn parse(value: &serde_json::Value) -> Self {
        let text = |key: &str| {
            value[key]
                .as_str()
                .unwrap_or_else(|| panic!("identity without {key}"))
                .to_owned()
        };
        assert!(!text("reason").is_empty());
        Self {
            object: text("object"),
            pointer: text("pointer"),
        }
    }
}

impl Fixture {
    /// What the file's name says the control's worst result is.
    pub fn expected(&self) -> String {
        let stem = self.path.file_stem().unwrap().to_str().unwrap();
        match stem.split('-').next().unwrap() {
            "na" => "not-applicable".into(),
            result => result.into(),
        }
    }

    /// An engine for this control, as the options say.
    pub fn engine(&self, catalog: Catalog) -> Engine {
        let mut profiles = vec![Profile::Base];
        profiles.extend(&self.control.profiles);
        let config = Config {
            profiles: self.options.profiles.clone().unwrap_or(profiles),
            select: vec![self.control.id.clone()],
            params: self.options.params.clone().into_iter().collect(),
            ..Config::default()
        };
        Engine::new(catalog, config).unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }

    pub fn request(&self, text: &str) -> Request {
        let source = Source {
            id: SourceId(0),
            name: self.name.clone(),
            bytes: text.into(),
        };
        let mode = Some(self.options.mode.unwrap_or(Mode::Render));
        Request {
            inputs: vec![Input::Source(source)],
            mode,
            now: self.options.now.clone(),
            ..Request::default()
        }
    }
}

/// Every fixture of the catalogue, by path.
pub fn fixtures() -> Vec<Fixture> {
    let engine = Engine::builtin().unwrap();
    let mut found = Vec::new();
    for control in engine.controls() {
        let folder = root().join("policies/flux").join(&control.slug).join("testdata");
        for entry in walkdir::WalkDir::new(&folder)
            .sort_by_file_name()
            .into_iter()
            .filter_map(Result::ok)
        {
            if !entry.file_type().is_file() {
                continue;
            }
            let path = entry.into_path();
            let name = path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
            let text = std::fs::read_to_string(&path).unwrap();
            let options = Options::parse(&text, &name);
            found.push(Fixture {
                control: control.clone(),
                path,
                name,
                text,
                options,
            });
        }
    }
    assert!(!found.is_empty());
    found
}

/// The `# ~ …` markers of a text: line, and what is written there.
pub fn markers(text: &str) -> BTreeSet<(u32, String)> {
    let marked = text
        .lines()
        .zip(1..)
        .filter_map(|(line, number)| Some((number, line.split_once("# ~ ")?.1)));
    marked
        .flat_map(|(number, list)| list.split(';').map(move |item| (number, item.trim().to_owned())))
        .collect()
}

/// The result of the one control in the report.
pub fn result(report: &Report) -> String {
    let control = &report.clusters[0].controls[0];
    serde_json::to_value(control.result)
        .unwrap()
        .as_str()
        .unwrap()
        .to_owned()
}

/// The problems that matter to a fixture: one object need not be a Flux installation.
pub fn problems(report: &Report) -> Vec<String> {
    report
        .problems
        .iter()
        .filter(|p| p.code != "no-flux")
        .map(|p| format!("{}: {}", p.code, p.message))
        .collect()
}

/// One builtin control, to be run by the strict interpreter.
pub fn interpreted(slug: &str) -> Catalog {
    let modules = Catalog::builtin_modules().unwrap();
    let controls = modules
        .into_iter()
        .filter(|module| module.path == format!("policies/flux/{slug}/{slug}.rego"));
    let sources: Vec<Source> = controls
        .zip(0..)
        .map(|(module, id)| Source {
            id: SourceId(id),
            name: module.path,
            bytes: module.text.into_bytes(),
        })
        .collect();
    Catalog::load(&sources).unwrap()
}
