//! The client's own certificate: what a server would refuse, known before any
//! handshake.

use rustls::pki_types::CertificateDer;
use time::OffsetDateTime;
use x509_parser::{
    prelude::{FromDer, X509Certificate},
    time::ASN1Time,
};

use super::certificate::rfc3339;
use crate::DialError;

/// Why no server accepts a client certificate.
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
        let date = |time: OffsetDateTime| rfc3339(ASN1Time::from(time));
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
