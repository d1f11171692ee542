//! The fields of a certificate.

use rustls::pki_types::CertificateDer;
use serde::Serialize;
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};
use x509_parser::{
    extensions::GeneralName,
    prelude::{FromDer, X509Certificate},
    time::ASN1Time,
};

use cli_kit::printable;

use super::weakness;

/// The fields of a certificate.
#[derive(Clone, Debug, Default, Serialize)]
pub struct CertificateReport {
    /// For example `CN=example.com`.
    pub subject: String,
    /// Whether it is a CA certificate.
    pub is_ca: bool,
    /// The subject of the CA that signed it.
    pub issuer: String,
    /// The DNS names and IP addresses that it is valid for.
    pub names: Vec<String>,
    /// The start of its validity (RFC 3339).
    pub not_before: String,
    /// The end of its validity (RFC 3339).
    pub not_after: String,
    /// Whole days until `not_after`; negative once the certificate has expired.
    pub days_left: i64,
    /// Whether it is not valid yet.
    #[serde(skip)]
    pub(crate) is_not_yet_valid: bool,
    /// The weakness of its key or its signature, if it has one.
    #[serde(skip)]
    pub(crate) weakness: Option<String>,
}

impl CertificateReport {
    /// Reads a certificate. If it cannot be parsed, the subject says so.
    pub(super) fn read(certificate: &CertificateDer<'_>) -> Self {
        let Ok((_, certificate)) = X509Certificate::from_der(certificate) else {
            return Self {
                subject: "(not a readable certificate)".to_owned(),
                ..Self::default()
            };
        };
        let validity = certificate.validity();
        Self {
            subject: printable(&certificate.subject().to_string()),
            is_ca: certificate.is_ca(),
            issuer: printable(&certificate.issuer().to_string()),
            names: names(&certificate),
            not_before: rfc3339(validity.not_before),
            not_after: rfc3339(validity.not_after),
            days_left: whole_days(validity.not_after.to_datetime() - OffsetDateTime::now_utc()),
            is_not_yet_valid: validity.not_before.to_datetime() > OffsetDateTime::now_utc(),
            weakness: weakness::of(&certificate),
        }
    }

    /// Whether it is a workload certificate of a mesh: its only names are SPIFFE IDs.
    pub(crate) fn is_of_mesh(&self) -> bool {
        !self.names.is_empty() && self.names.iter().all(|name| name.starts_with("spiffe://"))
    }
}

/// Whole days, rounded down: an hour after the end is day -1.
fn whole_days(time: Duration) -> i64 {
    time.whole_seconds().div_euclid(24 * 60 * 60)
}

fn names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(alternatives)) = certificate.subject_alternative_name() else {
        return Vec::new();
    };
    let name = |name: &GeneralName<'_>| match name {
        GeneralName::DNSName(name) => Some(printable(name)),
        GeneralName::IPAddress(bytes) => ip(bytes),
        GeneralName::URI(uri) => Some(printable(uri)),
        _ => None,
    };
    alternatives
        .value
        .general_names
        .iter()
        .filter_map(name)
        .collect()
}

fn ip(bytes: &[u8]) -> Option<String> {
    let v4 = || {
        <[u8; 4]>::try_from(bytes)
            .ok()
            .map(|bytes| std::net::Ipv4Addr::from(bytes).to_string())
    };
    let v6 = || {
        <[u8; 16]>::try_from(bytes)
            .ok()
            .map(|bytes| std::net::Ipv6Addr::from(bytes).to_string())
    };
    v4().or_else(v6)
}

pub(super) fn rfc3339(time: ASN1Time) -> String {
    time.to_datetime()
        .format(&Rfc3339)
        .unwrap_or_else(|_| time.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_rounded_down() {
        for (hours, days) in [(25, 1), (23, 0), (0, 0), (-1, -1), (-24, -1), (-25, -2)] {
            assert_eq!(whole_days(Duration::hours(hours)), days, "{hours} h");
        }
    }
}
