//! Verification that records what the server sent, even if it fails.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustls::{
    DigitallySignedStruct, Error, SignatureScheme,
    client::{
        ResolvesClientCert,
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
    },
    crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature},
    pki_types::{CertificateDer, ServerName, UnixTime},
    sign::CertifiedKey,
};

use super::{CertificateReport, ClientCertificateFault, Roots};
use crate::DialError;

/// The verifier of one handshake.
#[derive(Debug)]
pub(crate) struct RecordingVerifier {
    provider: Arc<CryptoProvider>,
    /// `None` accepts any certificate.
    roots: Option<Arc<Roots>>,
    identity: Option<Arc<CertifiedKey>>,
    record: Mutex<HandshakeRecord>,
}

/// What the server sent and requested.
#[derive(Clone, Debug, Default)]
pub(crate) struct HandshakeRecord {
    /// Its certificates, leaf first.
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) ocsp_stapled: bool,
    pub(crate) client_certificate_requested: bool,
}

impl HandshakeRecord {
    /// Whether the server is a sidecar that requires the mTLS of its mesh.
    pub(super) fn is_of_sidecar(&self) -> bool {
        self.client_certificate_requested && self.chain.first().is_some_and(is_of_mesh)
    }
}

/// Whether the server requested a client certificate, and received one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClientAuth {
    /// The server did not request one.
    #[default]
    NotRequested,
    /// The server requested one, and the client has none.
    NotSent,
    /// The server requested one, and received it.
    Sent,
    /// The server requested one, and received one with this fault.
    SentInvalid(ClientCertificateFault),
    /// A sidecar requested one of its mesh, which no client outside has.
    RequestedBySidecar,
}

impl ClientAuth {
    /// The error of a server that refuses the client with this alert or event.
    #[must_use]
    pub fn refused(self, cause: String) -> DialError {
        match self {
            Self::Sent => DialError::ClientCertificateRejected { cause },
            Self::SentInvalid(fault) => fault.refused(),
            Self::RequestedBySidecar => DialError::SidecarMtls,
            Self::NotSent | Self::NotRequested => DialError::ClientCertificateRequired,
        }
    }
}

impl RecordingVerifier {
    pub(super) fn new(
        provider: Arc<CryptoProvider>,
        roots: Option<Arc<Roots>>,
        identity: Option<Arc<CertifiedKey>>,
    ) -> Self {
        Self {
            provider,
            roots,
            identity,
            record: Mutex::default(),
        }
    }

    pub(crate) fn record(&self) -> HandshakeRecord {
        self.lock().clone()
    }

    /// Whether the server requested a client certificate, and received one.
    pub(crate) fn client_auth(&self) -> ClientAuth {
        let record = self.record();
        if !record.client_certificate_requested {
            return ClientAuth::NotRequested;
        }
        let own = self.identity.as_ref().and_then(|it| it.cert.first());
        let fault = own.and_then(ClientCertificateFault::of);
        // Sidecars accept only certificates of the mesh: the fault of another is not the
        // cause.
        let is_own_of_mesh = own.is_some_and(is_of_mesh);
        match (own, fault) {
            (_, Some(fault)) if is_own_of_mesh => ClientAuth::SentInvalid(fault),
            _ if record.is_of_sidecar() => ClientAuth::RequestedBySidecar,
            (_, Some(fault)) => ClientAuth::SentInvalid(fault),
            (Some(_), None) => ClientAuth::Sent,
            (None, None) => ClientAuth::NotSent,
        }
    }

    fn lock(&self) -> MutexGuard<'_, HandshakeRecord> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_of_mesh(certificate: &CertificateDer<'_>) -> bool {
    CertificateReport::read(certificate).is_of_mesh()
}

impl ResolvesClientCert for RecordingVerifier {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.lock().client_certificate_requested = true;
        self.identity.clone()
    }

    fn has_certs(&self) -> bool {
        self.identity.is_some()
    }
}

impl ServerCertVerifier for RecordingVerifier {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let chain = std::iter::once(leaf).chain(intermediates);
        let mut record = self.lock();
        record.chain = chain.cloned().map(CertificateDer::into_owned).collect();
        record.ocsp_stapled = !ocsp_response.is_empty();
        drop(record);
        match &self.roots {
            None => Ok(ServerCertVerified::assertion()),
            Some(roots) => roots.verify(|verifier| {
                verifier.verify_server_cert(leaf, intermediates, server_name, ocsp_response, now)
            }),
        }
    }

    // Signatures are verified even if the certificate is not: they prove that the
    // server has the certificate's key.
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
