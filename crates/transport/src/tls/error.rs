//! The cause of a failed TLS handshake.

use std::{error::Error as StdError, io};

use cli_kit::causes;
use rustls::{AlertDescription, ClientConnection, Error};

use super::{CertificateReport, ClientAuth, RecordingVerifier, certificate_error};
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
            certificate_error::classify(error, expected, &chain, record.is_of_sidecar())
        }
        // TLS 1.2 servers respond to a missing certificate with this general alert.
        Some(Error::AlertReceived(AlertDescription::HandshakeFailure))
            if matches!(
                verifier.client_auth(),
                ClientAuth::NotSent | ClientAuth::RequestedBySidecar
            ) =>
        {
            verifier
                .client_auth()
                .refused("HandshakeFailure".to_owned())
        }
        Some(error) => from_alert(error, verifier.client_auth()),
        // TLS 1.2 servers can close the connection without an alert.
        None if verifier.client_auth() != ClientAuth::NotRequested => verifier
            .client_auth()
            .refused("it closed the connection".to_owned()),
        None => DialError::TlsClosed {
            cause: error.to_string(),
        },
    }
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
        Error::AlertReceived(Alert::CertificateRequired) => match client_auth {
            ClientAuth::RequestedBySidecar => DialError::SidecarMtls,
            _ => DialError::ClientCertificateRequired,
        },
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
