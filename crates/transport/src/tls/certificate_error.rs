//! The cause of a certificate that does not verify.

use rustls::CertificateError;

use super::CertificateReport;
use crate::DialError;

/// The cause of a chain that does not verify for the name `expected`.
pub(super) fn classify(
    error: &CertificateError,
    expected: &str,
    chain: &[CertificateReport],
    is_sidecar: bool,
) -> DialError {
    if is_sidecar && is_of_trust(error) {
        return DialError::SidecarMtls;
    }
    weak(error, chain).unwrap_or_else(|| from_certificate(error, expected, chain))
}

/// Whether the issuer or the name of a certificate is wrong: outside of a mesh, both
/// are of each sidecar's.
fn is_of_trust(error: &CertificateError) -> bool {
    matches!(
        error,
        CertificateError::UnknownIssuer
            | CertificateError::BadSignature
            | CertificateError::NotValidForName
            | CertificateError::NotValidForNameContext { .. }
    )
}

/// A weak certificate as the cause. Verifiers report it as a bad signature, and to
/// trust the issuer of a weak leaf would not help.
fn weak(error: &CertificateError, chain: &[CertificateReport]) -> Option<DialError> {
    let checked = match error {
        CertificateError::UnknownIssuer => 1,
        CertificateError::BadSignature
        | CertificateError::UnsupportedSignatureAlgorithmContext { .. }
        | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. }
        | CertificateError::Other(_) => chain.len(),
        _ => 0,
    };
    chain.iter().take(checked).find_map(|certificate| {
        Some(DialError::WeakCertificate {
            subject: certificate.subject.clone(),
            weakness: certificate.weakness.clone()?,
        })
    })
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
