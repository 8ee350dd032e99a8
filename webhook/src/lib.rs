//! The engine as a Kubernetes admission webhook: AdmissionReview v1 over TLS.
//!
//! It fails closed. Only an answer of the engine, whole and in time, may admit; everything else is a denial with the
//! request's uid, or an HTTP error, which `failurePolicy: Fail` turns into a refusal. It keeps no state, so that a dry
//! run is like any other request, and it writes nothing of an object to its log.

mod answer;
mod auditor;
mod folder;
mod listener;
pub mod log;
mod metrics;
mod operations;
mod review;
mod server;
mod tls;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use policy_core::AdmissionReview;

pub use auditor::Auditor;
pub use folder::Folder;
pub use server::Server;

/// What judges the requests.
pub trait Judge: Send + Sync + 'static {
    /// The answer to an AdmissionReview as it was sent. It may take its time: it runs on a thread of its own.
    fn judge(&self, review: &[u8]) -> AdmissionReview;
}

/// Where and how to serve.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where reviews are served, over TLS.
    pub listen: SocketAddr,
    /// Where health and metrics are served without TLS, besides `listen`.
    pub operations: Option<SocketAddr>,
    /// The certificate chain, PEM.
    pub certificate: PathBuf,
    /// Its private key, PEM.
    pub key: PathBuf,
    /// How often the files are looked at again.
    pub reload: Duration,
    /// How long requests are still taken after the signal to stop, while the cluster learns of it.
    pub drain: Duration,
    /// What a request may cost.
    pub limits: Limits,
}

/// What requests may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The size of a body in bytes. Larger ones are refused unread (413).
    pub body: usize,
    /// The size of all bodies in memory, in bytes. A request that exceeds it is refused at once (429).
    pub bodies: usize,
    /// The time from the head of a request to its answer. Afterwards it is denied, or refused (408, 503, 504).
    pub time: Duration,
    /// How many reviews are judged at once; the others wait for their turn, at most for their time.
    pub concurrent: usize,
    /// How many connections are open at once; the others wait to be accepted.
    pub connections: usize,
}

impl Limits {
    /// Bounds that suit a cluster: an API server takes objects of 3 MiB and waits for ten seconds.
    pub fn standard() -> Self {
        let body = 8 << 20;
        Self {
            body,
            bodies: 8 * body,
            time: Duration::from_secs(8),
            concurrent: std::thread::available_parallelism().map_or(1, usize::from),
            connections: 1024,
        }
    }
}
