//! The client's own certificate: its faults, which are known before any handshake. A
//! server that verifies client certificates refuses such a certificate; others accept
//! it or do not request it.

use std::fmt;

use rustls::pki_types::CertificateDer;
use time::OffsetDateTime;
use x509_parser::{
    prelude::{FromDer, X509Certificate},
    time::ASN1Time,
};

use super::certificate::rfc3339;
use crate::DialError;

/// Why a server that verifies client certificates refuses one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientCertificateFault {
    /// It expired at this time.
    Expired(OffsetDateTime),
    /// It is not valid before this time.
    NotYetValid(OffsetDateTime),
    /// Its extended key usage lacks clientAuth.
    WrongUsage,
}

impl ClientCertificateFault {
    /// The fault of a certificate, if it has one.
    pub(super) fn of(certificate: &CertificateDer<'_>) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
        let now = OffsetDateTime::now_utc();
        let validity = certificate.validity();
        let (start, end) = (
            validity.not_before.to_datetime(),
            validity.not_after.to_datetime(),
        );
        if end < now {
            return Some(Self::Expired(end));
        }
        if start > now {
            return Some(Self::NotYetValid(start));
        }
        let usage = certificate.extended_key_usage().ok()??.value;
        (!usage.client_auth && !usage.any).then_some(Self::WrongUsage)
    }

    /// The error of a server that refuses the certificate.
    pub(super) fn refused(self) -> DialError {
        match self {
            Self::Expired(end) => DialError::ClientCertificateExpired {
                not_after: date(end),
            },
            Self::NotYetValid(start) => DialError::ClientCertificateNotYetValid {
                not_before: date(start),
            },
            Self::WrongUsage => DialError::ClientCertificateWrongUsage,
        }
    }
}

impl fmt::Display for ClientCertificateFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Expired(end) => write!(f, "expired on {}", date(end)),
            Self::NotYetValid(start) => write!(f, "is not valid before {}", date(start)),
            Self::WrongUsage => {
                f.write_str("is not for clients: its extended key usage lacks clientAuth")
            }
        }
    }
}

fn date(time: OffsetDateTime) -> String {
    rfc3339(ASN1Time::from(time))
}
