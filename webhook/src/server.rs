//! The server as a whole: its sockets, its certificate, and its end.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;

use crate::listener::Listener;
use crate::metrics::Metrics;
use crate::operations::{self, Operations};
use crate::review::{self, Reviews};
use crate::tls::{Certificate, Files};
use crate::{Judge, Options, log};

/// A server that listens already, and answers once it runs.
pub struct Server {
    options: Options,
    reviews: TcpListener,
    operations: Option<TcpListener>,
    certificate: Arc<Certificate>,
    files: Files,
    judge: Arc<dyn Judge>,
}

impl Server {
    /// Reads the certificate and opens the sockets.
    ///
    /// # Errors
    /// What is wrong with the certificate, its key, or an address.
    pub async fn bind(options: Options, judge: Arc<dyn Judge>) -> Result<Self, String> {
        let (certificate, files) = Certificate::read(&options)?;
        let reviews = listen(options.listen).await?;
        let operations = match options.operations {
            Some(address) => Some(listen(address).await?),
            None => None,
        };
        Ok(Self {
            options,
            reviews,
            operations,
            certificate,
            files,
            judge,
        })
    }

    /// Where reviews are served.
    ///
    /// # Errors
    /// What the system says, if the socket is gone.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.reviews.local_addr()
    }

    /// Serves until `stop` is done. Then it is not ready, takes requests for a while longer (`drain`), finishes what is
    /// under way, and returns.
    ///
    /// # Errors
    /// What is wrong with the settings of TLS.
    pub async fn run(self, stop: impl Future<Output = ()>) -> Result<(), String> {
        let metrics = Arc::new(Metrics::new());
        let (stopping, is_stopping) = watch::channel(false);
        let (closing, is_closing) = watch::channel(false);
        let reviews = Reviews::new(self.judge, self.options.limits, Arc::clone(&metrics));
        let operations = operations::routes(Operations {
            metrics: Arc::clone(&metrics),
            stopping: is_stopping,
        });
        let listener = |socket, tls, routes| Listener {
            socket,
            tls,
            routes,
            most: self.options.limits.connections,
            metrics: Arc::clone(&metrics),
        };
        let tls = TlsAcceptor::from(Arc::new(self.certificate.config()?));
        let routes = review::routes(Arc::new(reviews)).merge(operations.clone());
        let mut serving = vec![listener(self.reviews, Some(tls), routes)];
        serving.extend(self.operations.map(|socket| listener(socket, None, operations)));
        // Nothing that is under way takes longer than its time.
        let patience = self.options.limits.time;
        let serving: Vec<_> = serving
            .into_iter()
            .map(|listener| tokio::spawn(listener.serve(is_closing.clone(), patience)))
            .collect();
        let watching = tokio::spawn(self.certificate.watch(self.options.clone(), self.files, metrics));
        stop.await;
        log::line("stopping");
        stopping.send_replace(true);
        tokio::time::sleep(self.options.drain).await;
        closing.send_replace(true);
        for listener in serving {
            listener.await.map_err(|error| error.to_string())?;
        }
        watching.abort();
        log::line("stopped");
        Ok(())
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, String> {
    TcpListener::bind(address)
        .await
        .map_err(|error| format!("{address}: {error}"))
}
