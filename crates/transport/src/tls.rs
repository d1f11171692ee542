//! TLS as a client: the trusted roots, the client certificate, and the evidence of
//! the handshake.

mod certificate;
mod certificate_error;
mod client_certificate;
mod error;
mod report;
mod roots;
mod verifier;
mod weakness;

use std::{fmt, io, path::Path, sync::Arc};

use anyhow::{Context, anyhow};
pub use certificate::CertificateReport;
use cli_kit::pem;
pub use client_certificate::ClientCertificateFault;
pub(crate) use error::check_alpn;
pub use error::{find_rustls_error, from_alert};
pub use report::TlsReport;
use roots::Roots;
use rustls::{
    ClientConfig, ClientConnection, Error, KeyLogFile,
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::ServerName,
    sign::CertifiedKey,
};
use tokio_rustls::TlsConnector;
pub use verifier::ClientAuth;
pub(crate) use verifier::RecordingVerifier;

use crate::DialError;

/// The settings of TLS: verification, client certificate, server name.
#[derive(Clone)]
pub struct Tls {
    /// The name that is sent as SNI and verified in the certificate.
    pub server_name: ServerName<'static>,
    provider: Arc<CryptoProvider>,
    /// `None` accepts any certificate.
    roots: Option<Arc<Roots>>,
    identity: Option<Arc<CertifiedKey>>,
    key_log: Option<Arc<KeyLogFile>>,
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls")
            .field("server_name", &self.server_name)
            .field("verifies", &self.roots.is_some())
            .field("client_certificate", &self.identity.is_some())
            .finish_non_exhaustive()
    }
}

impl Tls {
    /// TLS that verifies against `cacert`, or against the system's roots. A system
    /// without roots gets the built-in public ones.
    ///
    /// # Errors
    /// If the name is invalid, or a file cannot be read.
    pub fn verified(server_name: &str, cacert: Option<&Path>) -> anyhow::Result<Self> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let roots = match cacert {
            Some(path) => Roots::from_file(path, &provider)?,
            None => Roots::of_system(&provider),
        };
        Ok(Self {
            roots: Some(Arc::new(roots)),
            ..Self::with_provider(server_name, provider)?
        })
    }

    /// TLS that accepts any certificate: encrypted, but the server is not
    /// authenticated.
    ///
    /// # Errors
    /// If the name is neither a DNS name nor an IP address.
    pub fn unverified(server_name: &str) -> anyhow::Result<Self> {
        Self::with_provider(server_name, Arc::new(aws_lc_rs::default_provider()))
    }

    fn with_provider(server_name: &str, provider: Arc<CryptoProvider>) -> anyhow::Result<Self> {
        Ok(Self {
            server_name: ServerName::try_from(server_name.to_owned()).with_context(|| {
                format!("{server_name:?} is not a server name; set one with --server-name")
            })?,
            provider,
            roots: None,
            identity: None,
            key_log: None,
        })
    }

    /// Sends this certificate to servers that request one.
    ///
    /// # Errors
    /// If a file cannot be read, or key and certificate do not match.
    pub fn with_identity(mut self, cert: &Path, key: &Path) -> anyhow::Result<Self> {
        let certificates = pem::certificates(cert, "--cert")?;
        let private_key = pem::private_key(key, "--key")?;
        let identity = CertifiedKey::from_der(certificates, private_key, &self.provider);
        let identity = identity.map_err(|error| match error {
            Error::InconsistentKeys(_) => anyhow!(pem::KEY_MISMATCH),
            Error::General(_) => anyhow!(
                "the key's type or size is not supported; use ECDSA, Ed25519, or RSA of at least 2048 bits"
            ),
            error => error.into(),
        });
        let identity = identity.with_context(|| {
            let (cert, key) = (cert.display(), key.display());
            format!("--cert {cert} and --key {key} cannot be used together")
        })?;
        self.identity = Some(Arc::new(identity));
        Ok(self)
    }

    /// Why a server that verifies client certificates refuses that of this client.
    #[must_use]
    pub fn client_certificate_fault(&self) -> Option<ClientCertificateFault> {
        let certificate = self.identity.as_ref()?.cert.first()?;
        ClientCertificateFault::of(certificate)
    }

    /// Appends the keys of every connection to the file that `SSLKEYLOGFILE` names,
    /// for a packet analyser.
    #[must_use]
    pub fn with_key_log(mut self) -> Self {
        self.key_log = Some(Arc::new(KeyLogFile::new()));
        self
    }

    /// A connector for one handshake, and its verifier.
    pub(crate) fn connector(&self) -> (TlsConnector, Arc<RecordingVerifier>) {
        let verifier = Arc::new(RecordingVerifier::new(
            self.provider.clone(),
            self.roots.clone(),
            self.identity.clone(),
        ));
        let mut config = self.config(&verifier);
        config.alpn_protocols = vec![b"h2".to_vec()];
        (TlsConnector::from(Arc::new(config)), verifier)
    }

    fn config(&self, verifier: &Arc<RecordingVerifier>) -> ClientConfig {
        let mut config = ClientConfig::builder_with_provider(self.provider.clone())
            .with_safe_default_protocol_versions()
            .expect("the provider supports TLS 1.2 and 1.3")
            .dangerous()
            .with_custom_certificate_verifier(verifier.clone())
            .with_client_cert_resolver(verifier.clone());
        if let Some(key_log) = &self.key_log {
            config.key_log = key_log.clone();
        }
        config
    }

    /// A connector for the handshake of a probe, and its verifier. It sends no
    /// client certificate and accepts any server: nothing may be sent over it.
    pub(crate) fn probe(&self, sni: bool, alpn: &str) -> (TlsConnector, Arc<RecordingVerifier>) {
        let verifier = Arc::new(RecordingVerifier::new(self.provider.clone(), None, None));
        let mut config = self.config(&verifier);
        config.enable_sni = sni;
        config.alpn_protocols = vec![alpn.as_bytes().to_vec()];
        (TlsConnector::from(Arc::new(config)), verifier)
    }

    /// Whether the handshake sends SNI: IP addresses are not sent.
    #[must_use]
    pub fn sends_sni(&self) -> bool {
        matches!(self.server_name, ServerName::DnsName(_))
    }

    /// The evidence of the handshake; `session` is `None` if it failed.
    pub(crate) fn report(
        &self,
        verifier: &RecordingVerifier,
        session: Option<&ClientConnection>,
    ) -> TlsReport {
        TlsReport {
            verified: session.is_some() && self.roots.is_some(),
            ..TlsReport::new(&self.server_name, verifier, session)
        }
    }
}

/// The cause of a failed handshake.
pub(crate) fn classify(error: &io::Error, tls: &Tls, verifier: &RecordingVerifier) -> DialError {
    error::from_handshake(error, &tls.server_name.to_str(), verifier)
}
