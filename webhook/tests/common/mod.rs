//! A server of the test's own, and a client that may be as rude as the test wants.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test; each uses some of it"
)]

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use webhook::{Judge, Limits, Options, Server};

/// A running server, and the folder with its certificate.
pub struct Running {
    pub address: SocketAddr,
    pub folder: TempDir,
    stop: oneshot::Sender<()>,
    done: JoinHandle<Result<(), String>>,
}

/// Settings for a test: short waits, free ports.
pub fn options(folder: &Path) -> Options {
    Options {
        listen: ([127, 0, 0, 1], 0).into(),
        operations: None,
        certificate: folder.join("tls.crt"),
        key: folder.join("tls.key"),
        reload: Duration::from_millis(50),
        drain: Duration::from_millis(0),
        limits: Limits {
            time: Duration::from_secs(20),
            ..Limits::standard()
        },
    }
}

/// Starts a server with limits of the test's choice.
pub async fn start(judge: impl Judge, change: impl FnOnce(&mut Options)) -> Running {
    let folder = tempfile::tempdir().unwrap();
    write_certificate(folder.path());
    let mut options = options(folder.path());
    change(&mut options);
    let server = Server::bind(options, Arc::new(judge)).await.unwrap();
    let address = server.address().unwrap();
    let (stop, stopped) = oneshot::channel();
    let done = tokio::spawn(server.run(async move { drop(stopped.await) }));
    Running {
        address,
        folder,
        stop,
        done,
    }
}

/// Writes a new certificate for `localhost` with its key.
pub fn write_certificate(folder: &Path) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(folder.join("tls.crt"), made.cert.pem()).unwrap();
    std::fs::write(folder.join("tls.key"), made.signing_key.serialize_pem()).unwrap();
}

impl Running {
    /// Tells it to stop, and waits for its end.
    pub async fn stop(self) {
        self.begin_to_stop().await.unwrap().unwrap();
    }

    /// Tells it to stop; what it returns is done when the server is.
    pub fn begin_to_stop(self) -> JoinHandle<Result<(), String>> {
        self.stop.send(()).unwrap();
        self.done
    }

    /// A client that trusts the certificate that is there now.
    pub fn client(&self) -> Client {
        Client::new(self.address, &self.folder.path().join("tls.crt"))
    }
}

/// Speaks HTTP/1.1, a connection for each request.
#[derive(Clone)]
pub struct Client {
    address: SocketAddr,
    tls: TlsConnector,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    /// The response of an AdmissionReview.
    pub fn response(&self) -> Value {
        let review: Value = serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{self:?}"));
        review["response"].clone()
    }

    /// Whether an API server would take this for an admission.
    pub fn admits(&self) -> bool {
        let review = serde_json::from_str::<Value>(&self.body);
        self.status == 200 && review.is_ok_and(|review| review["response"]["allowed"] == true)
    }
}

impl Client {
    pub fn new(address: SocketAddr, certificate: &Path) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(certificate).unwrap()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        Self {
            address,
            tls: TlsConnector::from(Arc::new(config)),
        }
    }

    /// A connection with TLS.
    pub async fn connect(&self) -> std::io::Result<TlsStream<TcpStream>> {
        let stream = TcpStream::connect(self.address).await?;
        self.tls
            .connect(ServerName::try_from("localhost").unwrap(), stream)
            .await
    }

    /// Sends bytes, and reads until the server closes the connection.
    pub async fn raw(&self, bytes: &[u8]) -> std::io::Result<Answer> {
        let mut stream = self.connect().await?;
        // A server that refuses early closes before it has read everything.
        let (mut reading, mut writing) = tokio::io::split(&mut stream);
        let write = async {
            drop(writing.write_all(bytes).await);
            drop(writing.flush().await);
        };
        let read = async {
            let mut answer = Vec::new();
            let read = reading.read_to_end(&mut answer).await;
            if answer.is_empty() {
                read.map(|_| answer)
            } else {
                Ok(answer)
            }
        };
        let ((), answer) = tokio::join!(write, read);
        Ok(parsed(&answer?))
    }

    pub async fn get(&self, path: &str) -> Answer {
        let head = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
        self.raw(head.as_bytes()).await.unwrap()
    }

    pub async fn review(&self, body: &[u8]) -> Answer {
        self.try_review(body).await.unwrap()
    }

    pub async fn try_review(&self, body: &[u8]) -> std::io::Result<Answer> {
        self.raw(&post(body)).await
    }
}

/// A request as the API server sends it.
pub fn post(body: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST /validate?timeout=10s HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

fn parsed(bytes: &[u8]) -> Answer {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    Answer {
        status: status.unwrap_or(0),
        head: head.to_lowercase(),
        body: body.to_owned(),
    }
}

/// An AdmissionReview of an operation on an object.
pub fn review(operation: &str, object: &Value) -> Value {
    json!({"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {
        "uid": "705ab4f5-6393-11e8-b7cc-42010a800002", "operation": operation, "dryRun": false, "object": object,
    }})
}
