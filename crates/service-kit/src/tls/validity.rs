//! The time in which a certificate is valid, and when to warn about its end.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::ensure;
use cli_kit::pem::EXPIRY_WARNING_DAYS;
use rustls::pki_types::CertificateDer;
use x509_parser::{
    prelude::{FromDer, X509Certificate},
    time::ASN1Time,
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// The time in which a certificate is valid.
#[derive(Clone, Copy, Debug)]
pub(super) struct Validity {
    not_before: ASN1Time,
    not_after: ASN1Time,
}

impl Validity {
    /// The validity of a certificate; `None` if it cannot be parsed.
    pub(super) fn of(certificate: &CertificateDer<'_>) -> Option<Self> {
        let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
        let validity = certificate.validity();
        Some(Self {
            not_before: validity.not_before,
            not_after: validity.not_after,
        })
    }

    /// The end of the validity, as text.
    pub(super) fn end(&self) -> String {
        self.not_after.to_string()
    }

    /// The end of the validity, in seconds since 1970.
    pub(super) fn end_timestamp(&self) -> i64 {
        self.not_after.timestamp()
    }

    /// Checks that the certificate is valid now.
    ///
    /// # Errors
    /// If it is not valid yet, or has expired.
    pub(super) fn check(&self, now: SystemTime) -> anyhow::Result<()> {
        let (
            now,
            Self {
                not_before,
                not_after,
            },
        ) = (seconds(now), self);
        ensure!(
            now >= not_before.timestamp(),
            "the certificate of --tls-cert is not valid before {not_before}"
        );
        ensure!(
            now <= not_after.timestamp(),
            "the certificate of --tls-cert expired on {not_after}"
        );
        Ok(())
    }

    /// Whole days until the end, if they are few; negative after the end.
    fn few_days_left(&self, now: SystemTime) -> Option<i64> {
        let left = self.not_after.timestamp() - seconds(now);
        let days = left.div_euclid(DAY.as_secs().cast_signed());
        (days < EXPIRY_WARNING_DAYS).then_some(days)
    }
}

fn seconds(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_secs().cast_signed()
}

/// When the end of a certificate's validity was last warned about.
#[derive(Default)]
pub(super) struct ExpiryWarning {
    last: Option<SystemTime>,
}

impl ExpiryWarning {
    /// The days left, if a warning is due: at most one each day.
    pub(super) fn due(&mut self, validity: &Validity, now: SystemTime) -> Option<i64> {
        let recent = |last| now.duration_since(last).is_ok_and(|passed| passed < DAY);
        if self.last.is_some_and(recent) {
            return None;
        }
        let days = validity.few_days_left(now)?;
        self.last = Some(now);
        Some(days)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const END: u64 = 100 * 24 * 60 * 60;

    fn until_day_100() -> Validity {
        Validity {
            not_before: ASN1Time::from_timestamp(0).unwrap(),
            not_after: ASN1Time::from_timestamp(END.cast_signed()).unwrap(),
        }
    }

    fn at(days: f64) -> SystemTime {
        UNIX_EPOCH + DAY.mul_f64(days)
    }

    #[test]
    fn warns_once_a_day_in_the_last_14_days() {
        let (validity, mut warning) = (until_day_100(), ExpiryWarning::default());
        let mut due = |days| warning.due(&validity, at(days));
        assert_eq!(due(85.9), None);
        assert_eq!(due(86.1), Some(13));
        assert_eq!(due(86.9), None);
        assert_eq!(due(87.1), Some(12));
        assert_eq!(due(100.5), Some(-1));
        // The clock was set back.
        assert_eq!(due(90.5), Some(9));
    }

    #[test]
    fn is_valid_between_its_start_and_its_end() {
        let validity = Validity {
            not_before: ASN1Time::from_timestamp(1000).unwrap(),
            ..until_day_100()
        };
        assert!(validity.check(at(1.0)).is_ok());
        let early = validity.check(at(0.0)).unwrap_err().to_string();
        assert!(early.contains("not valid before"), "{early}");
        let late = validity.check(at(100.1)).unwrap_err().to_string();
        assert!(late.contains("expired"), "{late}");
    }
}
