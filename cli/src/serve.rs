//! `flux-audit serve`.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use policy_core::{Catalog, Config, Engine, Severity};
use webhook::{Auditor, Folder, Limits, Options, Server, log};

use crate::args::{Serve, SeverityArg};
use crate::{Failure, settings};

/// How often files are looked at again. The kubelet itself takes about a minute to bring them up to date.
const RELOAD: Duration = Duration::from_secs(5);

pub(crate) fn run(options: &Serve) -> Result<ExitCode, Failure> {
    let catalog = Catalog::builtin().map_err(|error| error.to_string())?;
    let mut config = match &options.config {
        Some(path) => Config::parse(&settings::read(path)?, catalog.controls()).map_err(|error| error.to_string())?,
        None => Config::default(),
    };
    if let Some(lowest) = options.enforce {
        config.enforce = severity(lowest);
    }
    let engine = Engine::new(catalog, config).map_err(|error| error.to_string())?;
    let inventory = options.inventory.clone().map(|path| Folder::new(path, RELOAD));
    let auditor = Auditor::new(engine, inventory)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    runtime.block_on(async {
        let stop = stop()?;
        let server = Server::bind(serving(options), Arc::new(auditor)).await?;
        let address = server.address().map_err(|error| error.to_string())?;
        log::line(&format!("listening on {address}"));
        server.run(stop).await
    })?;
    Ok(ExitCode::SUCCESS)
}

fn serving(options: &Serve) -> Options {
    let standard = Limits::standard();
    let limits = Limits {
        body: options.max_body,
        bodies: options.max_body.saturating_mul(8),
        time: Duration::from_secs(options.timeout),
        concurrent: options.max_concurrent.map_or(standard.concurrent, Into::into),
        ..standard
    };
    Options {
        listen: options.listen,
        operations: options.metrics_listen,
        certificate: options.tls_cert.clone(),
        key: options.tls_key.clone(),
        reload: RELOAD,
        drain: Duration::from_secs(options.drain),
        limits,
    }
}

/// Until somebody tells the process to stop.
#[cfg(unix)]
fn stop() -> Result<impl Future<Output = ()>, Failure> {
    use tokio::signal::unix::{SignalKind, signal};
    let listen = |kind| signal(kind).map_err(|error| error.to_string());
    let (mut terminate, mut interrupt) = (listen(SignalKind::terminate())?, listen(SignalKind::interrupt())?);
    Ok(async move {
        std::future::poll_fn(|context| {
            let asked = terminate.poll_recv(context).is_ready() || interrupt.poll_recv(context).is_ready();
            if asked {
                std::task::Poll::Ready(())
            } else {
                std::task::Poll::Pending
            }
        })
        .await;
    })
}

/// Until somebody tells the process to stop.
#[cfg(not(unix))]
fn stop() -> Result<impl Future<Output = ()>, Failure> {
    Ok(async { drop(tokio::signal::ctrl_c().await) })
}

fn severity(lowest: SeverityArg) -> Severity {
    match lowest {
        SeverityArg::Info => Severity::Info,
        SeverityArg::Low => Severity::Low,
        SeverityArg::Medium => Severity::Medium,
        SeverityArg::High => Severity::High,
        SeverityArg::Critical => Severity::Critical,
    }
}
