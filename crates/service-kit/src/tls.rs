//! TLS for servers that are reached without a mesh.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, ensure};
use clap::Args;
use rustls::{
    RootCertStore, ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::WebPkiClientVerifier,
};
use tokio_rustls::TlsAcceptor;

/// The PEM files that make a server speak TLS; without them it speaks plaintext.
#[derive(Args, Clone, Debug, Default)]
pub struct TlsFiles {
    /// Serve TLS with this certificate chain (PEM, leaf first)
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    pub tls_cert: Option<PathBuf>,

    /// The private key of --tls-cert (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub tls_key: Option<PathBuf>,

    /// Require a client certificate that one of these CAs signed (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    pub client_ca: Option<PathBuf>,
}

impl TlsFiles {
    /// The acceptor for these files: TLS 1.2 and 1.3, ALPN `h2` before
    /// `http/1.1`; `None` if no certificate is configured.
    ///
    /// # Errors
    /// If a file cannot be read or parsed, or key and certificate do not match.
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
                for certificate in certificates(ca, "--client-ca")? {
                    roots
                        .add(certificate)
                        .with_context(|| format!("--client-ca {}", ca.display()))?;
                }
                builder.with_client_cert_verifier(
                    WebPkiClientVerifier::builder_with_provider(roots.into(), provider).build()?,
                )
            }
        };
        let private_key = PrivateKeyDer::from_pem_file(key).with_context(|| {
            format!("cannot read a private key from --tls-key {}", key.display())
        })?;
        let mut config = builder
            .with_single_cert(certificates(cert, "--tls-cert")?, private_key)
            .context("--tls-cert and --tls-key cannot be used together")?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Some(TlsAcceptor::from(Arc::new(config))))
    }
}

fn certificates(path: &Path, flag: &str) -> anyhow::Result<Vec<CertificateDer<'static>>> {
    let context = || format!("cannot read certificates from {flag} {}", path.display());
    let certificates = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .with_context(context)?;
    ensure!(
        !certificates.is_empty(),
        "{}: no PEM certificate in it",
        context()
    );
    Ok(certificates)
}
