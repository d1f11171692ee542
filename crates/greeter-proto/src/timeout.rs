//! The `grpc-timeout` header.

use std::time::Duration;

/// The longest `grpc-timeout` in seconds: eight digits. tonic panics on times that
/// no unit can express.
pub const MAX_TIMEOUT: Duration = Duration::from_secs(99_999_999);

/// Parses a `grpc-timeout` header: up to eight digits and a unit
/// (`H` `M` `S` `m` `u` `n`); `None` if it is not one.
///
/// Source: the gRPC over HTTP/2 protocol description, "Timeout".
#[must_use]
pub fn parse_timeout(value: &str) -> Option<Duration> {
    let (digits, unit) = value.split_at_checked(value.len().checked_sub(1)?)?;
    if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let amount = digits.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_secs(amount * 60 * 60)),
        "M" => Some(Duration::from_secs(amount * 60)),
        "S" => Some(Duration::from_secs(amount)),
        "m" => Some(Duration::from_millis(amount)),
        "u" => Some(Duration::from_micros(amount)),
        "n" => Some(Duration::from_nanos(amount)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_every_unit_of_a_timeout() {
        assert_eq!(parse_timeout("2H"), Some(Duration::from_secs(7200)));
        assert_eq!(parse_timeout("2M"), Some(Duration::from_secs(120)));
        assert_eq!(parse_timeout("2S"), Some(Duration::from_secs(2)));
        assert_eq!(parse_timeout("250m"), Some(Duration::from_millis(250)));
        assert_eq!(parse_timeout("250u"), Some(Duration::from_micros(250)));
        assert_eq!(
            parse_timeout("99999999n"),
            Some(Duration::from_nanos(99_999_999))
        );
    }

    #[test]
    fn refuses_text_that_is_not_a_timeout() {
        for value in ["", "S", "1", "1s", "-1S", "+1S", "123456789S", "1é"] {
            assert_eq!(parse_timeout(value), None, "{value:?}");
        }
    }
}
