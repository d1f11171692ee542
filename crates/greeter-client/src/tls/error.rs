//! What a failed TLS handshake means.

use std::{error::Error as StdError, io};

use rustls::{AlertDescription, CertificateError, ClientConnection, Error};

use super::{CertificateFacts, ClientAuth, Recorder, Tls};
use crate::DialError;

/// The rustls error at the root of another, wherever it is wrapped.
pub(crate) fn find<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a Error> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        // An io::Error's source skips the error that it wraps.
        let wrapped = error
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref);
        if let Some(found) = wrapped.and_then(|wrapped| wrapped.downcast_ref()) {
            return Some(found);
        }
        cause = error.source();
    }
    None
}

/// The cause of a handshake's end.
pub(crate) fn classify(error: &io::Error, tls: &Tls, recorder: &Recorder) -> DialError {
    match find(error) {
        Some(Error::InvalidCertificate(error)) => {
            let seen = recorder.seen();
            let chain: Vec<_> = seen.chain.iter().map(CertificateFacts::read).collect();
            from_certificate(error, tls, &chain)
        }
        // TLS 1.2 servers answer a missing certificate with this general alert.
        Some(Error::AlertReceived(AlertDescription::HandshakeFailure))
            if recorder.client_auth() == ClientAuth::Missing =>
        {
            DialError::ClientCertificateRequired
        }
        Some(error) => from_alert(error, recorder.client_auth()),
        None => DialError::TlsClosed {
            cause: error.to_string(),
        },
    }
}

fn from_certificate(error: &CertificateError, tls: &Tls, chain: &[CertificateFacts]) -> DialError {
    let leaf = chain.first().cloned().unwrap_or_default();
    match error {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => DialError::Expired {
            not_after: blamed(chain, |it| it.days_left < 0, |it| &it.not_after),
        },
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            DialError::NotYetValid {
                not_before: blamed(chain, |it| it.is_early, |it| &it.not_before),
            }
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            DialError::WrongName {
                asked: tls.server_name.to_str().into_owned(),
                names: if leaf.names.is_empty() {
                    "no name".to_owned()
                } else {
                    leaf.names.join(", ")
                },
            }
        }
        CertificateError::UnknownIssuer if let Some(issuer) = staging(chain) => {
            DialError::StagingIssuer { issuer }
        }
        CertificateError::UnknownIssuer if leaf.subject == leaf.issuer => DialError::SelfSigned {
            subject: leaf.subject,
        },
        CertificateError::UnknownIssuer => DialError::UnknownIssuer {
            issuer: chain
                .last()
                .map_or_else(String::new, |top| top.issuer.clone()),
        },
        // An issuer of a trusted name, but with another key.
        CertificateError::BadSignature => DialError::UnknownIssuer {
            issuer: format!(
                "{} (the trusted one of that name has another key)",
                leaf.issuer
            ),
        },
        // Not for servers: a certificate that may sign others, or that an
        // unknown extension forbids.
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

/// The date of the first certificate that is to blame, and which one that is if
/// it is not the server's own.
fn blamed(
    chain: &[CertificateFacts],
    is_blamed: impl Fn(&CertificateFacts) -> bool,
    date: impl Fn(&CertificateFacts) -> &String,
) -> String {
    match chain.iter().position(is_blamed) {
        Some(index) if index > 0 => {
            let issuer = &chain[index];
            format!("{} (that of its issuer {})", date(issuer), issuer.subject)
        }
        _ => chain.first().map(date).cloned().unwrap_or_default(),
    }
}

/// The staging authority in a chain: Let's Encrypt's say so in their names,
/// those before 2021 as "Fake LE".
fn staging(chain: &[CertificateFacts]) -> Option<String> {
    let mut issuers = chain.iter().map(|certificate| &certificate.issuer);
    issuers
        .find(|issuer| issuer.contains("(STAGING)") || issuer.contains("Fake LE "))
        .cloned()
}

/// The cause that a fatal alert of the peer's, or a local failure, stands for;
/// what is said of a client certificate depends on whether one was shown.
pub(crate) fn from_alert(error: &Error, client_auth: ClientAuth) -> DialError {
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
        ) if client_auth != ClientAuth::NotAsked => client_auth.refused(format!("{alert:?}")),
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
/// If the server ignored ALPN: gRPC's other clients refuse such a server too.
pub(crate) fn check_alpn(session: &ClientConnection) -> Result<(), DialError> {
    match session.alpn_protocol() {
        Some(b"h2") => Ok(()),
        _ => Err(DialError::NoAlpn),
    }
}
