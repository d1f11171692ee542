//! The cause of a failed TLS handshake.

use std::{error::Error as StdError, io};

use cli_kit::causes;
use rustls::{AlertDescription, CertificateError, ClientConnection, Error};

use super::{CertificateReport, ClientAuth, RecordingVerifier};
use crate::DialError;

/// The rustls error in an error or its causes.
pub fn find_rustls_error<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a Error> {
    causes(error).find_map(|cause| cause.downcast_ref())
}

/// The cause of a failed handshake for the name `expected`.
pub(crate) fn from_handshake(
    error: &io::Error,
    expected: &str,
    verifier: &RecordingVerifier,
) -> DialError {
    match find_rustls_error(error) {
        Some(Error::InvalidCertificate(error)) => {
            let record = verifier.record();
            let chain: Vec<_> = record.chain.iter().map(CertificateReport::read).collect();
            from_certificate(error, expected, &chain)
        }
        // TLS 1.2 servers respond to a missing certificate with this general alert.
        Some(Error::AlertReceived(AlertDescription::HandshakeFailure))
            if verifier.client_auth() == ClientAuth::NotSent =>
        {
            DialError::ClientCertificateRequired
        }
        Some(error) => from_alert(error, verifier.client_auth()),
        None => DialError::TlsClosed {
            cause: error.to_string(),
        },
    }
}

fn from_certificate(
    error: &CertificateError,
    expected: &str,
    chain: &[CertificateReport],
) -> DialError {
    let leaf = chain.first().cloned().unwrap_or_default();
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => DialError::Expired {
            not_after: date_of(chain, |it| it.days_left < 0, |it| &it.not_after),
        },
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            DialError::NotYetValid {
                not_before: date_of(chain, |it| it.is_not_yet_valid, |it| &it.not_before),
            }
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            DialError::WrongName {
                expected: expected.to_owned(),
                names: if leaf.names.is_empty() {
                    "no name".to_owned()
                } else {
                    leaf.names.join(", ")
                },
            }
        }
        CertificateError::UnknownIssuer => unknown_issuer(&leaf, chain),
        // A trusted CA has the issuer's name, but another key.
        CertificateError::BadSignature => DialError::UnknownIssuer {
            issuer: format!(
                "{} (a trusted CA of that name has another key)",
                leaf.issuer
            ),
        },
        CertificateError::Other(_) if leaf.is_ca => DialError::CaAsLeaf {
            subject: leaf.subject,
        },
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            DialError::WrongUsage
        }
        other => DialError::InvalidCertificate {
            cause: other.to_string(),
        },
    }
}

fn unknown_issuer(leaf: &CertificateReport, chain: &[CertificateReport]) -> DialError {
    if let Some(issuer) = staging(chain) {
        DialError::StagingIssuer { issuer }
    } else if leaf.subject == leaf.issuer {
        DialError::SelfSigned {
            subject: leaf.subject.clone(),
        }
    } else {
        let issuer = chain.last().map(|top| top.issuer.clone());
        DialError::UnknownIssuer {
            issuer: issuer.unwrap_or_default(),
        }
    }
}

/// The date of the first invalid certificate, with its subject if it is not the
/// leaf.
fn date_of(
    chain: &[CertificateReport],
    is_invalid: impl Fn(&CertificateReport) -> bool,
    date: impl Fn(&CertificateReport) -> &String,
) -> String {
    match chain.iter().position(is_invalid) {
        Some(index) if index > 0 => {
            let issuer = &chain[index];
            format!(
                "{} (the certificate of its issuer, {})",
                date(issuer),
                issuer.subject
            )
        }
        _ => chain.first().map(date).cloned().unwrap_or_default(),
    }
}

/// The staging authority in a chain. Those of Let's Encrypt have `(STAGING)` in
/// their names, or `Fake LE` before 2021.
fn staging(chain: &[CertificateReport]) -> Option<String> {
    let mut issuers = chain.iter().map(|certificate| &certificate.issuer);
    issuers
        .find(|issuer| issuer.contains("(STAGING)") || issuer.contains("Fake LE "))
        .cloned()
}

/// The cause of a fatal alert from the peer, or of a local error. Alerts about
/// certificates concern the client certificate only if the server requested one.
#[must_use]
pub fn from_alert(error: &Error, client_auth: ClientAuth) -> DialError {
    use AlertDescription as Alert;
    match *error {
        Error::AlertReceived(Alert::NoApplicationProtocol) => DialError::NoH2,
        Error::AlertReceived(Alert::ProtocolVersion) | Error::PeerIncompatible(_) => {
            DialError::TlsVersion {
                cause: error.to_string(),
            }
        }
        Error::AlertReceived(Alert::CertificateRequired) => DialError::ClientCertificateRequired,
        Error::AlertReceived(
            alert @ (Alert::BadCertificate
            | Alert::UnsupportedCertificate
            | Alert::CertificateRevoked
            | Alert::CertificateExpired
            | Alert::CertificateUnknown
            | Alert::UnknownCA
            | Alert::AccessDenied
            | Alert::DecryptError),
        ) if client_auth != ClientAuth::NotRequested => client_auth.refused(format!("{alert:?}")),
        Error::AlertReceived(Alert::UnrecognisedName) => DialError::TlsClosed {
            cause: error.to_string(),
        },
        _ => DialError::Tls {
            cause: error.to_string(),
        },
    }
}

/// Checks that both sides agreed on HTTP/2.
///
/// # Errors
/// If the server ignored ALPN: other gRPC clients reject this too.
pub(crate) fn check_alpn(session: &ClientConnection) -> Result<(), DialError> {
    match session.alpn_protocol() {
        Some(b"h2") => Ok(()),
        _ => Err(DialError::NoAlpn),
    }
}
