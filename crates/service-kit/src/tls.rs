//! TLS for servers that run without a mesh: the flags, and the acceptor of
//! handshakes.

mod material;
mod reload;
mod validity;

use std::{io, path::PathBuf, sync::Arc, time::Duration};

use clap::Args;
use cli_kit::duration;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::watch,
};
use tokio_rustls::server::TlsStream;
use tracing::warn;

use self::{
    material::Paths,
    reload::{Reload, Served},
};
use crate::repeats::Repeats;

/// The PEM files for TLS; without them, the server speaks plaintext. The files
/// are read again while the server runs: new connections get a renewed
/// certificate, and open ones are not closed.
#[derive(Args, Clone, Debug)]
pub struct TlsFiles {
    /// Serve TLS with this certificate chain (PEM, leaf first)
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,

    /// The private key of --tls-cert (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,

    /// Require a client certificate issued by one of these CAs (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub client_ca: Option<PathBuf>,

    /// How often the TLS files are checked for a renewal
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = duration::positive, allow_hyphen_values = true)]
    pub tls_reload_interval: Duration,
}

impl TlsFiles {
    /// An acceptor for TLS 1.2 and 1.3 with ALPN `h2` and `http/1.1`, in this
    /// order; `None` if no certificate is configured. A task of the runtime
    /// reloads the files until the acceptor is dropped.
    ///
    /// # Errors
    /// If a file cannot be read or parsed, or the key does not belong to the
    /// certificate.
    pub(crate) fn acceptor(&self) -> anyhow::Result<Option<TlsAcceptor>> {
        let (Some(cert), Some(key)) = (&self.tls_cert, &self.tls_key) else {
            return Ok(None);
        };
        let paths = Paths {
            cert: cert.clone(),
            key: key.clone(),
            client_ca: self.client_ca.clone(),
        };
        let (reload, served) = Reload::start(paths)?;
        tokio::spawn(reload.run(self.tls_reload_interval));
        Ok(Some(TlsAcceptor {
            served,
            failures: Repeats::default(),
        }))
    }
}

/// Accepts TLS handshakes with the certificate of the last good files.
pub(crate) struct TlsAcceptor {
    served: watch::Receiver<Served>,
    failures: Repeats,
}

impl TlsAcceptor {
    /// The end of the certificate's validity, in seconds since 1970.
    pub(crate) fn not_after(&self) -> Option<i64> {
        self.served.borrow().not_after
    }

    /// Performs a handshake; counts the failures.
    ///
    /// # Errors
    /// If the handshake fails.
    pub(crate) async fn accept<S: AsyncRead + AsyncWrite + Unpin>(
        &self,
        stream: S,
    ) -> io::Result<TlsStream<S>> {
        let config = Arc::clone(&self.served.borrow().config);
        let result = tokio_rustls::TlsAcceptor::from(config).accept(stream).await;
        if let Err(error) = &result
            && let Some(count) = self.failures.count()
        {
            warn!(%error, count, "TLS handshakes failed");
        }
        result
    }
}
