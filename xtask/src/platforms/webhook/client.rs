//! A client of the webhook, over TLS.

use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use super::served::Authority;

/// One connection.
pub(crate) struct Client(TlsStream<TcpStream>);

/// What connects to servers that an authority vouches for.
pub(crate) fn trusting(authority: &Authority) -> Result<TlsConnector> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.pem().as_bytes())?)?;
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

impl Client {
    pub(crate) async fn connect(tls: &TlsConnector, port: u16) -> Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        Ok(Self(tls.connect(ServerName::try_from("127.0.0.1")?, stream).await?))
    }

    /// The body of the answer, which must be a good one.
    pub(crate) async fn ask(&mut self, request: &[u8]) -> Result<Vec<u8>> {
        let Self(stream) = self;
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
        let body = answer.split_off(head);
        let said = String::from_utf8_lossy(&body);
        ensure!(text.starts_with("http/1.1 200 "), "{text}{said}");
        Ok(body)
    }
}

/// A request with an AdmissionReview.
pub(crate) fn post(review: &[u8]) -> Vec<u8> {
    let length = review.len();
    let head = format!(
        "POST /validate HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n"
    );
    [head.as_bytes(), review].concat()
}
