//! Reviews by `flux-audit serve` over the loopback, beside a request to the same server that asks for nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tokio_rustls::TlsConnector;

use crate::platforms::reviews;
use crate::platforms::webhook::client::{self, Client};
use crate::platforms::webhook::served::{Authority, Served, certificates, program};
use crate::scratch::Scratch;

/// Requests under way at any time, each on a connection of its own.
const CONNECTIONS: usize = 8;
const TIME: Duration = Duration::from_secs(10);

/// Three loads of ten seconds: nothing to do, a source, a controller.
pub(crate) fn run() -> Result<()> {
    let scratch = Scratch::new("webhook-load")?;
    let program = program(&scratch)?;
    let authority = Authority::new()?;
    authority.issue(&certificates(&scratch), 1)?;
    let served = Served::start(&program, &scratch, None, &[])?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let tls = client::trusting(&authority)?;
    let load = |name: &str, request: Vec<u8>| -> Result<f64> {
        let mut latencies = runtime.block_on(load(&tls, served.port, request.into()))?;
        latencies.sort_unstable();
        let at = |share: f64| latencies[((latencies.len() - 1) as f64 * share) as usize].as_secs_f64() * 1000.0;
        let rate = latencies.len() as f64 / TIME.as_secs_f64();
        let memory = resident(served.id())?;
        println!(
            "{name}: {rate:.0} a second, p50 {:.2} ms, p99 {:.2} ms, {memory:.0} MB",
            at(0.5),
            at(0.99)
        );
        Ok(rate)
    };
    let empty = load(
        "nothing (GET /healthz)",
        b"GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n".to_vec(),
    )?;
    for (name, object) in [
        ("a GitRepository", source()),
        ("a controller's Deployment", controller()),
    ] {
        let rate = load(name, client::post(&reviews::review(&object)))?;
        println!("  {:.3} of the rate for nothing", rate / empty);
    }
    served.stop()
}

/// How long each request took. Every answer must be a good one.
async fn load(tls: &TlsConnector, port: u16, request: Arc<[u8]>) -> Result<Vec<Duration>> {
    let running = Arc::new(AtomicBool::new(true));
    let mut tasks = Vec::new();
    for _ in 0..CONNECTIONS {
        let mut client = Client::connect(tls, port).await?;
        let (running, request) = (Arc::clone(&running), Arc::clone(&request));
        tasks.push(tokio::spawn(async move {
            let mut latencies = Vec::new();
            while running.load(Ordering::Relaxed) {
                let start = Instant::now();
                ask(&mut client, &request).await?;
                latencies.push(start.elapsed());
            }
            anyhow::Ok(latencies)
        }));
    }
    tokio::time::sleep(TIME).await;
    running.store(false, Ordering::Relaxed);
    let mut latencies = Vec::new();
    for task in tasks {
        latencies.extend(task.await??);
    }
    Ok(latencies)
}

async fn ask(client: &mut Client, request: &[u8]) -> Result<()> {
    let body = client.ask(request).await?;
    let body = String::from_utf8_lossy(&body);
    ensure!(body == "ok\n" || body.contains("\"allowed\":true"), "{body}");
    Ok(())
}

fn source() -> Value {
    json!({"apiVersion": "source.toolkit.fluxcd.io/v1", "kind": "GitRepository",
        "metadata": {"name": "fleet", "namespace": "flux-system"},
        "spec": {"interval": "1h", "url": "https://git.example.com/fleet", "ref": {"branch": "main"}}})
}

fn controller() -> Value {
    crate::platforms::webhook::controller(&["--no-remote-bases=true", "--log-level=info"])
}

/// The memory of a process, in MB.
fn resident(id: u32) -> Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next());
    let kilobytes: f64 = kilobytes.context("/proc tells no VmRSS")?.parse()?;
    Ok(kilobytes / 1024.0)
}
