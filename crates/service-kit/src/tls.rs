//! TLS for servers that run without a mesh.

use std::{path::PathBuf, sync::Arc};

use anyhow::{Context, anyhow};
use clap::Args;
use cli_kit::pem;
use rustls::{Error, RootCertStore, ServerConfig, crypto::aws_lc_rs, server::WebPkiClientVerifier};
use tokio_rustls::TlsAcceptor;

/// The PEM files for TLS; without them, the server speaks plaintext.
#[derive(Args, Clone, Debug, Default)]
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
}

impl TlsFiles {
    /// An acceptor for TLS 1.2 and 1.3 with ALPN `h2` and `http/1.1`, in this
    /// order; `None` if no certificate is configured.
    ///
    /// # Errors
    /// If a file cannot be read or parsed, or the key does not belong to the
    /// certificate.
    pub(crate) fn acceptor(&self) -> anyhow::Result<Option<TlsAcceptor>> {
        let (Some(cert), Some(key)) = (&self.tls_cert, &self.tls_key) else {
            return Ok(None);
        };
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = ServerConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()?;
        let builder = match &self.client_ca {
            None => builder.with_no_client_auth(),
            Some(ca) => {
                let mut roots = RootCertStore::empty();
                for certificate in pem::certificates(ca, "--client-ca")? {
                    roots
                        .add(certificate)
                        .with_context(|| format!("cannot use --client-ca {}", ca.display()))?;
                }
                builder.with_client_cert_verifier(
                    WebPkiClientVerifier::builder_with_provider(roots.into(), provider).build()?,
                )
            }
        };
        let mut config = builder
            .with_single_cert(
                pem::certificates(cert, "--tls-cert")?,
                pem::private_key(key, "--tls-key")?,
            )
            .map_err(|error| match error {
                Error::InconsistentKeys(_) => anyhow!(pem::KEY_MISMATCH),
                other => other.into(),
            })
            .context("--tls-cert and --tls-key cannot be used together")?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Some(TlsAcceptor::from(Arc::new(config))))
    }
}
