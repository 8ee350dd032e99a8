//! What users of a cluster see of the webhook.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use super::controller;
use super::served::{Authority, Served, certificates, program};
use crate::platforms::apiserver::{ApiServer, Refused};
use crate::scratch::Scratch;
use crate::shell;

/// The kinds of Flux that the test has objects of.
const KINDS: [(&str, &str, &str); 3] = [
    ("source.toolkit.fluxcd.io", "GitRepository", "gitrepositories"),
    ("kustomize.toolkit.fluxcd.io", "Kustomization", "kustomizations"),
    ("notification.toolkit.fluxcd.io", "Receiver", "receivers"),
];
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) fn run() -> Result<()> {
    let Some(server) = ApiServer::start()? else {
        return Ok(());
    };
    let scratch = Scratch::new("webhook")?;
    let program = program(&scratch)?;
    let authority = Authority::new()?;
    authority.issue(&certificates(&scratch), 1)?;
    let webhook = Served::start(&program, &scratch, None, &[])?;
    let port = webhook.port;

    KINDS.iter().try_for_each(|kind| server.apply_crd(&definition(kind)))?;
    server.create(&json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "flux-system"}}))?;
    server.create(&configuration(port, &authority.pem())?)?;
    in_force(&server)?;

    bad_objects_are_denied(&server)?;
    kubectl_shows_why(&server)?;
    good_objects_live(&server)?;
    advice_is_a_warning(&server)?;
    certificates_change(&server, &authority, &scratch, &webhook)?;

    webhook.stop()?;
    let refused = denial(server.create(&source("nobody-home", "https://git.example.com/a")))?;
    ensure!(
        refused.contains("failed calling webhook"),
        "without the webhook: {refused}"
    );
    let webhook = Served::start(&program, &scratch, Some(port), &[])?;
    server.apply(&source("somebody-home", "https://git.example.com/a"))?;
    webhook.stop()
}

fn bad_objects_are_denied(server: &ApiServer) -> Result<()> {
    let bad = source("bad", "http://git.example.com/fleet");
    for (what, answer) in [("create", server.create(&bad)), ("apply", server.apply(&bad))] {
        let message = denial(answer).context(what)?;
        for part in ["FX-EXT-01: ", " at /spec/url", "To mend FX-EXT-01: "] {
            ensure!(message.contains(part), "{what}: `{part}` is not in {message}");
        }
    }
    let message = denial(server.create(&controller(&["--no-remote-bases=false"])))?;
    ensure!(message.contains("FX-KC-03: "), "a controller: {message}");
    Ok(())
}

/// No registry has kubectl, so it is asked where there is one.
fn kubectl_shows_why(server: &ApiServer) -> Result<()> {
    let (bad, good) = (
        source("by-kubectl", "http://git.example.com/fleet"),
        source("by-kubectl", "https://git.example.com/fleet"),
    );
    for args in [&["create"][..], &["apply", "--server-side"]] {
        let (done, said) = match server.kubectl(args, &bad) {
            Ok(answer) => answer,
            Err(error) => {
                eprintln!("left out: kubectl: {error}");
                return Ok(());
            }
        };
        for part in ["denied the request: ", "FX-EXT-01: ", "To mend FX-EXT-01: "] {
            ensure!(!done && said.contains(part), "kubectl {args:?}: {said}");
        }
    }
    let (done, said) = server.kubectl(&["apply", "--server-side"], &good)?;
    ensure!(done, "kubectl apply: {said}");
    Ok(())
}

fn good_objects_live(server: &ApiServer) -> Result<()> {
    let good = source("good", "https://git.example.com/fleet");
    server.create(&good)?;
    let message = denial(server.apply(&source("good", "http://git.example.com/fleet")))?;
    ensure!(message.contains("FX-EXT-01: "), "an update to a bad object: {message}");
    let mut labelled = good.clone();
    labelled["metadata"]["labels"] = json!({"team": "platform"});
    server.apply(&labelled)?;
    server.delete(&good)?;
    server.create(&controller(&["--no-remote-bases=true"]))?;
    Ok(())
}

/// Below `enforce` an object is created, and its maker told.
fn advice_is_a_warning(server: &ApiServer) -> Result<()> {
    let receiver = json!({"apiVersion": "notification.toolkit.fluxcd.io/v1", "kind": "Receiver",
        "metadata": {"name": "open", "namespace": "flux-system"},
        "spec": {"type": "generic", "resources": [], "secretRef": {"name": "token"}}});
    let request =
        http::Request::post("/apis/notification.toolkit.fluxcd.io/v1/namespaces/flux-system/receivers?dryRun=All")
            .header("content-type", "application/json")
            .body(kube::client::Body::from(receiver.to_string().into_bytes()))?;
    let response = server.block_on(async { server.client().send(request).await })?;
    let warnings: Vec<String> = response
        .headers()
        .get_all("warning")
        .iter()
        .map(|warning| String::from_utf8_lossy(warning.as_bytes()).into_owned())
        .collect();
    ensure!(
        response.status() == 201,
        "a warning does not deny: {}",
        response.status()
    );
    ensure!(
        warnings.iter().any(|warning| warning.contains("FX-EXT-08: ")),
        "FX-EXT-08 does not warn: {warnings:?}"
    );
    Ok(())
}

/// Requests go on all the while, and none fails.
fn certificates_change(server: &ApiServer, authority: &Authority, scratch: &Scratch, webhook: &Served) -> Result<()> {
    let (running, answered) = (AtomicBool::new(true), AtomicUsize::new(0));
    let object = source("during", "https://git.example.com/fleet");
    let changed = std::thread::scope(|scope| {
        let load = scope.spawn(|| -> Result<(), Refused> {
            while running.load(Ordering::Relaxed) {
                server.apply(&object)?;
                answered.fetch_add(1, Ordering::Relaxed);
            }
            Ok(())
        });
        let changed = authority.issue(&certificates(scratch), 2).and_then(|()| {
            until("the certificate changes", || {
                Ok(webhook.said()?.contains("the certificate has changed"))
            })
        });
        std::thread::sleep(Duration::from_secs(1));
        running.store(false, Ordering::Relaxed);
        match load.join() {
            Ok(done) => done.context("during the change")?,
            Err(_panic) => bail!("the load stopped"),
        }
        changed
    });
    changed?;
    println!(
        "{} requests while the certificate changed",
        answered.load(Ordering::Relaxed)
    );
    ensure!(answered.load(Ordering::Relaxed) > 10, "there was no load");
    Ok(())
}

/// The generated configuration, with an address on the loopback in place of the service.
fn configuration(port: u16, authority: &str) -> Result<Value> {
    let text = std::fs::read_to_string(shell::root().join("platforms/webhook/webhook-configuration.yaml"))?;
    let mut configuration = policy_core::parse_value(&text).map_err(anyhow::Error::msg)?;
    let webhooks = configuration["webhooks"]
        .as_array_mut()
        .context("there are no webhooks")?;
    for webhook in webhooks {
        webhook["clientConfig"] = json!({
            "url": format!("https://127.0.0.1:{port}/validate"),
            "caBundle": base64(authority.as_bytes()),
        });
    }
    Ok(configuration)
}

/// Until the API server asks the webhook: it learns of the configuration a moment later.
fn in_force(server: &ApiServer) -> Result<()> {
    let mut tries = 0;
    until("the webhook is asked", || {
        tries += 1;
        let answer = server.create(&source(&format!("try-{tries}"), "http://git.example.com/fleet"));
        Ok(answer.is_err())
    })
}

fn until(what: &str, mut done: impl FnMut() -> Result<bool>) -> Result<()> {
    let until = Instant::now() + PATIENCE;
    while !done()? {
        if Instant::now() > until {
            bail!("{what}: not after {} s", PATIENCE.as_secs());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}

/// What the API server says of a refusal.
fn denial(answer: Result<Value, Refused>) -> Result<String> {
    match answer {
        Ok(object) => bail!("it was admitted: {object}"),
        Err(Refused::Api(status)) => Ok(status.message.clone()),
        Err(error) => Err(error.into()),
    }
}

fn source(name: &str, url: &str) -> Value {
    json!({"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "GitRepository",
        "metadata": {"name": name, "namespace": "flux-system"},
        "spec": {"interval": "1h", "url": url}})
}

/// A definition that accepts anything: what matters here is what the webhook says.
fn definition((group, kind, plural): &(&str, &str, &str)) -> Value {
    json!({"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": format!("{plural}.{group}")},
        "spec": {"group": group, "scope": "Namespaced", "names": {"kind": kind, "plural": plural},
            "versions": [{"name": "v1", "served": true, "storage": true, "schema": {"openAPIV3Schema": {
                "type": "object", "x-kubernetes-preserve-unknown-fields": true}}}]}})
}

fn base64(bytes: &[u8]) -> Value {
    json!(k8s_openapi::ByteString(bytes.to_vec()))
}
