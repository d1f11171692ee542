//! Seconds in paths and queries.

use std::time::Duration;

use service_kit::Problem;

/// The longest delay that a caller can request.
pub(super) const CAP: Duration = Duration::from_secs(30);

/// Parses seconds such as `0.5`; more than [`CAP`] becomes [`CAP`].
///
/// # Errors
/// If the text is not a number, or the number is negative.
pub(super) fn parse(text: &str) -> Result<Duration, Problem> {
    text.parse::<f64>()
        .ok()
        // `min` would turn NaN into the cap.
        .filter(|seconds| !seconds.is_nan())
        .map(|seconds| seconds.min(CAP.as_secs_f64()))
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| {
            Problem::bad_request("the time must be a number of seconds, for example 0.5")
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn caps_long_times() {
        assert_eq!(parse("0.5").unwrap(), Duration::from_millis(500));
        assert_eq!(parse("31").unwrap(), CAP);
        assert_eq!(parse("inf").unwrap(), CAP);
    }

    #[test]
    fn refuses_text_that_is_not_a_time() {
        for text in ["", "abc", "-1", "-inf", "NaN", "1s"] {
            assert!(parse(text).is_err(), "{text:?}");
        }
    }
}
