//! The certificate, which changes while connections are open.

use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};

use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::{ClientHello, ResolvesServerCert};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{self, ServerConfig};

use crate::Options;
use crate::metrics::Metrics;

/// The certificate in use. New connections take what is there; old ones keep what they have.
#[derive(Debug)]
pub(crate) struct Certificate {
    provider: Arc<CryptoProvider>,
    key: RwLock<Arc<CertifiedKey>>,
}

impl Certificate {
    /// Reads it for the first time.
    pub(crate) fn read(options: &Options) -> Result<(Arc<Self>, Files), String> {
        let provider = Arc::new(ring::default_provider());
        let files = Files::read(options)?;
        let key = RwLock::new(files.certified(&provider)?);
        Ok((Arc::new(Self { provider, key }), files))
    }

    /// TLS with this certificate, whichever it is at the time of the handshake.
    pub(crate) fn config(self: &Arc<Self>) -> Result<ServerConfig, String> {
        let versions =
            ServerConfig::builder_with_provider(Arc::clone(&self.provider)).with_safe_default_protocol_versions();
        let versions = versions.map_err(|error| error.to_string())?;
        let resolver = Arc::clone(self) as Arc<dyn ResolvesServerCert>;
        let mut config = versions.with_no_client_auth().with_cert_resolver(resolver);
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(config)
    }

    /// Looks at the files forever. What cannot be used is told once, and the old certificate stays.
    ///
    /// The content is compared, not the time of a change: so it does not matter how the files are replaced, and the
    /// kubelet replaces a link above them.
    pub(crate) async fn watch(self: Arc<Self>, options: Options, mut seen: Files, metrics: Arc<Metrics>) {
        let mut unread = None;
        loop {
            tokio::time::sleep(options.reload).await;
            let files = match Files::read(&options) {
                Ok(files) => files,
                Err(error) if unread.as_ref() == Some(&error) => continue,
                Err(error) => {
                    crate::log::line(&format!("the certificate stays as it is: {error}"));
                    metrics.reloaded(false);
                    unread = Some(error);
                    continue;
                }
            };
            unread = None;
            if files == seen {
                continue;
            }
            let usable = files.certified(&self.provider);
            metrics.reloaded(usable.is_ok());
            match usable {
                Ok(key) => {
                    *self.key.write().unwrap_or_else(PoisonError::into_inner) = key;
                    crate::log::line("the certificate has changed");
                }
                Err(error) => crate::log::line(&format!("the certificate stays as it is: {error}")),
            }
            seen = files;
        }
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.key.read().unwrap_or_else(PoisonError::into_inner)))
    }
}

/// What the files held.
#[derive(PartialEq, Eq)]
pub(crate) struct Files {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

impl Files {
    fn read(options: &Options) -> Result<Self, String> {
        let read = |path: &Path| std::fs::read(path).map_err(|error| format!("{}: {error}", path.display()));
        Ok(Self {
            certificate: read(&options.certificate)?,
            key: read(&options.key)?,
        })
    }

    /// The certificate with its key, if they belong together.
    fn certified(&self, provider: &CryptoProvider) -> Result<Arc<CertifiedKey>, String> {
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&self.certificate).collect();
        let chain = chain.map_err(|error| format!("the certificate is no PEM: {error}"))?;
        // What it says of a key is not repeated.
        let key = PrivateKeyDer::from_pem_slice(&self.key).map_err(|_| "the key is no PEM of a private key")?;
        if chain.is_empty() {
            return Err("there is no certificate in the file".into());
        }
        let certified = CertifiedKey::from_der(chain, key, provider);
        certified
            .map(Arc::new)
            .map_err(|error: rustls::Error| error.to_string())
    }
}
