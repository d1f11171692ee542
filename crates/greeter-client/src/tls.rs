//! TLS as a client: what is trusted, what is shown, and what was seen.

mod certificate;
pub(crate) mod error;
mod recorder;
mod roots;

use std::{fmt, path::Path, sync::Arc};

use anyhow::Context;
pub use certificate::CertificateFacts;
pub(crate) use recorder::{ClientAuth, Recorder};
use rustls::{
    ClientConfig, ClientConnection,
    client::WebPkiServerVerifier,
    crypto::{CryptoProvider, aws_lc_rs},
    pki_types::{PrivateKeyDer, ServerName, pem::PemObject},
    sign::CertifiedKey,
};
use serde::Serialize;
use tokio_rustls::TlsConnector;

/// How TLS is done: verification, client certificate, server name.
pub struct Tls {
    /// The name that is sent as SNI and looked for in the certificate.
    pub server_name: ServerName<'static>,
    provider: Arc<CryptoProvider>,
    /// `None` goes on without verification.
    verifier: Option<Arc<WebPkiServerVerifier>>,
    identity: Option<Arc<CertifiedKey>>,
}

/// What a TLS handshake showed, as far as it came.
#[derive(Clone, Debug, Serialize)]
pub struct TlsFacts {
    /// The name that was asked for.
    pub server_name: String,
    /// Whether the certificate was verified; false also where that was waived.
    pub verified: bool,
    /// For example `TLSv1.3`.
    pub version: Option<String>,
    /// For example `TLS13_AES_256_GCM_SHA384`.
    pub cipher: Option<String>,
    /// For example `X25519MLKEM768`.
    pub key_exchange: Option<String>,
    /// The protocol agreed on, for example `h2`.
    pub alpn: Option<String>,
    /// Whether the server stapled an OCSP response.
    pub ocsp_stapled: bool,
    /// Whether the server asked for a client certificate.
    pub client_certificate_asked: bool,
    /// The certificates that the server sent, leaf first.
    pub certificates: Vec<CertificateFacts>,
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls")
            .field("server_name", &self.server_name)
            .field("verifies", &self.verifier.is_some())
            .field("client_certificate", &self.identity.is_some())
            .finish_non_exhaustive()
    }
}

impl Tls {
    /// TLS that verifies against `cacert`, or against the system's roots (the
    /// built-in public ones where the system has none).
    ///
    /// # Errors
    /// If the name or a file cannot be used.
    pub fn verified(server_name: &str, cacert: Option<&Path>) -> anyhow::Result<Self> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let roots = match cacert {
            Some(path) => roots::from_file(path)?,
            None => roots::of_system(),
        };
        let verifier =
            WebPkiServerVerifier::builder_with_provider(roots.into(), provider.clone()).build()?;
        Ok(Self {
            verifier: Some(verifier),
            ..Self::with_provider(server_name, provider)?
        })
    }

    /// TLS that accepts any certificate: encrypted, but to whom is not known.
    ///
    /// # Errors
    /// If the name is neither a DNS name nor an IP address.
    pub fn unverified(server_name: &str) -> anyhow::Result<Self> {
        Self::with_provider(server_name, Arc::new(aws_lc_rs::default_provider()))
    }

    fn with_provider(server_name: &str, provider: Arc<CryptoProvider>) -> anyhow::Result<Self> {
        Ok(Self {
            server_name: ServerName::try_from(server_name.to_owned()).with_context(|| {
                format!("{server_name:?} cannot be a server's name; set one with --server-name")
            })?,
            provider,
            verifier: None,
            identity: None,
        })
    }

    /// Shows this certificate to servers that ask for one.
    ///
    /// # Errors
    /// If a file cannot be read, or key and certificate do not match.
    pub fn with_identity(mut self, cert: &Path, key: &Path) -> anyhow::Result<Self> {
        let certificates = roots::certificates(cert, "--cert")?;
        let key = PrivateKeyDer::from_pem_file(key)
            .with_context(|| format!("cannot read a private key from --key {}", key.display()))?;
        let identity = CertifiedKey::from_der(certificates, key, &self.provider)
            .with_context(|| format!("--key cannot be used with --cert {}", cert.display()))?;
        self.identity = Some(Arc::new(identity));
        Ok(self)
    }

    /// A connector for one handshake, and what will record it.
    pub(crate) fn connector(&self) -> (TlsConnector, Arc<Recorder>) {
        let recorder = Arc::new(Recorder::new(
            self.provider.clone(),
            self.verifier.clone(),
            self.identity.clone(),
        ));
        let mut config = self.config(&recorder);
        config.alpn_protocols = vec![b"h2".to_vec()];
        (TlsConnector::from(Arc::new(config)), recorder)
    }

    fn config(&self, recorder: &Arc<Recorder>) -> ClientConfig {
        ClientConfig::builder_with_provider(self.provider.clone())
            .with_safe_default_protocol_versions()
            .expect("the provider supports TLS 1.2 and 1.3")
            .dangerous()
            .with_custom_certificate_verifier(recorder.clone())
            .with_client_cert_resolver(recorder.clone())
    }

    /// A connector for a second handshake, which tells causes apart: it carries
    /// no client certificate and accepts any server's, so nothing may be sent
    /// over it. Also what will record it.
    pub(crate) fn probe(&self, sni: bool, alpn: &str) -> (TlsConnector, Arc<Recorder>) {
        let recorder = Arc::new(Recorder::new(self.provider.clone(), None, None));
        let mut config = self.config(&recorder);
        config.enable_sni = sni;
        config.alpn_protocols = vec![alpn.as_bytes().to_vec()];
        (TlsConnector::from(Arc::new(config)), recorder)
    }

    pub(crate) fn facts(
        &self,
        recorder: &Recorder,
        session: Option<&ClientConnection>,
    ) -> TlsFacts {
        let seen = recorder.seen();
        TlsFacts {
            server_name: self.server_name.to_str().into_owned(),
            verified: session.is_some() && self.verifier.is_some(),
            version: session
                .and_then(|session| session.protocol_version()?.as_str())
                .map(|version| version.replace('_', ".")),
            cipher: session
                .and_then(|session| session.negotiated_cipher_suite()?.suite().as_str())
                .map(str::to_owned),
            key_exchange: session
                .and_then(|session| session.negotiated_key_exchange_group()?.name().as_str())
                .map(str::to_owned),
            alpn: session
                .and_then(|session| session.alpn_protocol())
                .map(|alpn| String::from_utf8_lossy(alpn).into_owned()),
            ocsp_stapled: seen.ocsp_stapled,
            client_certificate_asked: seen.client_certificate_asked,
            certificates: seen.chain.iter().map(CertificateFacts::read).collect(),
        }
    }
}
