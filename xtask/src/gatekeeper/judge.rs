//! What the engine says of a fixture, as Gatekeeper would see it: without the files of a repository.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use anyhow::{Context, Result, bail};
use policy_core::oracle::{self, RawObject};
use policy_core::{Catalog, Control, Engine, Input, Limits, Mode, Request, Source, SourceId, parse};
use serde_json::Value;

use crate::fixtures::Fixture;

/// Engines by configuration: each takes a while to make.
pub(crate) struct Judge {
    controls: Vec<Control>,
    engines: BTreeMap<String, Engine>,
}

/// A fixture, judged by its own control.
pub(crate) struct Judged {
    /// What the evaluation was given as `input.parameters`, less `onUnknown`.
    pub(crate) parameters: Value,
    /// Every object, in the order of the file.
    pub(crate) objects: Vec<RawObject>,
}

impl Judge {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self {
            controls: Engine::builtin()?.controls().to_vec(),
            engines: BTreeMap::new(),
        })
    }

    /// Makes the engines that the fixtures need, so that [`Self::judge`] can be called from several threads.
    pub(crate) fn prepare(&mut self, fixture: &Fixture) -> Result<()> {
        let config = fixture.config(&self.controls);
        let key = serde_json::to_string(&config)?;
        if let Entry::Vacant(vacant) = self.engines.entry(key) {
            let engine = Engine::new(Catalog::builtin()?, config).with_context(|| fixture.path.clone())?;
            vacant.insert(engine);
        }
        Ok(())
    }

    /// What the fixture's control says of its objects in a mode, beside others that are there too. `None` where the
    /// fixture has none for a cluster.
    pub(crate) fn judge(&self, fixture: &Fixture, mode: Mode, others: &[Value]) -> Result<Option<Judged>> {
        let key = serde_json::to_string(&fixture.config(&self.controls))?;
        let engine = self.engines.get(&key).context("an engine that was not prepared")?;
        let objects = live_objects(fixture);
        if objects.is_empty() {
            return Ok(None);
        }
        let documents: Vec<String> = objects.iter().chain(others).map(Value::to_string).collect();
        let source = Source {
            id: SourceId(0),
            name: fixture.path.clone(),
            bytes: documents.join("\n---\n").into_bytes(),
        };
        let request = Request {
            inputs: vec![Input::Source(source)],
            ..fixture.request(Some(mode))
        };
        let raw = oracle::evaluate(engine, request, Some(&fixture.slug));
        let [cluster] = raw.clusters.as_slice() else {
            bail!("{}: {} clusters", fixture.path, raw.clusters.len());
        };
        if let Some(error) = cluster.objects.iter().flat_map(|object| &object.errors).next() {
            bail!("{}: {error}", fixture.path);
        }
        let mut parameters = raw.parameters.clone();
        parameters
            .as_object_mut()
            .map(|parameters| parameters.remove("onUnknown"));
        Ok(Some(Judged {
            parameters,
            objects: cluster.objects.clone(),
        }))
    }
}

/// The documents of a fixture, without those that stand for files.
pub(crate) fn live_objects(fixture: &Fixture) -> Vec<Value> {
    let source = Source {
        id: SourceId(0),
        name: fixture.path.clone(),
        bytes: fixture.text.clone().into_bytes(),
    };
    let documents = parse(&source, &Limits::standard()).documents;
    let documents = documents.iter().map(|document| document.root.to_json());
    let is_file = |document: &Value| {
        let version = document["apiVersion"].as_str();
        version.is_some_and(|version| version.starts_with("files.flux-audit/"))
    };
    documents
        .filter(|document| document.is_object() && !is_file(document))
        .collect()
}
