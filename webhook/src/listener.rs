//! Connections: how many, for how long, and how they end.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio_rustls::TlsAcceptor;

use crate::metrics::{Metrics, counted};

/// How long a client may take for a handshake, and for the head of a request.
const PATIENCE: Duration = Duration::from_secs(10);
/// How often a silent connection is asked whether anybody is there.
const KEEP_ALIVE: Duration = Duration::from_secs(30);
/// Streams of one connection; an API server sends all its requests on one or two.
const STREAMS: u32 = 1000;

/// A socket with what answers on it.
pub(crate) struct Listener {
    pub(crate) socket: TcpListener,
    /// `None` serves without TLS.
    pub(crate) tls: Option<TlsAcceptor>,
    pub(crate) routes: Router,
    /// How many connections are open at once.
    pub(crate) most: usize,
    pub(crate) metrics: Arc<Metrics>,
}

impl Listener {
    /// Serves until `stop` is true; then takes no more connections, and waits for the requests under way.
    pub(crate) async fn serve(self, mut stop: watch::Receiver<bool>, patience: Duration) {
        let open = Arc::new(Semaphore::new(self.most));
        let graceful = GracefulShutdown::new();
        let builder = Arc::new(builder());
        loop {
            let accepted = async {
                let permit = Arc::clone(&open).acquire_owned().await;
                (self.socket.accept().await, permit)
            };
            let accepted = tokio::select! {
                () = stopped(&mut stop) => break,
                accepted = accepted => accepted,
            };
            let (stream, permit) = match accepted {
                (Ok((stream, _)), Ok(permit)) => (stream, permit),
                (Err(error), _) => {
                    // Too many open files, most likely: wait for some to be closed.
                    crate::log::line(&format!("no connection was accepted: {error}"));
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
                (_, Err(_closed)) => break,
            };
            let (tls, routes) = (self.tls.clone(), self.routes.clone());
            let (builder, watcher, metrics) = (Arc::clone(&builder), graceful.watcher(), Arc::clone(&self.metrics));
            tokio::spawn(async move {
                let _counted = counted(&metrics.connections);
                // A connection that fails is the client's concern: it has its error already.
                if let Some(stream) = handshake(tls, stream).await {
                    let service = TowerToHyperService::new(routes);
                    let connection = builder.serve_connection(TokioIo::new(stream), service);
                    drop(watcher.watch(connection.into_owned()).await);
                }
                drop(permit);
            });
        }
        drop(self.socket);
        if tokio::time::timeout(patience, graceful.shutdown()).await.is_err() {
            crate::log::line("connections were still open at the end");
        }
    }
}

/// Until it is true, or nobody is left to say so.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    drop(stop.wait_for(|stop| *stop).await);
}

fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(PATIENCE);
    builder
        .http2()
        .timer(TokioTimer::new())
        .keep_alive_interval(KEEP_ALIVE)
        .keep_alive_timeout(PATIENCE)
        .max_concurrent_streams(STREAMS);
    builder
}

/// Either kind of stream.
trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}
impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

async fn handshake(tls: Option<TlsAcceptor>, stream: TcpStream) -> Option<Box<dyn Stream>> {
    stream.set_nodelay(true).ok()?;
    let Some(tls) = tls else {
        return Some(Box::new(stream));
    };
    let done = tokio::time::timeout(PATIENCE, tls.accept(stream)).await;
    Some(Box::new(done.ok()?.ok()?))
}
