//! Reviews by `flux-audit serve` over the loopback, beside a request to the same server that asks for nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::platforms::webhook::served::{Authority, Served, certificates, program};
use crate::scratch::Scratch;

/// Requests under way at any time, each on a connection of its own.
const CONNECTIONS: usize = 8;
const TIME: Duration = Duration::from_secs(10);

/// Three loads of ten seconds: nothing to do, a source, a controller.
pub(crate) fn run() -> Result<()> {
    let scratch = Scratch::new("webhook-load")?;
    let program = program(&scratch, "release")?;
    let authority = Authority::new()?;
    authority.issue(&certificates(&scratch), 1)?;
    let served = Served::start(&program, &scratch, None, &[])?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    let tls = connector(&authority)?;
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
        let rate = load(name, post(&object))?;
        println!("  {:.3} of the rate for nothing", rate / empty);
    }
    served.stop()
}

fn connector(authority: &Authority) -> Result<TlsConnector> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.pem().as_bytes())?)?;
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

/// How long each request took. Every answer must be a good one.
async fn load(tls: &TlsConnector, port: u16, request: Arc<[u8]>) -> Result<Vec<Duration>> {
    let running = Arc::new(AtomicBool::new(true));
    let mut tasks = Vec::new();
    for _ in 0..CONNECTIONS {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        let mut stream = tls.connect(ServerName::try_from("127.0.0.1")?, stream).await?;
        let (running, request) = (Arc::clone(&running), Arc::clone(&request));
        tasks.push(tokio::spawn(async move {
            let mut latencies = Vec::new();
            while running.load(Ordering::Relaxed) {
                let start = Instant::now();
                ask(&mut stream, &request).await?;
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

async fn ask(stream: &mut TlsStream<TcpStream>, request: &[u8]) -> Result<()> {
    stream.write_all(request).await?;
    stream.flush().await?;
    let mut answer = Vec::new();
    let head = loop {
        ensure!(stream.read_buf(&mut answer).await? > 0, "the server hung up");
        if let Some(end) = answer.windows(4).position(|part| part == b"\r\n\r\n") {
            break end + 4;
        }
    };
    let text = String::from_utf8_lossy(&answer[..head]).to_lowercase();
    let (_, length) = text
        .split_once("content-length: ")
        .context("an answer without a length")?;
    let length: usize = length.lines().next().unwrap_or("").trim().parse()?;
    while answer.len() < head + length {
        ensure!(stream.read_buf(&mut answer).await? > 0, "the server hung up");
    }
    let body = String::from_utf8_lossy(&answer[head..]);
    ensure!(text.starts_with("http/1.1 200 "), "{text}{body}");
    ensure!(body == "ok\n" || body.contains("\"allowed\":true"), "{body}");
    Ok(())
}

fn post(object: &Value) -> Vec<u8> {
    let review = json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview",
        "request": {"uid": "1", "operation": "CREATE", "object": object}});
    let body = review.to_string();
    let length = body.len();
    let head = format!(
        "POST /validate HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    );
    (head + &body).into_bytes()
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
