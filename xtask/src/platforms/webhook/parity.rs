//! Every object of the corpus, reviewed over TLS: alone, and for the controls that need it with an inventory.

use anyhow::{Context, Result};
use policy_core::{Catalog, Config, Control, Engine, Input, Source, SourceId};
use serde_json::Value;
use tokio_rustls::TlsConnector;

use super::client::{self, Client};
use super::served::{Authority, Served, certificates, program};
use crate::fixtures::{self, Fixture};
use crate::gatekeeper;
use crate::hosts::{self, Host, Hosts};
use crate::opa_diff::Tally;
use crate::parity::Same;
use crate::platforms::{Verdicts, reviews};
use crate::scratch::Scratch;

pub(crate) fn run() -> Result<Verdicts> {
    let scratch = Scratch::new("webhook-parity")?;
    let authority = Authority::new()?;
    authority.issue(&certificates(&scratch), 1)?;
    let webhook = Webhook {
        program: program(&scratch)?,
        tls: client::trusting(&authority)?,
        runtime: tokio::runtime::Builder::new_current_thread().enable_all().build()?,
        scratch,
    };
    let decidable = Hosts::new(gatekeeper::has_template)?;
    let mut same = Same::new();
    webhook.alone(&decidable, &mut same)?;
    webhook.with_inventories(&decidable, &mut same)?;
    Ok(vec![(Host::Webhook, same)])
}

struct Webhook {
    program: std::path::PathBuf,
    tls: TlsConnector,
    runtime: tokio::runtime::Runtime,
    scratch: Scratch,
}

impl Webhook {
    fn alone(&self, decidable: &Hosts, same: &mut Same) -> Result<()> {
        let reviews = reviews::all(decidable)?;
        let objects: Vec<&Value> = reviews.iter().map(|review| &review.object).collect();
        let responses = self.responses(&reviews::config(), &[], &objects)?;
        let mut tally = Tally::default();
        for (review, response) in reviews.iter().zip(&responses) {
            tally.equal(&shortened(&review.response, response), response, || {
                format!("{}\n  ours:    {}\n  webhook: {response}", review.name, review.response)
            });
            for control in &review.controls {
                *same.entry(control.clone()).or_default() += 1;
            }
        }
        tally.close("webhook: objects")
    }

    /// One fixture of each result of each control that reads other objects, which are all in the inventory.
    fn with_inventories(&self, decidable: &Hosts, same: &mut Same) -> Result<()> {
        let catalog = Catalog::builtin()?;
        let needy =
            |control: &&Control| !control.reads.is_empty() && decidable.why_not(Host::Webhook, control).is_none();
        let fixtures = fixtures::all()?;
        let mut tally = Tally::default();
        for control in catalog.controls().iter().filter(needy) {
            for verdict in ["pass", "fail", "warn", "unknown"] {
                let of_verdict = |fixture: &&Fixture| {
                    fixture.slug == control.slug && fixture.name().split(['-', '.']).next() == Some(verdict)
                };
                let shortest = fixtures
                    .iter()
                    .filter(of_verdict)
                    .min_by_key(|fixture| fixture.name().len());
                let Some(fixture) = shortest else { continue };
                let compared = self
                    .with_inventory(control, fixture, &mut tally)
                    .with_context(|| fixture.path.clone())?;
                *same.entry(control.id.clone()).or_default() += compared;
            }
        }
        tally.close("webhook with inventories: objects")
    }

    fn with_inventory(&self, control: &Control, fixture: &Fixture, tally: &mut Tally) -> Result<usize> {
        let catalog = Catalog::builtin()?;
        let config = fixture.config(catalog.controls());
        let engine = Engine::new(catalog, config.clone())?;
        let objects = gatekeeper::live_objects(fixture);
        let documents: Vec<String> = objects.iter().map(Value::to_string).collect();
        let source = Source {
            id: SourceId(0),
            name: fixture.path.clone(),
            bytes: documents.join("\n---\n").into_bytes(),
        };
        let inventory = match engine.review_inventory(vec![Input::Source(source.clone())]) {
            Ok(inventory) => inventory,
            // Such as one with two objects of a name: `serve` does not take it, and denies.
            Err(_) => return Ok(0),
        };
        let folder = self.scratch.0.join("inventory");
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join("objects.yaml"), &source.bytes)?;
        let folder = folder.to_string_lossy();
        let judged: Vec<&Value> = objects
            .iter()
            .filter(|object| hosts::speaks_of(control, object))
            .collect();
        let responses = self.responses(&config, &["--inventory", &folder], &judged)?;
        for (object, response) in judged.iter().zip(&responses) {
            let ours = engine.admit_with(&reviews::review(object), Some(reviews::NOW.0), &inventory);
            let ours = shortened(&reviews::response(&ours)?, response);
            tally.equal(&ours, response, || {
                format!("{}\n  ours:    {ours}\n  webhook: {response}", fixture.path)
            });
        }
        Ok(judged.len())
    }

    /// What a webhook with this configuration answers.
    fn responses(&self, config: &Config, options: &[&str], objects: &[&Value]) -> Result<Vec<Value>> {
        let file = self.scratch.0.join("config.yaml");
        std::fs::write(&file, serde_json::to_string(config)?)?;
        let file = file.to_string_lossy();
        let options = [&["--config", &file], options].concat();
        let served = Served::start(&self.program, &self.scratch, None, &options)?;
        let responses = self.runtime.block_on(async {
            let mut client = Client::connect(&self.tls, served.port).await?;
            let mut responses = Vec::new();
            for object in objects {
                let answer = client.ask(&client::post(&reviews::review(object))).await?;
                let mut answer: Value = serde_json::from_slice(&answer)?;
                responses.push(answer["response"].take());
            }
            anyhow::Ok(responses)
        })?;
        served.stop()?;
        Ok(responses)
    }
}

/// Our response with the message cut where theirs is: the webhook bounds what it sends.
fn shortened(ours: &Value, theirs: &Value) -> Value {
    const MESSAGE: &str = "/status/message";
    let mut response = ours.clone();
    let said = |response: &Value| response.pointer(MESSAGE).and_then(Value::as_str).map(str::to_owned);
    if let (Some(whole), Some(cut)) = (said(ours), said(theirs))
        && cut.strip_suffix('…').is_some_and(|start| whole.starts_with(start))
        && let Some(message) = response.pointer_mut(MESSAGE)
    {
        *message = cut.into();
    }
    response
}
