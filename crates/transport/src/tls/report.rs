//! The evidence of a TLS handshake.

use rustls::{ClientConnection, pki_types::ServerName};
use serde::Serialize;

use super::{CertificateReport, RecordingVerifier};

/// The evidence of a TLS handshake, also of one that failed.
#[derive(Clone, Debug, Serialize)]
pub struct TlsReport {
    /// The name that was sent as SNI and verified.
    pub server_name: String,
    /// Whether the certificate was verified; false also with
    /// `--insecure-skip-verify`.
    pub verified: bool,
    /// For example `TLSv1.3`.
    pub version: Option<String>,
    /// For example `TLS13_AES_256_GCM_SHA384`.
    pub cipher: Option<String>,
    /// For example `X25519MLKEM768`.
    pub key_exchange: Option<String>,
    /// The protocol agreed on by ALPN, for example `h2`.
    pub alpn: Option<String>,
    /// Whether the server stapled an OCSP response.
    pub ocsp_stapled: bool,
    /// Whether the server requested a client certificate.
    pub client_certificate_requested: bool,
    /// The certificates that the server sent, leaf first.
    pub certificates: Vec<CertificateReport>,
}

impl TlsReport {
    /// The report of an unverified session; `session` is `None` if the handshake
    /// failed.
    pub(super) fn new(
        server_name: &ServerName<'_>,
        verifier: &RecordingVerifier,
        session: Option<&ClientConnection>,
    ) -> Self {
        let record = verifier.record();
        Self {
            server_name: server_name.to_str().into_owned(),
            verified: false,
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
            ocsp_stapled: record.ocsp_stapled,
            client_certificate_requested: record.client_certificate_requested,
            certificates: record.chain.iter().map(CertificateReport::read).collect(),
        }
    }
}
