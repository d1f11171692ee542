//! The contents of the TLS files, and rustls's configuration with them.

use std::{path::PathBuf, sync::Arc};

use anyhow::{Context, anyhow};
use cli_kit::pem;
use rustls::{
    Error, RootCertStore, ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer},
    server::WebPkiClientVerifier,
};

use super::validity::Validity;

/// Where the TLS files are.
#[derive(Clone)]
pub(super) struct Paths {
    pub(super) cert: PathBuf,
    pub(super) key: PathBuf,
    pub(super) client_ca: Option<PathBuf>,
}

/// What the TLS files contain.
#[derive(PartialEq)]
pub(super) struct Material {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    client_ca: Option<Vec<CertificateDer<'static>>>,
}

impl Material {
    /// Reads the files.
    ///
    /// # Errors
    /// If a file cannot be read or parsed.
    pub(super) fn read(paths: &Paths) -> anyhow::Result<Self> {
        let client_ca = paths.client_ca.as_deref();
        Ok(Self {
            chain: pem::certificates(&paths.cert, "--tls-cert")?,
            key: pem::private_key(&paths.key, "--tls-key")?,
            client_ca: client_ca
                .map(|path| pem::certificates(path, "--client-ca"))
                .transpose()?,
        })
    }

    /// The validity of the leaf; `None` if it cannot be parsed.
    pub(super) fn validity(&self) -> Option<Validity> {
        Validity::of(self.chain.first()?)
    }

    /// The configuration of a server. Each one has its own cache of sessions, so
    /// that a session never outlives the certificates that it was made with: a
    /// client that resumes an older one gets a full handshake.
    ///
    /// # Errors
    /// If the key does not belong to the certificate, or rustls cannot use a
    /// certificate.
    pub(super) fn config(&self) -> anyhow::Result<ServerConfig> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = ServerConfig::builder_with_provider(provider.clone())
            .with_safe_default_protocol_versions()?;
        let builder = match &self.client_ca {
            None => builder.with_no_client_auth(),
            Some(certificates) => {
                let mut roots = RootCertStore::empty();
                for certificate in certificates {
                    roots
                        .add(certificate.clone())
                        .context("cannot use a certificate of --client-ca")?;
                }
                builder.with_client_cert_verifier(
                    WebPkiClientVerifier::builder_with_provider(roots.into(), provider).build()?,
                )
            }
        };
        let mut config = builder
            .with_single_cert(self.chain.clone(), self.key.clone_key())
            .map_err(|error| match error {
                Error::InconsistentKeys(_) => anyhow!(pem::KEY_MISMATCH),
                Error::InvalidCertificate(_) => anyhow!("--tls-cert holds no valid certificate"),
                other => other.into(),
            })
            .context("--tls-cert and --tls-key cannot be used together")?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(config)
    }
}
