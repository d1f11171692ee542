//! Verifies as asked, and keeps the server's certificates also when they fail.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustls::{
    DigitallySignedStruct, Error, SignatureScheme,
    client::{
        ResolvesClientCert, WebPkiServerVerifier,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
    sign::CertifiedKey,
};

use crate::DialError;

/// A verifier for one handshake.
#[derive(Debug)]
pub(crate) struct Recorder {
    provider: Arc<CryptoProvider>,
    verifier: Option<Arc<WebPkiServerVerifier>>,
    identity: Option<Arc<CertifiedKey>>,
    seen: Mutex<Seen>,
}

/// What the server showed and asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// Its certificates, leaf first.
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) ocsp_stapled: bool,
    pub(crate) client_certificate_asked: bool,
}

/// What was said of a client certificate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ClientAuth {
    /// The server did not ask for one.
    #[default]
    NotAsked,
    /// The server asked, and there was none to show.
    Missing,
    /// The server asked and was shown one.
    Shown,
}

impl ClientAuth {
    /// What it means that the server refuses the client, as `cause` says.
    pub(crate) fn refused(self, cause: String) -> DialError {
        match self {
            Self::Shown => DialError::ClientCertificateRejected { cause },
            Self::Missing | Self::NotAsked => DialError::ClientCertificateRequired,
        }
    }
}

impl Recorder {
    pub(super) fn new(
        provider: Arc<CryptoProvider>,
        verifier: Option<Arc<WebPkiServerVerifier>>,
        identity: Option<Arc<CertifiedKey>>,
    ) -> Self {
        Self {
            provider,
            verifier,
            identity,
            seen: Mutex::default(),
        }
    }

    pub(crate) fn seen(&self) -> Seen {
        self.lock().clone()
    }

    /// What was said of a client certificate.
    pub(crate) fn client_auth(&self) -> ClientAuth {
        match (self.lock().client_certificate_asked, &self.identity) {
            (false, _) => ClientAuth::NotAsked,
            (true, None) => ClientAuth::Missing,
            (true, Some(_)) => ClientAuth::Shown,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ResolvesClientCert for Recorder {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.lock().client_certificate_asked = true;
        self.identity.clone()
    }

    fn has_certs(&self) -> bool {
        self.identity.is_some()
    }
}

impl ServerCertVerifier for Recorder {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let chain = std::iter::once(leaf).chain(intermediates);
        let mut seen = self.lock();
        seen.chain = chain.cloned().map(CertificateDer::into_owned).collect();
        seen.ocsp_stapled = !ocsp_response.is_empty();
        drop(seen);
        match &self.verifier {
            None => Ok(ServerCertVerified::assertion()),
            Some(verifier) => {
                verifier.verify_server_cert(leaf, intermediates, server_name, ocsp_response, now)
            }
        }
    }

    // Signatures are checked even where the certificate is not: that the
    // server holds the certificate's key is part of any handshake.
    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
